"""Volume snapshots, as ``snapshot.storage.k8s.io/v1`` defines it from external-snapshotter 4 on.

Source: ``kubernetes-csi/external-snapshotter`` at v8.6.0, ``client/apis/volumesnapshot/v1/types.go``.
"""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import VolumeMode
from csi_manifests.models.core_v1.references import ObjectReference
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DriverName, Int64, NonEmpty, Quantity, Time

DeletionPolicy = Literal["Delete", "Retain"]
_CLASS = Names("VolumeSnapshotClass", group="snapshot.storage.k8s.io")
_CONTENT = Names("VolumeSnapshotContent", group="snapshot.storage.k8s.io", required=False)


class VolumeSnapshotClass(Resource):
    """How snapshots are made: which driver, with which parameters."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1"

    driver: DriverName
    """The CSI driver's own name; must equal the provisioner of the claims' StorageClass."""
    parameters: dict[str, str] | None = None
    """Handed to the driver unread. Values are strings: quote numbers and booleans."""
    deletion_policy: DeletionPolicy
    """What becomes of the snapshot in the backend once its VolumeSnapshot is deleted."""


class VolumeSnapshotError(Model):
    """Why the last try failed."""

    time: Time | None = None
    message: str | None = None


class VolumeSnapshotSource(Model):
    """What a snapshot is of, or which snapshot it is; exactly one of the two, never changed."""

    persistent_volume_claim_name: Annotated[NonEmpty, Names("PersistentVolumeClaim", required=False)] | None = None
    """The claim to take the snapshot of, in the snapshot's own namespace."""
    volume_snapshot_content_name: Annotated[NonEmpty, _CONTENT] | None = None
    """A snapshot that is there already; it must name this VolumeSnapshot as well."""


class VolumeSnapshotSpec(Model):
    """What is to be a snapshot of what."""

    source: VolumeSnapshotSource
    volume_snapshot_class_name: Annotated[NonEmpty, _CLASS] | None = None
    """Absent means the default class of the claim's driver; empty is refused."""


class VolumeSnapshotStatus(Model):
    """How far a snapshot has come."""

    bound_volume_snapshot_content_name: str | None = None
    """The VolumeSnapshotContent this is bound to; trust it only if that names this VolumeSnapshot as well."""
    creation_time: Time | None = None
    ready_to_use: bool | None = None
    """Whether it can be restored from."""
    restore_size: Quantity | None = None
    """The least size of a claim restored from it."""
    error: VolumeSnapshotError | None = None
    volume_group_snapshot_name: str | None = None
    """The VolumeGroupSnapshot that it was taken with."""


class VolumeSnapshot(Resource):
    """A wish for a snapshot of a claim, and what came of it."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1"

    spec: VolumeSnapshotSpec
    status: VolumeSnapshotStatus | None = None


class VolumeSnapshotContentSource(Model):
    """What the driver takes a snapshot of, or which snapshot it has; exactly one of the two, never changed."""

    volume_handle: str | None = None
    """The driver's own name for the volume."""
    snapshot_handle: str | None = None
    """The driver's own name for the snapshot."""


class VolumeSnapshotContentSpec(Model):
    """The snapshot in the backend, and the VolumeSnapshot it belongs to."""

    volume_snapshot_ref: ObjectReference
    """To bind one by hand, both must name each other; say namespace and name."""
    deletion_policy: DeletionPolicy
    """What becomes of the snapshot in the backend once this object is deleted."""
    driver: DriverName
    """The CSI driver's own name."""
    volume_snapshot_class_name: Annotated[str, _CLASS] | None = None
    source: VolumeSnapshotContentSource
    source_volume_mode: VolumeMode | None = None
    """The mode of the volume it was taken of; a claim that is restored must have the same."""


class VolumeSnapshotContentStatus(Model):
    """What the driver said of the snapshot."""

    snapshot_handle: str | None = None
    """The driver's own name for it."""
    creation_time: Int64 | None = None
    """Nanoseconds since 1970."""
    restore_size: Int64 | None = None
    """The least size of a volume made from it, in bytes; a number, not a quantity."""
    ready_to_use: bool | None = None
    """Whether it can be restored from."""
    error: VolumeSnapshotError | None = None
    volume_group_snapshot_handle: str | None = None
    """The driver's own name for the group that it was taken with."""


class VolumeSnapshotContent(Resource):
    """A snapshot that exists; to a VolumeSnapshot what a PersistentVolume is to a claim."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1"

    spec: VolumeSnapshotContentSpec
    status: VolumeSnapshotContentStatus | None = None
