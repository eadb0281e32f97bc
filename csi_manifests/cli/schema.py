"""``csi-manifests schema``."""

from __future__ import annotations

import importlib
import json

import click

from csi_manifests.cli._output import product

SCHEMAS = {
    "findings": "csi_manifests.output.findings.json",
    "setup": "csi_manifests.setup.schema",
}
"""Each schema's name, and the module whose ``json_schema()`` gives it; the committed copy is ``schemas/NAME.schema.json``."""


@click.command(short_help="Print the JSON Schema of setups or findings.")
@click.argument("name", metavar="|".join(SCHEMAS), type=click.Choice(sorted(SCHEMAS)))
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="markdown lists the choices of a setup for people.",
)
def command(name: str, form: str) -> None:
    """Print the JSON Schema of a file that is read or written here.

    \b
      csi-manifests schema setup > setup.schema.json

    Editors complete and check a setup.yaml whose first line is:

    \b
      # yaml-language-server: $schema=./setup.schema.json
    """
    if form == "markdown":
        if name != "setup":
            raise click.UsageError(f"Only the setup has a page for people, not {name}.")
        from csi_manifests.setup.page import markdown

        product(markdown())
    else:
        product(text_of(name))


def text_of(name: str) -> str:
    """Return a schema as text, the same every time."""
    content = importlib.import_module(SCHEMAS[name]).json_schema()
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
