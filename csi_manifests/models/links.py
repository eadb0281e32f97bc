"""Which objects name which others: read off the :class:`~csi_manifests.models.base.Names` marks of the models."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.models.annotations import models_in
from csi_manifests.models.base import Model, Names, wire_name
from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from pydantic import BaseModel

    from csi_manifests.models.resource import Resource
    from csi_manifests.text.pointers import Path


class Reference(NamedTuple):
    """A field that names an object; ``namespace`` is empty where the object has none."""

    path: Path
    group: str
    kind: str
    namespace: str
    name: str
    required: bool


class _Field(NamedTuple):
    name: str
    wire: str
    mark: Names | None


def references(resource: Resource) -> list[Reference]:
    """Return every reference of an object that is set, in field order."""
    found: list[Reference] = []
    _walk(resource, (), resource.metadata.namespace or "default", found)
    return found


def _walk(model: Model, path: Path, namespace: str, found: list[Reference]) -> None:
    for name, wire, mark in _marked(type(model)):
        value = getattr(model, name)
        if value is None:
            continue
        entries = enumerate(value) if is_list(value) else value.items() if is_mapping(value) else None
        for here, item in (
            (((*path, wire), value),) if entries is None else (((*path, wire, step), item) for step, item in entries)
        ):
            if isinstance(item, Model):
                _walk(item, here, namespace, found)
            elif mark is not None:
                _refer(model, mark, str(item), here, namespace, found)


def _refer(model: Model, mark: Names, name: str, path: Path, namespace: str, found: list[Reference]) -> None:
    kind = mark.kind or getattr(model, "kind", None)
    if not name or not kind:
        return
    group = mark.group or ("" if mark.kind else getattr(model, "api_group", None) or "")
    beside = getattr(model, "namespace", None)
    where = "" if is_namespaced(group, kind) is False else beside or namespace
    found.append(Reference(path, group, kind, where, name, mark.required))


@cache
def _marked(kind: type[BaseModel]) -> tuple[_Field, ...]:
    """Return the fields of a model that hold a reference, or models that hold one."""
    found: list[_Field] = []
    for name, field in kind.model_fields.items():
        marks = [mark for mark in (*field.metadata, *_metadata(field.annotation)) if isinstance(mark, Names)]
        if marks:
            found.append(_Field(name, wire_name(name), marks[0]))
        # A model that holds itself, as a JSON schema does, holds no reference in itself.
        elif any(model is not kind and _marked(model) for model in models_in(field.annotation)):
            found.append(_Field(name, wire_name(name), None))
    return tuple(found)


def _metadata(annotation: Any) -> tuple[Any, ...]:
    below: tuple[Any, ...] = getattr(annotation, "__args__", ())
    return (*getattr(annotation, "__metadata__", ()), *(mark for part in below for mark in _metadata(part)))
