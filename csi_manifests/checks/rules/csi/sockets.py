"""The sockets between a driver and its sidecars, and what shares a node with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.drivers import group_of
from csi_manifests.analysis.paths import Place, cleaned, mount_of, resolve, socket_path
from csi_manifests.analysis.pods import PodView, expand, pods
from csi_manifests.analysis.programs import (
    DEFAULT_ADDRESS,
    REGISTRARS,
    Driver,
    Sidecar,
    drivers_of,
    flags_of,
    is_script,
    sidecars,
    sidecars_of,
    sockets,
)
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import LONGEST_SOCKET
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity
    from csi_manifests.models.meta_v1 import LabelSelector

_HEALTH_PORT = "9808"
"""Where livenessprobe listens unless ``--health-port`` says otherwise (its ``cmd/livenessprobe/main.go``)."""
_COMPARED = 20
"""How many drivers are searched at most for the one that was probably meant."""
_DEEP = 5
"""How many parts the path of a driver's own directory on the node has at least: those of ``/var/lib/kubelet/plugins``."""


@rule(
    "CSI402",
    "socket-mismatch",
    "a sidecar uses the socket that its driver listens on",
    Sidecar,
    fix="Use one directory and one name of the socket for the driver and its sidecars.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-driver}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v1.0.1
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: driver
      image: example.com/driver:v1.2.0
-     args: ["--endpoint=unix:///csi/driver.sock"]
+     args: ["--endpoint=unix:///csi/csi.sock"]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, emptyDir: {}}]
""",
)
def dials_where_a_driver_listens(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """A sidecar that finds no driver on its socket waits, gives up and starts again for ever; nothing else reports it.

    Paths are followed through variables, mounts and volumes to the node or the pod, so one directory may have several names.
    """
    found = sockets(context)
    address = sidecar.address
    if address is None or address in found.listeners or not found.drivers:
        return
    if _unclear(context).may_hold(address.folder):
        return
    driver, socket = _meant(sidecar, address, found.drivers)
    severity: Severity = "error"
    if driver.pod is not sidecar.pod and any(
        other.program == sidecar.program for other in found.dialers.get(socket, ())
    ):
        severity = "warning"  # That driver has its own: this one may be for a driver of another bundle.
    yield _apart(sidecar, address, socket)._replace(severity=severity)


def _apart(sidecar: Sidecar, address: Place, socket: Place) -> Problem:
    plain = socket_path(expand(sidecar.flags.get("csi-address", DEFAULT_ADDRESS), sidecar.container)) or ""
    mount = mount_of(plain, sidecar.container)
    volume = sidecar.pod.volume(mount.name) if mount else None
    if mount and volume and volume.host_path and address.name == socket.name and socket.on == "host":
        message = f"socket directory is {address.folder}, the driver's is {socket.folder}"
        if cleaned(volume.host_path.path) == address.folder.path:
            return Problem(f"{sidecar.pod.volume_pointer(mount.name)}/hostPath/path", message)
        return Problem(sidecar.pointer_of("csi-address"), message)
    nothing = ", for which nothing is mounted" if address.on == "container" else ""
    given = "" if "csi-address" in sidecar.flags else " by default"
    message = f"looks for the driver's socket{given} at {address}{nothing}; the driver listens at {socket}"
    return Problem(sidecar.pointer_of("csi-address"), message)


def _meant(sidecar: Sidecar, address: Place, drivers: tuple[Driver, ...]) -> tuple[Driver, Place]:
    """Return the driver, and the socket of it, that the sidecar was probably meant for."""
    from difflib import SequenceMatcher  # noqa: PLC0415  (on the way to an error only)

    beside = [driver for driver in drivers if driver.pod is sidecar.pod]
    choices = [(driver, place) for driver in (beside or drivers)[:_COMPARED] for place in driver.sockets]
    return max(choices, key=lambda choice: SequenceMatcher(None, choice[1].path, address.path).ratio())


class _Unclear:
    """The directories shared by containers whose sockets are not known."""

    def __init__(self, context: Context) -> None:
        known = {id(sidecar.container) for sidecar in sidecars(context)}
        known |= {id(driver.container) for driver in sockets(context).drivers}
        self.host: set[str] = set()
        self.volumes: set[str] = set()
        for pod in pods(context):
            for _, container in pod.containers():
                if id(container) in known or any(flag.name == "csi-address" for flag in flags_of(container)):
                    continue
                for mount in container.volume_mounts or ():
                    place = resolve(mount.mount_path, container, pod)
                    if place is not None and place.on == "host":
                        self.host.add(place.path)
                    elif place is not None:
                        self.volumes.add(place.owner)

    def may_hold(self, folder: Place) -> bool:
        """Return whether such a container may make a socket in a directory."""
        if folder.on != "host":
            return folder.owner in self.volumes
        parts = folder.path.split("/")
        # What has the whole of the node, or of the kubelet's directory, has it for other reasons.
        return any("/".join(parts[:end]) in self.host for end in {len(parts), *range(_DEEP, len(parts))})


@fact
def _unclear(context: Context) -> _Unclear:
    return _Unclear(context)


@rule(
    "CSI403",
    "long-socket-path",
    "the path of a socket is not too long",
    PodView,
    fix="Use a shorter path: for example, mount the socket's directory at /csi.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-driver}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v1.0.1
-     args: [--csi-address=/csi/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/csi.sock]
+     args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: driver
      image: example.com/driver:v1.2.0
-     args: ["--endpoint=unix:///csi/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/very-long-name/csi.sock"]
+     args: ["--endpoint=unix:///csi/csi.sock"]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, emptyDir: {}}]
""",
)
def socket_path_fits(pod: PodView, context: Context) -> Iterator[Problem]:
    """Linux keeps the path of a unix socket in 108 bytes, the last of them zero; listening or dialing fails with a longer one."""
    for sidecar in sidecars_of(pod.source, context):
        for name in ("csi-address", "kubelet-registration-path"):
            yield from _too_long(sidecar.flags.get(name, ""), sidecar.pointer_of(name), f"--{name}")
        if sidecar.program in REGISTRARS:
            place = resolve(_registration_folder(sidecar), sidecar.container, sidecar.pod)
            for name in _names_of(sidecar, context):
                if place is not None and place.on == "host":
                    yield from _too_long(f"{place.path}/{name}-reg.sock", sidecar.pointer, "the registration socket")
    for driver in drivers_of(pod.source, context):
        for path in driver.paths:
            yield from _too_long(path, driver.pointer, "the driver's socket")


