"""Services by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import repeated
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.core_v1 import Service, ServiceSpec
from csi_manifests.models.scalars import DNS_SUBDOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import ServicePort

_HEADLESS = "None"
_OUTSIDE = {"NodePort", "LoadBalancer"}


def _ports(service: Service) -> list[tuple[str, ServicePort]]:
    ports = (service.spec.ports if service.spec else None) or ()
    return [(f"/spec/ports/{number}", port) for number, port in enumerate(ports)]


@rule(
    "CSI180",
    "missing-service-port",
    "a Service has a port",
    Service,
    fix="Give a port, or make it headless with clusterIP: None.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath-attacher}
  spec:
    selector: {app: csi-hostpath-attacher}
+   ports: [{name: dummy, port: 12345}]
""",
)
def service_has_a_port(service: Service, _: Context) -> Iterator[Problem]:
    """The API server refuses a Service without ports, even if nobody calls it; headless ones and ExternalName need none."""
    spec = service.spec or ServiceSpec()
    if not spec.ports and spec.type != "ExternalName" and spec.cluster_ip != _HEADLESS:
        yield Problem("/spec/ports" if service.spec else "/spec", "no port is given")


@rule(
    "CSI181",
    "ambiguous-service-ports",
    "the ports of a Service have different names and numbers",
    Service,
    fix="Give each port a name of its own, and its own number.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath}
  spec:
    selector: {app: csi-hostpath}
-   ports: [{port: 9898}, {name: metrics, port: 9899}]
+   ports: [{name: healthz, port: 9898}, {name: metrics, port: 9899}]
""",
)
def service_ports_differ(service: Service, _: Context) -> Iterator[Problem]:
    """The API server refuses several ports without names, and names, ports and node ports that come twice."""
    ports = _ports(service)
    if len(ports) > 1:
        for where, port in ports:
            if port.name is None:
                yield Problem(f"{where}/name", f"port {port.port} has no name, and it is one of {len(ports)}")
    for where, name, first in repeated((where, port.name) for where, port in ports if port.name):
        yield Problem(f"{where}/name", f"{name!r} is also the name at {first}")
    numbers = ((where, (port.port, port.protocol or "TCP")) for where, port in ports)
    for where, (number, protocol), first in repeated(numbers):
        yield Problem(f"{where}/port", f"{number}/{protocol} is given already, at {first}")
    outside = ((where, (port.node_port, port.protocol or "TCP")) for where, port in ports if port.node_port)
    for where, (number, protocol), first in repeated(outside):
        yield Problem(f"{where}/nodePort", f"{number}/{protocol} is given already, at {first}")


@rule(
    "CSI182",
    "service-type-conflict",
    "a Service has only fields that its type allows",
    Service,
    fix="Change the type, or remove the field.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath}
  spec:
+   type: NodePort
    selector: {app: csi-hostpath}
    ports: [{port: 9898, nodePort: 30898}]
""",
)
def service_fits_its_type(service: Service, _: Context) -> Iterator[Problem]:
    """The API server refuses ports of the node for a Service inside the cluster, a headless Service for the outside, and an
    ExternalName with an address.
    """  # noqa: D205  (one sentence)
    spec = service.spec
    if spec is None:
        return
    kind = spec.type or "ClusterIP"
    if kind == "ClusterIP":
        for where, port in _ports(service):
            if port.node_port:
                yield Problem(f"{where}/nodePort", f"the type is ClusterIP, and nodePort {port.node_port} is given")
    if kind in _OUTSIDE and spec.cluster_ip == _HEADLESS:
        yield Problem("/spec/clusterIP", f"the type is {kind}, and clusterIP is None")
    if kind not in _OUTSIDE and spec.external_traffic_policy is not None:
        message = f"the type is {kind}, and externalTrafficPolicy {spec.external_traffic_policy!r} is given"
        yield Problem("/spec/externalTrafficPolicy", message)
    if kind == "ExternalName" and spec.cluster_ip:
        yield Problem("/spec/clusterIP", f"the type is ExternalName, and clusterIP {spec.cluster_ip!r} is given")


@rule(
    "CSI183",
    "invalid-service-address",
    "an externalName is a DNS name, a clusterIP is an address",
    Service,
    fix="Write a DNS name there, or an address.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: backend}
- spec: {type: ExternalName}
+ spec: {type: ExternalName, externalName: backend.example.com}
""",
)
def service_leads_somewhere(service: Service, _: Context) -> Iterator[Problem]:
    """The API server refuses an ExternalName Service without a name, and a clusterIP that is neither an address nor None."""
    spec = service.spec
    if spec is None:
        return
    if spec.type == "ExternalName":
        # Later servers take a dot at the end; silence costs nothing.
        name = (spec.external_name or "").removesuffix(".")
        if not DNS_SUBDOMAIN.matches(name):
            there = f"{spec.external_name!r} is not a DNS name" if spec.external_name else "externalName is missing"
            yield Problem("/spec/externalName", there)
    elif spec.cluster_ip and spec.cluster_ip != _HEADLESS and not _is_address(spec.cluster_ip):
        yield Problem("/spec/clusterIP", f"{spec.cluster_ip!r} is neither an address nor 'None'")


def _is_address(text: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415  (few Services say their address)

    try:
        ip_address(text)
    except ValueError:
        return False
    return True
