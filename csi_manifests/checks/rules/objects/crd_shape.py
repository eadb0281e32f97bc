"""Definitions of custom resources by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.definitions import DEFINITIONS, parts_of, versions_of
from csi_manifests.analysis.parts import among, given, repeated
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apiextensions_v1beta1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionSpec,
    JSONSchemaProps,
)
from csi_manifests.models.base import wire_name
from csi_manifests.text.pointers import Path, pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis import definitions
    from csi_manifests.analysis.context import Context

_UNSUPPORTED = (
    ("$ref", "ref"),
    ("id", "id"),
    ("default", "default"),
    ("definitions", "definitions"),
    ("dependencies", "dependencies"),
    ("patternProperties", "pattern_properties"),
    ("additionalItems", "additional_items"),
)
# Schemas below a schema: by name, in a list, and alone.
_BY_NAME = (
    ("properties", "properties"),
    ("patternProperties", "pattern_properties"),
    ("definitions", "definitions"),
    ("dependencies", "dependencies"),
)
_LISTED = (("allOf", "all_of"), ("anyOf", "any_of"), ("oneOf", "one_of"))
_ALONE = (
    ("items", "items"),
    ("additionalProperties", "additional_properties"),
    ("additionalItems", "additional_items"),
    ("not", "not_"),
)
# With a status of its own, a kind's schema may say at its top only what still holds when the status is taken out.
_NOT_AT_THE_TOP = (
    ("additionalProperties", "additional_properties"),
    ("allOf", "all_of"),
    ("anyOf", "any_of"),
    ("oneOf", "one_of"),
    ("not", "not_"),
    ("enum", "enum"),
    ("minProperties", "min_properties"),
    ("maxProperties", "max_properties"),
)


@rule(
    "CSI192",
    "definition-name-mismatch",
    "a CustomResourceDefinition is named after its plural and group",
    *DEFINITIONS,
    fix="Make metadata.name the plural, a dot, and the group.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
- metadata: {name: csidriver.csi.storage.k8s.io}
+ metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
    version: v1alpha1
    scope: Cluster
    names: {kind: CSIDriver, plural: csidrivers}
""",
)
def definition_is_called_right(found: definitions.CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """The API server refuses any other name, and a group without a dot: those are its own."""
    spec = found.spec
    wanted = f"{spec.names.plural}.{spec.group}"
    if spec.names.plural and found.metadata.name and found.metadata.name != wanted:
        yield Problem("/metadata/name", f"{found.metadata.name!r} is not {wanted!r}")
    if "." not in spec.group:
        yield Problem("/spec/group", f"{spec.group!r} has no dot", "Choose a group below a domain of yours.")


@rule(
    "CSI193",
    "invalid-storage-version",
    "a CustomResourceDefinition has versions and stores one of them",
    *DEFINITIONS,
    fix="Give spec.version, or spec.versions with storage: true in one; if both, version is the first of versions.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
-   versions: [{name: v1alpha1, served: true, storage: false}]
+   versions: [{name: v1alpha1, served: true, storage: true}]
    scope: Cluster
    names: {kind: CSIDriver, plural: csidrivers}
""",
)
def definition_stores_a_version(found: definitions.CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """The API server refuses a definition that does not say in which one version its objects are stored."""
    spec = found.spec
    first = spec.version if isinstance(spec, CustomResourceDefinitionSpec) else None
    versions = versions_of(found)
    if not versions:
        if not first:
            yield Problem("/spec", "there is neither version nor versions")
        return
    stored = [version.name for version in versions if version.storage]
    if len(stored) != 1:
        yield Problem("/spec/versions", f"one version is stored (here: {among(stored)})")
    if first and first != versions[0].name:
        yield Problem("/spec/version", f"{first!r} is not the first of versions, {versions[0].name!r}")
    names = ((f"/spec/versions/{number}/name", version.name) for number, version in enumerate(versions))
    for where, name, first in repeated(names):
        yield Problem(where, f"{name!r} is also the name at {first}", "Keep one of the two.")


@rule(
    "CSI194",
    "missing-definition-names",
    "a CustomResourceDefinition names its objects and their list",
    *DEFINITIONS,
    fix="Give names.kind and names.plural, and a listKind other than kind, if any.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
    version: v1alpha1
    scope: Cluster
-   names: {kind: "", plural: csidrivers}
+   names: {kind: CSIDriver, plural: csidrivers}
""",
)
def definition_says_what_things_are_called(
    found: definitions.CustomResourceDefinition, _: Context
) -> Iterator[Problem]:
    """The API server refuses a definition without these names. An empty name counts as missing."""
    names = found.spec.names
    for field in ("kind", "plural"):
        if not getattr(names, field):
            yield Problem(f"/spec/names/{field}", f"{field} is empty")
    if names.kind and names.kind == names.list_kind:
        yield Problem("/spec/names/listKind", f"one object and a list of them are both called {names.kind!r}")


@rule(
    "CSI195",
    "unsupported-schema",
    "a CustomResourceDefinition's schema uses only what the API server supports",
    *DEFINITIONS,
    fix="Remove it, or write it in another way: schemas written out, one schema for all items, no defaults.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
    version: v1alpha1
    scope: Cluster
    names: {kind: CSIDriver, plural: csidrivers}
    validation:
      openAPIV3Schema:
-       properties: {spec: {properties: {attachRequired: {type: boolean, default: true}}}}
+       properties: {spec: {properties: {attachRequired: {type: boolean}}}}
""",
)
def schema_keeps_to_its_words(found: definitions.CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """The API server refuses a definition whose schema uses other parts of JSON Schema; defaults are for those of v1 only."""
    for path, validation, subresources, _columns in parts_of(found):
        top = validation and validation.open_api_v3_schema
        if not top:
            continue
        path = (*path, "openAPIV3Schema")  # noqa: PLW2901  (the same path, one step on)
        if subresources is not None and subresources.status is not None:
            for wire, field in _NOT_AT_THE_TOP:
                if getattr(top, field) not in (None, [], {}):
                    yield Problem(
                        pointer_of((*path, wire)), f"{wire} is not allowed at the top beside the subresource status"
                    )
            if top.type not in (None, "", "object"):
                yield Problem(
                    pointer_of((*path, "type")),
                    f"the top is a {top.type!r}; beside the subresource status it is an object",
                )
        schemas: list[tuple[Path, JSONSchemaProps]] = []
        _gather(top, path, schemas)
        for place, schema in schemas:
            for wire, said in _forbidden(schema, defaults=not isinstance(found, CustomResourceDefinition)):
                yield Problem(pointer_of((*place, wire)), said)


def _forbidden(schema: JSONSchemaProps, *, defaults: bool) -> Iterator[tuple[str, str]]:
    """Yield the parts of a schema that are not allowed, and why."""
    for wire, field in _UNSUPPORTED:
        if defaults and field == "default":
            continue
        value = getattr(schema, field)
        # An empty id, and no definitions or patterns, are not seen; no dependencies are.
        if value is not None and (value not in ("", {}) or field in {"ref", "dependencies"}):
            yield wire, f"{wire} is not supported"
    if schema.unique_items:
        yield "uniqueItems", "uniqueItems is true, which takes too long to check"
    if isinstance(schema.items, list):
        yield "items", "items is a list of schemas, and only one for all items is supported"
    if schema.type == "null":
        yield "type", "the type null is not supported"
    if schema.properties and schema.additional_properties not in (None, True):
        yield "additionalProperties", f"additionalProperties stands beside properties ({among(schema.properties)})"


def _gather(schema: JSONSchemaProps, path: Path, found: list[tuple[Path, JSONSchemaProps]]) -> None:
    """Add a schema and all below it to a list."""
    found.append((path, schema))
    below: list[tuple[Path, object]] = []
    for wire, field in _BY_NAME:
        by_name: dict[str, object] = getattr(schema, field) or {}
        below += [((*path, wire, name), one) for name, one in by_name.items()]
    for wire, field in _LISTED:
        below += [((*path, wire, number), one) for number, one in enumerate(getattr(schema, field) or ())]
    below += [((*path, wire), getattr(schema, field)) for wire, field in _ALONE]
    for place, one in below:
        if isinstance(one, JSONSchemaProps):
            _gather(one, place, found)


@rule(
    "CSI196",
    "per-version-settings",
    "a CustomResourceDefinition has the same settings for all versions",
    CustomResourceDefinition,
    severity="warning",
    fix="Set validation, subresources and additionalPrinterColumns once, below spec.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
-   versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
+   versions: [{name: v1alpha1, served: true, storage: true}]
    scope: Cluster
    names: {kind: CSIDriver, plural: csidrivers}
+   validation: {openAPIV3Schema: {type: object}}
""",
)
def versions_say_the_same(found: CustomResourceDefinition, context: Context) -> Iterator[Problem]:
    """Kubernetes 1.13 drops the settings of a single version unless the gate CustomResourceWebhookConversion is on.

    From 1.15 on they are obeyed. The API server then refuses them where all versions say the same, or spec says it as well.
    """
    spec = found.spec
    versions = spec.versions or []
    gate = context.release.gates.get("CustomResourceWebhookConversion")
    if gate is not None and not gate.default:
        for number, version in enumerate(versions):
            own = given(version, ("schema_", "subresources", "additional_printer_columns"))
            if own:
                yield Problem(f"/spec/versions/{number}", f"version {version.name!r} has its own {among(own)}")
        return
    for general, each in (
        ("validation", "schema_"),
        ("subresources", "subresources"),
        ("additional_printer_columns", "additional_printer_columns"),
    ):
        said = [getattr(version, each) for version in versions]
        wire = wire_name(each)
        if getattr(spec, general) is not None and any(said):
            number = next(number for number, its in enumerate(said) if its)
            message = f"{wire} stands here, and {wire_name(general)} below spec"
            yield Problem(f"/spec/versions/{number}/{wire}", message, severity="error")
        elif said and said[0] and all(its == said[0] for its in said):
            yield Problem("/spec/versions", f"all versions have the same {wire}", severity="error")


@rule(
    "CSI199",
    "invalid-definition-path",
    "columns and scale of a CustomResourceDefinition have valid paths",
    *DEFINITIONS,
    fix="Write paths as .spec.field or .status.field.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: csidrivers.csi.storage.k8s.io}
  spec:
    group: csi.storage.k8s.io
    version: v1alpha1
    scope: Cluster
    names: {kind: CSIDriver, plural: csidrivers}
-   additionalPrinterColumns: [{name: Attach, type: boolean, JSONPath: spec.attachRequired}]
+   additionalPrinterColumns: [{name: Attach, type: boolean, JSONPath: .spec.attachRequired}]
""",
)
def columns_point_into_objects(found: definitions.CustomResourceDefinition, _: Context) -> Iterator[Problem]:
    """The API server refuses other paths, columns without a name, and a scale whose replicas are not below spec and status."""
    for path, _validation, subresources, columns in parts_of(found):
        beside = pointer_of(path[:-1])
        for column in columns:
            where = f"{beside}{column.pointer}"
            if not column.name:
                message = f"the column for {column.path!r} has no name"
                yield Problem(f"{where.rpartition('/')[0]}/name", message, "Give it a name.")
            if not column.path.startswith("."):
                yield Problem(where, f"{column.path!r} does not begin with a dot")
        scale = subresources and subresources.scale
        if not scale:
            continue
        wanted = (
            ("specReplicasPath", scale.spec_replicas_path, ".spec."),
            ("statusReplicasPath", scale.status_replicas_path, ".status."),
            ("labelSelectorPath", scale.label_selector_path or ".status.", ".status."),
        )
        for wire, text, start in wanted:
            if not text.startswith(start):
                yield Problem(f"{beside}/subresources/scale/{wire}", f"{text!r} does not begin with {start!r}")
