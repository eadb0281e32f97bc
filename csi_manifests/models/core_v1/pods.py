"""Pods, and the templates that workloads make them from."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeVar

from csi_manifests.errors import NotFoundError
from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.containers import Container, ResourceRequirements
from csi_manifests.models.core_v1.pod_status import PodStatus
from csi_manifests.models.core_v1.references import LocalObjectReference
from csi_manifests.models.core_v1.scheduling import Affinity, Toleration, TopologySpreadConstraint
from csi_manifests.models.core_v1.security import PodSecurityContext
from csi_manifests.models.core_v1.volumes import Volume
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import (
    DnsLabel,
    DnsSubdomain,
    Int32,
    Int64,
    Labels,
    OrBlank,
    QualifiedName,
    ResourceList,
)

_ACCOUNT = Names("ServiceAccount")
_NODE = Names("Node", required=False)
_PRIORITY = Names("PriorityClass", group="scheduling.k8s.io", required=False)
_CLAIM = Names("ResourceClaim", group="resource.k8s.io", required=False)
_CLAIM_TEMPLATE = Names("ResourceClaimTemplate", group="resource.k8s.io", required=False)
_POD_GROUP = Names("PodGroup", group="scheduling.k8s.io", required=False)
_WORKLOAD = Names("Workload", group="scheduling.k8s.io", required=False)
_RUNTIME = Names("RuntimeClass", group="node.k8s.io", required=False)
_Named = TypeVar("_Named", Container, Volume)


def _pick(noun: str, name: str, items: Sequence[_Named]) -> _Named:
    for item in items:
        if item.name == name:
            return item
    raise NotFoundError.among((item.name for item in items), noun, name, "pod")


class HostAlias(Model):
    """A line of the pod's hosts file; of no use in the node's network."""

    ip: str | None = None
    hostnames: list[DnsSubdomain] | None = None


class PodDNSConfigOption(Model):
    """An option of the resolver, such as ``ndots``."""

    name: str | None = None
    value: str | None = None
    """A text: quote numbers."""


class PodDNSConfig(Model):
    """Settings of the resolver beyond what the DNS policy gives."""

    nameservers: list[str] | None = None
    """Addresses, at most 3."""
    searches: list[str] | None = None
    """Domains to try, at most 6."""
    options: list[PodDNSConfigOption] | None = None


class PodReadinessGate(Model):
    """A condition that somebody else reports and that must be true for the pod to be ready."""

    condition_type: QualifiedName


class PodOS(Model):
    """The operating system that the pod is for."""

    name: Literal["linux", "windows"]


class ClaimSource(Model):
    """Where a claim comes from, as 1.26 to 1.30 say it; exactly one of the two."""

    resource_claim_name: Annotated[str, _CLAIM] | None = None
    resource_claim_template_name: Annotated[str, _CLAIM_TEMPLATE] | None = None


class PodResourceClaim(Model):
    """A claim of devices that containers use by its name; exactly one of the sources."""

    name: DnsLabel
    """Unique in the pod."""
    source: ClaimSource | None = None
    resource_claim_name: Annotated[str, _CLAIM] | None = None
    """A ResourceClaim that exists, which pods may share."""
    resource_claim_template_name: Annotated[str, _CLAIM_TEMPLATE] | None = None
    """From it the pod gets a ResourceClaim of its own, which goes with it."""


class PodSchedulingGate(Model):
    """Something that must be done before the pod is scheduled; whoever does it takes it off."""

    name: QualifiedName


class WorkloadReference(Model):
    """The Workload that the pod is scheduled with, in 1.35."""

    name: Annotated[DnsSubdomain, _WORKLOAD]
    pod_group: DnsLabel
    """The group of the Workload that the pod belongs to."""
    pod_group_replica_key: str | None = None
    """Which replica of the group."""


class PodSchedulingGroup(Model):
    """The pods that the pod is scheduled with."""

    pod_group_name: Annotated[DnsSubdomain, _POD_GROUP] | None = None
    """The PodGroup, in the pod's namespace."""


class EvictionResponder(Model):
    """Who is told before the pod is evicted, and may help it end in good order."""

    name: QualifiedName
    """With a domain, such as ``example.com/backup``; unique in the pod."""
    priority: Int32
    """Who is told first: the highest."""


