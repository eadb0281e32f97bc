"""The custom resources by which Kubernetes 1.12 and 1.13 know CSI drivers and the nodes they run on.

Source: ``kubernetes/csi-api`` at ``kubernetes-1.12.0`` and ``kubernetes-1.13.0``, ``pkg/apis/csi/v1alpha1/types.go``.
From 1.14 both are built in, as ``storage.k8s.io`` CSIDriver and CSINode. Neither definition requires a field, so the
server takes almost anything; required here is what the kubelet always writes.
"""

from typing import ClassVar

from csi_manifests.models.base import Model
from csi_manifests.models.resource import Resource


class CSIDriverSpec(Model):
    """What the cluster is to know about a driver."""

    attach_required: bool | None = None
    """Whether volumes must be attached before they are mounted; absent means no."""
    pod_info_on_mount_version: str | None = None
    """``v1`` hands the pod's name, namespace and UID to the driver when it mounts."""


class CSIDriver(Resource):
    """A driver, under its own name; nobody reads it without the gate CSIDriverRegistry."""

    API_VERSION: ClassVar[str] = "csi.storage.k8s.io/v1alpha1"

    spec: CSIDriverSpec | None = None


class CSIDriverInfo(Model):
    """A driver on a node, in the shape of 1.12."""

    driver: str
    node_id: str
    """What the driver calls the node."""
    topology_keys: list[str] | None = None
    """The labels of the node that say where the driver's volumes can be reached."""


class CSIDriverInfoSpec(Model):
    """A driver on a node, in the shape of 1.13."""

    name: str
    node_id: str
    topology_keys: list[str] | None = None


class CSIDriverInfoStatus(Model):
    """Whether a driver is up on a node, in the shape of 1.13."""

    name: str
    available: bool
    volume_plugin_mechanism: str | None = None
    """``in-tree`` or ``csi``: which of the two serves volumes of the plugin that this driver replaces."""


class CSINodeInfoSpec(Model):
    """The drivers that were registered on a node."""

    drivers: list[CSIDriverInfoSpec] | None = None


class CSINodeInfoStatus(Model):
    """The drivers that run on a node."""

    drivers: list[CSIDriverInfoStatus] | None = None


class CSINodeInfo(Resource):
    """What the kubelet writes of the drivers on its node, under the node's name.

    A union of two shapes: 1.12 has ``csi_drivers``, 1.13 ``spec`` and ``status``.
    """

    API_VERSION: ClassVar[str] = "csi.storage.k8s.io/v1alpha1"

    csi_drivers: list[CSIDriverInfo] | None = None
    spec: CSINodeInfoSpec | None = None
    status: CSINodeInfoStatus | None = None
