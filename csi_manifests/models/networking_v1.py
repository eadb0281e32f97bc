"""Who may talk to whom, as ``networking.k8s.io/v1`` defines it."""

from typing import ClassVar, Literal

from csi_manifests.models.base import Model
from csi_manifests.models.meta_v1 import Condition, LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Int32, PortReference


class NetworkPolicyPort(Model):
    """A port that is open."""

    protocol: Literal["TCP", "UDP", "SCTP"] | None = None
    """Absent means TCP."""
    port: PortReference | None = None
    """By number, or by the name the container gives it; absent means all."""
    end_port: Int32 | None = None
    """The last of a range that begins with ``port``. On from 1.22."""


class IPBlock(Model):
    """Addresses outside the cluster."""

    cidr: str
    """Such as ``192.168.1.0/24``."""
    except_: list[str] | None = None
    """Parts of it that are left out."""


class NetworkPolicyPeer(Model):
    """The other side: pods, or an ``ip_block`` by itself."""

    pod_selector: LabelSelector | None = None
    """Pods in the policy's own namespace, or in those that the other selector selects."""
    namespace_selector: LabelSelector | None = None
    """Namespaces; by itself all of their pods."""
    ip_block: IPBlock | None = None


class NetworkPolicyIngressRule(Model):
    """Who may reach the pods, and where; absent or empty means everyone, and everywhere."""

    ports: list[NetworkPolicyPort] | None = None
    from_: list[NetworkPolicyPeer] | None = None


class NetworkPolicyEgressRule(Model):
    """Whom the pods may reach, and where; absent or empty means everyone, and everywhere."""

    ports: list[NetworkPolicyPort] | None = None
    to: list[NetworkPolicyPeer] | None = None


class NetworkPolicySpec(Model):
    """What the pods may do; all that no rule of any policy allows is forbidden."""

    pod_selector: LabelSelector | None = None
    """The pods, in the policy's namespace; an empty selector means all. Required before 1.34."""
    ingress: list[NetworkPolicyIngressRule] | None = None
    """Empty means that nobody may reach them."""
    egress: list[NetworkPolicyEgressRule] | None = None
    """Empty means that they may reach nobody, if ``policy_types`` says ``Egress``."""
    policy_types: list[Literal["Ingress", "Egress"]] | None = None
    """Absent means ``Ingress``, and ``Egress`` if there are rules for it."""


class NetworkPolicyStatus(Model):
    """Whether the network enforces it; only from 1.24 to 1.27."""

    conditions: list[Condition] | None = None


class NetworkPolicy(Resource):
    """Who may talk to a set of pods; means nothing unless the cluster's network enforces it."""

    API_VERSION: ClassVar[str] = "networking.k8s.io/v1"

    spec: NetworkPolicySpec | None = None
    status: NetworkPolicyStatus | None = None
