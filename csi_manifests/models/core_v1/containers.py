"""Containers: what they run, with which settings, rights, mounts and probes."""

from typing import Annotated, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.probes import Lifecycle, Probe
from csi_manifests.models.core_v1.references import (
    ConfigMapKeySelector,
    FileKeySelector,
    ObjectFieldSelector,
    ResourceFieldSelector,
    SecretKeySelector,
)
from csi_manifests.models.core_v1.security import SecurityContext
from csi_manifests.models.scalars import (
    DnsLabel,
    DnsSubdomain,
    EnvName,
    Int32,
    NonEmpty,
    OrBlank,
    OrZero,
    PortName,
    PortNumber,
    ResourceList,
)


class ContainerPort(Model):
    """A port a container listens on; only ``host_port`` does something, the rest tells readers and Services."""

    name: OrBlank[PortName] = None
    """What Services and probes may call it by; unique in the pod."""
    container_port: PortNumber
    protocol: OrBlank[Literal["TCP", "UDP", "SCTP"]] = None
    """Absent means TCP; SCTP needs the gate SCTPSupport before 1.19."""
    host_port: OrZero[PortNumber] = None
    """The same port on the node. In the node's network it must equal ``container_port``, which is also its default."""
    host_ip: str | None = None
    """The address of the node to bind to; absent means all."""


class ConfigMapEnvSource(Model):
    """All values of a ConfigMap in the same namespace."""

    name: Annotated[DnsSubdomain, Names("ConfigMap", required=False)] | None = None
    optional: bool | None = None
    """Whether the container starts without it; else it waits."""


class SecretEnvSource(Model):
    """All values of a Secret in the same namespace."""

    name: Annotated[DnsSubdomain, Names("Secret", required=False)] | None = None
    optional: bool | None = None
    """Whether the container starts without it; else it waits."""


class EnvFromSource(Model):
    """Environment variables made of all keys of a ConfigMap or a Secret; exactly one of the two."""

    prefix: OrBlank[EnvName] = None
    """Put before every key."""
    config_map_ref: ConfigMapEnvSource | None = None
    secret_ref: SecretEnvSource | None = None


class EnvVarSource(Model):
    """Where a value is taken from; exactly one of the five."""

    field_ref: ObjectFieldSelector | None = None
    """A field of the pod, such as the name of its node, which CSI drivers ask for."""
    resource_field_ref: ResourceFieldSelector | None = None
    config_map_key_ref: ConfigMapKeySelector | None = None
    secret_key_ref: SecretKeySelector | None = None
    file_key_ref: FileKeySelector | None = None
    """From 1.34, with the gate EnvFiles; on from 1.35."""


class EnvVar(Model):
    """An environment variable."""

    name: EnvName
    value: str | None = None
    """Plain text, quoted in YAML. ``$(NAME)`` stands for a variable further up; an unknown one stays as written."""
    value_from: EnvVarSource | None = None
    """Instead of ``value``."""


class ResourceClaim(Model):
    """A claim of the pod that the container uses."""

    name: DnsLabel
    """The claim, as the pod's ``resource_claims`` call it."""
    request: str | None = None
    """One request of the claim; absent means all."""


class ResourceRequirements(Model):
    """Amounts by resource: cores as ``cpu``, bytes as ``memory``; in a claim bytes as ``storage``."""

    requests: ResourceList | None = None
    """What is set aside; absent means the limits."""
    limits: ResourceList | None = None
    """What is never exceeded: a container over its memory is killed, one over its cores is slowed down."""
    claims: list[ResourceClaim] | None = None
    """Devices, which the pod claims; not in a claim for a volume."""


class VolumeMount(Model):
    """Where in a container a volume of the pod appears."""

    name: NonEmpty
    """The volume, as the pod calls it."""
    mount_path: NonEmpty
    """The path in the container, without ``:``; once only in each container."""
    sub_path: str | None = None
    """A relative path inside the volume to mount instead of its root; without ``..``."""
    sub_path_expr: str | None = None
    """The same with ``$(NAME)`` for environment variables of the container; not together with ``sub_path``."""
    mount_propagation: Literal["None", "HostToContainer", "Bidirectional"] | None = None
    """Who sees mounts made later below this path; absent means ``None``, nobody.

    ``HostToContainer`` shows the host's to the container. ``Bidirectional`` also shows the container's to the host and
    so to other pods, as a CSI driver on a node must; the server allows it in privileged containers only.
    """
    read_only: bool | None = None
    recursive_read_only: Literal["Disabled", "IfPossible", "Enabled"] | None = None
    """Whether mounts below a read-only mount are read-only as well; absent means ``Disabled``."""
    bind_mount_options: list[str] | None = None
    """Further options of the mount: ``noexec``, ``nodev``, ``nosuid``."""


