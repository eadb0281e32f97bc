"""The ports of pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import repeated
from csi_manifests.analysis.pods import ContainerView, PodView
from csi_manifests.checks.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Container, ContainerPort


def _ports(pointer: str, container: Container) -> Iterator[tuple[str, ContainerPort]]:
    for number, port in enumerate(container.ports or ()):
        yield f"{pointer}/ports/{number}", port


@rule(
    "CSI127",
    "duplicate-port-name",
    "the ports of a pod have different names",
    PodView,
    fix="Rename one of the two.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
-     ports: [{name: healthz, containerPort: 9898}, {name: healthz, containerPort: 9899}]
+     ports: [{name: healthz, containerPort: 9898}, {name: metrics, containerPort: 9899}]
""",
)
def port_names_differ(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses a port's name that comes twice in a container.

    In two containers of a pod it takes it, and a Service that goes by the name reaches the first of the two; this is a
    warning.
    """
    named: list[tuple[str, tuple[str, str]]] = []
    for pointer, container in pod.containers():
        ports = [(f"{where}/name", port) for where, port in _ports(pointer, container) if port.name]
        twice = {where: first for where, _, first in repeated((where, port.name) for where, port in ports)}
        for where, port in ports:
            if where in twice:
                yield Problem(where, f"{port.name!r} is also the name at {twice[where]}")
            else:
                named.append((where, (str(port.name), port.protocol or "TCP")))
    for where, (name, _protocol), first in repeated(named):
        yield Problem(where, f"{name!r} is also the name at {first}, which Services take instead", severity="warning")


@rule(
    "CSI128",
    "duplicate-port",
    "a container lists a port once",
    ContainerView,
    severity="warning",
    fix="Keep one of the two.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
-     ports: [{name: healthz, containerPort: 9898}, {name: probe, containerPort: 9898}]
+     ports: [{name: healthz, containerPort: 9898}]
""",
)
def ports_are_listed_once(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server accepts it, but kubectl apply tells ports apart by number, and may drop or mix up one of the two."""
    entries = (
        (where, (port.container_port, port.protocol or "TCP", port.host_port, port.host_ip or ""))
        for where, port in _ports(container.pointer, container.spec)
    )
    for where, (number, protocol, *_rest), first in repeated(entries):
        yield Problem(f"{where}/containerPort", f"{number}/{protocol} is listed already, at {first}")


@rule(
    "CSI129",
    "host-port-mismatch",
    "with hostNetwork a hostPort equals its containerPort",
    PodView,
    fix="Leave hostPort out: in the node's network it is the containerPort.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    hostNetwork: true
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
-     ports: [{name: healthz, containerPort: 9898, hostPort: 19898}]
+     ports: [{name: healthz, containerPort: 9898}]
""",
)
def host_ports_equal_container_ports(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses the pod: with hostNetwork a container has the node's ports themselves, and nothing maps them."""
    if not pod.spec.host_network:
        return
    for pointer, container in pod.containers():
        if "/initContainers/" not in pointer:
            for where, port in _ports(pointer, container):
                if port.host_port is not None and port.host_port != port.container_port:
                    message = (
                        f"{port.host_port} is not the containerPort, {port.container_port}, and hostNetwork is true"
                    )
                    yield Problem(f"{where}/hostPort", message)


@rule(
    "CSI130",
    "host-port-conflict",
    "the containers of a pod use different ports of the node",
    PodView,
    fix="Give one of the two another port, and pass it to the program by its flag.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-driver}
  spec:
    hostNetwork: true
    containers:
    - name: driver
      image: registry.example/driver:v1.0.0
      ports: [{name: healthz, containerPort: 9898}]
    - name: metrics
      image: registry.example/metrics:v1.0.0
-     ports: [{name: metrics, containerPort: 9898}]
+     ports: [{name: metrics, containerPort: 9899}]
""",
)
def host_ports_differ(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses two containers of a pod on one port of the node; with hostNetwork every port is one of these."""
    together: list[tuple[str, tuple[int, str, str]]] = []
    for pointer, container in pod.containers():
        taken: list[tuple[str, tuple[int, str, str]]] = []
        for where, port in _ports(pointer, container):
            number = port.host_port or (port.container_port if pod.spec.host_network else 0)
            if number:
                taken.append((where, (number, port.protocol or "TCP", port.host_ip or "")))
        if "/initContainers/" in pointer:
            # They run one after the other, so each has the ports for itself.
            yield from _clashes(taken)
        else:
            together += taken
    yield from _clashes(together)


def _clashes(taken: list[tuple[str, tuple[int, str, str]]]) -> Iterator[Problem]:
    for where, (number, protocol, _), first in repeated(taken):
        yield Problem(where, f"port {number}/{protocol} of the node is also taken at {first}")
