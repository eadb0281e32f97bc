"""4xx: how a driver makes itself known to the kubelet, and sees the directories that the kubelet gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.paths import Place, mount_of, normal, resolve, within
from csi_manifests.analysis.pods import POD_SOURCES
from csi_manifests.analysis.programs import REGISTRARS, Driver, Sidecar, drivers_of, is_script, sidecars_of, sockets
from csi_manifests.checks.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.pods import PodView
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.findings import Severity
    from csi_manifests.models.core_v1 import VolumeMount

_NODE = """\
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
  - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
  - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
"""
_SOCKET = "path=/var/lib/kubelet/plugins/driver.example.com/csi.sock"


class Registrar(NamedTuple):
    """A sidecar that makes a driver known to the kubelet, and the directory where it does so."""

    sidecar: Sidecar
    place: Place | None
    """The directory; None where that cannot be known."""
    named: str
    """The part of its path that the kubelet looks for, such as ``plugins_registry``; empty if there is none."""

    @property
    def root(self) -> str:
        """The kubelet's root, as far as the directory tells; empty if it does not."""
        return self.place.path.rpartition(f"/{self.named}")[0] if self.place and self.named else ""


def registrars_of(resource: Manifest, context: Context) -> Iterator[Registrar]:
    """Return the sidecars of an object that register a driver with the kubelet."""
    for sidecar in sidecars_of(resource, context):
        mode = sidecar.flags.get("mode")
        if sidecar.program not in REGISTRARS or mode == "kubernetes-register" or is_script(sidecar.container):
            continue
        if "kubelet-registration-path" not in sidecar.flags:
            continue  # Said by the rule about required flags.
        folder = sidecar.flags.get("plugin-registration-path", "/registration")
        place = resolve(folder, sidecar.container, sidecar.pod)
        named = _watched(place.path, context) if place is not None and place.on == "host" else []
        yield Registrar(sidecar, place, named[0] if named else "")


def _watched(path: str, context: Context) -> list[str]:
    """Return the parts of a path that are directories which the release's kubelet looks into."""
    known = {name for entry in context.release.facts["csi"] for name in entry["registration"]}
    return [part for part in reversed(path.split("/")) if part in known]


def _drivers(registrar: Registrar, context: Context) -> list[Driver]:
    """Return the drivers that a registrar speaks for: those on its socket, or else those in its pod."""
    beside = drivers_of(registrar.sidecar.pod.source, context)
    return [driver for driver in beside if registrar.sidecar.address in driver.sockets] or beside


@rule(
    "CSI410",
    "the kubelet is told where the driver's socket is on the node",
    *POD_SOURCES,
    fix="Set --kubelet-registration-path to the path of the driver's socket on the node: that of the hostPath volume, not of the mount.",
    bad=_NODE.replace(_SOCKET, "path=/csi/csi.sock"),
    good=_NODE,
)
def registration_path_is_on_the_node(resource: Manifest, context: Context) -> Iterator[Problem]:
    """The kubelet dials this path on the node, outside of all containers; if nobody listens there, no volume is ever mounted."""
    for registrar in registrars_of(resource, context):
        sidecar = registrar.sidecar
        told = sidecar.flags["kubelet-registration-path"]
        pointer = sidecar.pointer_of("kubelet-registration-path")
        if "$(" in told:
            continue
        places = [place for driver in _drivers(registrar, context) for place in driver.sockets]
        places += [sidecar.address] if sidecar.address else []
        on_node = [place.path for place in places if place.on == "host"]
        if not told.startswith("/"):
            yield Problem(pointer, f"{told!r} is not an absolute path")
        elif on_node and normal(told) not in on_node:
            yield Problem(pointer, f"the kubelet is told {told}, the driver's socket is {on_node[0]} on the node")
        elif places and not on_node:
            fix = "Put the socket into a hostPath volume, that the kubelet can reach."
            yield Problem(
                pointer, f"the kubelet is told {told}, the driver's socket is {places[0]}, not on the node", fix
            )


