"""Which custom resources a bundle defines, and what a definition says, in either version of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.models import apiextensions_v1, apiextensions_v1beta1
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models.apiextensions_v1beta1 import CustomResourceSubresources, CustomResourceValidation
    from csi_manifests.text.pointers import Path

    CustomResourceDefinition = (
        apiextensions_v1beta1.CustomResourceDefinition | apiextensions_v1.CustomResourceDefinition
    )
    _Version = apiextensions_v1beta1.CustomResourceDefinitionVersion | apiextensions_v1.CustomResourceDefinitionVersion
    _Column = apiextensions_v1beta1.CustomResourceColumnDefinition | apiextensions_v1.CustomResourceColumnDefinition

DEFINITIONS = (apiextensions_v1beta1.CustomResourceDefinition, apiextensions_v1.CustomResourceDefinition)

CSI_GROUPS = {"csi.storage.k8s.io", "snapshot.storage.k8s.io", "groupsnapshot.storage.k8s.io"}

SNAPSHOT_KINDS = ("VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent")


class CustomResource(NamedTuple):
    """An object of a kind that a definition brings, or may bring: one without a model."""

    manifest: Manifest


def custom_resources_of(manifest: Manifest, _: Context) -> Iterable[CustomResource]:
    """Return an object as a custom resource, if it may be one."""
    known = None if isinstance(manifest, Unstructured) else kind_of(*manifest.key.type)
    return (CustomResource(manifest),) if known is None or known.custom else ()


class Definition(NamedTuple):
    """What a CustomResourceDefinition of the bundle says of its kind."""

    manifest: Manifest
    plural: str
    of_cluster: bool
    """Whether its objects are in no namespace."""
    served: tuple[str, ...]
    """The names of the versions that are served."""
    schemas: dict[str, dict[str, Any]]
    """By the name of the version, where there is a schema."""


@fact
def definitions(context: Context) -> dict[tuple[str, str], Definition]:
    """Return the kinds that the bundle defines, by group and kind."""
    found: dict[tuple[str, str], Definition] = {}
    for manifest in context.bundle:
        key = manifest.key
        if key.kind == "CustomResourceDefinition" and key.group == "apiextensions.k8s.io":
            spec = mapping(manifest.to_dict().get("spec"))
            place = str(spec.get("group")), str(mapping(spec.get("names")).get("kind"))
            found.setdefault(place, _definition(manifest, spec))
    return found


def _definition(manifest: Manifest, spec: dict[str, Any]) -> Definition:
    general = _schema(spec.get("validation"))
    served: list[str] = []
    schemas: dict[str, dict[str, Any]] = {}
    versions = spec.get("versions") or [{"name": spec.get("version")}]
    for entry in map(mapping, items(versions)):
        version = str(entry.get("name"))
        if entry.get("served", True):
            served.append(version)
        schema = _schema(entry.get("schema")) or general
        if schema:
            schemas[version] = schema
    plural, of_cluster = str(mapping(spec.get("names")).get("plural")), spec.get("scope") == "Cluster"
    return Definition(manifest, plural, of_cluster, tuple(served), schemas)


def _schema(validation: Any) -> dict[str, Any]:
    return mapping(mapping(validation).get("openAPIV3Schema"))


class Column(NamedTuple):
    """A column of ``kubectl get``."""

    name: str
    path: str
    pointer: str
    """The pointer of the path, below what says it."""


class Part(NamedTuple):
    """What a definition says of all its versions, or of one."""

    path: Path
    """Where its schema is."""
    validation: CustomResourceValidation | None
    subresources: CustomResourceSubresources | None
    columns: list[Column]


def parts_of(definition: CustomResourceDefinition) -> Iterator[Part]:
    """Return what a definition says of all versions, which that of v1 cannot, and then of each."""
    spec = definition.spec
    if isinstance(spec, apiextensions_v1beta1.CustomResourceDefinitionSpec):
        columns = _columns(spec.additional_printer_columns or ())
        yield Part(("spec", "validation"), spec.validation, spec.subresources, columns)
    for number, version in enumerate(versions_of(definition)):
        columns = _columns(version.additional_printer_columns or ())
        yield Part(("spec", "versions", number, "schema"), version.schema_, version.subresources, columns)


def versions_of(definition: CustomResourceDefinition) -> Sequence[_Version]:
    """Return the versions that a definition lists."""
    return definition.spec.versions or ()


def _columns(columns: Sequence[_Column]) -> list[Column]:
    return [
        Column(column.name, column.json_path, f"/additionalPrinterColumns/{number}/jsonPath")
        if isinstance(column, apiextensions_v1.CustomResourceColumnDefinition)
        else Column(column.name, column.jsonpath, f"/additionalPrinterColumns/{number}/JSONPath")
        for number, column in enumerate(columns)
    ]
