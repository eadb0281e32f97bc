"""4xx: the sockets between a driver and its sidecars, and what shares a node with them."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from csi_manifests.checks.paths import Place, mount_of, normal, resolve, socket_path
from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.checks.sidecars import (
    CONTROLLERS,
    DEFAULT_ADDRESS,
    REGISTRARS,
    Driver,
    Sidecar,
    flags_of,
    group_of,
    repository_of,
    sidecars,
    sidecars_of,
    sockets,
)
from csi_manifests.checks.workloads import POD_SOURCES, PodView, expand, pods
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle import Manifest
    from csi_manifests.findings import Severity
    from csi_manifests.models.meta_v1 import LabelSelector

LONGEST_SOCKET = 107
"""Bytes of the path of a unix socket: ``sun_path`` has 108 with the closing zero."""
_HEALTH_PORT = "9808"
"""Where livenessprobe listens unless ``--health-port`` says otherwise (its ``cmd/livenessprobe/main.go``)."""
_COMPARED = 20
"""How many drivers are looked through for the one that was probably meant."""
_ON = {"true", "1", "t", "T", "TRUE", "True"}

_POD = """\
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
    args: ["--endpoint=unix:///csi/SOCKET"]
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  volumes: [{name: socket-dir, emptyDir: {}}]
"""


@rule(
    "CSI402",
    "a sidecar looks for the driver's socket where the driver listens",
    *POD_SOURCES,
    fix="Use one directory and one name of the socket for the driver and its sidecars.",
    bad=_POD.replace("SOCKET", "driver.sock"),
    good=_POD.replace("SOCKET", "csi.sock"),
)
def dials_where_a_driver_listens(resource: Manifest, context: Context) -> Iterator[Problem]:
    """A sidecar that finds no driver on its socket waits, gives up and starts again for ever; nothing else reports it.

    Paths are followed through variables, mounts and volumes to the node or the pod, so one directory may have several names.
    """
    found = context.derive(sockets)
    for sidecar in sidecars_of(resource, context):
        address = sidecar.address
        if address is None or address in found.listeners or not found.drivers:
            continue
        if context.derive(_unclear).may_hold(address.folder):
            continue
        driver, socket = _meant(sidecar, address, found.drivers)
        severity: Severity = "error"
        if driver.pod is not sidecar.pod and any(other.program == sidecar.program for other in found.dialers.get(socket, ())):
            severity = "warning"  # That driver has its own: this one may be for a driver of another bundle.
        yield _apart(sidecar, address, socket)._replace(severity=severity)


def _apart(sidecar: Sidecar, address: Place, socket: Place) -> Problem:
    plain = socket_path(expand(sidecar.flags.get("csi-address", DEFAULT_ADDRESS), sidecar.container)) or ""
    mount = mount_of(plain, sidecar.container)
    volume = sidecar.pod.volume(mount.name) if mount else None
    if mount and volume and volume.host_path and address.name == socket.name and socket.on == "host":
        message = f"socket directory is {address.folder}, the driver's is {socket.folder}"
        if normal(volume.host_path.path) == address.folder.path:
            return Problem(f"{sidecar.pod.volume_pointer(mount.name)}/hostPath/path", message)
        return Problem(sidecar.pointer_of("csi-address"), message)
    nothing = ", for which nothing is mounted" if address.on == "container" else ""
    given = "" if "csi-address" in sidecar.flags else " by default"
    message = f"looks for the driver's socket{given} at {address}{nothing}; the driver listens at {socket}"
    return Problem(sidecar.pointer_of("csi-address"), message)


def _meant(sidecar: Sidecar, address: Place, drivers: tuple[Driver, ...]) -> tuple[Driver, Place]:
    """Give the driver, and of its sockets the one, that the sidecar was probably meant for."""
    beside = [driver for driver in drivers if driver.pod is sidecar.pod]
    choices = [(driver, place) for driver in (beside or drivers)[:_COMPARED] for place in driver.sockets]
    return max(choices, key=lambda choice: SequenceMatcher(None, choice[1].path, address.path).ratio())


class _Unclear:
    """The directories that containers share of which it is not known on which sockets they listen."""

    def __init__(self, context: Context) -> None:
        known = {id(sidecar.container) for sidecar in context.derive(sidecars)}
        known |= {id(driver.container) for driver in context.derive(sockets).drivers}
        self.host: set[str] = set()
        self.volumes: set[str] = set()
        for pod in context.derive(pods):
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
        """Say whether such a container may make a socket in a directory."""
        if folder.on == "host":
            parts = folder.path.split("/")
            return any("/".join(parts[:end]) or "/" in self.host for end in range(1, len(parts) + 1)) and any(
                ("/".join(parts[:end]) or "/") in self.host for end in range(1, len(parts) + 1)
            )
        return folder.owner in self.volumes


def _unclear(context: Context) -> _Unclear:
    return _Unclear(context)
