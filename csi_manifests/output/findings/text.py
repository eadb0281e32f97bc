"""Findings for people, one paragraph each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from csi_manifests.text.words import printable

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

_COLORS = {"error": "red", "warning": "yellow", "info": "cyan"}


def emit(report: Report, *, color: bool = False) -> str:
    """Return each finding: where and what, why, and how to mend it; why is said once for each rule."""
    told: set[str] = set()
    return "".join(_paragraph(finding, told, color=color) for finding in report.findings)


def _paragraph(finding: Finding, told: set[str], *, color: bool) -> str:
    label = f"{finding.severity} {finding.label}"
    shown = click.style(label, fg=_COLORS[finding.severity], bold=True) if color else label
    said = ": ".join(str(part) for part in (finding.object, finding.pointer, finding.message) if part)
    lines = [f"{printable(str(finding.location))}: {shown}: {printable(said)}"]
    if finding.why and finding.code not in told:
        told.add(finding.code)
        lines.append(f"    why: {printable(finding.why)}")
    first, *more = finding.fix.split("\n")
    return "\n".join([*lines, f"    fix: {printable(first)}", *map(printable, more)]) + "\n"