class PodSpec(Model):
    """What runs together on one node: containers, the volumes they share, and as whom."""

    service_account_name: OrBlank[Annotated[DnsSubdomain, _ACCOUNT]] = None
    """The ServiceAccount whose rights the pod has; absent means ``default``, which has none. It must exist first."""
    service_account: OrBlank[Annotated[DnsSubdomain, _ACCOUNT]] = None
    """The deprecated name of ``service_account_name``, read only if that is absent; the server writes both."""
    automount_service_account_token: bool | None = None
    """Whether containers find the account's token as a file; absent leaves it to the account, and then means yes."""
    image_pull_secrets: list[LocalObjectReference] | None = None
    """Secrets of the same namespace with registry credentials, of type ``kubernetes.io/dockerconfigjson``."""
    priority_class_name: OrBlank[Annotated[DnsSubdomain, _PRIORITY]] = None
    """Who makes way for whom. The built-in ``system-node-critical`` and ``system-cluster-critical`` need no object.

    Before 1.17 the server allows those two in the namespace kube-system only.
    """
    priority: Int32 | None = None
    """The number behind the class, which the server fills in; a number of one's own is refused."""
    preemption_policy: Literal["PreemptLowerPriority", "Never"] | None = None
    """Whether less important pods are stopped to make room; the server fills in what the class says."""
    host_network: bool | None = None
    """Whether the pod has the node's network and no address of its own; two such pods cannot share a port."""
    host_pid: bool | None = None
    """Whether containers see all processes of the node."""
    host_ipc: bool | None = None
    share_process_namespace: bool | None = None
    """Whether containers see each other's processes; not together with ``host_pid``."""
    host_users: bool | None = None
    """Whether user ids mean the same as on the node; absent means yes. ``False`` makes root in the pod nobody outside.

    From 1.25 with a gate, from 1.28 on UserNamespacesSupport; on from 1.33.
    """
    dns_policy: OrBlank[Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]] = None
    """Absent means ``ClusterFirst``, which in the node's network knows no Services: ``ClusterFirstWithHostNet`` does.

    ``Default`` is not the default: it is the node's own resolver. ``None`` takes all from ``dns_config``.
    """
    dns_config: PodDNSConfig | None = None
    init_containers: list[Container] | None = None
    """Run one after the other, each to its end, before the rest start."""
    containers: list[Container]
    """At least one."""
    ephemeral_containers: list[Container] | None = None
    """Added to a running pod to look around, by ``kubectl debug``; a manifest must not have any.

    A type of their own would only cost time: they are containers that may say ``target_container_name``.
    """
    volumes: list[Volume] | None = None
    restart_policy: OrBlank[Literal["Always", "OnFailure", "Never"]] = None
    """Absent means ``Always``, the only one that a Deployment, StatefulSet or DaemonSet takes."""
    termination_grace_period_seconds: Int64 | None = None
    """Seconds from the polite signal to the kill; absent means 30, and 0 kills at once."""
    active_deadline_seconds: Int64 | None = None
    """Seconds after which the pod is stopped and counts as failed; at least 1, absent means never."""
    security_context: PodSecurityContext | None = None
    node_selector: Labels | None = None
    """Labels that its node must have, all of them."""
    node_name: OrBlank[Annotated[DnsSubdomain, _NODE]] = None
    """The node it is on. The scheduler fills it in; written by hand it passes the scheduler by."""
    affinity: Affinity | None = None
    tolerations: list[Toleration] | None = None
    """Taints that do not keep it away; a driver's node plugin tolerates all, or its volumes cannot be used there."""
    topology_spread_constraints: list[TopologySpreadConstraint] | None = None
    """How evenly it and its like are spread; all constraints must hold. On from 1.18."""
    scheduler_name: str | None = None
    """Absent means ``default-scheduler``."""
    scheduling_gates: list[PodSchedulingGate] | None = None
    """It is not scheduled while there are any; on from 1.27."""
    scheduling_group: PodSchedulingGroup | None = None
    """The pods with which it is scheduled, all or none; from 1.36."""
    workload_ref: WorkloadReference | None = None
    """The same in 1.35."""
    eviction_responders: list[EvictionResponder] | None = None
    """From 1.37."""
    runtime_class_name: Annotated[str, _RUNTIME] | None = None
    """Which container runtime; dropped by a 1.13 server unless its gate RuntimeClass is on."""
    overhead: ResourceList | None = None
    """What the runtime itself takes; the server fills in what the RuntimeClass says."""
    os: PodOS | None = None
    """Lets the server judge what does not apply to that system; it does not choose the node."""
    resources: ResourceRequirements | None = None
    """Cores and memory of all containers together; on from 1.34."""
    resource_claims: list[PodResourceClaim] | None = None
    """Devices that must be there before it starts; from 1.26, with the gate DynamicResourceAllocation, on from 1.34."""
    readiness_gates: list[PodReadinessGate] | None = None
    hostname: OrBlank[DnsLabel] = None
    """Absent means the pod's name."""
    subdomain: OrBlank[DnsLabel] = None
    """The headless Service under whose name the pod's own is found."""
    set_hostname_as_fqdn: bool | None = None
    """Whether the containers' hostname is the pod's full DNS name; absent means the first part only."""
    hostname_override: OrBlank[DnsSubdomain] = None
    """The containers' hostname, whatever DNS knows; on from 1.35."""
    host_aliases: list[HostAlias] | None = None
    enable_service_links: bool | None = None
    """Whether every Service of the namespace adds environment variables; absent means yes."""

    def container(self, name: str) -> Container:
        """Return the container, or else the init container, of that name.

        Raises:
            NotFoundError: if there is none; names those that there are.

        """
        return _pick("container", name, self.containers + (self.init_containers or []))

    def volume(self, name: str) -> Volume:
        """Return the volume of that name.

        Raises:
            NotFoundError: if there is none; names those that there are.

        """
        return _pick("volume", name, self.volumes or [])


class Pod(Resource):
    """Containers that run together on one node; not made anew when it is gone, unlike those of a workload."""

    API_VERSION: ClassVar[str] = "v1"

    spec: PodSpec
    status: PodStatus | None = None


class PodTemplateSpec(Model):
    """What the pods of a workload look like."""

    metadata: ObjectMeta | None = None
    """The labels must fit the workload's selector; a name is ignored."""
    spec: PodSpec
