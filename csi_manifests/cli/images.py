"""``csi-manifests images``."""

from __future__ import annotations

from typing import Any

import click

from csi_manifests.cli._output import format_option, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.output import emit


@click.command(cls=SetupCommand, short_help="List the images of a setup, for a mirror.")
@format_option("images", "json also says which containers run each image.")
def command(form: str, config: str | None, **flags: Any) -> None:
    """List each image of the setup once, for instance to copy all of them to a mirror.

    \b
      csi-manifests images | xargs -n1 docker pull
      csi-manifests images --registry mirror.example:5000 --format json
    """
    from csi_manifests.analysis.images import images_of
    from csi_manifests.components.plan import build

    product(emit("images", form, images_of(build(chosen_setup(config, flags)))))
