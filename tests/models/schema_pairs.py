"""Walks the schemas of all releases and the models side by side, from the kinds down, and pairs definitions with classes."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin, get_type_hints

from csi_manifests.models.base import Model
from csi_manifests.models.lookup import models
from csi_manifests.models.resource import Resource

Schema = dict[str, Any]

SCHEMAS: Final = Path(__file__).parents[2] / "schemas"
REF: Final = "#/definitions/"
IDENTITY: Final = ("apiVersion", "kind")


@cache
def definitions() -> dict[str, list[Schema]]:
    """Every definition of the releases and of the custom resources by name, in each form that some release has."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in SCHEMAS.glob("v*/definitions.json"):
        # A release's definitions are one a line, and most lines are the same in many.
        for line in file.read_text(encoding="utf-8").splitlines()[1:-1]:
            name, _, text = line.rstrip(",").partition(":")
            found[name.strip('"')].add(text)
    for file in (SCHEMAS / "crds").glob("*.json"):
        for name, schema in json.loads(file.read_text(encoding="utf-8"))["definitions"].items():
            assert name not in found
            found[name].add(json.dumps(schema))
    return {name: [json.loads(text) for text in sorted(texts)] for name, texts in found.items()}


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


@cache
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


def is_object(schema: Schema) -> bool:
    """Return whether a definition is one that a model stands for."""
    return schema.get("type") == "object" and schema.get("additionalProperties") is False


def expanded(schema: Any, classes: set[type[Model]], names: set[str]) -> Any:
    """Return a field's schema with what it refers to: values as they are, an object by the class of the field.

    Adds the names of those objects' definitions to ``names``.
    """
    if not isinstance(schema, dict):
        return schema
    said = cast("Schema", schema)
    if "$ref" not in said:
        return {key: expanded(value, classes, names) for key, value in said.items()}
    name = said["$ref"].removeprefix(REF)
    forms = definitions()[name]
    if is_object(forms[0]):
        names.add(name)
        assert len(classes) <= 1, f"{name} can be any of {classes}"
        return {"$ref": REF + "".join(map(key_of, classes))}
    (form,) = forms
    return expanded(form, classes, names)


def key_of(model: type[Model]) -> str:
    """Return the name of a model's definition among :func:`schemas`."""
    return f"{model.__module__}.{model.__qualname__}"


def own_properties(schema: Schema, model: type[Model]) -> dict[str, Schema]:
    """Return the properties of a definition, but for what a Resource's class stands for."""
    left_out = IDENTITY if issubclass(model, Resource) else ()
    return {wire: own for wire, own in schema.get("properties", {}).items() if wire not in left_out}


@cache
def pairs() -> dict[type[Model], set[str]]:
    """Return the names of the definitions that each class stands for, as far as the kinds reach."""
    found: defaultdict[type[Model], set[str]] = defaultdict(set)
    ahead: list[tuple[type[Model], str]] = list(roots().items())
    while ahead:
        model, name = ahead.pop()
        if name in found[model]:
            continue
        found[model].add(name)
        for form in definitions()[name]:
            for wire, schema in own_properties(form, model).items():
                classes = models_in(field_types(model).get(wire, NoneType))
                below: set[str] = set()
                expanded(schema, classes, below)
                ahead += [(one, each) for one in classes for each in below]
    return dict(found)


def roots() -> dict[type[Resource], str]:
    """Return the definition of each kind that has a model."""
    kinds: dict[tuple[str, ...], str] = {}
    for name, forms in definitions().items():
        for identity in forms[0].get("x-kubernetes-group-version-kind", ()):
            group = f"{identity['group']}/" if identity["group"] else ""
            kinds[group + identity["version"], identity["kind"]] = name
    return {model: kinds[model.API_VERSION, model.KIND] for model in models()}


@cache
def schemas() -> dict[type[Model], Schema]:
    """Return what all releases say together of a class, and of those it is made from, as a version is from another.

    It has every field that any definition has, and requires what each form of each definition requires.
    """
    found: dict[type[Model], Schema] = {}
    for model in pairs():
        names = {name for base in model.__mro__ for name in pairs().get(base, ())}
        forms = [form for name in sorted(names) for form in definitions()[name]]
        properties: dict[str, Schema] = {}
        for form in forms:
            for wire, schema in own_properties(form, model).items():
                said = expanded(schema, models_in(field_types(model).get(wire, NoneType)), set())
                assert properties.setdefault(wire, said) == said, f"{key_of(model)} {wire}"
        required = set[str].intersection(*(set(form.get("required", ())) for form in forms))
        found[model] = {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            "required": sorted(required & properties.keys()),
        }
    return found
