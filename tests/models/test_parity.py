"""Each model says what its definition in the schemas says, no more and no less."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any, Literal, cast, get_args, get_origin

import pytest
from annotated_types import Ge, Le
from pydantic import AfterValidator, JsonValue
from pydantic.fields import FieldInfo
from schema_pairs import REF, definitions, field_types, key_of, pairs, roots, schemas, strip

import csi_manifests.models
from csi_manifests.models import base, scalars
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.base import Model, wire_name
from csi_manifests.models.core_v1 import PersistentVolumeClaim, Pod, PodTemplateSpec
from csi_manifests.models.resource import Resource

SCHEMAS = schemas()
# What a definition is called here: as the newest release calls it, a kind without what it must say of itself by its kind,
# and what only lacks some fields of another by that one.
NAMES = {
    "EmbeddedPersistentVolumeClaim": "PersistentVolumeClaim",
    "EphemeralContainer": "Container",
    "Handler": "LifecycleHandler",
    "VolumeResourceRequirements": "ResourceRequirements",
}
# From 1.22 to 1.25 `dataSourceRef` had no namespace.
WIDENED = {("TypedLocalObjectReference", "TypedObjectReference")}
REQUIRED_HERE: dict[type[Model], set[str]] = {
    # A claim template without metadata has no name, and no pod can use it; the server of 1.13 looks at none of that.
    PersistentVolumeClaim: {"metadata"},
    # The server itself refuses these without a spec, or else every pod of it; in Python nobody has to ask for None.
    Pod: {"spec"},
    PodTemplateSpec: {"spec"},
    StatefulSet: {"spec"},
    DaemonSet: {"spec"},
    Deployment: {"spec"},
}

each_model = pytest.mark.parametrize("model", SCHEMAS, ids=key_of)


def subclasses(model: type[Model]) -> set[type[Model]]:
    return {model}.union(*map(subclasses, model.__subclasses__()))


def all_models() -> set[type[Model]]:
    for module in pkgutil.walk_packages(csi_manifests.models.__path__, "csi_manifests.models."):
        import_module(module.name)
    return {model for model in subclasses(Model) - {Model, Resource} if model.__module__.startswith("csi_manifests.")}


def schema_shape(schema: dict[str, Any]) -> Any:
    """Say what values a schema is for, in terms in which an annotation can be said too."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix(REF)
    kind, form = schema.get("type", "any JSON"), schema.get("format")
    if kind == "array":
        return [schema_shape(schema["items"])]
    if kind == "object":
        return {"": schema_shape(schema.get("additionalProperties", {}))}
    if isinstance(kind, list):
        array, thing = schema_shape(schema.get("items", {})), schema_shape(schema.get("then", {}))
        shapes: dict[str, Any] = {"array": [array], "integer": form, "object": thing}
        return [shapes.get(one, one) for one in sorted(cast("list[str]", kind))]
    return form or kind


INTEGERS = {2**31 - 1: "int32", 2**63 - 1: "int64"}
LEAST = {"int32": {-(2**31), 0}, "int64": {-(2**63)}}


def integer_shape(marks: list[Any]) -> str:
    limits = [one for mark in marks for one in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    assert limits, "write Int32 or Int64 of models/scalars.py instead of int"
    (most,) = {cast("int", one.le) for one in limits if isinstance(one, Le)}
    (least,) = {one.ge for one in limits if isinstance(one, Ge)}
    assert least in LEAST[INTEGERS[most]]
    return INTEGERS[most]


def union_shape(alternatives: list[Any], marks: list[Any]) -> Any:
    kinds = {get_origin(one) or one for one in alternatives}
    if kinds == {int, float}:
        return "double"
    if kinds == {str, int, float}:
        return ["number", "string"]
    if kinds == {str, int}:
        assert integer_shape(marks) == "int32"
        return ["int-or-string", "string"]
    (model,) = {one for one in kinds if isinstance(one, type) and issubclass(one, Model)}
    if kinds == {model, bool}:
        return ["boolean", key_of(model)]
    assert kinds == {model, list}
    return [*(model_shape(one) for one in alternatives if get_origin(one) is list), key_of(model)]


def model_shape(annotation: Any) -> Any:
    """Say the same of an annotation."""
    alternatives, marks = strip(annotation)
    if len(alternatives) > 1:
        return union_shape(alternatives, marks)
    (kind,) = alternatives
    if get_origin(kind) is list:
        return [model_shape(get_args(kind)[0])]
    if get_origin(kind) is dict:
        key, value = map(model_shape, get_args(kind))
        return {"": value} if key == "string" else None
    if get_origin(kind) is Literal:
        assert all(isinstance(one, str) for one in get_args(kind))
        return "string"
    if kind is int:
        return integer_shape(marks)
    if kind in SCHEMAS:
        return key_of(kind)
    grammars = {mark.func for mark in marks if isinstance(mark, AfterValidator)}
    text = "date-time" if scalars.TIME in grammars else "byte" if scalars.BASE64 in grammars else "string"
    shapes: dict[Any, Any] = {str: text, bool: "boolean", JsonValue: "any JSON"}
    return shapes.get(kind, kind)


def test_every_model_stands_for_a_definition() -> None:
    assert {key_of(model) for model in all_models() - set(SCHEMAS)} == set()


@each_model
def test_its_name(model: type[Model]) -> None:
    called = {name.rpartition(".")[2] for name in pairs()[model]}
    assert {NAMES.get(name, name) for name in called if (name, model.__name__) not in WIDENED} == {model.__name__}


def test_no_name_is_declared_in_vain() -> None:
    called = {(name.rpartition(".")[2], model.__name__) for model, names in pairs().items() for name in names}
    assert {*NAMES.items(), *WIDENED} <= called


@each_model
def test_names(model: type[Model]) -> None:
    assert sorted(field_types(model)) == sorted(SCHEMAS[model]["properties"])


@each_model
def test_required(model: type[Model]) -> None:
    required = {field.alias for field in model.model_fields.values() if field.is_required()}
    assert required == {*SCHEMAS[model]["required"]}.union(*(REQUIRED_HERE.get(base, ()) for base in model.__mro__))


@each_model
def test_types(model: type[Model]) -> None:
    expected = {wire: schema_shape(schema) for wire, schema in SCHEMAS[model]["properties"].items()}
    assert {wire: model_shape(annotation) for wire, annotation in field_types(model).items()} == expected


def test_kinds_say_what_they_are() -> None:
    for model, name in roots().items():
        for form in definitions()[name]:
            assert form["properties"]["apiVersion"]["enum"] == [model.API_VERSION]
            assert form["properties"]["kind"]["enum"] == [model.KIND]


def test_cluster_scoped_kinds() -> None:
    assert {model.KIND for model in all_models() if issubclass(model, Resource) and not model.NAMESPACED} == {
        "CSIDriver",
        "CSINode",
        "CSINodeInfo",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
        "VolumeGroupSnapshotClass",
        "VolumeGroupSnapshotContent",
        "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    }


def test_every_alias_is_the_wire_name() -> None:
    for model in all_models():
        for field, info in model.model_fields.items():
            assert info.alias == wire_name(field), f"{model.__name__}.{field}"


def test_irregular_names_are_irregular_and_used() -> None:
    irregular = cast("dict[str, str]", vars(base)["_IRREGULAR"])
    assert set(irregular) - {field for model in all_models() for field in model.model_fields} == set()
    for field, wire in irregular.items():
        first, *rest = field.split("_")
        assert wire != first + "".join(map(str.capitalize, rest)), field
