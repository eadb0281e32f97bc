"""The rules as a list, a page and one by one."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule

_WIDTH = 88


def as_text(rules: Sequence[Rule]) -> str:
    """Write a line a rule."""
    return "".join(f"{rule.code}  {rule.severity:7}  {rule.title}\n" for rule in rules)


def as_json(rules: Sequence[Rule]) -> str:
    """Write all there is to say of each."""
    fields = ("code", "severity", "title", "why", "fix", "bad", "good")
    return json.dumps([{field: getattr(rule, field) for field in fields} for rule in rules], indent=2) + "\n"


def as_markdown(rules: Sequence[Rule]) -> str:
    """Write the reference page: a table, then a section a rule."""
    head = "# Rules\n\nMade by `csi-manifests rules --format markdown`.\n\n| code | severity | title |\n|---|---|---|\n"
    table = "".join(f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title} |\n" for rule in rules)
    sections = "".join(
        f"\n## {rule.code}\n\n**{rule.title}** ({rule.severity})\n\n{rule.why}\n\n*Fix:* {rule.fix}\n\n"
        f"Bad:\n\n```yaml\n{rule.bad}```\n\nGood:\n\n```yaml\n{rule.good}```\n"
        for rule in rules
    )
    return head + table + sections


def explanation(rule: Rule) -> str:
    """Say all there is to say of a rule."""
    bad, good = (textwrap.indent(example, "    ") for example in (rule.bad, rule.good))
    why, fix = (_filled(text) for text in (rule.why, f"Fix: {rule.fix}"))
    return f"{rule.code} ({rule.severity}): {rule.title}\n\n{why}\n\n{fix}\n\nBad:\n\n{bad}\nGood:\n\n{good}"


def _filled(text: str) -> str:
    # Names such as csi-attacher are copied from here.
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
