"""Claims: how pods ask for volumes."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.containers import ResourceRequirements
from csi_manifests.models.core_v1.references import TypedLocalObjectReference, TypedObjectReference
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import ResourceList, Time

AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
VolumeMode = Literal["Filesystem", "Block"]
_ATTRIBUTES = Names("VolumeAttributesClass", group="storage.k8s.io", required=False)


class PersistentVolumeClaimSpec(Model):
    """What volume is wanted; fixed once created, but for a greater size."""

    storage_class_name: Annotated[str, Names("StorageClass", group="storage.k8s.io")] | None = None
    """The class to make the volume with. Absent means the default class; ``""`` means none: a volume made by hand."""
    data_source: TypedLocalObjectReference | None = None
    """What the new volume begins with: a VolumeSnapshot, or from 1.15 another claim, of the same namespace.

    Needs the gate VolumeSnapshotDataSource on the API server before 1.17, for a claim VolumePVCDataSource before 1.16.
    Without it, 1.13 refuses the claim with 422; 1.14 to 1.16 drop the field, and the volume comes up empty.
    """
    data_source_ref: TypedObjectReference | None = None
    """The same, for any kind and, with a gate, any namespace; the server makes the two equal where it can.

    From 1.22, with the gate AnyVolumeDataSource; on from 1.24.
    """
    access_modes: list[AccessMode] | None = None
    """From how many nodes at once; at least one mode is required. ``ReadWriteOncePod``, on from 1.27, is alone."""
    volume_mode: VolumeMode | None = None
    """Absent means ``Filesystem``; ``Block`` gives the bare device, through a container's ``volume_devices``."""
    volume_attributes_class_name: Annotated[str, _ATTRIBUTES] | None = None
    """The class of attributes that can change later, such as the speed; absent means none.

    From 1.29, with the gate VolumeAttributesClass; on from 1.34.
    """
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


class ModifyVolumeStatus(Model):
    """How far a change of the volume's attributes has come."""

    status: str
    """``Pending``, ``InProgress`` or ``Infeasible``."""
    target_volume_attributes_class_name: str | None = None


class VolumeHealthCondition(Model):
    """One thing that is wrong with a volume."""

    status: str
    """``Inaccessible``, ``DataLoss`` or ``Degraded``."""
    reason: str
    """One word."""
    message: str | None = None


class VolumeHealthStatus(Model):
    """What is wrong with a volume, as the driver's controller sees it."""

    health_conditions: list[VolumeHealthCondition] | None = None
    """Empty means nothing."""
    last_transition_time: Time | None = None


class PersistentVolumeClaimStatus(Model):
    """What the claim got."""

    phase: str | None = None
    """``Pending``, ``Bound`` or ``Lost``."""
    access_modes: list[AccessMode] | None = None
    capacity: ResourceList | None = None
    """The real size, in bytes, which may be more than was asked for."""
    conditions: list[PersistentVolumeClaimCondition] | None = None
    allocated_resources: ResourceList | None = None
    """The size that is being made, or was last tried."""
    allocated_resource_statuses: dict[str, str] | None = None
    """How far each resource has grown, such as ``NodeResizePending`` for ``storage``."""
    resize_status: str | None = None
    """The same before 1.28."""
    current_volume_attributes_class_name: str | None = None
    """The class whose attributes the volume has."""
    modify_volume_status: ModifyVolumeStatus | None = None
    """Absent means that no change is on its way."""
    health_status: VolumeHealthStatus | None = None
    """From 1.37."""


class PersistentVolumeClaim(Resource):
    """A wish for a volume, and what came of it."""

    API_VERSION: ClassVar[str] = "v1"

    spec: PersistentVolumeClaimSpec | None = None
    status: PersistentVolumeClaimStatus | None = None


class PersistentVolumeClaimTemplate(Model):
    """The claim that is made for one pod."""

    metadata: ObjectMeta | None = None
    """Labels and annotations for the claim; it is named after pod and volume."""
    spec: PersistentVolumeClaimSpec
