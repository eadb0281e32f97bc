"""The rules as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule


def emit(rules: Sequence[Rule]) -> str:
    """Return a line a rule."""
    width = max(len(rule.name) for rule in rules)
    return "".join(f"{rule.code}  {rule.name:{width}}  {rule.severity:7}  {rule.title}\n" for rule in rules)
