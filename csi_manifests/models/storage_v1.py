"""How volumes are made and attached, as ``storage.k8s.io/v1`` defines it."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.scheduling import TopologySelectorTerm
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DnsSubdomain, DriverName, NonEmpty, Provisioner, Time


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


class VolumeAttachmentSource(Model):
    """What is to be attached."""

    persistent_volume_name: Annotated[DnsSubdomain, Names("PersistentVolume", required=False)] | None = None


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
