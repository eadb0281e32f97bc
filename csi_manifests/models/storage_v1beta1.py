"""Drivers and volumes, as ``storage.k8s.io/v1beta1`` defines it: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import storage_v1


class StorageClass(storage_v1.StorageClass):
    """How volumes are made: which driver, with which parameters. Until 1.21."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"


class VolumeAttachment(storage_v1.VolumeAttachment):
    """The wish of the controller manager that a volume be attached to a node. Until 1.21."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"


class CSIDriver(storage_v1.CSIDriver):
    """A driver, under its own name. From 1.14 to 1.21."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"


class CSINode(storage_v1.CSINode):
    """What the kubelet writes of the drivers on its node. From 1.14 to 1.21."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"


class CSIStorageCapacity(storage_v1.CSIStorageCapacity):
    """How much room a driver has for volumes of a class. From 1.21 to 1.26."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"


class VolumeAttributesClass(storage_v1.VolumeAttributesClass):
    """Attributes of volumes that can change later. From 1.31 to 1.36, where its API version is on."""

    API_VERSION: ClassVar[str] = "storage.k8s.io/v1beta1"
