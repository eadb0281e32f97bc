"""The directories of the node that a driver shares with the kubelet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.paths import Place, cleaned, mount_of, resolve, within
from csi_manifests.analysis.pods import PodView
from csi_manifests.analysis.programs import Driver, Sidecar, sidecars_of, sockets
from csi_manifests.analysis.registrars import Registrar, drivers_beside
from csi_manifests.checks.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity
    from csi_manifests.models.core_v1 import VolumeMount


@rule(
    "CSI413",
    "mixed-kubelet-roots",
    "all directories of the kubelet are below one root",
    Registrar,
    fix="Use the --root-dir of these nodes' kubelet, which is /var/lib/kubelet by default.",
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
-     - {name: pods-dir, mountPath: /data/kubelet/pods, mountPropagation: Bidirectional}
+     - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
    - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
-   - {name: pods-dir, hostPath: {path: /data/kubelet/pods, type: Directory}}
+   - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def kubelet_has_one_root(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """The kubelet looks for drivers below its root, and mounts volumes below it: with two roots, one of the two is wrong."""
    for driver in drivers_beside(registrar, context) if registrar.root else ():
        roots = list(_pods_roots(driver, context))
        if roots and all(root != registrar.root for _, root in roots):
            mount, root = roots[0]
            pointer = f"{driver.pod.volume_pointer(mount.name)}/hostPath/path"
            message = f"the pods' directory is below {root}, the registration directory below {registrar.root}"
            yield Problem(pointer, message)


def _pods_roots(driver: Driver, context: Context) -> Iterator[tuple[VolumeMount, str]]:
    """Return the kubelet's root by every mount that is surely its directory of pods."""
    pods = context.release.kubelet.pods
    for mount, host in _host_mounts(driver.pod, driver):
        root = host.removesuffix(f"/{pods}")
        if root != host and (mount.mount_propagation == "Bidirectional" or root.endswith("/kubelet")):
            yield mount, root


def _host_mounts(pod: PodView, driver: Driver) -> Iterator[tuple[VolumeMount, str]]:
    for mount in driver.container.volume_mounts or ():
        place = resolve(mount.mount_path, driver.container, pod)
        if place is not None and place.on == "host":
            yield mount, place.path


@rule(
    "CSI414",
    "moved-pods-directory",
    "a driver mounts the pods' directory at the path it has on the node",
    Registrar,
    fix="Mount the kubelet's pods directory in the driver's container at the path it has on the node.",
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
-     - {name: pods-dir, mountPath: /pods, mountPropagation: Bidirectional}
+     - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
    - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def pods_directory_keeps_its_path(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """The kubelet asks the driver to mount at a path of the node, and the driver does so at that path in its own container."""
    pods = f"{registrar.root}/{context.release.kubelet.pods}"
    for driver in drivers_beside(registrar, context) if registrar.root else ():
        if resolve(pods, driver.container, driver.pod) in {Place("host", "", pods), None}:
            continue
        mounts = list(_host_mounts(driver.pod, driver))
        elsewhere = [
            mount for mount, host in mounts if host not in {"/", pods.rpartition("/")[0]} and within(host, pods)
        ]
        if elsewhere:
            number = (driver.container.volume_mounts or []).index(elsewhere[0])
            pointer = f"{driver.pointer}/volumeMounts/{number}/mountPath"
            yield Problem(pointer, f"{pods} of the node is {elsewhere[0].mount_path} in the container")
        elif not _reaches_the_node(driver) and not any(_pods_roots(driver, context)):
            yield Problem(driver.pointer, f"{pods} of the node is not mounted in the container", severity="warning")


def _reaches_the_node(driver: Driver) -> bool:
    """Return whether a driver may have other ways to mount on the node than in its own container."""
    return bool(driver.pod.spec.host_pid) or any(host == "/" for _, host in _host_mounts(driver.pod, driver))


@rule(
    "CSI415",
    "missing-mount-propagation",
    "what a driver mounts for pods is visible on the node",
    Registrar,
    fix="Set mountPropagation: Bidirectional on this mount; the container must be privileged for it.",
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
-     - {name: pods-dir, mountPath: /var/lib/kubelet/pods}
+     - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
    volumes:
    - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def mounts_reach_the_node(registrar: Registrar, context: Context) -> Iterator[Problem]:
    """Without Bidirectional propagation a mount stays in the driver's container, and the pod gets the empty directory below it."""
    pods = f"{registrar.root}/{context.release.kubelet.pods}"
    for driver in drivers_beside(registrar, context) if registrar.root else ():
        mount = mount_of(pods, driver.container)
        if mount is None or resolve(pods, driver.container, driver.pod) != Place("host", "", pods):
            continue
        if mount.mount_propagation != "Bidirectional":
            severity: Severity = "warning" if _reaches_the_node(driver) else "error"
            number = (driver.container.volume_mounts or []).index(mount)
            said = mount.mount_propagation or "not set, which is None"
            pointer = f"{driver.pointer}/volumeMounts/{number}"
            yield Problem(pointer, f"mountPropagation of {mount.mount_path} is {said}", severity=severity)


# Directories that every node has; those that the kubelet makes when it starts are the release's facts.
_THERE = re.compile(
    r"/(?:bin|boot|dev(?:/.*)?|etc|home|lib|lib64|media|mnt|opt|proc(?:/.*)?|root|run|sbin|srv|sys(?:/.*)?|tmp|usr|var)?"
    r"|/(?:usr/)?lib/modules|/usr/(?:bin|lib|share)|/var/(?:cache|lib|log|tmp)|/etc/(?:ssl(?:/certs)?|kubernetes)"
)


@rule(
    "CSI416",
    "missing-host-directory",
    "a hostPath of type Directory exists on the node",
    PodView,
    severity="info",
    fix="Set type: DirectoryOrCreate, unless the driver cannot work where the directory is missing.",
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
-   - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: Directory}}
+   - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com, type: DirectoryOrCreate}}
    - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
