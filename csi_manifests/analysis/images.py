"""Which images a bundle runs, wherever in an object a pod is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Bundle


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
