"""Findings as JUnit's XML, which nearly every CI server reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.output._junit import Case, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.checks.report import Report
    from csi_manifests.findings import Finding

_GROUP = "csi-manifests.check"


def emit(report: Report) -> str:
    """Return a case a finding, and one for each text that could not be checked; advice passes."""
    return document("csi-manifests check", list(_cases(report)))


def _cases(report: Report) -> Iterator[Case]:
    yield from map(_case, report.findings)
    for line in report.unreadable:
        yield Case(_GROUP, line, "error", line)
    if not (report.findings or report.unreadable):
        # CI servers take a suite without cases for a run that went wrong, which is true only if nothing was checked.
        yield Case(_GROUP, f"objects: {report.objects}", "passed" if report.objects else "skipped")


def _case(finding: Finding) -> Case:
    said = ": ".join(str(part) for part in (finding.location, finding.object, finding.pointer, finding.message) if part)
    told = [finding.message, *([f"why: {finding.why}"] if finding.why else []), f"fix: {finding.fix}"]
    group, message = f"{_GROUP}.{finding.label}", "\n".join(told)
    if finding.severity == "info":
        return Case(group, said, "passed", message)
    return Case(group, said, "failed", message, kind=finding.severity)
