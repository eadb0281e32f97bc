"""What the storage systems that Kubernetes 1.13 knows by itself say differently in a PersistentVolume."""

from csi_manifests.models.base import Model
from csi_manifests.models.core_v1.references import ObjectReference, SecretReference
from csi_manifests.models.scalars import DnsLabel, Int32, NonEmpty, OrBlank


class ISCSIPersistentVolumeSource(Model):
    """A disk over iSCSI, with its Secret in any namespace."""

    target_portal: str
    portals: list[str] | None = None
    iqn: str
    lun: Int32
    """0 to 255."""
    iscsi_interface: str | None = None
    initiator_name: str | None = None
    chap_auth_discovery: bool | None = None
    chap_auth_session: bool | None = None
    secret_ref: SecretReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class CephFSPersistentVolumeSource(Model):
    """A directory of CephFS, with its Secret in any namespace."""

    monitors: list[str]
    path: str | None = None
    user: str | None = None
    secret_file: str | None = None
    secret_ref: SecretReference | None = None
    read_only: bool | None = None


class RBDPersistentVolumeSource(Model):
    """A block device of Ceph RBD, with its Secret in any namespace."""

    monitors: list[str]
    pool: str | None = None
    image: str
    user: str | None = None
    keyring: str | None = None
    secret_ref: SecretReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class GlusterfsPersistentVolumeSource(Model):
    """A volume of GlusterFS, found through an Endpoints object of any namespace."""

    endpoints: str
    endpoints_namespace: DnsLabel | None = None
    """Absent means the claim's."""
    path: str
    read_only: bool | None = None


class AzureFilePersistentVolumeSource(Model):
    """A file share of Azure, mounted with the account in a Secret of any namespace."""

    secret_name: NonEmpty
    secret_namespace: NonEmpty | None = None
    """Absent means the claim's."""
    share_name: str
    read_only: bool | None = None


class CinderPersistentVolumeSource(Model):
    """A volume of OpenStack Cinder, with its Secret in any namespace."""

    volume_id: str
    fs_type: str | None = None
    secret_ref: SecretReference | None = None
    read_only: bool | None = None


class ScaleIOPersistentVolumeSource(Model):
    """A volume of ScaleIO, with its Secret in any namespace."""

    gateway: str
    system: str
    secret_ref: SecretReference
    ssl_enabled: bool | None = None
    protection_domain: str | None = None
    storage_pool: str | None = None
    storage_mode: str | None = None
    volume_name: str | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class StorageOSPersistentVolumeSource(Model):
    """A volume of StorageOS, with its Secret in any namespace."""

    volume_name: DnsLabel | None = None
    volume_namespace: OrBlank[DnsLabel] = None
    secret_ref: ObjectReference | None = None
    fs_type: str | None = None
    read_only: bool | None = None


class FlexPersistentVolumeSource(Model):
    """A volume of a FlexVolume driver, with its Secret in any namespace."""

    driver: str
    fs_type: str | None = None
    secret_ref: SecretReference | None = None
    options: dict[str, str] | None = None
    read_only: bool | None = None
