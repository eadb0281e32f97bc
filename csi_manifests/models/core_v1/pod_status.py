"""What became of a pod, as the kubelet reports it."""

from csi_manifests.models.base import Model
from csi_manifests.models.scalars import Int32, Time


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


class ContainerStatus(Model):
    """How one container fares."""

    name: str
    image: str
    image_id: str
    container_id: str | None = None
    ready: bool
    restart_count: Int32
    state: ContainerState | None = None
    last_state: ContainerState | None = None
    """How it ended before its last restart."""


class PodCondition(Model):
    """One yes or no about a pod, such as ``PodScheduled`` or ``Ready``."""

    type: str
    status: str
    """``True``, ``False`` or ``Unknown``, as a text."""
    last_probe_time: Time | None = None
    last_transition_time: Time | None = None
    reason: str | None = None
    message: str | None = None


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
    pod_ip: str | None = None
    nominated_node_name: str | None = None
    """Where room is being made for it."""
    qos_class: str | None = None
    """``Guaranteed``, ``Burstable`` or ``BestEffort``: who goes last when a node runs out of memory."""
    init_container_statuses: list[ContainerStatus] | None = None
    container_statuses: list[ContainerStatus] | None = None
