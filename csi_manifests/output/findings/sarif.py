"""Findings as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from csi_manifests._version import __version__
from csi_manifests.checks.rule import rules

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def emit(report: Report) -> str:
    """Return one run, with its rules and results; results are there when there are none."""
    known = {rule.code: rule for rule in rules()}
    codes = sorted({finding.code for finding in report.findings})
    described = [
        {
            "id": code,
            "name": known[code].name,
            "shortDescription": {"text": known[code].title},
            "fullDescription": {"text": known[code].why},
            "help": {"text": known[code].fix},
            "defaultConfiguration": {"level": _LEVELS[known[code].severity]},
        }
        for code in codes
        if code in known
    ]
    driver = {"name": "csi-manifests", "version": __version__, "rules": described}
    told = [{"level": "error", "message": {"text": line}} for line in report.unreadable]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not told, "toolExecutionNotifications": told}],
        "results": [_result(finding) for finding in report.findings],
    }
    content = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    region = {"startLine": finding.location.line or 1, "startColumn": finding.location.column or 1}
    place = {"artifactLocation": {"uri": _uri(finding.location.file)}, "region": region}
    message = f"{finding.object}: {finding.message}" if finding.object else finding.message
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{message}. {finding.fix}"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
