"""PersistentVolumes: storage that exists, made by a driver or by hand."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import AccessMode, VolumeMode
from csi_manifests.models.core_v1.persistent_volume_backends import (
    AzureFilePersistentVolumeSource,
    CephFSPersistentVolumeSource,
    CinderPersistentVolumeSource,
    FlexPersistentVolumeSource,
    GlusterfsPersistentVolumeSource,
    ISCSIPersistentVolumeSource,
    RBDPersistentVolumeSource,
    ScaleIOPersistentVolumeSource,
    StorageOSPersistentVolumeSource,
)
from csi_manifests.models.core_v1.references import ObjectReference, SecretReference
from csi_manifests.models.core_v1.scheduling import NodeSelector
from csi_manifests.models.core_v1.volume_backends import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    FCVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from csi_manifests.models.core_v1.volumes import HostPathVolumeSource
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DriverName, NonEmpty, OrBlank, ResourceList, Time

_ATTRIBUTES = Names("VolumeAttributesClass", group="storage.k8s.io", required=False)


class CSIPersistentVolumeSource(Model):
    """A volume of a CSI driver; the first four Kubernetes must know, the rest it only passes on."""

    driver: DriverName
    """The driver's own name, as it reports it; equal to the provisioner of the volume's StorageClass."""
    volume_handle: NonEmpty
    """The driver's own name for the volume; no two PersistentVolumes may share one."""
    fs_type: str | None = None
    """The file system to make and mount, such as ``ext4``; means nothing for a volume of mode Block."""
    read_only: bool | None = None
    volume_attributes: dict[str, str] | None = None
    """What the driver said of the volume as it made it, handed back to it with every call."""
    controller_publish_secret_ref: SecretReference | None = None
    """For attaching and detaching, read by csi-attacher."""
    node_stage_secret_ref: SecretReference | None = None
    """For the first mount on a node, read by the kubelet."""
    node_publish_secret_ref: SecretReference | None = None
    """For the mount into each pod, read by the kubelet."""
    controller_expand_secret_ref: SecretReference | None = None
    """For growing the volume, read by csi-resizer."""
    node_expand_secret_ref: SecretReference | None = None
    """For growing the file system on a node, read by the kubelet."""


class LocalVolumeSource(Model):
    """A disk or directory of one node; the volume must say which by ``node_affinity``."""

    path: NonEmpty
    fs_type: str | None = None
    """For a disk; absent lets the node choose."""


class VolumeNodeAffinity(Model):
    """The nodes from which a volume can be reached; pods that use it run on no others."""

    required: NodeSelector | None = None


class PersistentVolumeSpec(Model):
    """What a volume is, how it may be used and who has it; of the sources exactly one."""

    storage_class_name: Annotated[str, Names("StorageClass", group="storage.k8s.io", required=False)] | None = None
    """The class whose claims it may serve; absent or empty means claims that ask for ``""``."""
    capacity: ResourceList | None = None
    """The size, as ``storage`` in bytes and nothing else; required."""
    access_modes: list[AccessMode] | None = None
    """From how many nodes at once; at least one mode is required."""
    volume_mode: VolumeMode | None = None
    """Absent means ``Filesystem``."""
    volume_attributes_class_name: Annotated[str, _ATTRIBUTES] | None = None
    """The class of attributes that the volume has; absent means none."""
    persistent_volume_reclaim_policy: OrBlank[Literal["Delete", "Retain", "Recycle"]] = None
    """What becomes of it when its claim is gone; absent means ``Retain``. No CSI driver can ``Recycle``."""
    mount_options: list[str] | None = None
    """Checked by nobody: a wrong one makes the mount fail."""
    claim_ref: ObjectReference | None = None
    """The claim it is bound to. Written in advance, without a uid, it keeps the volume for that claim."""
    node_affinity: VolumeNodeAffinity | None = None
    csi: CSIPersistentVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    local: LocalVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    iscsi: ISCSIPersistentVolumeSource | None = None
    fc: FCVolumeSource | None = None
    cephfs: CephFSPersistentVolumeSource | None = None
    rbd: RBDPersistentVolumeSource | None = None
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    azure_disk: AzureDiskVolumeSource | None = None
    azure_file: AzureFilePersistentVolumeSource | None = None
    cinder: CinderPersistentVolumeSource | None = None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    portworx_volume: PortworxVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    scale_i_o: ScaleIOPersistentVolumeSource | None = None
    storageos: StorageOSPersistentVolumeSource | None = None
    flex_volume: FlexPersistentVolumeSource | None = None


class PersistentVolumeStatus(Model):
    """Whether the volume is free, taken, left behind or lost."""

    phase: str | None = None
    """``Pending``, ``Available``, ``Bound``, ``Released`` or ``Failed``."""
    reason: str | None = None
    message: str | None = None
    last_phase_transition_time: Time | None = None
    """When the phase last changed."""


class PersistentVolume(Resource):
    """Storage that exists, of all namespaces; csi-provisioner makes one for each claim."""

    API_VERSION: ClassVar[str] = "v1"

    spec: PersistentVolumeSpec | None = None
    status: PersistentVolumeStatus | None = None
