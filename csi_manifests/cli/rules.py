"""``csi-manifests rules``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product


@click.command(short_help="List every rule of check.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="markdown is a reference page.",
)
def command(form: str) -> None:
    """List every rule: code, severity, title."""
    from csi_manifests.checks.rule import rules
    from csi_manifests.output.rules import as_json, as_markdown, as_text

    product({"text": as_text, "markdown": as_markdown, "json": as_json}[form](rules()))
