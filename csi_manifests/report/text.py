"""Findings for people, one paragraph each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from csi_manifests.findings import Finding
    from csi_manifests.report import Report

_COLORS = {"error": "red", "warning": "yellow", "info": "cyan"}


def emit(report: Report, *, color: bool) -> str:
    """Write each finding: where and what, why, and how to mend it."""
    return "".join(_paragraph(finding, color=color) for finding in report.findings)


def _paragraph(finding: Finding, *, color: bool) -> str:
    first, _, rest = str(finding).partition("\n")
    if color:
        label = f"{finding.severity} {finding.code}"
        first = first.replace(label, click.style(label, fg=_COLORS[finding.severity], bold=True), 1)
    why = f"    why: {finding.why}\n" if finding.why else ""
    return f"{first}\n{why}{rest}\n"
