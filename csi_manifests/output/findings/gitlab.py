"""Findings as a GitLab Code Quality report: GitLab shows them in the widget and the diff of a merge request."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

_SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}
_PLACE = re.compile(r"([^:]+):(?:([0-9]+):)?")


def emit(report: Report) -> str:
    """Return an issue a finding, and a blocker for each text that could not be checked."""
    issues = [*map(_issue, report.findings), *map(_blocker, report.unreadable)]
    return json.dumps(_distinct(issues), indent=2, ensure_ascii=False) + "\n"


def _issue(finding: Finding) -> dict[str, Any]:
    place = finding.location
    said = ": ".join(str(part) for part in (finding.object, finding.pointer, finding.message) if part)
    return {
        "description": f"{said}. {finding.fix}",
        "check_name": finding.label,
        # Where in the file it stands is left out, so that a line more above it does not make another finding of it.
        "fingerprint": _fingerprint(finding.code, place.file, str(finding.object), finding.pointer, finding.message),
        "severity": _SEVERITIES[finding.severity],
        "location": _location(place.file, place.line),
    }


def _blocker(line: str) -> dict[str, Any]:
    # Every issue must name a file; a complaint begins with it, unless it is about no file.
    place = _PLACE.match(line)
    file, number = place.groups() if place else ("", None)
    return {
        "description": line,
        "check_name": "unreadable",
        "fingerprint": _fingerprint("unreadable", line),
        "severity": "blocker",
        "location": _location(file, int(number or 0)),
    }


def _location(file: str, line: int) -> dict[str, Any]:
    # GitLab shows nothing of a path that begins with "./".
    return {"path": Path(file).as_posix(), "lines": {"begin": line or 1}}


def _distinct(issues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the issues with a fingerprint of its own for each: of several with one, GitLab shows the first."""
    seen: Counter[str] = Counter()
    distinct: list[dict[str, Any]] = []
    for issue in issues:
        fingerprint = issue["fingerprint"]
        number = seen[fingerprint]
        seen[fingerprint] += 1
        distinct.append({**issue, "fingerprint": _fingerprint(fingerprint, str(number))} if number else issue)
    return distinct


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
