"""Turn files and plain data into Kubernetes objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

from csi_manifests.errors import InputError, InvalidError
from csi_manifests.models.lookup import model_for
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import is_list, is_mapping, mapping
from csi_manifests.yaml.events import MAX_BYTES
from csi_manifests.yaml.reader import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.yaml.reader import Document, Origin


def read(path: Path) -> Source:
    """Read a file.

    Raises:
        InputError: if it cannot be read, or is no text.

    """
    # The name of a file need not be text; what is said of it must be.
    name = str(path).encode(errors="surrogateescape").decode(errors="replace")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{name}: cannot be read ({reason}).") from None
    return decode(data, name)


def objects(document: Document) -> Iterator[tuple[Any, Origin]]:
    """Return the objects of a document: itself, or the items of a List and of the Lists in that."""
    yield from _objects(document.content, document.origin)


def _objects(content: Any, origin: Origin) -> Iterator[tuple[Any, Origin]]:
    if not _is_list(content):
        yield content, origin
        return
    for number, item in enumerate(content.get("items") or []):
        # The items of an API server's own lists, such as PodList, do not say what they are.
        said = {"apiVersion": content["apiVersion"], "kind": content["kind"].removesuffix("List")}
        complete = {**said, **item} if is_mapping(item) and said["kind"] and not item.keys() & said.keys() else item
        yield from _objects(complete, replace(origin, base=(*origin.base, "items", number)))


def _is_list(content: Any) -> bool:
    if not is_object(content) or not content["kind"].endswith("List"):
        return False
    # A custom resource may be called AllowList and have items, but then it has a name.
    named = mapping(content.get("metadata")).get("name") is not None
    items = content.get("items", None if content["kind"] == "List" else ...)
    return (items is None or is_list(items)) and not named


def is_object(content: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether this has what makes a document a Kubernetes object: an apiVersion and a kind."""
    return is_mapping(content) and all(
        isinstance(content.get(field), str) and content[field] for field in ("apiVersion", "kind")
    )


def as_resource(content: dict[str, Any]) -> Manifest:
    """Return the object as a model if there is one that takes it, else as it stands."""
    content = _without_managed_fields(content)
    model = model_for(content["apiVersion"], content["kind"])
    if model is not None:
        try:
            return model.from_dict(content)
        except InvalidError:
            pass
        # Nulls are taken away last: where anything may stand, as in the schemas of a CRD, they are values.
        cleaned = without_nulls(content)
        if cleaned != content:
            try:
                return model.from_dict(cleaned)
            except InvalidError:
                pass
    return Unstructured(content)


def refusal(manifest: Unstructured) -> InvalidError | None:
    """Return why the model of its kind does not take an object; nothing if there is no such model."""
    content = without_nulls(_without_managed_fields(manifest.content))
    model = model_for(str(content.get("apiVersion")), str(content.get("kind")))
    if model is not None:
        try:
            model.from_dict(content)
        except InvalidError as error:
            return error
    return None


def _without_managed_fields(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out who set which field: every server since 1.18 writes it, none takes it from a manifest."""
    metadata = mapping(content.get("metadata"))
    if "managedFields" not in metadata:
        return content
    return {**content, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}


# A server writes null for these where it means an empty list: Go's fields that are never left out.
_EMPTY_LISTS = frozenset({"rules", "conditions", "storedVersions"})


def without_nulls(value: Any) -> Any:
    """Return a value without the fields that are null, which mean the same as none; those in lists stay."""
    if is_mapping(value):
        kept: dict[str, Any] = {
            key: [] if item is None else without_nulls(item)
            for key, item in value.items()
            if item is not None or key in _EMPTY_LISTS
        }
        return kept
    return [without_nulls(item) for item in value] if is_list(value) else value