@rule(
    "CSI411",
    "a driver registers where the kubelet looks",
    *POD_SOURCES,
    fix="Mount the kubelet's plugins_registry directory at /registration.",
    bad=_NODE.replace("/plugins_registry,", "/plugins,"),
    good=_NODE,
)
def registers_where_the_kubelet_looks(resource: Manifest, context: Context) -> Iterator[Problem]:
    """The kubelet finds drivers by their sockets in one directory, and of those in the old one takes only CSI 0.x.

    A driver that is not registered is "not found in the list of registered CSI drivers" when a pod wants a volume.
    """
    for registrar in registrars_of(resource, context):
        sidecar, place = registrar.sidecar, registrar.place
        if place is None:
            continue
        pointer = _volume_pointer(sidecar, sidecar.flags.get("plugin-registration-path", "/registration"))
        if place.on != "host":
            yield Problem(pointer, f"the registration directory is {place}, which the kubelet cannot see")
            continue
        table = [entry for entry in context.release.facts["csi"] if sidecar.csi_major in {None, entry["major"]}]
        allowed = list(dict.fromkeys(name for entry in table for name in entry["registration"]))
        if allowed and not any(name in allowed for name in _watched(place.path, context)):
            spoken = "" if sidecar.csi_major is None else f" for drivers of CSI {sidecar.csi_major}.x"
            wanted = " or ".join(f"{context.release.facts['kubelet']['root']}/{name}" for name in allowed)
            message = (
                f"registration directory is {place}; the kubelet of {context.release.version} looks{spoken} in {wanted}"
            )
            yield Problem(pointer, message)


def _volume_pointer(sidecar: Sidecar, path: str) -> str:
    mount = mount_of(normal(path), sidecar.container)
    volume = sidecar.pod.volume(mount.name) if mount else None
    if mount is None or volume is None:
        return sidecar.pointer
    return sidecar.pod.volume_pointer(mount.name) + ("/hostPath/path" if volume.host_path else "")


@rule(
    "CSI412",
    "the driver's socket is not where drivers register",
    *POD_SOURCES,
    severity="warning",
    fix="Keep the socket in a directory of its own, such as /var/lib/kubelet/plugins/<driver>; only the registrar's belongs in plugins_registry.",
    bad=_NODE.replace("plugins/driver.example.com", "plugins_registry/driver.example.com"),
    good=_NODE,
)
def socket_is_not_among_registrations(resource: Manifest, context: Context) -> Iterator[Problem]:
    """The kubelet takes every socket in that directory for a registration: it asks the driver, gets an error, and logs it for ever."""
    right = context.release.facts["kubelet"]["registration"]
    for registrar in registrars_of(resource, context):
        address = registrar.sidecar.address
        # Where drivers of 0.x register in the old directory, their sockets are below it too, and cannot be elsewhere.
        if address and address.on == "host" and right in address.folder.path.split("/"):
            yield Problem(
                registrar.sidecar.pointer_of("csi-address"), f"the driver's socket is {address}, among registrations"
            )


@rule(
    "CSI413",
    "all directories of the kubelet are below one root",
    *POD_SOURCES,
    fix="Use the root that the kubelet of these nodes has as --root-dir, /var/lib/kubelet if it has none.",
    bad=_NODE.replace("/var/lib/kubelet/pods", "/data/kubelet/pods"),
    good=_NODE,
)
def kubelet_has_one_root(resource: Manifest, context: Context) -> Iterator[Problem]:
    """The kubelet looks for drivers below its root, and mounts volumes below it: with two roots, one of both is somewhere else."""
    for registrar in registrars_of(resource, context):
        for driver in _drivers(registrar, context) if registrar.root else ():
            roots = list(_pods_roots(driver, context))
            if roots and all(root != registrar.root for _, root in roots):
                mount, root = roots[0]
                pointer = f"{driver.pod.volume_pointer(mount.name)}/hostPath/path"
                message = f"the pods' directory is below {root}, the registration directory below {registrar.root}"
                yield Problem(pointer, message)