class VolumeDevice(Model):
    """Where in a container a claim of mode Block appears, as a device."""

    name: NonEmpty
    """The volume, as the pod calls it; it must be a claim."""
    device_path: NonEmpty


class ContainerResizePolicy(Model):
    """What a change of a running container's resources does to it."""

    resource_name: str
    """``cpu`` or ``memory``."""
    restart_policy: Literal["NotRequired", "RestartContainer", ""]
    """Empty means ``NotRequired``."""


class ContainerRestartRuleOnExitCodes(Model):
    """The exit codes that a rule is for."""

    operator: Literal["In", "NotIn"]
    values: list[Int32] | None = None
    """At most 255."""


class ContainerRestartRule(Model):
    """What is done after certain exits of a container."""

    action: str
    """``Restart``."""
    exit_codes: ContainerRestartRuleOnExitCodes | None = None


class Container(Model):
    """One program of a pod: its image, how it is started, what it sees and may do."""

    name: DnsLabel
    """Unique in the pod, init containers included."""
    image: str | None = None
    """Registry, name and tag. Without a tag, or with ``latest``, the next start may run something else."""
    command: list[str] | None = None
    """The program, instead of the image's ENTRYPOINT. No shell reads it; ``$(NAME)`` is expanded as in ``args``."""
    args: list[str] | None = None
    """Its arguments, instead of the image's CMD.

    ``$(NAME)`` stands for the environment variable of the container; an unknown one stays as written, and ``$$(NAME)``
    gives a plain ``$(NAME)``. ``$NAME`` and ``${NAME}`` mean nothing here.
    """
    working_dir: str | None = None
    ports: list[ContainerPort] | None = None
    """For readers and Services; a port that is not listed is open all the same."""
    env_from: list[EnvFromSource] | None = None
    """Variables by the dozen; of two with the same name the later one wins, and ``env`` wins over all."""
    env: list[EnvVar] | None = None
    """Variables one by one, in order: each may use those before it."""
    resources: ResourceRequirements | None = None
    resize_policy: list[ContainerResizePolicy] | None = None
    """Whether new resources need a restart; absent means no."""
    restart_policy: Literal["Always", "OnFailure", "Never"] | None = None
    """Instead of the pod's.

    ``Always`` makes an init container a sidecar: it runs on beside the containers, and before 1.34 that is its only use.
    """
    restart_policy_rules: list[ContainerRestartRule] | None = None
    """Exceptions from ``restart_policy``; the first that fits counts."""
    image_pull_policy: OrBlank[Literal["Always", "IfNotPresent", "Never"]] = None
    """Absent means ``Always`` for the tag ``latest`` or none, else ``IfNotPresent``."""
    security_context: SecurityContext | None = None
    """Rights of this container; they count for more than the pod's."""
    volume_mounts: list[VolumeMount] | None = None
    volume_devices: list[VolumeDevice] | None = None
    liveness_probe: Probe | None = None
    """Failing, it has the container started anew."""
    readiness_probe: Probe | None = None
    """Failing, it takes the pod out of its Services, and holds up rollouts."""
    startup_probe: Probe | None = None
    """The other two wait until it succeeds once; failing, it has the container started anew. On from 1.18."""
    lifecycle: Lifecycle | None = None
    """What to do after the start and before the stop, such as removing a driver's socket."""
    termination_message_path: str | None = None
    """The file whose text, up to 4096 bytes, becomes the status message; absent means ``/dev/termination-log``."""
    termination_message_policy: OrBlank[Literal["File", "FallbackToLogsOnError"]] = None
    """``FallbackToLogsOnError`` takes the end of the log when the file is empty; absent means ``File``."""
    stdin: bool | None = None
    stdin_once: bool | None = None
    tty: bool | None = None
    """Needs ``stdin``."""
    target_container_name: str | None = None
    """Of an ephemeral container only: the container whose processes it sees."""
