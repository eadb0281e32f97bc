"""What ``apiextensions.k8s.io/v1`` asks of definitions besides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from csi_manifests.analysis.definitions import DEFINITIONS, parts_of, versions_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apiextensions_v1 import CustomResourceDefinition
from csi_manifests.models.apiextensions_v1beta1 import JSONSchemaProps
from csi_manifests.models.base import wire_name
from csi_manifests.text.pointers import Path, pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis import definitions
    from csi_manifests.analysis.context import Context

_APPROVED = "api-approved.kubernetes.io"
_OF_KUBERNETES = re.compile(r"(?:.*\.)?(?:k8s|kubernetes)\.io")
_APPROVAL = re.compile(r"unapproved.*|[a-z][-+.a-z0-9]*://[^/]+.*", re.IGNORECASE | re.DOTALL)
# What must be said outside of allOf, anyOf, oneOf and not.
_NOT_IN_JUNCTIONS = ("type", "title", "description", "default", "nullable", "additional_properties")

Level = Literal["the top", "a field", "an item"]


@rule(
    "CSI601",
    "unstructured-schema",
    "a CustomResourceDefinition of v1 has a structural schema for each version",
    *DEFINITIONS,
    fix="Give each version schema.openAPIV3Schema, and each value in it its type; see 'structural schema' in Kubernetes' documentation.",
    kubernetes="1.20",
    example="""\
  apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: pools.storage.example.com}
  spec:
    group: storage.example.com
    names: {kind: Pool, plural: pools}
    scope: Namespaced
    versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
-         properties: {spec: {properties: {size: {type: string}}}}
+         properties: {spec: {type: object, properties: {size: {type: string}}}}
""",
)
def schema_is_structural(found: definitions.CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """The API server drops the fields that a schema does not name, so it must say of each value what it is.

    It refuses a definition of v1, or of v1beta1 with ``preserveUnknownFields: false``, whose schema does not.
    """
    is_v1 = isinstance(found, CustomResourceDefinition)
    if is_v1 and found.spec.preserve_unknown_fields:
        fix = "Leave it out, and write x-kubernetes-preserve-unknown-fields: true where fields are to be kept."
        yield Problem("/spec/preserveUnknownFields", "v1 allows false only", fix)
    if not is_v1 and found.spec.preserve_unknown_fields is not False:
        return
    for number, version in enumerate(versions_of(found) if is_v1 else ()):
        if version.schema_ is None or version.schema_.open_api_v3_schema is None:
            yield Problem(f"/spec/versions/{number}", f"version {version.name!r} has no schema")
    for part in parts_of(found):
        top = part.validation and part.validation.open_api_v3_schema
        if top:
            yield from _untyped(top, (*part.path, "openAPIV3Schema"), "the top")


def _untyped(schema: JSONSchemaProps, path: Path, level: Level) -> Iterator[Problem]:
    """Yield what keeps a schema from being structural, and those below it."""
    if not schema.type and not schema.x_kubernetes_int_or_string and not schema.x_kubernetes_preserve_unknown_fields:
        yield Problem(pointer_of(path), f"{level} of the schema has no type")
    elif level == "the top" and schema.type and schema.type != "object":
        yield Problem(pointer_of((*path, "type")), f"the top of the schema is a {schema.type!r}, not an object")
    for name, below in (schema.properties or {}).items():
        yield from _untyped(below, (*path, "properties", name), "a field")
    if isinstance(schema.items, JSONSchemaProps):
        yield from _untyped(schema.items, (*path, "items"), "an item")
    if isinstance(schema.additional_properties, JSONSchemaProps):
        yield from _untyped(schema.additional_properties, (*path, "additionalProperties"), "a field")
    for place, below in _junctions(schema):
        yield from _typed(below, (*path, *place), typed_before=schema.x_kubernetes_int_or_string is True)


def _typed(schema: JSONSchemaProps, path: Path, *, typed_before: bool) -> Iterator[Problem]:
    """Yield what may be said outside of allOf, anyOf, oneOf and not only; of an integer or text they may say the type."""
    for field in _NOT_IN_JUNCTIONS:
        value = getattr(schema, field)
        if value not in (None, "", False) and not (field == "type" and typed_before):
            wire = wire_name(field)
            message = f"{wire} stands within {next(str(step) for step in reversed(path) if step in _JUNCTIONS)}"
            yield Problem(pointer_of((*path, wire)), message, "Say it of the value itself, outside.")
    for name, below in (schema.properties or {}).items():
        yield from _typed(below, (*path, "properties", name), typed_before=False)
    if isinstance(schema.items, JSONSchemaProps):
        yield from _typed(schema.items, (*path, "items"), typed_before=False)
    for place, below in _junctions(schema):
        yield from _typed(below, (*path, *place), typed_before=typed_before)


_JUNCTIONS = {"allOf", "anyOf", "oneOf", "not"}


def _junctions(schema: JSONSchemaProps) -> Iterator[tuple[Path, JSONSchemaProps]]:
    for name, listed in (("allOf", schema.all_of), ("anyOf", schema.any_of), ("oneOf", schema.one_of)):
        for number, below in enumerate(listed or ()):
            yield (name, number), below
    if schema.not_ is not None:
        yield ("not",), schema.not_


@rule(
    "CSI602",
    "unapproved-group",
    "a CustomResourceDefinition of v1 in a group of Kubernetes says who approved it",
    CustomResourceDefinition,
    fix=f"Take the definition of the project itself, which has the annotation {_APPROVED}; in a group of your own none is needed.",
    kubernetes="1.20",
    example="""\
  apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata:
    name: volumesnapshotclasses.snapshot.storage.k8s.io
+   annotations: {api-approved.kubernetes.io: "https://github.com/kubernetes-csi/external-snapshotter/pull/419"}
  spec:
    group: snapshot.storage.k8s.io
    names: {kind: VolumeSnapshotClass, plural: volumesnapshotclasses}
    scope: Cluster
    versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
""",
)
def group_is_approved(found: CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """Groups below k8s.io and kubernetes.io are those of Kubernetes' projects.

    The API server refuses a definition of v1 in them unless an annotation has the URL of the approval, or says
    ``unapproved`` for a trial.
    """
    if _OF_KUBERNETES.fullmatch(found.spec.group) is None:
        return
    annotations = found.metadata.annotations or {}
    said = annotations.get(_APPROVED)
    if said is None:
        yield Problem(
            "/metadata", f"group {found.spec.group!r} is Kubernetes' own, and there is no annotation {_APPROVED}"
        )
    elif _APPROVAL.fullmatch(said) is None:
        pointer = f"/metadata/annotations{pointer_of((_APPROVED,))}"
        yield Problem(pointer, f"{said!r} is neither a URL nor 'unapproved'")
