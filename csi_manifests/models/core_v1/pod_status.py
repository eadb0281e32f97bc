"""What became of a pod, as the kubelet reports it."""

from csi_manifests.models.base import Model
from csi_manifests.models.core_v1.claims import VolumeHealthCondition
from csi_manifests.models.core_v1.containers import ResourceRequirements
from csi_manifests.models.scalars import Int32, Int64, Quantity, ResourceList, Time


class ContainerStateWaiting(Model):
    """Why a container does not run yet."""

    reason: str | None = None
    """One word, such as ``ContainerCreating`` while volumes are mounted, or ``CrashLoopBackOff``."""
    message: str | None = None


class ContainerStateRunning(Model):
    """Since when a container runs."""

    started_at: Time | None = None


class ContainerStateTerminated(Model):
    """How a container ended."""

    exit_code: Int32
    signal: Int32 | None = None
    reason: str | None = None
    """One word, such as ``Completed``, ``Error`` or ``OOMKilled``."""
    message: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    container_id: str | None = None


class ContainerState(Model):
    """What a container does; at most one of the three, and none means waiting."""

    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ImageVolumeStatus(Model):
    """The image that a volume of kind ``image`` holds."""

    image_ref: str
    """With its digest."""


class VolumeStatus(Model):
    """What there is to say of a volume of this sort."""

    image: ImageVolumeStatus | None = None


class VolumeMountStatus(Model):
    """A mount as it was made."""

    name: str
    mount_path: str
    read_only: bool | None = None
    recursive_read_only: str | None = None
    """``Disabled`` or ``Enabled``: what came of ``IfPossible``."""
    volume_status: VolumeStatus | None = None


class ResourceHealth(Model):
    """How a device fares."""

    resource_id: str
    health: str | None = None
    """``Healthy``, ``Unhealthy`` or ``Unknown``."""
    message: str | None = None


class ResourceStatus(Model):
    """How the devices of a resource fare."""

    name: str
    """The resource, or ``claim:NAME/REQUEST``."""
    resources: list[ResourceHealth] | None = None


class LinuxContainerUser(Model):
    """The ids of a container's first process."""

    uid: Int64
    gid: Int64
    supplemental_groups: list[Int64] | None = None


class ContainerUser(Model):
    """As whom a container's first process started."""

    linux: LinuxContainerUser | None = None


class ContainerStatus(Model):
    """How one container fares."""

    name: str
    image: str
    image_id: str
    container_id: str | None = None
    ready: bool
    started: bool | None = None
    """Whether its startup probe has succeeded."""
    restart_count: Int32
    state: ContainerState | None = None
    last_state: ContainerState | None = None
    """How it ended before its last restart."""
    allocated_resources: ResourceList | None = None
    """What the node has set aside for it."""
    allocated_resources_status: list[ResourceStatus] | None = None
    resources: ResourceRequirements | None = None
    """What it runs with, which lags behind a change of the spec."""
    volume_mounts: list[VolumeMountStatus] | None = None
    user: ContainerUser | None = None
    stop_signal: str | None = None


class PodCondition(Model):
    """One yes or no about a pod, such as ``PodScheduled`` or ``Ready``."""

    type: str
    status: str
    """``True``, ``False`` or ``Unknown``, as a text."""
    last_probe_time: Time | None = None
    last_transition_time: Time | None = None
    reason: str | None = None
    message: str | None = None
    observed_generation: Int64 | None = None
    """The generation of the pod that it is about."""


class PodIP(Model):
    """An address of a pod."""

    ip: str | None = None


class HostIP(Model):
    """An address of a pod's node."""

    ip: str | None = None


class PodResourceClaimStatus(Model):
    """The ResourceClaim that was made for a pod's claim."""

    name: str
    resource_claim_name: str | None = None
    """Absent means that none was needed."""


class ContainerExtendedResourceRequest(Model):
    """Which request of a claim stands for a resource of a container."""

    container_name: str
    resource_name: str
    request_name: str


class PodExtendedResourceClaimStatus(Model):
    """The ResourceClaim that was made for resources which containers ask for by name."""

    request_mappings: list[ContainerExtendedResourceRequest]
    resource_claim_name: str


class NodeAllocatableMappedResources(Model):
    """An amount of the node's own resources that a claim takes."""

    name: str
    quantity: Quantity


class NodeAllocatableOverheadResources(Model):
    """An amount that the use of a claim costs besides."""

    name: str
    per_container: Quantity | None = None
    per_pod: Quantity | None = None


class NodeAllocatableResourceClaimStatus(Model):
    """What a claim takes of the node's own resources, such as cores and memory."""

    resource_claim_name: str
    containers: list[str] | None = None
    """Those that use the claim."""
    resources: ResourceList | None = None
    """The amounts in 1.36."""
    mapping: list[NodeAllocatableMappedResources] | None = None
    overhead: list[NodeAllocatableOverheadResources] | None = None


class PodVolumeHealth(Model):
    """What is wrong with a volume of a pod, as the node sees it."""

    name: str
    """The volume, as the pod calls it."""
    health_conditions: list[VolumeHealthCondition] | None = None
    """Empty means nothing."""
    last_transition_time: Time | None = None


class PodStatus(Model):
    """How far a pod has come."""

    phase: str | None = None
    """``Pending``, ``Running``, ``Succeeded``, ``Failed`` or ``Unknown``; running does not mean ready."""
    conditions: list[PodCondition] | None = None
    reason: str | None = None
    message: str | None = None
    start_time: Time | None = None
    """When the kubelet took it on, before any image was pulled."""
    host_ip: str | None = None
    host_ips: list[HostIP] | None = None
    """The same for each IP family."""
    pod_ip: str | None = None
    pod_ips: list[PodIP] | None = None
    """The same for each IP family."""
    nominated_node_name: str | None = None
    """Where room is being made for it."""
    qos_class: str | None = None
    """``Guaranteed``, ``Burstable`` or ``BestEffort``: who goes last when a node runs out of memory."""
    init_container_statuses: list[ContainerStatus] | None = None
    container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None
    observed_generation: Int64 | None = None
    """The generation of the pod that all this is about."""
    resize: str | None = None
    """What came of a change of resources, before 1.33; since then two conditions tell."""
    allocated_resources: ResourceList | None = None
    """What the node has set aside for the pod as a whole."""
    resources: ResourceRequirements | None = None
    """What the pod as a whole runs with."""
    resource_claim_statuses: list[PodResourceClaimStatus] | None = None
    extended_resource_claim_status: PodExtendedResourceClaimStatus | None = None
    node_allocatable_resource_claim_statuses: list[NodeAllocatableResourceClaimStatus] | None = None
    volume_health: list[PodVolumeHealth] | None = None
    """From 1.37."""
