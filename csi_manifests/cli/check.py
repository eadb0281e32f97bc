"""``csi-manifests check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from csi_manifests.cli._output import format_option, note, note_passed_over, product, wants_color
from csi_manifests.cli._setup import release_option
from csi_manifests.findings import SEVERITIES
from csi_manifests.knowledge.releases import AUTO
from csi_manifests.output import emit
from csi_manifests.text.words import printable

if TYPE_CHECKING:
    from csi_manifests.findings import Severity


@click.command(short_help="Find what would fail at run time in manifests.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR|-...")
@release_option("The Kubernetes release that the objects are for; auto is the newest that they can be for.", AUTO)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or a worse one.",
)
@click.option(
    "--show",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="Show findings of this severity and worse ones.",
)
@click.option(
    "--fail-on-unchecked", is_flag=True, help="Also exit with 1 if there are objects of a kind without a schema here."
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="Pass over these files in folders; may be repeated.")
@format_option("findings", "How to write the findings.")
def command(
    files: tuple[str, ...],
    kubernetes: str,
    fail_on: Severity,
    show: Severity,
    fail_on_unchecked: bool,
    exclude: tuple[str, ...],
    form: str,
) -> int:
    """Check manifests, rendered here or not, for what the API server refuses and for what fails at run time.

    \b
      csi-manifests check bundle.yaml
      csi-manifests check deploy/ --exclude 'test*'
      rights=sa,roles,rolebindings,clusterroles,clusterrolebindings
      kubectl get -A -o yaml deploy,sts,ds,svc,sc,pvc,$rights | csi-manifests check -

    Findings go to stdout, a summary to stderr. 'csi-manifests explain RULE' says more about one, by its code or name.

    To ignore a finding, write a comment with the reason on a line of its own in the object's document:

    \b
      # csi-manifests: ignore socket-mismatch the driver makes a link

    Exit code 1: there are findings, see --fail-on; 3: something could not be read, or nothing was checked.
    """
    from csi_manifests.checks.checking import check_files

    report = check_files(files, kubernetes, exclude=exclude)
    options = {"color": wants_color()} if form == "text" else {}
    product(emit("findings", form, report.only(show), **options))
    note_passed_over(report.passed_over)
    for line in report.unreadable:
        note(f"Error: {printable(line)}")
    note(printable(str(report)))
    return report.exit_code(fail_on, fail_on_unchecked=fail_on_unchecked)
