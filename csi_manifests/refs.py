"""Which objects name which others: read off the :class:`~csi_manifests.models.base.Names` marks of the models."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast, get_args, get_origin

from csi_manifests.models.base import Model, Names, wire_name
from csi_manifests.models.lookup import is_namespaced
from csi_manifests.models.shape import models_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from csi_manifests.models.resource import Resource

Path = tuple[str | int, ...]


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


def references(resource: Resource) -> Iterator[Reference]:
    """Give every reference of an object that is set, in field order."""
    return _walk(resource, (), resource.metadata.namespace or "default")


def _walk(model: Model, path: Path, namespace: str) -> Iterator[Reference]:
    for field in _marked(type(model)):
        value = getattr(model, field.name)
        if value is None:
            continue
        here = (*path, field.wire)
        if field.mark is not None:
            yield from _reference(model, field.mark, str(value), here, namespace)
        elif isinstance(value, Model):
            yield from _walk(value, here, namespace)
        elif isinstance(value, list):
            for number, item in enumerate(cast("list[Any]", value)):
                if isinstance(item, Model):
                    yield from _walk(item, (*here, number), namespace)


def _reference(model: Model, mark: Names, name: str, path: Path, namespace: str) -> Iterator[Reference]:
    kind = mark.kind or getattr(model, "kind", None)
    if not name or not kind:
        return
    group = mark.group or (getattr(model, "api_group", None) or "" if not mark.kind else "")
    beside = getattr(model, "namespace", None)
    scoped = is_namespaced(group, kind)
    where = "" if scoped is False else beside or namespace
    yield Reference(path, group, kind, where, name, mark.required)


@lru_cache(maxsize=None)
def _marked(kind: type[BaseModel]) -> tuple[_Field, ...]:
    """Give the fields of a model that hold a reference, or models that hold one."""
    found: list[_Field] = []
    for name, field in kind.model_fields.items():
        marks = [mark for mark in (*field.metadata, *_metadata(field.annotation)) if isinstance(mark, Names)]
        if marks:
            found.append(_Field(name, wire_name(name), marks[0]))
        # A model that holds itself, as a JSON schema does, holds no reference.
        elif any(model is not kind and _marked(model) for model in models_in(field.annotation)):
            found.append(_Field(name, wire_name(name), None))
    return tuple(found)


def _metadata(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return tuple(annotation.__metadata__)
    return tuple(mark for part in get_args(annotation) for mark in _metadata(part))