def _names_of(sidecar: Sidecar, context: Context) -> list[str]:
    group = group_of(context).get(id(sidecar))
    return group.own_names if group else []


def _registration_folder(sidecar: Sidecar) -> str:
    return sidecar.flags.get("plugin-registration-path", "/registration")


def _too_long(text: str, pointer: str, what: str) -> Iterator[Problem]:
    path = socket_path(text)
    size = len(path.encode()) if path else 0
    if size > LONGEST_SOCKET:
        yield Problem(pointer, f"{what} is {path}, {size} bytes; {LONGEST_SOCKET} are allowed")


@rule(
    "CSI404",
    "shared-socket",
    "every driver has its own socket",
    Driver,
    fix="Give each driver a directory of its own, named after the driver.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: hostpath-one}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v1.0.1
      args: ["--endpoint=unix:///csi/csi.sock", --drivername=one.example.com]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/one.example.com}}]
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: hostpath-two}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v1.0.1
      args: ["--endpoint=unix:///csi/csi.sock", --drivername=two.example.com]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
-   volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/one.example.com}}]
+   volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/two.example.com}}]
""",
)
def socket_has_one_driver(driver: Driver, context: Context) -> Iterator[Problem]:
    """A driver removes the socket it finds in its place, so when two share one, the later answers for both."""
    listeners = sockets(context).listeners
    for place in driver.sockets:
        first = listeners[place][0]
        if first is driver or not (first.listens and driver.listens):
            continue
        severity = _rivalry(first, driver)
        if severity is not None:
            whose = f"driver {first.name!r} of {first.pod.where}" if first.name else f"the driver of {first.pod.where}"
            yield Problem(driver.pointer, f"listens at {place}, as {whose} does", severity=severity)


def _rivalry(first: Driver, second: Driver) -> Severity | None:
    if first.name and second.name:
        return "error" if first.name != second.name else None
    if first.pod is second.pod or _nodes(first.pod) != _nodes(second.pod):
        return None
    same = image_reference(first.container.image or "").name == image_reference(second.container.image or "").name
    return None if same else "warning"


def _nodes(pod: PodView) -> tuple[object, ...]:
    """Return which nodes a pod asks for, in a form that can be compared."""
    spec = pod.spec
    affinity = spec.affinity.to_dict() if spec.affinity else None
    return (tuple(sorted((spec.node_selector or {}).items())), repr(affinity), spec.node_name)


@rule(
    "CSI405",
    "sidecar-without-driver",
    "a sidecar runs on a node where its driver runs",
    Sidecar,
    severity="warning",
    fix="Put the sidecar into the driver's pod, or give its pod a podAffinity to the driver's with topologyKey kubernetes.io/hostname.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: driver}
  spec:
    selector: {matchLabels: {app: driver}}
    template:
      metadata: {labels: {app: driver}}
      spec:
        containers:
        - name: driver
          image: example.com/driver:v1.2.0
          args: ["--endpoint=unix:///csi/csi.sock"]
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com}}]
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: attacher}
  spec:
    selector: {matchLabels: {app: attacher}}
    template:
      metadata: {labels: {app: attacher}}
      spec:
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v1.0.1
          args: [--csi-address=/csi/csi.sock]
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com}}]
+       affinity:
+         podAffinity:
+           requiredDuringSchedulingIgnoredDuringExecution:
+           - labelSelector: {matchLabels: {app: driver}}
+             topologyKey: kubernetes.io/hostname
""",
)
def runs_beside_its_driver(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """A socket in a directory of the node reaches no other node: in a cluster of several, the sidecar may start where no driver is."""
    listeners = sockets(context).listeners
    drivers = listeners.get(sidecar.address, []) if sidecar.address else []
    if not drivers or any(driver.pod is sidecar.pod for driver in drivers):
        return
    if not any(_meets(sidecar.pod, driver.pod) for driver in drivers):
        message = f"{sidecar.program} uses the socket of {drivers[0].pod.where} on its node, but may run on another"
        yield Problem(sidecar.pod.pointer, message)


def _meets(pod: PodView, driver: PodView) -> bool:
    """Return False only if the pod may be scheduled where no driver runs."""
    selected, wanted = pod.spec.node_selector or {}, driver.spec.node_selector or {}
    if pod.spec.node_name or driver.spec.node_name or pod.is_on_every_node:
        return True
    if driver.is_on_every_node:
        return wanted.items() <= selected.items() or pod.spec.affinity is not None
    near = pod.spec.affinity.pod_affinity if pod.spec.affinity else None
    terms = (near.required_during_scheduling_ignored_during_execution if near else None) or ()
    if any(_fits(term.label_selector, driver.labels) for term in terms):
        return True
    # The same choice of nodes may well be the choice of one.
    return bool(wanted) and wanted == selected


def _fits(selector: LabelSelector | None, labels: dict[str, str]) -> bool:
    if selector is None:
        return False
    # Expressions are taken to fit: they are rare here, and this is about what is missing.
    return (selector.match_labels or {}).items() <= labels.items()


@rule(
    "CSI407",
    "shared-health-port",
    "every livenessprobe has its own port",
    PodView,
    fix="Give each livenessprobe another --health-port, and the livenessProbe of its driver the same.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-drivers}
  spec:
    containers:
    - name: liveness-probe-one
      image: quay.io/k8scsi/livenessprobe:v1.0.2
      args: [--csi-address=/one/csi.sock, --health-port=9808]
    - name: liveness-probe-two
      image: quay.io/k8scsi/livenessprobe:v1.0.2
-     args: [--csi-address=/two/csi.sock, --health-port=9808]
+     args: [--csi-address=/two/csi.sock, --health-port=9809]
""",
)
def health_port_is_free(pod: PodView, context: Context) -> Iterator[Problem]:
    """The containers of a pod share its ports, and pods with hostNetwork those of the node; the second to listen ends at once."""
    taken: dict[str, Sidecar] = {}
    for sidecar in sidecars_of(pod.source, context):
        if sidecar.program != "livenessprobe" or is_script(sidecar.container):
            continue
        port = sidecar.flags.get("health-port", _HEALTH_PORT)
        first = taken.setdefault(port, sidecar)
        on_node = _node_ports(context).get(port, sidecar) if sidecar.pod.spec.host_network else sidecar
        if first is not sidecar:
            yield Problem(
                sidecar.pointer_of("health-port"), f"port {port} is also that of container {first.container.name!r}"
            )
        elif on_node.pod is not sidecar.pod:
            sure = all(each.is_on_every_node for each in (on_node.pod, pod))
            sure = sure and _nodes(on_node.pod) == _nodes(sidecar.pod)
            message = f"port {port} of the node is also that of {on_node.pod.where}"
            yield Problem(sidecar.pointer_of("health-port"), message, severity="error" if sure else "warning")


@fact
def _node_ports(context: Context) -> dict[str, Sidecar]:
    """Return the first livenessprobe on each port of the nodes."""
    found: dict[str, Sidecar] = {}
    for sidecar in sidecars(context):
        if sidecar.program == "livenessprobe" and sidecar.pod.spec.host_network:
            found.setdefault(sidecar.flags.get("health-port", _HEALTH_PORT), sidecar)
    return found
