"""Claims: how pods ask for volumes."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.containers import ResourceRequirements
from csi_manifests.models.core_v1.references import TypedLocalObjectReference
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import ResourceList, Time

AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"]
VolumeMode = Literal["Filesystem", "Block"]


class PersistentVolumeClaimSpec(Model):
    """What volume is wanted; fixed once created, but for a greater size."""

    storage_class_name: Annotated[str, Names("StorageClass", group="storage.k8s.io")] | None = None
    """The class to make the volume with. Absent means the default class; ``""`` means none: a volume made by hand."""
    data_source: TypedLocalObjectReference | None = None
    """What the new volume begins with: a VolumeSnapshot, or from 1.15 another claim, of the same namespace.

    Needs the gate VolumeSnapshotDataSource on the API server before 1.17, for a claim VolumePVCDataSource before 1.16.
    Without it, 1.13 refuses the claim with 422; 1.14 to 1.16 drop the field, and the volume comes up empty.
    """
    access_modes: list[AccessMode] | None = None
    """From how many nodes at once; at least one mode is required."""
    volume_mode: VolumeMode | None = None
    """Absent means ``Filesystem``; ``Block`` gives the bare device, through a container's ``volume_devices``."""
    resources: ResourceRequirements | None = None
    """The size, as ``requests["storage"]`` in bytes; required. No restored claim may be smaller than its snapshot."""
    selector: LabelSelector | None = None
    """Chooses among the volumes that exist. No driver makes a volume for a claim that has one."""
    volume_name: Annotated[str, Names("PersistentVolume", required=False)] | None = None
    """The PersistentVolume it is bound to; write it only to ask for that very volume."""


class PersistentVolumeClaimCondition(Model):
    """How far a growing volume has come."""

    type: str
    status: str
    last_probe_time: Time | None = None
    last_transition_time: Time | None = None
    reason: str | None = None
    message: str | None = None


class PersistentVolumeClaimStatus(Model):
    """What the claim got."""

    phase: str | None = None
    """``Pending``, ``Bound`` or ``Lost``."""
    access_modes: list[AccessMode] | None = None
    capacity: ResourceList | None = None
    """The real size, in bytes, which may be more than was asked for."""
    conditions: list[PersistentVolumeClaimCondition] | None = None


class PersistentVolumeClaim(Resource):
    """A wish for a volume, and what came of it."""

    API_VERSION: ClassVar[str] = "v1"

    spec: PersistentVolumeClaimSpec | None = None
    status: PersistentVolumeClaimStatus | None = None
