"""Which pods come first, as ``scheduling.k8s.io/v1`` defines it from 1.14 on."""

from typing import ClassVar, Literal

from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Int32


class PriorityClass(Resource):
    """How important pods are; where room is short, less important ones are stopped."""

    API_VERSION: ClassVar[str] = "scheduling.k8s.io/v1"

    value: Int32 | None = None
    """The higher, the more important; at most 1000000000. Required before 1.36; cannot be changed."""
    global_default: bool | None = None
    """Whether it is for pods that name no class; at most one class says yes."""
    description: str | None = None
    """What it is for, in words."""
    preemption_policy: Literal["PreemptLowerPriority", "Never"] | None = None
    """Whether less important pods are stopped to make room; absent means that they are. On from 1.19."""
