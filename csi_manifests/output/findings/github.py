"""Findings as workflow commands: GitHub Actions shows them beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def emit(report: Report) -> str:
    """Return one command a finding, and one for each text that could not be checked."""
    findings = "".join(_command(finding) for finding in report.findings)
    return findings + "".join(f"::error ::{_escaped(line)}\n" for line in report.unreadable)


def _command(finding: Finding) -> str:
    place = finding.location
    parameters = {"file": place.file, "line": place.line or 1, "col": place.column or 1, "title": finding.label}
    said = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in parameters.items())
    what = ": ".join(str(part) for part in (finding.object, finding.pointer, finding.message) if part)
    return f"::{_LEVELS[finding.severity]} {said}::" + _escaped(f"{what}\nfix: {finding.fix}") + "\n"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
