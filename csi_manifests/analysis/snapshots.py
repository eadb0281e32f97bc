"""Snapshots in any version: what each is of, and by which class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from csi_manifests.analysis.classes import lookup
from csi_manifests.analysis.context import fact
from csi_manifests.knowledge.well_known import SNAPSHOT, SNAPSHOT_CONTENT
from csi_manifests.models import snapshot_v1alpha1
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models import snapshot_v1
    from csi_manifests.models.scalars import Quantity

    Snapshot = snapshot_v1alpha1.VolumeSnapshot | snapshot_v1.VolumeSnapshot
    Content = snapshot_v1alpha1.VolumeSnapshotContent | snapshot_v1.VolumeSnapshotContent


@dataclass(frozen=True, eq=False, slots=True)
class SnapshotView:
    """A VolumeSnapshot."""

    resource: Snapshot
    claim_name: str | None
    """The claim that it is of."""
    claim_pointer: str
    content_name: str | None
    """The VolumeSnapshotContent that it is bound to by hand."""
    class_name: str | None
    class_field: str
    """What the field of ``spec`` is called that names the class."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.name

    @property
    def class_pointer(self) -> str:
        """Where it names its class."""
        return f"/spec/{self.class_field}"

    @property
    def restore_size(self) -> Quantity | None:
        """The least size of a claim restored from it, where it was read out of a cluster."""
        return self.resource.status.restore_size if self.resource.status else None


@dataclass(frozen=True, eq=False, slots=True)
class ContentView:
    """A VolumeSnapshotContent: a snapshot that exists."""

    resource: Content
    driver: str
    pointer: str
    """Where it names the driver."""


# The models of v1 are not imported: a bundle that has some has imported them.
def _is_snapshot(manifest: Manifest) -> TypeGuard[Snapshot]:
    return isinstance(manifest, Resource) and manifest.key.type == SNAPSHOT


def _is_content(manifest: Manifest) -> TypeGuard[Content]:
    return isinstance(manifest, Resource) and manifest.key.type == SNAPSHOT_CONTENT


def _view(resource: Snapshot) -> SnapshotView:
    spec = resource.spec
    if not isinstance(spec, snapshot_v1alpha1.VolumeSnapshotSpec):
        claim, content = spec.source.persistent_volume_claim_name, spec.source.volume_snapshot_content_name
        pointer, field = "/spec/source/persistentVolumeClaimName", "volumeSnapshotClassName"
        return SnapshotView(resource, claim, pointer, content, spec.volume_snapshot_class_name, field)
    of_claim = spec.source is not None and spec.source.kind == PersistentVolumeClaim.KIND
    claim = spec.source.name if spec.source is not None and of_claim else None
    content = spec.snapshot_content_name
    return SnapshotView(resource, claim, "/spec/source/name", content, spec.snapshot_class_name, "snapshotClassName")


@fact
def snapshots(context: Context) -> tuple[SnapshotView, ...]:
    """Return the snapshots of the bundle."""
    return tuple(_view(manifest) for manifest in context.bundle if _is_snapshot(manifest))


def snapshots_of(manifest: Manifest, _: Context) -> Iterable[SnapshotView]:
    """Return an object as a snapshot, if it is one."""
    return (_view(manifest),) if _is_snapshot(manifest) else ()


def contents_of(manifest: Manifest, _: Context) -> Iterable[ContentView]:
    """Return an object as a content, if it is one that names its driver."""
    if not _is_content(manifest):
        return ()
    if not isinstance(manifest, snapshot_v1alpha1.VolumeSnapshotContent):
        return (ContentView(manifest, manifest.spec.driver, "/spec/driver"),)
    source = manifest.spec.csi_volume_snapshot_source
    return () if source is None else (ContentView(manifest, source.driver, "/spec/csiVolumeSnapshotSource/driver"),)


def snapshot_named(name: str, namespace: str, context: Context) -> SnapshotView | None:
    """Return the snapshot of a name, if it is in the bundle."""
    item = context.bundle.index.get((*SNAPSHOT, namespace, name))
    return next(iter(snapshots_of(item.resource, context)), None) if item is not None else None


def content_of(snapshot: SnapshotView, context: Context) -> ContentView | None:
    """Return the content that a snapshot is bound to by hand, if it is in the bundle and names its driver."""
    item = context.bundle.index.get((*SNAPSHOT_CONTENT, "", snapshot.content_name or ""))
    return next(iter(contents_of(item.resource, context)), None) if item is not None else None


def claim_of(snapshot: SnapshotView, context: Context) -> PersistentVolumeClaim | None:
    """Return the claim that a snapshot is of, if it is in the bundle."""
    name = snapshot.claim_name
    return lookup(PersistentVolumeClaim, name, context, snapshot.resource.namespace) if name else None
