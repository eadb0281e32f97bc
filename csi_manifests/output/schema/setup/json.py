"""The JSON Schema of a setup file, for editors: it takes every file that :func:`~csi_manifests.setup.reading.read_setup` takes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from pydantic.json_schema import GenerateJsonSchema

from csi_manifests.bundle.objects import without_nulls
from csi_manifests.models.annotations import attribute_docs, models_in
from csi_manifests.models.base import wire_name
from csi_manifests.setup.setup import Setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import BaseModel
    from pydantic_core.core_schema import BeforeValidatorFunctionSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class _Files(GenerateJsonSchema):
    """Describes what may stand in a file, before it is read."""

    def function_before_schema(self, schema: BeforeValidatorFunctionSchema) -> Schema:
        """Add what the function takes besides what it gives."""
        inner = super().function_before_schema(schema)
        function: Any = schema["function"]["function"]
        blanks = [blank for blank in ("", 0) if schema["function"]["type"] == "no-info" and _is_none(function, blank)]
        return {"anyOf": [inner, *({"const": blank} for blank in blanks)]} if blanks else inner

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only say the name of the field once more."""
        return False if schema else super().field_title_should_be_set(schema)


def emit() -> str:
    """Return the schema as text, the same every time."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> Schema:
    """Return the schema of a setup file."""
    schema = Setup.model_json_schema(by_alias=True, schema_generator=_Files)
    models = {model.__name__: model for model in _models(Setup)}
    partial = {part.__name__ for model in models.values() for part in _parts(model)}
    release = schema["properties"]["kubernetes"]
    release["anyOf"] = _release_as_written(release.pop("enum"))
    release.pop("type")
    schema["$defs"] = {
        name: _tidy(_described(below, models[name]), partial=name in partial) for name, below in schema["$defs"].items()
    }
    whole = _tidy(_described(schema, Setup))
    said = {"$schema": DIALECT, "title": "csi-manifests setup", "description": whole.pop("description")}
    return {**said, **{key: whole[key] for key in sorted(whole, key=lambda key: key == "$defs")}}


def _is_none(function: Callable[[Any], Any], value: Any) -> bool:
    """Return whether a function takes a value for none, as those of Kubernetes' defaulted fields do."""
    try:
        return function(value) is None
    except ValueError:
        return False


def _release_as_written(known: Sequence[str]) -> list[Schema]:
    """Return the ways in which a release may be written: quoted, a number to YAML, ``v1.13``, ``1.13.0``."""
    numbers = "|".join(re.escape(version) for version in known)
    pattern = {"type": "string", "pattern": rf"^v?({numbers})(\.|$)"}
    return [{"enum": list(known)}, pattern, *({"const": float(version)} for version in known)]


def _models(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for below in models_in(field.annotation):
            yield from _models(below, seen)


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Return the models of which a file may say a part: the default, written as a text, has the rest."""
    for field in model.model_fields.values():
        if isinstance(field.default, str):
            yield from models_in(field.annotation)


def _described(schema: Schema, model: type[BaseModel]) -> Schema:
    """Return each field the description that stands below it in the source."""
    for name, text in attribute_docs(model).items():
        field = wire_name(name)
        schema["properties"][field] = {"description": text, **schema["properties"][field]}
    return schema


def _tidy(schema: Schema, *, partial: bool = False) -> Schema:
    """Leave out titles and nulls as defaults; let null stand for what may be absent, as it does in a file."""
    kept = {key: value for key, value in schema.items() if key != "title"}
    if partial:
        kept.pop("required", None)
    if "default" in kept:
        kept["default"] = without_nulls(kept["default"])
        if kept["default"] is None:
            del kept["default"]
    if "properties" in kept:
        required = kept.get("required", ())
        kept["properties"] = {
            name: _tidy(below) if name in required else _or_null(_tidy(below))
            for name, below in kept["properties"].items()
        }
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _or_null(_tidy(kept["additionalProperties"]))
    if "items" in kept:
        kept["items"] = _tidy(kept["items"])
    if "anyOf" in kept:
        kept["anyOf"] = [_tidy(below) for below in cast("list[Schema]", kept["anyOf"])]
    return kept


def _or_null(schema: Schema) -> Schema:
    null = {"type": "null"}
    if "anyOf" in schema:
        return schema if null in schema["anyOf"] else {**schema, "anyOf": [*schema["anyOf"], null]}
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}, null], **rest}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **more} if "type" in schema else schema
