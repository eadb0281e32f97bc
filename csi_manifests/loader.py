"""Turn YAML, of ours or anybody's, back into a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from csi_manifests.bundle import Bundle, Item, Manifest
from csi_manifests.errors import InputError
from csi_manifests.findings import Location
from csi_manifests.models.words import short
from csi_manifests.models.lookup import model_for
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.reader import Document, Origin, Source, decode, documents

if TYPE_CHECKING:
    from collections.abc import Iterator


def load(source: str | Path) -> Bundle:
    """Read a bundle: from YAML or JSON text, or from a file by its :class:`~pathlib.Path`.

    Lists are taken apart, an explicit null is read as absent. An object whose kind has no model here, or whose content
    its model refuses, is kept as :class:`~csi_manifests.models.unstructured.Unstructured`; ``check`` says what is wrong.

    Raises:
        InputError: if there is nothing to read, the text is not YAML, a document is no Kubernetes object, or a key is
            given twice.

    """
    text = read(source) if isinstance(source, Path) else Source("<text>", source)
    items: list[Item] = []
    for document in documents(text):
        for problem in document.problems:
            raise InputError(f"{problem.location}: {problem.message}. {problem.fix}")
        for content, origin in objects(document):
            if not is_object(content):
                where = Location(text.name, origin.line)
                raise InputError(f"{where}: {short(content)} is no Kubernetes object. It needs apiVersion, kind and metadata.")
            items.append(Item(as_resource(content), origin=origin))
    if not items:
        raise InputError(f"{text.name}: holds no objects. Is it the right file?")
    return Bundle(items)


def read(path: Path) -> Source:
    """Read a file.

    Raises:
        InputError: if it cannot be read, or is no text.

    """
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None


def objects(document: Document) -> Iterator[tuple[Any, Origin]]:
    """Give the objects of a document: itself, or the items of a List."""
    content, origin = document.content, document.origin
    if is_object(content) and content["kind"].endswith("List") and isinstance(content.get("items"), list):
        for number, item in enumerate(cast("list[Any]", content["items"])):
            yield item, Origin(origin.source, origin.document, origin.line, ("items", number))
    else:
        yield content, origin


def is_object(content: Any) -> bool:
    """Say whether this has what makes a document a Kubernetes object: an apiVersion and a kind."""
    return isinstance(content, dict) and all(
        isinstance(content.get(field), str) and content[field] for field in ("apiVersion", "kind")
    )


def as_resource(content: dict[str, Any]) -> Manifest:
    """Give the object as a model if there is one that takes it, else as it stands."""
    model = model_for(content["apiVersion"], content["kind"])
    if model is not None:
        try:
            return model.from_dict(without_nulls(content))
        except ValidationError:
            pass
    return Unstructured(content)


def without_nulls(value: Any) -> Any:
    """Give a value without the fields that are null, which mean the same as none; those in lists stay."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: without_nulls(item) for key, item in fields.items() if item is not None}
    return [without_nulls(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
