"""Snapshots of several volumes at one moment, as ``groupsnapshot.storage.k8s.io/v1`` defines it.

Source: ``kubernetes-csi/external-snapshotter`` at v8.6.0, ``client/apis/volumegroupsnapshot/v1/types.go``.
"""

from typing import Annotated, ClassVar

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.references import ObjectReference
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DriverName, Int64, NonEmpty, Time
from csi_manifests.models.snapshot_v1 import DeletionPolicy, VolumeSnapshotError

_CLASS = Names("VolumeGroupSnapshotClass", group="groupsnapshot.storage.k8s.io")
_CONTENT = Names("VolumeGroupSnapshotContent", group="groupsnapshot.storage.k8s.io", required=False)


class VolumeGroupSnapshotClass(Resource):
    """How group snapshots are made: which driver, with which parameters."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1"

    driver: DriverName
    """The CSI driver's own name; must equal the provisioner of the claims' StorageClass."""
    parameters: dict[str, str] | None = None
    """Handed to the driver unread. Values are strings: quote numbers and booleans."""
    deletion_policy: DeletionPolicy
    """What becomes of the snapshots in the backend once their VolumeGroupSnapshot is deleted."""


class VolumeGroupSnapshotSource(Model):
    """What a group snapshot is of, or which one it is; exactly one of the two, never changed."""

    selector: LabelSelector | None = None
    """The claims to take snapshots of, in the same namespace and all of one driver."""
    volume_group_snapshot_content_name: Annotated[NonEmpty, _CONTENT] | None = None
    """A group snapshot that is there already; it must name this VolumeGroupSnapshot as well."""


class VolumeGroupSnapshotSpec(Model):
    """What is to be a group snapshot of what."""

    source: VolumeGroupSnapshotSource
    volume_group_snapshot_class_name: Annotated[NonEmpty, _CLASS] | None = None
    """Absent means the default class of the claims' driver; empty is refused."""


class VolumeGroupSnapshotStatus(Model):
    """How far a group snapshot has come."""

    bound_volume_group_snapshot_content_name: str | None = None
    """The VolumeGroupSnapshotContent this is bound to."""
    creation_time: Time | None = None
    ready_to_use: bool | None = None
    """Whether all of its snapshots can be restored from."""
    error: VolumeSnapshotError | None = None


class VolumeGroupSnapshot(Resource):
    """A wish for snapshots of several claims at one moment, and what came of it."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1"

    spec: VolumeGroupSnapshotSpec
    status: VolumeGroupSnapshotStatus | None = None


class GroupSnapshotHandles(Model):
    """The driver's own names for a group and for the snapshots in it."""

    volume_group_snapshot_handle: str
    volume_snapshot_handles: list[str]


class VolumeGroupSnapshotContentSource(Model):
    """What the driver takes snapshots of, or which ones it has; exactly one of the two, never changed."""

    volume_handles: list[str] | None = None
    """The driver's own names for the volumes."""
    group_snapshot_handles: GroupSnapshotHandles | None = None


class VolumeGroupSnapshotContentSpec(Model):
    """The group snapshot in the backend, and the VolumeGroupSnapshot it belongs to."""

    volume_group_snapshot_ref: ObjectReference
    """To bind one by hand, both must name each other; say namespace and name."""
    deletion_policy: DeletionPolicy
    """What becomes of the snapshots in the backend once this object is deleted."""
    driver: DriverName
    """The CSI driver's own name."""
    volume_group_snapshot_class_name: Annotated[str, _CLASS] | None = None
    source: VolumeGroupSnapshotContentSource


class VolumeSnapshotInfo(Model):
    """One snapshot of a group."""

    volume_handle: str | None = None
    """The driver's own name for the volume."""
    snapshot_handle: str | None = None
    """The driver's own name for the snapshot."""
    creation_time: Int64 | None = None
    """Nanoseconds since 1970."""
    ready_to_use: bool | None = None
    """Whether it can be restored from."""
    restore_size: Int64 | None = None
    """The least size of a volume made from it, in bytes; a number, not a quantity."""


class VolumeSnapshotHandlePair(Model):
    """One snapshot of a group, in the shape of ``v1beta1``."""

    volume_handle: str
    """The driver's own name for the volume."""
    snapshot_handle: str
    """The driver's own name for the snapshot."""


class VolumeGroupSnapshotContentStatus(Model):
    """What the driver said of the group snapshot."""

    volume_group_snapshot_handle: str | None = None
    """The driver's own name for it."""
    creation_time: Time | None = None
    ready_to_use: bool | None = None
    """Whether all of its snapshots can be restored from."""
    error: VolumeSnapshotError | None = None
    volume_snapshot_info_list: list[VolumeSnapshotInfo] | None = None
    volume_snapshot_handle_pair_list: list[VolumeSnapshotHandlePair] | None = None
    """The same in ``v1beta1``."""


class VolumeGroupSnapshotContent(Resource):
    """A group snapshot that exists; to a VolumeGroupSnapshot what a PersistentVolume is to a claim."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1"

    spec: VolumeGroupSnapshotContentSpec
    status: VolumeGroupSnapshotContentStatus | None = None