def _pods_roots(driver: Driver, context: Context) -> Iterator[tuple[VolumeMount, str]]:
    """Return the kubelet's root by every mount that is surely its directory of pods."""
    pods = context.release.facts["kubelet"]["pods"]
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
    "a driver sees the pods' directory under its own name",
    *POD_SOURCES,
    fix="Mount the kubelet's directory of pods in the driver's container at the very path it has on the node.",
    bad=_NODE.replace("mountPath: /var/lib/kubelet/pods", "mountPath: /pods"),
    good=_NODE,
)
def pods_directory_keeps_its_path(resource: Manifest, context: Context) -> Iterator[Problem]:
    """The kubelet asks the driver to mount at a path of the node, and the driver does so at that path in its own container."""
    for registrar in registrars_of(resource, context):
        pods = f"{registrar.root}/{context.release.facts['kubelet']['pods']}"
        for driver in _drivers(registrar, context) if registrar.root else ():
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
    "what a driver mounts for pods is seen by the node",
    *POD_SOURCES,
    fix="Set mountPropagation: Bidirectional on this mount; the container must be privileged for it.",
    bad=_NODE.replace(", mountPropagation: Bidirectional", ""),
    good=_NODE,
)
def mounts_reach_the_node(resource: Manifest, context: Context) -> Iterator[Problem]:
    """Without Bidirectional propagation a mount stays in the driver's container, and the pod gets the empty directory below it."""
    for registrar in registrars_of(resource, context):
        pods = f"{registrar.root}/{context.release.facts['kubelet']['pods']}"
        for driver in _drivers(registrar, context) if registrar.root else ():
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
    "a directory that must be there is there",
    *POD_SOURCES,
    severity="info",
    fix="Set type: DirectoryOrCreate, unless the driver cannot work where the directory is missing.",
    bad=_NODE.replace("DirectoryOrCreate", "Directory"),
    good=_NODE,
)
def required_directory_is_there(resource: Manifest, context: Context) -> Iterator[Problem]:
    """A pod with a hostPath of type Directory that is missing on its node stays in ContainerCreating for ever."""
    found = sidecars_of(resource, context)
    if not found:
        return
    pod, kubelet = found[0].pod, context.release.facts["kubelet"]
    own = {kubelet["root"].rpartition("/")[2], *(kubelet[name] for name in ("plugins", "pods", "registration"))}
    for number, volume in enumerate(pod.spec.volumes or ()):
        if volume.host_path is None or volume.host_path.type != "Directory":
            continue
        path = normal(volume.host_path.path)
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


_STATE = """\
apiVersion: v1
kind: Pod
metadata: {name: hostpath}
spec:
  containers:
  - name: hostpath
    image: quay.io/k8scsi/hostpathplugin:v1.1.0
    args: ["--endpoint=unix:///csi/csi.sock"]
    volumeMounts: [{name: data, mountPath: /DIR}]
  volumes: [{name: data, hostPath: {path: /var/lib/csi-hostpath-data, type: DirectoryOrCreate}}]
"""
_FIRST_STATE = (1, 1, 0)


@rule(
    "CSI417",
    "the hostpath driver keeps its volumes when it starts again",
    *POD_SOURCES,
    severity="warning",
    fix="Mount a hostPath volume at /csi-data-dir, or where --statedir says.",
    bad=_STATE.replace("DIR", "data"),
    good=_STATE.replace("DIR", "csi-data-dir"),
)
def hostpath_keeps_its_volumes(resource: Manifest, context: Context) -> Iterator[Problem]:
    """What is in the container's own files is gone when the container starts again, and every volume and snapshot with it."""
    for sidecar in sidecars_of(resource, context):
        if sidecar.program != "hostpathplugin" or sidecar.version is None:
            continue
        if sidecar.version < _FIRST_STATE:
            message = f"{sidecar} keeps volumes in its container and on its node, and forgets them when it starts again"
            fix = "Use it for trials on one node; releases from v1.1.0 on can keep volumes in a hostPath volume."
            yield Problem(sidecar.pointer, message, fix, "info")
            continue
        folder = sidecar.flags.get("statedir", "/csi-data-dir")
        place = resolve(folder, sidecar.container, sidecar.pod)
        if place is not None and place.on != "host":
            yield Problem(
                sidecar.pointer, f"{sidecar} keeps volumes at {folder}, where no directory of the node is mounted"
            )
