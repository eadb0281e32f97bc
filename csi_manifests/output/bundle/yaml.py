"""A bundle as one YAML stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.errors import InvalidError
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle, Item


def emit(bundle: Bundle, *, comments: bool = True) -> str:
    """Return a bundle as YAML, with a line over each object that says which file and stage it belongs to.

    Raises:
        InvalidError: if an Unstructured object holds something that is not plain data.

    """
    return writer.join(_document(item, comment_of(item) if comments else "") for item in bundle.items)


def _document(item: Item, comment: str) -> str:
    try:
        return writer.document(item.resource.to_dict(), comment)
    except InvalidError as error:
        raise InvalidError(f"{item.resource.key}: {error}") from None


def comment_of(item: Item) -> str:
    """Return which file and stage an object belongs to, if that is known."""
    return f"{item.file} · stage {item.stage}" if item.file and item.stage else ""
