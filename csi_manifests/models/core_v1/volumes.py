"""The volumes of a pod: what they are made of."""

from typing import Annotated, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.references import ObjectFieldSelector, ResourceFieldSelector
from csi_manifests.models.core_v1.volume_backends import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    AzureFileVolumeSource,
    CephFSVolumeSource,
    CinderVolumeSource,
    FCVolumeSource,
    FlexVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    GitRepoVolumeSource,
    GlusterfsVolumeSource,
    ISCSIVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    RBDVolumeSource,
    ScaleIOVolumeSource,
    StorageOSVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from csi_manifests.models.scalars import DnsLabel, Int32, Int64, NonEmpty, Quantity

HostPathType = Literal[
    "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"
]
# A volume's source may hold any text as a name: the server looks at it only when a pod starts.
_CONFIG_MAP = Names("ConfigMap", required=False)
_SECRET = Names("Secret", required=False)


class HostPathVolumeSource(Model):
    """A path of the node itself, the same for all pods there: the way sidecars and driver share a socket."""

    path: NonEmpty
    """Without ``..``; the server does not check that it begins with ``/``."""
    type: HostPathType | None = None
    """What must be at the path before the mount; absent or empty checks nothing.

    The pod does not start unless a ``Directory``, ``File``, ``Socket``, ``CharDevice`` or ``BlockDevice`` is there.
    ``DirectoryOrCreate`` makes an empty directory (mode 0755, owned by the kubelet), ``FileOrCreate`` an empty file.
    """


class EmptyDirVolumeSource(Model):
    """An empty directory that lives as long as the pod."""

    medium: str | None = None
    """Absent or empty means the node's disk; ``Memory`` counts towards the containers' memory; or ``HugePages``."""
    size_limit: Quantity | None = None
    """Bytes; a pod that holds more is evicted."""


class PersistentVolumeClaimVolumeSource(Model):
    """The volume that a claim in the pod's namespace is bound to; the pod waits for that."""

    claim_name: Annotated[NonEmpty, Names("PersistentVolumeClaim")]
    read_only: bool | None = None
    """Whether every mount of it is read-only."""


class KeyToPath(Model):
    """Which key becomes which file."""

    key: NonEmpty
    path: NonEmpty
    """Relative to the mount, without ``..``."""
    mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: 420 is 0644. Absent means the default of the volume."""


class ConfigMapVolumeSource(Model):
    """A ConfigMap as files, which follow its changes within minutes."""

    name: Annotated[NonEmpty, _CONFIG_MAP] | None = None
    items: list[KeyToPath] | None = None
    """Which keys, and where; absent means all, each under its own name."""
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    optional: bool | None = None
    """Whether the pod starts without it; else it waits."""


class SecretVolumeSource(Model):
    """A Secret as files in memory, which follow its changes within minutes."""

    secret_name: Annotated[NonEmpty, _SECRET] | None = None
    items: list[KeyToPath] | None = None
    """Which keys, and where; absent means all, each under its own name."""
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    optional: bool | None = None
    """Whether the pod starts without it; else it waits."""


class DownwardAPIVolumeFile(Model):
    """A file that tells something about the pod; exactly one of the two sources."""

    path: NonEmpty
    """Relative to the mount, without ``..``."""
    field_ref: ObjectFieldSelector | None = None
    """Name, namespace, uid, labels or annotations."""
    resource_field_ref: ResourceFieldSelector | None = None
    mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: 420 is 0644. Absent means the default of the volume."""


class DownwardAPIVolumeSource(Model):
    """Files that tell about the pod."""

    items: list[DownwardAPIVolumeFile] | None = None
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""


class ConfigMapProjection(Model):
    """A ConfigMap's part of a projected volume."""

    name: Annotated[NonEmpty, _CONFIG_MAP] | None = None
    items: list[KeyToPath] | None = None
    optional: bool | None = None


class SecretProjection(Model):
    """A Secret's part of a projected volume."""

    name: Annotated[NonEmpty, _SECRET] | None = None
    items: list[KeyToPath] | None = None
    optional: bool | None = None


class DownwardAPIProjection(Model):
    """The part of a projected volume that tells about the pod."""

    items: list[DownwardAPIVolumeFile] | None = None


class ServiceAccountTokenProjection(Model):
    """A token of the pod's account that expires; the kubelet renews the file in time."""

    path: NonEmpty
    """Relative to the mount, without ``..``."""
    audience: str | None = None
    """Who the token is for; absent means the API server."""
    expiration_seconds: Int64 | None = None
    """Seconds, at least 600; absent means 3600."""


class VolumeProjection(Model):
    """One part of a projected volume; exactly one of the four."""

    config_map: ConfigMapProjection | None = None
    secret: SecretProjection | None = None
    downward_api: DownwardAPIProjection | None = None
    service_account_token: ServiceAccountTokenProjection | None = None


class ProjectedVolumeSource(Model):
    """Files from several sources in one directory."""

    sources: list[VolumeProjection]
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""


class Volume(Model):
    """A volume that the pod's containers may mount: a name and exactly one source."""

    name: DnsLabel
    """What mounts call it by; unique in the pod."""
    host_path: HostPathVolumeSource | None = None
    empty_dir: EmptyDirVolumeSource | None = None
    """Also what a volume without any source is."""
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    """The only way to a CSI volume before 1.15."""
    config_map: ConfigMapVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    fc: FCVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    azure_disk: AzureDiskVolumeSource | None = None
    azure_file: AzureFileVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    portworx_volume: PortworxVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    scale_i_o: ScaleIOVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    flex_volume: FlexVolumeSource | None = None
    git_repo: GitRepoVolumeSource | None = None
