"""Where containers mount the volumes of their pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import claims_of
from csi_manifests.analysis.parts import among, climbs, guess, repeated
from csi_manifests.analysis.pods import ContainerView, PodView
from csi_manifests.checks.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Container


@rule(
    "CSI142",
    "unknown-volume",
    "a volume that is mounted exists",
    PodView,
    fix="Add it to the pod's volumes, or correct the name.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v0.4.1
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
-   volumes: [{name: socketdir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath}}]
+   volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath}}]
""",
)
def mounted_volumes_are_there(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses the pod. A StatefulSet's claim templates are volumes of its pods as well."""
    known = dict.fromkeys(volume.name for _, volume in pod.volumes())
    known |= dict.fromkeys(view.claim.metadata.name or "" for view in claims_of(pod.source))
    for pointer, container in pod.containers():
        for where, name in _uses(pointer, container):
            if name not in known:
                message = f"the pod has no volume {name!r} (it has: {among(known)}){guess(name, known)}"
                yield Problem(f"{where}/name", message)


def _uses(pointer: str, container: Container) -> Iterator[tuple[str, str]]:
    for number, mount in enumerate(container.volume_mounts or ()):
        yield f"{pointer}/volumeMounts/{number}", mount.name
    for number, device in enumerate(container.volume_devices or ()):
        yield f"{pointer}/volumeDevices/{number}", device.name


@rule(
    "CSI143",
    "duplicate-mount-path",
    "a container mounts one thing at a path",
    ContainerView,
    fix="Mount one of the two somewhere else.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     volumeMounts: [{name: data, mountPath: /data}, {name: cache, mountPath: /data}]
+     volumeMounts: [{name: data, mountPath: /data}, {name: cache, mountPath: /cache}]
    volumes: [{name: data, emptyDir: {}}, {name: cache, emptyDir: {}}]
""",
)
def mount_paths_differ(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses two mounts or devices at the same path.

    It does not see that ``/data/`` is ``/data``; the container then fails to start, or sees only one; this is a warning.
    """
    mounts, devices = container.spec.volume_mounts or (), container.spec.volume_devices or ()
    paths = [
        (f"{container.pointer}/volumeMounts/{number}/mountPath", mount.mount_path)
        for number, mount in enumerate(mounts)
    ]
    paths += [
        (f"{container.pointer}/volumeDevices/{number}/devicePath", one.device_path)
        for number, one in enumerate(devices)
    ]
    exact = {where for where, _, _ in repeated(paths)}
    for where, path, first in repeated((where, path.rstrip("/") or "/") for where, path in paths):
        message = f"{path!r} is also the path at {first}"
        yield Problem(where, message, severity=None if where in exact else "warning")


@rule(
    "CSI144",
    "colon-in-mount-path",
    "a mount path has no colon",
    ContainerView,
    severity="warning",
    fix="Choose a path without ':'.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     volumeMounts: [{name: data, mountPath: "/data:ro"}]
+     volumeMounts: [{name: data, mountPath: /data, readOnly: true}]
    volumes: [{name: data, emptyDir: {}}]
""",
)
def mount_paths_have_no_colon(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server takes it. Docker separates path and options by it and does not start the container; others may."""
    for number, mount in enumerate(container.spec.volume_mounts or ()):
        path = mount.mount_path
        if ":" in path and not (path[1:2] == ":" and ":" not in path[2:]):
            yield Problem(f"{container.pointer}/volumeMounts/{number}/mountPath", f"{path!r} has a ':'")


@rule(
    "CSI145",
    "unprivileged-propagation",
    "only a privileged container uses Bidirectional mount propagation",
    ContainerView,
    fix="Set securityContext.privileged: true on the container, or use HostToContainer if it only has to see mounts.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
+     securityContext: {privileged: true}
      volumeMounts: [{name: pods, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}]
    volumes: [{name: pods, hostPath: {path: /var/lib/kubelet/pods}}]
""",
)
def bidirectional_needs_privileged(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses Bidirectional mount propagation in any other container: what is mounted there reaches the node."""
    context = container.spec.security_context
    if context is None or not context.privileged:
        for number, mount in enumerate(container.spec.volume_mounts or ()):
            if mount.mount_propagation == "Bidirectional":
                where = f"{container.pointer}/volumeMounts/{number}/mountPropagation"
                yield Problem(
                    where,
                    f"{mount.mount_path!r} is Bidirectional, and the container {container.spec.name!r} is not privileged",
                )


@rule(
    "CSI146",
    "escaping-sub-path",
    "a subPath stays inside its volume",
    ContainerView,
    fix="Write subPath relative to the volume, without '..'.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     volumeMounts: [{name: data, mountPath: /data, subPath: /app}]
+     volumeMounts: [{name: data, mountPath: /data, subPath: app}]
    volumes: [{name: data, emptyDir: {}}]
""",
)
def sub_paths_stay_inside(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses a subPath that is absolute or climbs out with '..'."""
    for number, mount in enumerate(container.spec.volume_mounts or ()):
        path = mount.sub_path or ""
        if path.startswith("/") or climbs(path):
            how = "begins with '/'" if path.startswith("/") else "climbs with '..'"
            yield Problem(f"{container.pointer}/volumeMounts/{number}/subPath", f"{path!r} {how}")


@rule(
    "CSI150",
    "invalid-block-device",
    "a block device is a claim that is not mounted as well",
    PodView,
    fix="List only claims below volumeDevices, and none of them below volumeMounts of the same container.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
      volumeDevices: [{name: data, devicePath: /dev/data}]
-   volumes: [{name: data, emptyDir: {}}]
+   volumes: [{name: data, persistentVolumeClaim: {claimName: csi-pvc}}]
""",
)
def devices_are_claims(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses any other volume as a device, and a volume that a container has as device and mount, or twice."""
    others = {volume.name for _, volume in pod.volumes() if volume.persistent_volume_claim is None}
    others -= {view.claim.metadata.name for view in claims_of(pod.source)}
    for pointer, container in pod.containers():
        mounted = {mount.name for mount in container.volume_mounts or ()}
        devices = [
            (f"{pointer}/volumeDevices/{number}/name", device)
            for number, device in enumerate(container.volume_devices or ())
        ]
        for where, device in devices:
            if device.name in others:
                yield Problem(where, f"the volume {device.name!r} is not a claim")
            elif device.name in mounted:
                yield Problem(where, f"the volume {device.name!r} is mounted in the same container")
            if climbs(device.device_path):
                yield Problem(where.removesuffix("name") + "devicePath", f"{device.device_path!r} climbs with '..'")
        for where, name, first in repeated((where, device.name) for where, device in devices):
            yield Problem(where, f"the volume {name!r} is a device already, at {first}")
