"""All there is to say of some rules, for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule

_WIDTH = 88
_COLORS = {"-": "red", "+": "green"}


def emit(rules: Sequence[Rule], *, color: bool = False) -> str:
    """Return why each rule matters and how to mend it, with its example."""
    return "\n".join(_explanation(rule, color=color) for rule in rules)


def _explanation(rule: Rule, *, color: bool) -> str:
    why, fix = (_filled(text) for text in (rule.why, f"Fix: {rule.fix}"))
    lines = (_colored(line) if color else line for line in rule.example.splitlines())
    example = "".join(f"    {line}\n" for line in lines)
    return f"{rule.code} {rule.name} ({rule.severity}): {rule.title}\n\n{why}\n\n{fix}\n\nWrong (-) and mended (+):\n\n{example}"


def _colored(line: str) -> str:
    return click.style(line, fg=_COLORS[line[0]]) if line[0] in _COLORS else line


def _filled(text: str) -> str:
    # Names such as csi-attacher are copied from here.
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
