"""``csi-manifests check``."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from csi_manifests.cli._output import note, product
from csi_manifests.findings import SEVERITIES
from csi_manifests.output.findings import FORMATS
from csi_manifests.text.words import printable

if TYPE_CHECKING:
    from csi_manifests.bundle.gathering import Intake
    from csi_manifests.findings import Finding
    from csi_manifests.knowledge.releases import Release
    from csi_manifests.output.findings import Report


@click.command(short_help="Find what fails at run time in any manifests.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR|-...")
@click.option(
    "--kubernetes", default="1.13", show_default=True, metavar="RELEASE", help="The release that the objects are for."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option(
    "--show",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="The mildest finding that is written.",
)
@click.option(
    "--fail-on-unchecked", is_flag=True, help="Exit with 1 as well if there are objects whose kind has no schema here."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Pass over these files of folders; may be given several times."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write the findings."
)
def command(
    files: tuple[str, ...],
    kubernetes: str,
    fail_on: str,
    show: str,
    fail_on_unchecked: bool,
    exclude: tuple[str, ...],
    form: str,
) -> int:
    """Check manifests, of ours or anybody's, for what fails at run time.

    \b
      csi-manifests check bundle.yaml
      csi-manifests check deploy/ --exclude 'test*'
      kubectl get -A -o yaml sts,ds,sa,sc,pvc,clusterroles,clusterrolebindings | csi-manifests check -

    Findings go to stdout, a summary to stderr. 'csi-manifests explain CODE' says more about one.

    A finding that is meant to be is excused by a comment on a line of its own in the object's document:

    \b
      # csi-manifests: ignore CSI402 the driver makes a link
    """
    from csi_manifests.bundle.gathering import gather
    from csi_manifests.knowledge.releases import release
    from csi_manifests.output.findings import emit

    target = release(kubernetes)
    intake = gather(files, exclude)
    report = _report(intake, target)
    shown = [finding for finding in report.findings if finding.severity in _up_to(show)]
    product(emit(replace(report, findings=shown), form, color=_wants_color()))
    for line in intake.passed_over:
        note(f"passed over: {printable(line)}")
    for line in intake.unreadable:
        note(f"Error: {printable(line)}")
    note(printable(_summary(report)))
    if intake.unreadable or not (report.objects or report.findings):
        return 3
    return int(
        any(report.count(severity) for severity in _up_to(fail_on)) or bool(fail_on_unchecked and report.unchecked)
    )


def _report(intake: Intake, target: Release) -> Report:
    from csi_manifests.checks.engine import check
    from csi_manifests.checks.rule import rules
    from csi_manifests.checks.suppressions import suppress
    from csi_manifests.output.findings import Report

    bundle = intake.bundle
    findings, suppressed = suppress([*intake.findings, *check(bundle, target)], intake.sources)
    whys = {rule.code: rule.why for rule in rules()}
    findings = [replace(finding, why=finding.why or whys.get(finding.code, "")) for finding in findings]
    findings.sort(key=_order)
    keys = [item.resource.key for item in bundle.items]
    unchecked = Counter(
        f"{key.api_version} {key.kind}" for key in keys if not target.has_schema(key.api_version, key.kind)
    )
    return Report(
        findings, len(bundle), dict(unchecked), intake.passed_over, intake.unreadable, suppressed, target.version
    )


def _up_to(severity: str) -> tuple[str, ...]:
    names: tuple[str, ...] = SEVERITIES
    return names[: names.index(severity) + 1]


def _order(finding: Finding) -> tuple[str, int, str, int, str]:
    place = finding.location
    return (place.file, place.line, finding.code, place.column, finding.pointer)


def _summary(report: Report) -> str:
    counts = ", ".join(_number(report.count(severity), severity) for severity in ("error", "warning"))
    checked = f"{_number(report.objects, 'object')} checked against Kubernetes {report.kubernetes}"
    parts = [f"{checked}: {counts}, {report.count('info')} info"]
    if report.suppressed:
        parts.append(f"{report.suppressed} ignored by comments")
    if report.passed_over:
        parts.append(f"{len(report.passed_over)} passed over")
    if report.unchecked:
        named = ", ".join(f"{kind} ({count})" for kind, count in sorted(report.unchecked.items()))
        parts.append(f"{sum(report.unchecked.values())} of kinds without a schema here: {named}")
    if not report.objects:
        parts.append("nothing was checked")
    return "; ".join(parts) + "."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _wants_color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
