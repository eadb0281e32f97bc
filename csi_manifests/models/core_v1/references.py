"""How one object points at another, at a key inside it, or at one of its own fields."""

from typing import Annotated

from csi_manifests.models.base import Model, Names
from csi_manifests.models.scalars import ConfigKey, DnsLabel, DnsSubdomain, NonEmpty, OrBlank, Quantity

_CONFIG_MAP = Names("ConfigMap", required=False)
_SECRET = Names("Secret", required=False)


class LocalObjectReference(Model):
    """The name of an object in the same namespace; the field that holds it says of which kind."""

    name: str | None = None


class ObjectReference(Model):
    """Any object of the cluster, as far as it is known: servers fill in all of it, people kind, namespace and name."""

    api_version: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None
    """Ties the reference to one life of the object: another of the same name does not fit."""
    resource_version: str | None = None
    field_path: str | None = None
    """A part of the object, such as ``spec.containers{hostpath}``."""


class SecretReference(Model):
    """A Secret in any namespace."""

    name: OrBlank[Annotated[DnsSubdomain, _SECRET]] = None
    namespace: OrBlank[DnsLabel] = None
    """Not optional in the references of a CSI volume: nothing stands in for it there."""


class TypedLocalObjectReference(Model):
    """An object of any kind in the same namespace."""

    name: Annotated[NonEmpty, Names()]
    kind: str
    api_group: str | None = None
    """The group without a version, such as ``snapshot.storage.k8s.io``; absent or empty means the core group."""


class TypedObjectReference(Model):
    """An object of any kind, in any namespace."""

    name: Annotated[NonEmpty, Names()]
    kind: str
    api_group: str | None = None
    """The group without a version, such as ``snapshot.storage.k8s.io``; absent or empty means the core group."""
    namespace: OrBlank[DnsLabel] = None
    """Absent means the same namespace. Another must allow it by a ReferenceGrant, and the gate must be on.

    The gate is CrossNamespaceVolumeDataSource, from 1.26 on; without it the server drops the field.
    """


class ConfigMapKeySelector(Model):
    """One value of a ConfigMap in the same namespace."""

    name: Annotated[DnsSubdomain, _CONFIG_MAP] | None = None
    key: ConfigKey
    optional: bool | None = None
    """Whether a container starts without the value; else it waits until map and key exist."""


class SecretKeySelector(Model):
    """One value of a Secret in the same namespace."""

    name: Annotated[DnsSubdomain, _SECRET] | None = None
    key: ConfigKey
    optional: bool | None = None
    """Whether a container starts without the value; else it waits until secret and key exist."""


class FileKeySelector(Model):
    """One value of a file of ``NAME=value`` lines in a volume of the pod."""

    volume_name: DnsLabel
    """The volume, an ``empty_dir`` that an init container has written to."""
    path: NonEmpty
    """The file, relative to the volume, without ``..``."""
    key: NonEmpty
    optional: bool | None = None
    """Whether a container starts without the value; absent means no."""


class ObjectFieldSelector(Model):
    """One of the pod's own fields."""

    api_version: str | None = None
    """The version whose field names are meant; absent means ``v1``."""
    field_path: str
    """Such as ``spec.nodeName``, ``metadata.namespace``, ``status.podIP`` or ``metadata.labels['app']``."""


class ResourceFieldSelector(Model):
    """An amount that a container requests or is limited to."""

    container_name: str | None = None
    """Required in a volume; in an environment absent means the container itself."""
    resource: str
    """``limits`` or ``requests``, a dot, and ``cpu``, ``memory`` or ``ephemeral-storage``."""
    divisor: Quantity | None = None
    """The unit of the result, which is rounded up: ``1m`` gives millicores, ``1Mi`` mebibytes; absent means 1."""
