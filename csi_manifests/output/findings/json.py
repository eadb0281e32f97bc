"""Findings for programs. The shape is that of ``schemas/findings.schema.json``; ``version`` changes when it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from csi_manifests.findings import SEVERITIES

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

VERSION = 1


def emit(report: Report) -> str:
    """Return the report as one JSON object."""
    counts: dict[str, int] = {severity: report.count(severity) for severity in SEVERITIES}
    content = {
        "version": VERSION,
        "kubernetes": report.kubernetes,
        "kubernetesReason": report.reason,
        "summary": {"objects": report.objects, **counts, "ignored": report.ignored},
        "findings": [_finding(finding) for finding in report.findings],
        "unchecked": [{"kind": kind, "objects": count} for kind, count in sorted(report.unchecked.items())],
        "passedOver": list(report.passed_over),
        "unreadable": list(report.unreadable),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    key = finding.object
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "file": finding.location.file,
        "line": finding.location.line or None,
        "column": finding.location.column or None,
        "object": key
        and {"apiVersion": key.api_version, "kind": key.kind, "namespace": key.namespace or None, "name": key.name},
        "pointer": finding.pointer,
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
    }
