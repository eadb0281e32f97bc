"""The rules for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule


def emit(rules: Sequence[Rule]) -> str:
    """Return all there is to say of each."""
    fields = ("code", "name", "severity", "title", "why", "fix", "bad", "good")
    return json.dumps([{field: getattr(rule, field) for field in fields} for rule in rules], indent=2) + "\n"
