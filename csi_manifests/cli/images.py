"""``csi-manifests images``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from csi_manifests.cli._output import product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Bundle


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
    from csi_manifests.components.plan import build

    users = images_of(build(chosen_setup(config, flags)))
    if form == "json":
        content = [{"image": image, "usedBy": used_by} for image, used_by in users.items()]
        product(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    else:
        product("".join(f"{image}\n" for image in users))


def images_of(bundle: Bundle) -> dict[str, list[str]]:
    """Return the images in the order of the bundle, and for each the objects and containers that run it."""
    users: dict[str, list[str]] = {}
    for resource in bundle:
        for container in _containers(resource.to_dict()):
            users.setdefault(str(container["image"]), []).append(f"{resource.key}/{container.get('name', '')}")
    return users


def _containers(value: Any) -> Iterator[dict[str, Any]]:
    """Find the containers of a pod, wherever in an object its template is."""
    if is_list(value):
        for item in value:
            yield from _containers(item)
    elif is_mapping(value):
        for key, below in value.items():
            if key in ("initContainers", "containers") and is_list(below):
                yield from (item for item in below if is_mapping(item) and item.get("image"))
            else:
                yield from _containers(below)
