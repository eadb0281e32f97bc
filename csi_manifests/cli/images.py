"""``csi-manifests images``."""

from __future__ import annotations

import json
from typing import Any

import click

from csi_manifests.cli._output import product
from csi_manifests.cli._setup import SetupCommand, chosen_setup


@click.command(cls=SetupCommand, short_help="List every image, as for a mirror.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json also says which containers run each image.",
)
def command(form: str, config: str | None, **flags: Any) -> None:
    """List every image of the setup, each once, as for copying them to a mirror.

    \b
      csi-manifests images | xargs -n1 docker pull
      csi-manifests images --registry mirror.example:5000 --format json
    """
    from csi_manifests.analysis.images import images_of
    from csi_manifests.components.plan import build

    users = images_of(build(chosen_setup(config, flags)))
    if form == "json":
        content = [{"image": image, "usedBy": used_by} for image, used_by in users.items()]
        product(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    else:
        product("".join(f"{image}\n" for image in users))
