"""Walks the schemas and the models side by side, from the kinds down, and pairs each definition with its class."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin, get_type_hints

from csi_manifests.models.base import Model
from csi_manifests.models.lookup import model_for, models
from csi_manifests.models.resource import Resource

Schema = dict[str, Any]

SCHEMAS: Final = Path(__file__).parents[2] / "schemas"
REF: Final = "#/definitions/"
IDENTITY: Final = ("apiVersion", "kind")


@cache
def definitions() -> dict[str, Schema]:
    """Every definition of the release and of the custom resources, by name."""
    files = [SCHEMAS / "v1.13" / "definitions.json", *sorted((SCHEMAS / "crds").glob("*.json"))]
    found: dict[str, Schema] = {}
    for file in files:
        own: dict[str, Schema] = json.loads(file.read_text(encoding="utf-8"))["definitions"]
        assert not found.keys() & own.keys()
        found |= own
    return found


def strip(annotation: Any) -> tuple[list[Any], list[Any]]:
    """Take an annotation apart: its alternatives, None left out, and what ``Annotated`` adds around them."""
    marks: list[Any] = []
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks += more
    if get_origin(annotation) not in {Union, UnionType}:
        return ([] if annotation is NoneType else [annotation]), marks
    alternatives: list[Any] = []
    for part in get_args(annotation):
        inner, more = strip(part)
        alternatives += inner
        marks += more
    return alternatives, marks


def field_types(model: type[Model]) -> dict[str, Any]:
    """Return the annotation of each field, by its wire name."""
    hints = get_type_hints(model, include_extras=True)
    return {field.alias or name: hints[name] for name, field in model.model_fields.items()}


def models_in(annotation: Any) -> set[type[Model]]:
    """Return the models that an annotation speaks of, itself not followed."""
    found: set[type[Model]] = set()
    for part in strip(annotation)[0]:
        if isinstance(part, type) and issubclass(part, Model):
            found.add(part)
        else:
            found.update(*map(models_in, get_args(part)))
    return found


def references(schema: object) -> set[str]:
    """Return the object definitions that a schema speaks of, through those that are no objects of their own."""
    found: set[str] = set()
    if isinstance(schema, list):
        for member in cast("list[object]", schema):
            found |= references(member)
    elif isinstance(schema, dict):
        for key, value in cast("dict[str, object]", schema).items():
            name = str(value).removeprefix(REF)
            if key != "$ref":
                found |= references(value)
            elif is_object(definitions()[name]):
                found.add(name)
            else:
                found |= references(definitions()[name])
    return found


def is_object(schema: Schema) -> bool:
    """Return whether a definition is one that a model stands for."""
    return schema.get("type") == "object" and "format" not in schema


def pairs() -> dict[str, type[Model]]:
    """Return the class of each definition, as far as the kinds reach; both sides must lead to the same places."""
    found: dict[str, type[Model]] = {}
    ahead: list[tuple[str, type[Model]]] = []
    for name, schema in definitions().items():
        for identity in schema.get("x-kubernetes-group-version-kind", ()):
            group, version, kind = identity["group"], identity["version"], identity["kind"]
            kind_model = model_for(f"{group}/{version}" if group else version, kind)
            assert kind_model is not None, f"no model for {group}/{version} {kind}"
            ahead.append((name, kind_model))
    undefined = {model.__name__ for model in models()} - {model.__name__ for _, model in ahead}
    assert undefined == set(), "add them to schemas/extract.py and run it, or write their definitions in schemas/crds"
    assert len(ahead) == len(models())
    while ahead:
        name, model = ahead.pop()
        if name in found:
            assert found[name] is model, f"{name} is {found[name]} here and {model} there"
            continue
        found[name] = model
        fields = field_types(model)
        for wire, schema in definitions()[name].get("properties", {}).items():
            if wire in fields:
                named = sorted(references(schema))
                classes = sorted(models_in(fields[wire]), key=lambda one: one.__name__)
                assert len(named) == len(classes) <= 1, f"{name} {wire}: {named} and {classes}"
                ahead += zip(named, classes, strict=True)
    return found


def own_properties(name: str, model: type[Model]) -> dict[str, Schema]:
    """Return the properties of a definition, but for what a Resource's class stands for."""
    properties: dict[str, Schema] = definitions()[name].get("properties", {})
    left_out = IDENTITY if issubclass(model, Resource) else ()
    return {wire: schema for wire, schema in properties.items() if wire not in left_out}
