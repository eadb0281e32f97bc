"""Which custom resources a bundle defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from csi_manifests.analysis.context import fact
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest


CSI_GROUPS = {"csi.storage.k8s.io", "snapshot.storage.k8s.io", "groupsnapshot.storage.k8s.io"}

CUSTOM_RESOURCES = (Resource, Unstructured)
"""What may be one: an object of any kind, of which its group and the definitions of the bundle tell."""


SNAPSHOT_KINDS = ("VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent")


class Definition(NamedTuple):
    """What a CustomResourceDefinition of the bundle says of its kind."""

    manifest: Manifest
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
            spec = _mapping(manifest.to_dict().get("spec"))
            place = str(spec.get("group")), str(_mapping(spec.get("names")).get("kind"))
            found.setdefault(place, _definition(manifest, spec))
    return found


def _definition(manifest: Manifest, spec: dict[str, Any]) -> Definition:
    general = _schema(spec.get("validation"))
    served: list[str] = []
    schemas: dict[str, dict[str, Any]] = {}
    versions = spec.get("versions") or [{"name": spec.get("version")}]
    for entry in map(_mapping, cast("Sequence[Any]", versions) if isinstance(versions, list) else ()):
        version = str(entry.get("name"))
        if entry.get("served", True):
            served.append(version)
        schema = _schema(entry.get("schema")) or general
        if schema:
            schemas[version] = schema
    return Definition(manifest, tuple(served), schemas)


def _schema(validation: Any) -> dict[str, Any]:
    return _mapping(_mapping(validation).get("openAPIV3Schema"))


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