""",
)
def required_directory_is_there(pod: PodView, context: Context) -> Iterator[Problem]:
    """A pod with a hostPath of type Directory that is missing on its node stays in ContainerCreating for ever."""
    if not sidecars_of(pod.source, context):
        return
    kubelet = context.release.kubelet
    own = {kubelet.root.rpartition("/")[2], kubelet.plugins, kubelet.pods, kubelet.registration}
    for number, volume in enumerate(pod.spec.volumes or ()):
        if volume.host_path is None or volume.host_path.type != "Directory":
            continue
        path = cleaned(volume.host_path.path)
        if _THERE.fullmatch(path) or path.rpartition("/")[2] in own:
            continue
        is_socket = path in _socket_folders(context)
        message = f"{path} must be on the node already" + (
            ", and it is where the driver is to make its socket" if is_socket else ""
        )
        pointer = f"{pod.pointer}/volumes/{number}/hostPath/type"
        yield Problem(pointer, message, severity="warning" if is_socket else "info")


@fact
def _socket_folders(context: Context) -> set[str]:
    return {place.folder.path for place in sockets(context).listeners if place.on == "host"}


_FIRST_STATE = (1, 1, 0)


@rule(
    "CSI417",
    "volatile-hostpath-volumes",
    "the hostpath driver's volumes survive a restart",
    Sidecar,
    severity="warning",
    fix="Mount a hostPath volume at /csi-data-dir, or where --statedir says.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: hostpath}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v1.1.0
      args: ["--endpoint=unix:///csi/csi.sock"]
-     volumeMounts: [{name: data, mountPath: /data}]
+     volumeMounts: [{name: data, mountPath: /csi-data-dir}]
    volumes: [{name: data, hostPath: {path: /var/lib/csi-hostpath-data, type: DirectoryOrCreate}}]
""",
)
def hostpath_keeps_its_volumes(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """The container's own files are gone when it starts again, and every volume and snapshot with them."""
    if sidecar.program != "hostpathplugin" or sidecar.version is None:
        return
    if sidecar.version < _FIRST_STATE:
        message = f"{sidecar} keeps volumes in its container and on its node, and forgets them when it starts again"
        fix = "Use it for trials on one node; releases from v1.1.0 on can keep volumes in a hostPath volume."
        yield Problem(sidecar.pointer, message, fix, "info")
        return
    folder = sidecar.flags.get("statedir", "/csi-data-dir")
    place = resolve(folder, sidecar.container, sidecar.pod)
    if place is not None and place.on != "host":
        yield Problem(
            sidecar.pointer, f"{sidecar} keeps volumes at {folder}, where no directory of the node is mounted"
        )
