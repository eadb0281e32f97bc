"""Volumes of the storage systems that Kubernetes knows by itself; a CSI driver does without them."""

from typing import Annotated, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.references import LocalObjectReference
from csi_manifests.models.scalars import DnsLabel, Int32, NonEmpty, OrBlank


class NFSVolumeSource(Model):
    """A directory that an NFS server exports."""

    server: str
    path: str
    read_only: bool | None = None


class ISCSIVolumeSource(Model):
    """A disk over iSCSI."""

    target_portal: str
    portals: list[str] | None = None
    iqn: str
    lun: Int32
    """0 to 255."""
    iscsi_interface: str | None = None
    initiator_name: str | None = None
    chap_auth_discovery: bool | None = None
    chap_auth_session: bool | None = None
    secret_ref: LocalObjectReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class FCVolumeSource(Model):
    """A disk over Fibre Channel, found by target and LUN, or by its world wide ids."""

    target_wwns: list[str] | None = None
    lun: Int32 | None = None
    """0 to 255; required beside ``target_wwns``."""
    wwids: list[str] | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class CephFSVolumeSource(Model):
    """A directory of CephFS."""

    monitors: list[str]
    path: str | None = None
    user: str | None = None
    secret_file: str | None = None
    secret_ref: LocalObjectReference | None = None
    read_only: bool | None = None


class RBDVolumeSource(Model):
    """A block device of Ceph RBD."""

    monitors: list[str]
    pool: str | None = None
    image: str
    user: str | None = None
    keyring: str | None = None
    secret_ref: LocalObjectReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class GlusterfsVolumeSource(Model):
    """A volume of GlusterFS, found through an Endpoints object."""

    endpoints: str
    path: str
    read_only: bool | None = None


class GCEPersistentDiskVolumeSource(Model):
    """A disk of Google Compute Engine, in the project and zone of the node."""

    pd_name: str
    partition: Int32 | None = None
    """From 1; absent or 0 means the whole disk."""
    fs_type: str | None = None
    read_only: bool | None = None


class AWSElasticBlockStoreVolumeSource(Model):
    """A disk of AWS, in the availability zone of the node."""

    volume_id: str
    partition: Int32 | None = None
    """From 1; absent or 0 means the whole disk."""
    fs_type: str | None = None
    read_only: bool | None = None


class AzureDiskVolumeSource(Model):
    """A disk of Azure."""

    disk_name: str
    disk_uri: str
    kind: Literal["Shared", "Dedicated", "Managed"] | None = None
    caching_mode: Literal["None", "ReadOnly", "ReadWrite"] | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class AzureFileVolumeSource(Model):
    """A file share of Azure, mounted with the account in a Secret."""

    secret_name: Annotated[NonEmpty, Names("Secret", required=False)]
    share_name: str
    read_only: bool | None = None


class CinderVolumeSource(Model):
    """A volume of OpenStack Cinder."""

    volume_id: str
    fs_type: str | None = None
    secret_ref: LocalObjectReference | None = None
    read_only: bool | None = None


class VsphereVirtualDiskVolumeSource(Model):
    """A virtual disk of vSphere."""

    volume_path: str
    fs_type: str | None = None
    storage_policy_name: str | None = None
    storage_policy_id: str | None = None


class PhotonPersistentDiskVolumeSource(Model):
    """A disk of VMware Photon."""

    pd_id: str
    fs_type: str | None = None


class PortworxVolumeSource(Model):
    """A volume of Portworx."""

    volume_id: str
    fs_type: str | None = None
    read_only: bool | None = None


class QuobyteVolumeSource(Model):
    """A volume of Quobyte."""

    registry: str
    """``host:port``, several with commas between."""
    volume: str
    user: str | None = None
    group: str | None = None
    read_only: bool | None = None
    tenant: str | None = None


class FlockerVolumeSource(Model):
    """A dataset of Flocker, by name or by id."""

    dataset_name: str | None = None
    dataset_uuid: str | None = None


class ScaleIOVolumeSource(Model):
    """A volume of ScaleIO."""

    gateway: str
    system: str
    secret_ref: LocalObjectReference
    ssl_enabled: bool | None = None
    protection_domain: str | None = None
    storage_pool: str | None = None
    storage_mode: str | None = None
    volume_name: str | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class StorageOSVolumeSource(Model):
    """A volume of StorageOS."""

    volume_name: DnsLabel | None = None
    volume_namespace: OrBlank[DnsLabel] = None
    secret_ref: LocalObjectReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class FlexVolumeSource(Model):
    """A volume of a FlexVolume driver, the plugin kind before CSI."""

    driver: str
    fs_type: str | None = None
    secret_ref: LocalObjectReference | None = None
    options: dict[str, str] | None = None
    read_only: bool | None = None


class GitRepoVolumeSource(Model):
    """A clone of a git repository, made as the pod starts; deprecated."""

    repository: str
    revision: str | None = None
    directory: str | None = None
    """Relative to the mount, without ``..``."""
