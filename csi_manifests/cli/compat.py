"""``csi-manifests compat``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import format_option, note_passed_over, product
from csi_manifests.output import emit


@click.command(short_help="On which Kubernetes releases do manifests work?")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR|-...")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Pass over these files in folders; may be repeated.")
@format_option("compatibility", "How to write the outcome.")
def command(files: tuple[str, ...], exclude: tuple[str, ...], form: str) -> int:
    """Check manifests for every Kubernetes release that is known, and say on which they work.

    \b
      csi-manifests compat bundle.yaml
      csi-manifests compat deploy/ --format markdown

    'csi-manifests check --kubernetes RELEASE' shows all findings for one of them.

    Exit code 1: there is no release on which they work; 3: something could not be read.
    """
    from csi_manifests.bundle.gathering import gather
    from csi_manifests.checks.compatibility import compatibility

    intake = gather(files, exclude)
    intake.required()
    note_passed_over(intake.passed_over)
    outcomes = compatibility(intake)
    product(emit("compatibility", form, outcomes))
    return int(all(outcome.errors for outcome in outcomes))
