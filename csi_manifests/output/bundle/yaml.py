"""Write a bundle as one text: a YAML stream, or a v1 List in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle, Item


def emit(bundle: Bundle, *, comments: bool = True) -> str:
    """Write a bundle as YAML, with a line over each object that says which file and stage it belongs to.

    Raises:
        TypeError: if an Unstructured object holds something that is not plain data.

    """
    return writer.join(
        writer.document(item.resource.to_dict(), comment_of(item) if comments else "") for item in bundle.items
    )


def emit_json(bundle: Bundle) -> str:
    """Write a bundle as JSON: one v1 List, which kubectl takes.

    Raises:
        TypeError: if an Unstructured object holds something that is not plain data.
        ValueError: if it holds a number that JSON does not have.

    """
    content = {"apiVersion": "v1", "kind": "List", "items": [resource.to_dict() for resource in bundle]}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def comment_of(item: Item) -> str:
    """Say which file and stage an object belongs to, if that is known."""
    return f"{item.file} · stage {item.stage}" if item.file and item.stage else ""
