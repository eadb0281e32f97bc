"""``csi-manifests check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from csi_manifests.cli._output import note, product, wants_color
from csi_manifests.findings import SEVERITIES
from csi_manifests.knowledge.releases import DEFAULT_RELEASE
from csi_manifests.output import emit, formats
from csi_manifests.text.words import printable

if TYPE_CHECKING:
    from csi_manifests.findings import Severity


@click.command(short_help="Find what fails at run time in any manifests.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR|-...")
@click.option(
    "--kubernetes",
    default=DEFAULT_RELEASE,
    show_default=True,
    metavar="RELEASE",
    help="The release that the objects are for.",
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
    "--format",
    "form",
    type=click.Choice(formats("findings")),
    default="text",
    show_default=True,
    help="How to write the findings.",
)
def command(
    files: tuple[str, ...],
    kubernetes: str,
    fail_on: Severity,
    show: Severity,
    fail_on_unchecked: bool,
    exclude: tuple[str, ...],
    form: str,
) -> int:
    """Check manifests, of ours or anybody's, for what fails at run time.

    \b
      csi-manifests check bundle.yaml
      csi-manifests check deploy/ --exclude 'test*'
      kubectl get -A -o yaml sts,ds,sa,sc,pvc,clusterroles,clusterrolebindings | csi-manifests check -

    Findings go to stdout, a summary to stderr. 'csi-manifests explain RULE' says more about one, by its code or name.

    A finding that is meant to be is excused by a comment on a line of its own in the object's document:

    \b
      # csi-manifests: ignore socket-mismatch the driver makes a link
    """
    from csi_manifests.checks.checking import check_files

    report = check_files(files, kubernetes, exclude=exclude)
    options = {"color": wants_color()} if form == "text" else {}
    product(emit("findings", form, report.only(show), **options))
    for line in report.passed_over:
        note(f"passed over: {printable(line)}")
    for line in report.unreadable:
        note(f"Error: {printable(line)}")
    note(printable(str(report)))
    return report.exit_code(fail_on, fail_on_unchecked=fail_on_unchecked)
