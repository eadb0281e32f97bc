"""The volumes of a pod: what they are made of."""

from typing import Annotated, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import PersistentVolumeClaimTemplate
from csi_manifests.models.core_v1.references import LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector
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
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.scalars import DnsLabel, DriverName, Int32, Int64, NonEmpty, OrBlank, Quantity

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
    mode: Int32 | None = None
    """Permission bits of the directory, 0 to 01777; a plain number: absent means 511, which is 0777. From 1.37."""


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
    user: Int64 | None = None
    """The user id that owns the file; absent means the default of the volume. From 1.37."""


class ConfigMapVolumeSource(Model):
    """A ConfigMap as files, which follow its changes within minutes."""

    name: Annotated[NonEmpty, _CONFIG_MAP] | None = None
    items: list[KeyToPath] | None = None
    """Which keys, and where; absent means all, each under its own name."""
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    default_user: Int64 | None = None
    """The user id that owns the files; from 1.37."""
    optional: bool | None = None
    """Whether the pod starts without it; else it waits."""


class SecretVolumeSource(Model):
    """A Secret as files in memory, which follow its changes within minutes."""

    secret_name: Annotated[NonEmpty, _SECRET] | None = None
    items: list[KeyToPath] | None = None
    """Which keys, and where; absent means all, each under its own name."""
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    default_user: Int64 | None = None
    """The user id that owns the files; from 1.37."""
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
    user: Int64 | None = None
    """The user id that owns the file; absent means the default of the volume. From 1.37."""


class DownwardAPIVolumeSource(Model):
    """Files that tell about the pod."""

    items: list[DownwardAPIVolumeFile] | None = None
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    default_user: Int64 | None = None
    """The user id that owns the files; from 1.37."""


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
    user: Int64 | None = None
    """The user id that owns the file; absent means the default of the volume. From 1.37."""


class ClusterTrustBundleProjection(Model):
    """Certificates to trust, as a file that follows their changes; by name, or by signer and labels."""

    name: Annotated[str, Names("ClusterTrustBundle", group="certificates.k8s.io", required=False)] | None = None
    signer_name: str | None = None
    """All bundles of the signer that the selector selects, as one."""
    label_selector: LabelSelector | None = None
    """Absent selects nothing, an empty one everything."""
    optional: bool | None = None
    """Whether the pod starts without it; else it waits."""
    path: NonEmpty
    """Relative to the mount, without ``..``."""
    user: Int64 | None = None
    """The user id that owns the file; absent means the default of the volume. From 1.37."""


class PodCertificateProjection(Model):
    """A key and a certificate of the pod's own, which the kubelet asks for and renews."""

    signer_name: str
    """Who signs, such as ``example.com/service``."""
    key_type: str
    """``RSA3072``, ``RSA4096``, ``ECDSAP256``, ``ECDSAP384``, ``ECDSAP521`` or ``ED25519``."""
    max_expiration_seconds: Int32 | None = None
    """Seconds that the certificate may be valid, at least 3600; absent means 86400."""
    credential_bundle_path: str | None = None
    """The file for the key and the certificates together; relative to the mount, as the next two."""
    key_path: str | None = None
    """The file for the key alone, which may for a moment not fit the certificates'."""
    certificate_chain_path: str | None = None
    """The file for the certificates alone."""
    user_annotations: dict[str, str] | None = None
    """Notes for the signer."""
    user: Int64 | None = None
    """The user id that owns the file; absent means the default of the volume. From 1.37."""


class VolumeProjection(Model):
    """One part of a projected volume; exactly one of the six."""

    config_map: ConfigMapProjection | None = None
    secret: SecretProjection | None = None
    downward_api: DownwardAPIProjection | None = None
    service_account_token: ServiceAccountTokenProjection | None = None
    cluster_trust_bundle: ClusterTrustBundleProjection | None = None
    """From 1.29, with the gate ClusterTrustBundleProjection; on from 1.37."""
    pod_certificate: PodCertificateProjection | None = None
    """From 1.34, with the gate PodCertificateRequest; on from 1.37."""


class ProjectedVolumeSource(Model):
    """Files from several sources in one directory."""

    sources: list[VolumeProjection] | None = None
    default_mode: Int32 | None = None
    """Permission bits, 0 to 0777; a plain number: absent means 420, which is 0644."""
    default_user: Int64 | None = None
    """The user id that owns the files; from 1.37."""


class CSIVolumeSource(Model):
    """A volume that a CSI driver makes as the pod starts and that goes with it; the driver must be able to."""

    driver: DriverName
    """The driver's own name; its CSIDriver must list ``Ephemeral`` among its ``volume_lifecycle_modes``."""
    read_only: bool | None = None
    fs_type: str | None = None
    """The file system, such as ``ext4``; absent leaves it to the driver."""
    volume_attributes: dict[str, str] | None = None
    """Handed to the driver unread. Values are strings: quote numbers and booleans."""
    node_publish_secret_ref: LocalObjectReference | None = None
    """For the mount, read by the kubelet; a Secret of the pod's namespace."""


class EphemeralVolumeSource(Model):
    """A volume of any driver, through a claim that is made for the pod and goes with it."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = None
    """Required. The claim is named ``<pod>-<volume>``."""
    read_only: bool | None = None
    """Whether every mount of it is read-only; in 1.19 and 1.20."""


class ImageVolumeSource(Model):
    """The files of a container image or another OCI artifact, read-only."""

    reference: str | None = None
    """Registry, name and tag, as for a container."""
    pull_policy: OrBlank[Literal["Always", "IfNotPresent", "Never"]] = None
    """Absent means ``Always`` for the tag ``latest`` or none, else ``IfNotPresent``."""


class Volume(Model):
    """A volume that the pod's containers may mount: a name and exactly one source."""

    name: DnsLabel
    """What mounts call it by; unique in the pod."""
    host_path: HostPathVolumeSource | None = None
    empty_dir: EmptyDirVolumeSource | None = None
    """Also what a volume without any source is."""
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    """The only way to a CSI volume before 1.14."""
    csi: CSIVolumeSource | None = None
    """From 1.14, with the gate CSIInlineVolume; on from 1.16."""
    ephemeral: EphemeralVolumeSource | None = None
    """From 1.19, with the gate GenericEphemeralVolume; on from 1.21."""
    image: ImageVolumeSource | None = None
    """From 1.31, with the gate ImageVolume; on from 1.35."""
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
