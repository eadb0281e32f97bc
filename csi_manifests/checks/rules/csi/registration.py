"""How a driver makes itself known to the kubelet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.paths import cleaned, mount_of
from csi_manifests.analysis.registrars import Registrar, drivers_beside, watched
from csi_manifests.checks.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar


@rule(
    "CSI410",
    "wrong-registration-path",
    "--kubelet-registration-path is the path of the driver's socket on the node",
    Registrar,
    fix="Set --kubelet-registration-path to the path of the driver's socket on the node: that of the hostPath volume, not of the mount.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-node}
  spec:
    containers:
    - name: node-driver-registrar
      image: quay.io/k8scsi/csi-node-driver-registrar:v1.1.0
      args:
      - --csi-address=/csi/csi.sock
-     - --kubelet-registration-path=/csi/csi.sock
+     - --kubelet-registration-path=/var/lib/kubelet/plugins/driver.example.com/csi.sock
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: registration-dir, mountPath: /registration}
    - name: driver
      image: example.com/driver:v1.2.0
      args: ["--endpoint=unix:///csi/csi.sock"]
      securityContext: {privileged: true}
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
    - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def registration_path_is_on_the_node(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """The kubelet dials this path on the node, outside of all containers; if nobody listens there, no volume is ever mounted."""
    sidecar = registrar.sidecar
    told = sidecar.flags["kubelet-registration-path"]
    pointer = sidecar.pointer_of("kubelet-registration-path")
    if "$(" in told:
        return
    places = [place for driver in drivers_beside(registrar, context) for place in driver.sockets]
    places += [sidecar.address] if sidecar.address else []
    on_node = [place.path for place in places if place.on == "host"]
    if not told.startswith("/"):
        yield Problem(pointer, f"{told!r} is not an absolute path")
    elif on_node and cleaned(told) not in on_node:
        yield Problem(pointer, f"the kubelet is told {told}, the driver's socket is {on_node[0]} on the node")
    elif places and not on_node:
        fix = "Put the socket into a hostPath volume, which the kubelet can reach."
        yield Problem(pointer, f"the kubelet is told {told}, the driver's socket is {places[0]}, not on the node", fix)


@rule(
    "CSI411",
    "wrong-registration-directory",
    "a driver registers where the kubelet looks",
    Registrar,
    fix="Mount the kubelet's plugins_registry directory at /registration.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-node}
  spec:
    containers:
    - name: node-driver-registrar
      image: quay.io/k8scsi/csi-node-driver-registrar:v1.1.0
      args:
      - --csi-address=/csi/csi.sock
      - --kubelet-registration-path=/var/lib/kubelet/plugins/driver.example.com/csi.sock
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: registration-dir, mountPath: /registration}
    - name: driver
      image: example.com/driver:v1.2.0
      args: ["--endpoint=unix:///csi/csi.sock"]
      securityContext: {privileged: true}
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
    - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
-   - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins, type: Directory}}
+   - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def registers_where_the_kubelet_looks(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """The kubelet finds drivers by their sockets in one directory; in the old one it takes only drivers of CSI 0.x.

    A driver that is not registered is "not found in the list of registered CSI drivers" when a pod wants a volume.
    """
    sidecar, place = registrar.sidecar, registrar.place
    if place is None:
        return
    pointer = _volume_pointer(sidecar, sidecar.flags.get("plugin-registration-path", "/registration"))
    if place.on != "host":
        yield Problem(pointer, f"the registration directory is {place}, which the kubelet cannot see")
        return
    table = [version for version in context.release.csi if sidecar.csi_major in {None, version.major}]
    allowed = list(dict.fromkeys(name for version in table for name in version.registration))
    if allowed and not any(name in allowed for name in watched(place.path, context)):
        spoken = "" if sidecar.csi_major is None else f" for drivers of CSI {sidecar.csi_major}.x"
        wanted = " or ".join(f"{context.release.kubelet.root}/{name}" for name in allowed)
        message = (
            f"registration directory is {place}; the kubelet of {context.release.version} looks{spoken} in {wanted}"
        )
        yield Problem(pointer, message)


def _volume_pointer(sidecar: Sidecar, path: str) -> str:
    mount = mount_of(cleaned(path), sidecar.container)
    volume = sidecar.pod.volume(mount.name) if mount else None
    if mount is None or volume is None:
        return sidecar.pointer
    return sidecar.pod.volume_pointer(mount.name) + ("/hostPath/path" if volume.host_path else "")


@rule(
    "CSI412",
    "misplaced-socket",
    "the driver's socket is outside the registration directory",
    Registrar,
    severity="warning",
    fix="Keep the socket in a directory of its own, such as /var/lib/kubelet/plugins/<driver>; only the registrar's belongs in plugins_registry.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-node}
  spec:
    containers:
    - name: node-driver-registrar
      image: quay.io/k8scsi/csi-node-driver-registrar:v1.1.0
      args:
      - --csi-address=/csi/csi.sock
-     - --kubelet-registration-path=/var/lib/kubelet/plugins_registry/driver.example.com/csi.sock
+     - --kubelet-registration-path=/var/lib/kubelet/plugins/driver.example.com/csi.sock
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: registration-dir, mountPath: /registration}
    - name: driver
      image: example.com/driver:v1.2.0
      args: ["--endpoint=unix:///csi/csi.sock"]
      securityContext: {privileged: true}
      volumeMounts:
      - {name: socket-dir, mountPath: /csi}
      - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
-   - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins_registry/driver.example.com, type: DirectoryOrCreate}}
+   - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def socket_is_not_among_registrations(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """The kubelet takes every socket in that directory for a registration: it asks the driver, gets an error, and logs it for ever."""
    right = context.release.kubelet.registration
    address = registrar.sidecar.address
    # Where drivers of 0.x register in the old directory, their sockets are below it too, and cannot be elsewhere.
    if address and address.on == "host" and right in address.folder.path.split("/"):
        yield Problem(
            registrar.sidecar.pointer_of("csi-address"), f"the driver's socket is {address}, among registrations"
        )
