"""``csi-manifests schema``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product
from csi_manifests.output import emit, formats, things

NAMES = things("schema")
FORMATS = sorted({form for name in NAMES for form in formats(f"schema.{name}")})


@click.command(short_help="Print the JSON Schema of setups or findings.")
@click.argument("name", metavar="|".join(NAMES), type=click.Choice(NAMES))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="json",
    show_default=True,
    help="markdown is a list of a setup's choices, for people.",
)
def command(name: str, form: str) -> None:
    """Print the JSON Schema of setup files, or of the findings that 'csi-manifests check --format json' writes.

    \b
      csi-manifests schema setup > setup.schema.json

    With this first line in setup.yaml, editors complete and check the file:

    \b
      # yaml-language-server: $schema=./setup.schema.json
    """
    known = formats(f"schema.{name}")
    if form not in known:
        raise click.UsageError(f"The schema of {name} cannot be printed as {form}. Choose from: {', '.join(known)}.")
    product(emit(f"schema.{name}", form))
