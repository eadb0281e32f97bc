"""One address for many pods."""

from typing import ClassVar, Literal

from csi_manifests.models.base import Model
from csi_manifests.models.meta_v1 import Condition
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import (
    DNS_LABEL_1035,
    DnsLabel,
    Grammar,
    Int32,
    Labels,
    OrBlank,
    OrZero,
    PortNumber,
    PortReference,
    QualifiedName,
)


class ServicePort(Model):
    """A port of the service, and where in the pods it leads."""

    name: OrBlank[DnsLabel] = None
    """Required as soon as there are two ports."""
    port: PortNumber
    """What clients connect to."""
    target_port: OrBlank[OrZero[PortReference]] = None
    """The port in the pods, by number or by the name a container gives it; absent means the same as ``port``."""
    protocol: OrBlank[Literal["TCP", "UDP", "SCTP"]] = None
    """Absent means TCP; SCTP needs the gate SCTPSupport before 1.19."""
    node_port: OrZero[PortNumber] = None
    """The port on every node, for NodePort and LoadBalancer; absent lets the server choose, from 30000 up."""
    app_protocol: QualifiedName | None = None
    """What is spoken on the port, such as ``https`` or ``kubernetes.io/h2c``; a hint for load balancers."""


class ClientIPConfig(Model):
    """How long a client keeps its pod."""

    timeout_seconds: Int32 | None = None
    """Seconds, 1 to 86400; absent means 10800."""


class SessionAffinityConfig(Model):
    """How clients are kept with their pods."""

    client_ip: ClientIPConfig | None = None


class ServiceSpec(Model):
    """Which pods stand behind which ports."""

    type: OrBlank[Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]] = None
    """Who can reach it; absent means ``ClusterIP``, the inside of the cluster."""
    selector: Labels | None = None
    """The labels of its pods, all of them. Without a selector somebody else must write the Endpoints."""
    ports: list[ServicePort] | None = None
    """At least one, unless the service is headless or an ExternalName."""
    cluster_ip: str | None = None
    """Absent lets the server choose; the text ``None`` makes it headless: names for the pods, no address of its own."""
    cluster_ips: list[str] | None = None
    """The same for each IP family, ``cluster_ip`` first."""
    ip_family: Literal["IPv4", "IPv6"] | None = None
    """The family of the address in 1.16 to 1.19."""
    ip_families: list[Literal["IPv4", "IPv6"]] | None = None
    """The families of the addresses, the first one first; absent lets the server choose. From 1.20."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    """Whether it has an address of both families; absent means ``SingleStack``."""
    publish_not_ready_addresses: bool | None = None
    """Whether pods are found by name before they are ready."""
    session_affinity: OrBlank[Literal["None", "ClientIP"]] = None
    session_affinity_config: SessionAffinityConfig | None = None
    external_name: str | None = None
    """The DNS name that an ExternalName service stands for."""
    external_ips: list[str] | None = None
    """Addresses of nodes that take its traffic, which the cluster does not look after."""
    external_traffic_policy: OrBlank[Literal["Cluster", "Local"]] = None
    """``Local`` keeps the client's address and uses only pods of the node that was asked."""
    internal_traffic_policy: Literal["Cluster", "Local"] | None = None
    """``Local`` uses only pods of the client's own node; absent means ``Cluster``."""
    traffic_distribution: Literal["PreferClose", "PreferSameZone", "PreferSameNode"] | None = None
    """Which pods are preferred; absent means none."""
    topology_keys: list[str] | None = None
    """Labels of nodes in whose order pods near the client are tried, in 1.17 to 1.21."""
    health_check_node_port: Int32 | None = None
    load_balancer_ip: str | None = None
    load_balancer_source_ranges: list[str] | None = None
    load_balancer_class: QualifiedName | None = None
    """Who makes the load balancer; absent means the cloud's own controller."""
    allocate_load_balancer_node_ports: bool | None = None
    """Whether a LoadBalancer has node ports as well; absent means yes."""


class PortStatus(Model):
    """Whether a port of a load balancer works."""

    port: Int32
    protocol: str
    error: str | None = None
    """One word; absent means that it works."""


class LoadBalancerIngress(Model):
    """One way in through a load balancer, by address or by name."""

    ip: str | None = None
    hostname: str | None = None
    ip_mode: str | None = None
    """Whether traffic arrives with the load balancer's address (``VIP``) or the node's or pod's (``Proxy``)."""
    ports: list[PortStatus] | None = None


class LoadBalancerStatus(Model):
    """All ways in through a load balancer."""

    ingress: list[LoadBalancerIngress] | None = None


class ServiceStatus(Model):
    """What the cloud has given a LoadBalancer service."""

    load_balancer: LoadBalancerStatus | None = None
    conditions: list[Condition] | None = None


class Service(Resource):
    """One address for the pods that a selector finds; a StatefulSet needs one to name its pods."""

    API_VERSION: ClassVar[str] = "v1"
    NAME: ClassVar[Grammar] = DNS_LABEL_1035

    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None
