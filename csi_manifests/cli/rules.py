"""``csi-manifests rules``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product
from csi_manifests.output import emit, formats


@click.command(short_help="List every rule of check.")
@click.option(
    "--format",
    "form",
    type=click.Choice(formats("rules")),
    default="text",
    show_default=True,
    help="markdown is a reference page.",
)
def command(form: str) -> None:
    """List every rule: code, name, severity, title."""
    from csi_manifests.checks.rule import rules

    product(emit("rules", form, rules()))
