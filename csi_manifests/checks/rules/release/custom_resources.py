"""Custom resources against the schemas of their definitions."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import definitions
from csi_manifests.bundle.objects import without_nulls
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.analysis.context import Context

# What the server itself obeys. No reference to another schema: it refuses definitions that have one.
_PLAIN = (
    "type", "enum", "required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip
_SCHEMAS = ("allOf", "anyOf", "oneOf")
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_TOLD = 20
"""How many misfits of one object are reported."""


@rule(
    "CSI305",
    "definition-schema-mismatch",
    "a custom resource fits the schema of its definition",
    Unstructured,
    fix="Correct the value, or leave the field out.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: pools.storage.example.com}
  spec:
    group: storage.example.com
    version: v1
    names: {kind: Pool, plural: pools}
    scope: Namespaced
    validation:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              replicas: {type: integer, minimum: 1}
  ---
  apiVersion: storage.example.com/v1
  kind: Pool
  metadata: {name: fast}
- spec: {replicas: none}
+ spec: {replicas: 3}
""",
)
def custom_resource_fits(manifest: Unstructured, context: Context) -> Iterator[Problem]:
    """The API server checks a custom resource against the schema of its definition, and refuses what does not fit.

    Schemas are read as Kubernetes reads them: formats are not checked, nor patterns that only Go understands.
    """
    key = manifest.key
    definition = definitions(context).get((key.group, key.kind))
    if definition is None or (key.api_version, key.kind) in context.release.schemas:
        return
    version = key.api_version.rpartition("/")[2]
    schema = definition.schemas.get(version)
    if schema is None:
        return
    validators = _validators(context)
    place = (key.group, key.kind, version)
    if place not in validators:
        validators[place] = _validator(schema)
    validator = validators[place]
    content = _as_json(without_nulls(manifest.content))
    if validator is None or validator.is_valid(content):
        return
    for misfit in islice(validator.iter_errors(content), _TOLD):
        message = f"{misfit.message} (schema of {definition.manifest.name} in the bundle)"
        yield Problem(pointer_of(tuple(misfit.instance_path)), message)


def _as_json(value: Any) -> Any:
    """Write 1.0 as 1, as kubectl sends it: draft 4 of JSON Schema takes nothing else for an integer."""
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_as_json(item) for item in cast("Sequence[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@fact
def _validators(_: Context) -> dict[tuple[str, str, str], jsonschema_rs.Draft4Validator | None]:
    """Return the place where validators are kept: most bundles need none."""
    return {}


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft4Validator | None:
    try:
        return jsonschema_rs.Draft4Validator(
            _obeyed(schema),
            validate_formats=False,
            mask="the value",
            offline=True,
            # Go's regular expressions know no look-around either, and take linear time.
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None  # No server takes this definition, or it is beyond this engine.


def _obeyed(schema: Any) -> dict[str, Any]:
    """Return the part of a schema that says which values fit."""
    if not isinstance(schema, dict):
        return {}
    schema = cast("dict[str, Any]", schema)
    found: dict[str, Any] = {key: schema[key] for key in _PLAIN if schema.get(key) not in (None, [], "")}
    for key in _SCHEMAS:
        if isinstance(schema.get(key), list) and schema[key]:
            found[key] = [_obeyed(part) for part in cast("Sequence[Any]", schema[key])]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        fields = cast("dict[str, Any]", properties).items()
        found["properties"] = {name: _obeyed(part) for name, part in fields}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            found[key] = _obeyed(schema[key])
    if schema.get("additionalProperties") is False:
        found["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string") is True:
        found.pop("type", None)
        found["allOf"] = [*found.get("allOf", ()), {"anyOf": _INT_OR_STRING}]
    if schema.get("nullable") is True:
        return {"anyOf": [{"type": "null"}, found]}
    return found
