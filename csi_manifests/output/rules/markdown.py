"""The rules as a reference page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.checks.rule import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.rule import Rule


def emit(rules: Sequence[Rule]) -> str:
    """Return the page: what the hundreds mean, a table of the rules, then a section for each."""
    folders = "".join(f"| {folder.codes} | {folder.about} |\n" for folder in FOLDERS.values())
    head = f"# Rules\n\nMade by `csi-manifests rules --format markdown`.\n\n| codes | subject |\n|---|---|\n{folders}\n"
    head += "| code | name | severity | title |\n|---|---|---|---|\n"
    table = "".join(
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.severity} | {rule.title} |\n"
        for rule in rules
    )
    sections = "".join(
        f"\n## {rule.code} {rule.name}\n\n**{rule.title}** ({rule.severity})\n\n{rule.why}\n\n*Fix:* {rule.fix}\n\n"
        f"```diff\n{rule.example}```\n"
        for rule in rules
    )
    return head + table + sections
