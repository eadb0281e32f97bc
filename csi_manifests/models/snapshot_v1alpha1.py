"""Volume snapshots, as external-snapshotter 0.4 and 1.x know them.

Source: ``kubernetes-csi/external-snapshotter`` at v0.4.1 and v1.0.1, ``pkg/apis/volumesnapshot/v1alpha1/types.go``; each
model is the union of both.
"""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.references import ObjectReference, TypedLocalObjectReference
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DriverName, Int64, Quantity, Time
from csi_manifests.models.storage_v1 import VolumeError

DeletionPolicy = Literal["Delete", "Retain"]
_CLASS = Names("VolumeSnapshotClass", group="snapshot.storage.k8s.io")
_CONTENT = Names("VolumeSnapshotContent", group="snapshot.storage.k8s.io", required=False)


class VolumeSnapshotClass(Resource):
    """How snapshots are made: which driver, with which parameters."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1alpha1"

    snapshotter: DriverName
    """The CSI driver's own name; must equal the provisioner of the claims' StorageClass."""
    parameters: dict[str, str] | None = None
    """Handed to the driver unread. Values are strings: quote numbers and booleans."""
    deletion_policy: DeletionPolicy | None = None
    """What becomes of the snapshot in the backend; from external-snapshotter 1.0, before always ``Delete``."""


class VolumeSnapshotStatus(Model):
    """How far a snapshot has come."""

    creation_time: Time | None = None
    restore_size: Quantity | None = None
    """The least size of a claim restored from it."""
    ready: bool | None = None
    """Whether it can be restored from, as 0.4 says it."""
    ready_to_use: bool | None = None
    """Whether it can be restored from, as 1.x says it."""
    error: VolumeError | None = None
    """Why it failed; 0.4 never tries again once this is set, so delete the snapshot and create it anew."""


class VolumeSnapshotSpec(Model):
    """What is to be a snapshot of what."""

    snapshot_class_name: Annotated[str, _CLASS] | None = None
    """The VolumeSnapshotClass; absent means the default class of the claim's driver."""
    source: TypedLocalObjectReference | None = None
    """The claim to take the snapshot of, in the snapshot's own namespace. It must be bound, or the snapshot fails."""
    snapshot_content_name: Annotated[str, _CONTENT] | None = None
    """The VolumeSnapshotContent this is bound to."""


class VolumeSnapshot(Resource):
    """A wish for a snapshot of a claim, and what came of it."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1alpha1"

    spec: VolumeSnapshotSpec
    status: VolumeSnapshotStatus | None = None


class CSIVolumeSnapshotSource(Model):
    """A snapshot in the driver's backend."""

    driver: DriverName
    snapshot_handle: str
    """The driver's own name for it."""
    creation_time: Int64 | None = None
    """Nanoseconds since 1970."""
    restore_size: Int64 | None = None
    """The least size of a volume made from it, in bytes; a number, not a quantity."""


class VolumeSnapshotContentSpec(Model):
    """The snapshot in the backend, and the objects it belongs to."""

    csi_volume_snapshot_source: CSIVolumeSnapshotSource | None = None
    volume_snapshot_ref: ObjectReference | None = None
    """The VolumeSnapshot this is bound to; to bind one by hand, both must name each other."""
    persistent_volume_ref: ObjectReference | None = None
    """The volume it was taken of."""
    snapshot_class_name: Annotated[str, _CLASS] | None = None
    deletion_policy: DeletionPolicy | None = None
    """What becomes of the snapshot in the backend; from external-snapshotter 1.0, before always ``Delete``."""


class VolumeSnapshotContent(Resource):
    """A snapshot that exists; to a VolumeSnapshot what a PersistentVolume is to a claim."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1alpha1"

    spec: VolumeSnapshotContentSpec
