"""All there is to say of some rules, for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule

_WIDTH = 88


def emit(rules: Sequence[Rule]) -> str:
    """Return why each rule matters and how to mend it, with its examples."""
    return "\n".join(map(_explanation, rules))


def _explanation(rule: Rule) -> str:
    bad, good = (textwrap.indent(example, "    ") for example in (rule.bad, rule.good))
    why, fix = (_filled(text) for text in (rule.why, f"Fix: {rule.fix}"))
    return f"{rule.code} ({rule.severity}): {rule.title}\n\n{why}\n\n{fix}\n\nBad:\n\n{bad}\nGood:\n\n{good}"


def _filled(text: str) -> str:
    # Names such as csi-attacher are copied from here.
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
