"""Drivers, the nodes they run on, and how volumes are made and attached, as ``storage.k8s.io/v1`` defines it."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import AccessMode, VolumeMode
from csi_manifests.models.core_v1.persistent_volumes import PersistentVolumeSpec
from csi_manifests.models.core_v1.scheduling import TopologySelectorTerm
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import (
    Count,
    DnsSubdomain,
    DriverName,
    Int32,
    Int64,
    NonEmpty,
    Provisioner,
    Quantity,
    Time,
)


class StorageClass(Resource):
    """How volumes are made: which driver, with which parameters. Most of it cannot be changed: delete and create anew."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    provisioner: Provisioner
    """The CSI driver's own name; must equal what the driver reports, e.g. ``csi-hostpath``."""
    parameters: dict[str, str] | None = None
    """Handed to the driver unread. Values are strings: quote numbers and booleans."""
    reclaim_policy: Literal["Delete", "Retain", ""] | None = None
    """What becomes of a volume once its claim is deleted; absent means ``Delete``, empty does not."""
    volume_binding_mode: Literal["Immediate", "WaitForFirstConsumer"] | None = None
    """Whether a claim gets its volume at once or when a pod is scheduled that uses it; absent means ``Immediate``."""
    allow_volume_expansion: bool | None = None
    """Whether claims may grow later; the driver must be able to."""
    mount_options: list[str] | None = None
    """Options of ``mount``, which nobody checks: a wrong one shows only when a pod starts."""
    allowed_topologies: list[TopologySelectorTerm] | None = None
    """Where volumes may be made; absent means anywhere."""


class VolumeAttributesClass(Resource):
    """Attributes of volumes that can change later, such as the speed; on from 1.34."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    driver_name: DriverName
    """The CSI driver's own name; equal to the provisioner of the volumes' StorageClass."""
    parameters: dict[str, str] | None = None
    """Handed to the driver unread, and never changed: a claim is given another class instead."""


class VolumeAttachmentSource(Model):
    """What is to be attached."""

    persistent_volume_name: Annotated[DnsSubdomain, Names("PersistentVolume", required=False)] | None = None
    inline_volume_spec: PersistentVolumeSpec | None = None
    """A volume without an object: one that a pod names itself, of a plugin that a CSI driver replaces."""


class VolumeAttachmentSpec(Model):
    """Which volume, to which node, by whom; never changed."""

    attacher: DriverName
    """The CSI driver's own name; its csi-attacher acts on this object."""
    node_name: NonEmpty
    source: VolumeAttachmentSource


class VolumeError(Model):
    """Why the last try failed."""

    time: Time | None = None
    message: str | None = None
    error_code: Int32 | None = None
    """The code of gRPC that the driver answered with."""


class VolumeAttachmentStatus(Model):
    """How far the csi-attacher has come."""

    attached: bool
    attachment_metadata: dict[str, str] | None = None
    """What the driver said of the attachment, for those who mount it."""
    attach_error: VolumeError | None = None
    detach_error: VolumeError | None = None


class VolumeAttachment(Resource):
    """The wish of the controller manager that a volume be attached to a node, and what came of it."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    spec: VolumeAttachmentSpec
    status: VolumeAttachmentStatus | None = None


class TokenRequest(Model):
    """A token of a pod's account that the driver is given as it mounts."""

    audience: str
    """Who the token is for; empty means the API server."""
    expiration_seconds: Int64 | None = None
    """Seconds, at least 600; absent means 3600."""


class CSIDriverSpec(Model):
    """What the cluster is to know about a driver."""

    attach_required: bool | None = None
    """Whether volumes must be attached before they are mounted; absent means yes. Cannot be changed."""
    pod_info_on_mount: bool | None = None
    """Whether the driver is told the pod's name, namespace, UID and account as it mounts; absent means no."""
    volume_lifecycle_modes: list[Literal["Persistent", "Ephemeral"]] | None = None
    """Whether volumes are claimed, or made by the pod that names the driver; absent means ``Persistent`` only."""
    storage_capacity: bool | None = None
    """Whether pods wait until CSIStorageCapacity objects say that there is room; absent means no. On from 1.21."""
    fs_group_policy: Literal["ReadWriteOnceWithFSType", "File", "None"] | None = None
    """Which volumes are given to the pod's ``fs_group``; absent means ``ReadWriteOnceWithFSType``. On from 1.20.

    ``ReadWriteOnceWithFSType`` are those with a file system and the one access mode, ``File`` all, ``None`` none.
    """
    token_requests: list[TokenRequest] | None = None
    """Tokens of the pod's account that the driver is given as it mounts; on from 1.21."""
    requires_republish: bool | None = None
    """Whether the kubelet mounts again and again, for a driver whose volumes change; absent means no. On from 1.21."""
    se_linux_mount: bool | None = None
    """Whether volumes can be mounted with an SELinux label; absent means no."""
    node_allocatable_update_period_seconds: Int64 | None = None
    """Seconds after which the kubelet asks anew how many volumes a node can have, at least 10; absent means never."""
    service_account_token_in_secrets: bool | None = None
    """Whether the tokens come as secrets; absent means among the volume's attributes, which may be logged."""
    prevent_pod_scheduling_if_missing: bool | None = None
    """Whether pods wait for a node on which the driver runs. From 1.36."""


class CSIDriver(Resource):
    """A driver, under its own name; without one the cluster takes what is absent for granted. From 1.14."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    spec: CSIDriverSpec


class VolumeNodeResources(Model):
    """What a node can take of a driver's volumes."""

    count: Count | None = None
    """How many at once; absent means any number."""


class CSINodeDriver(Model):
    """A driver that is registered on a node."""

    name: DriverName
    node_id: NonEmpty
    """What the driver calls the node."""
    topology_keys: list[str] | None = None
    """The labels of the node that say where the driver's volumes can be reached."""
    allocatable: VolumeNodeResources | None = None


class CSINodeSpec(Model):
    """The drivers that are registered on a node."""

    drivers: list[CSINodeDriver]


class StorageHealthCondition(Model):
    """One thing that keeps a driver from serving volumes on a node."""

    status: str
    reason: str
    """One word."""
    message: str | None = None
    access_mode: AccessMode | None = None
    """The volumes that it is about; absent means all."""
    volume_mode: VolumeMode | None = None
    """The same."""
    last_transition_time: Time | None = None


class StorageHealth(Model):
    """How a driver fares on a node."""

    name: str
    health_conditions: list[StorageHealthCondition] | None = None
    """Empty means well."""


class CSINodeStatus(Model):
    """How the drivers of a node fare; from 1.37."""

    storage_health: list[StorageHealth] | None = None


class CSINode(Resource):
    """What the kubelet writes of the drivers on its node, under the node's name. From 1.14."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    spec: CSINodeSpec
    status: CSINodeStatus | None = None


class CSIStorageCapacity(Resource):
    """How much room a driver has for volumes of a class, in one part of the cluster; csi-provisioner writes it."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"

    node_topology: LabelSelector | None = None
    """The nodes that can reach it; absent means none."""
    storage_class_name: Annotated[NonEmpty, Names("StorageClass", group="storage.k8s.io", required=False)]
    capacity: Quantity | None = None
    """Bytes that are free; absent means that nobody knows, and then no volume is made there."""
    maximum_volume_size: Quantity | None = None
    """The largest volume that can be made, in bytes; absent lets ``capacity`` tell."""
