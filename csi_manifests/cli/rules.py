"""``csi-manifests rules``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import format_option, product
from csi_manifests.output import emit


@click.command(short_help="List the rules of 'check'.")
@format_option("rules", "markdown is a reference page.")
def command(form: str) -> None:
    """List the rules of 'csi-manifests check', each with its code, name, severity and title."""
    from csi_manifests.checks.rule import rules

    product(emit("rules", form, rules()))
