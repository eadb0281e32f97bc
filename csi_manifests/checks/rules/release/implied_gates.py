"""The feature gates that objects need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.components import Component, components
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.names import from_server
from csi_manifests.analysis.pods import PodView, pod_view
from csi_manifests.analysis.programs import REGISTRARS, sidecars, sidecars_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.csi_v1alpha1 import CSIDriver
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest

    Asking = PersistentVolumeClaim | PersistentVolume | StorageClass | CSIDriver | PodView

_NODE_INFO = ("csi.storage.k8s.io", "CSINodeInfo")
_IN_TREE = "kubernetes.io/"


class GateNeed(NamedTuple):
    """A field that does nothing, or is refused, without a gate."""

    pointer: str
    gate: str
    what: str


@rule(
    "CSI314",
    "disabled-feature-gate",
    "the feature gate that a field needs is on",
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    CSIDriver,
    PodView,
    fix="Turn the gate on.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: kube-apiserver, namespace: kube-system}
  spec:
    containers:
      - name: kube-apiserver
        image: k8s.gcr.io/kube-apiserver:v1.13.0
-       command: [kube-apiserver, --feature-gates=VolumeSnapshotDataSource=false]
+       command: [kube-apiserver, --feature-gates=VolumeSnapshotDataSource=true]
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: restore-20181210}
  spec:
    accessModes: [ReadWriteOnce]
    dataSource: {name: snapshot-20181210, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
    resources: {requests: {storage: 1Gi}}
""",
)
def needed_gate_is_on(found: Asking, context: Context) -> Iterator[Problem]:
    """What a gate guards is refused by the API server, or is ignored by whoever should act on it, while the gate is off.

    Where the bundle does not show how the components are started, a gate that is off by default is an info,
    reported for the first object that needs it.
    """
    manifest = found.source if isinstance(found, PodView) else found
    if from_server(manifest):
        return
    known = context.release.gates
    for need in _needs(found, context):
        gate = known.get(need.gate)
        if gate is None:
            continue
        names = gate.components or ("kube-apiserver",)
        shown = [found for found in _shown(context) if found.name in names]
        off = next((found for found in shown if found.has(need.gate, known) is False), None)
        how = f"--feature-gates={need.gate}=true"
        if off is not None:
            message = f"{need.what} needs the gate {need.gate}, which is off in {off.name} of {off.manifest.key.kind} {off.manifest.name!r}"
            yield Problem(need.pointer, message, f"Start {off.name} with {how}.")
        elif not gate.default and _first_needs(context).get(need.gate) is manifest:
            unseen = [name for name in names if name not in {found.name for found in shown}]
            if unseen:
                message = f"{need.what} needs the gate {need.gate}, which is off by default in Kubernetes {context.release.version}"
                fix = f"Start {' and '.join(unseen)} with {how}, if that is not so yet."
                yield Problem(need.pointer, message, fix, "info")


@fact
def _shown(context: Context) -> list[Component]:
    return [found for each in components(context).values() for found in each]


@fact
def _first_needs(context: Context) -> dict[str, Manifest]:
    found: dict[str, Manifest] = {}
    for manifest in context.bundle:
        asking = pod_view(manifest, context) or manifest
        if not from_server(manifest):
            for need in _needs(asking, context):
                found.setdefault(need.gate, manifest)
    return found


def _needs(manifest: Manifest | PodView, context: Context) -> Iterator[GateNeed]:
    if isinstance(manifest, PersistentVolumeClaim) and manifest.spec:
        source = manifest.spec.data_source
        if source is not None and source.kind == "VolumeSnapshot":
            yield GateNeed("/spec/dataSource", "VolumeSnapshotDataSource", "restoring a VolumeSnapshot")
        if manifest.spec.volume_mode == "Block":
            yield GateNeed("/spec/volumeMode", "BlockVolume", "volumeMode: Block")
            if manifest.spec.storage_class_name in _csi_classes(context):
                yield GateNeed("/spec/volumeMode", "CSIBlockVolume", "volumeMode: Block with a CSI driver")
    elif isinstance(manifest, PersistentVolume) and manifest.spec and manifest.spec.csi:
        yield GateNeed("/spec/csi", "CSIPersistentVolume", "a volume of a CSI driver")
        if manifest.spec.volume_mode == "Block":
            yield GateNeed("/spec/volumeMode", "CSIBlockVolume", "volumeMode: Block with a CSI driver")
    elif isinstance(manifest, StorageClass) and manifest.volume_binding_mode == "WaitForFirstConsumer":
        yield GateNeed("/volumeBindingMode", "VolumeScheduling", "volumeBindingMode: WaitForFirstConsumer")
    elif isinstance(manifest, CSIDriver):
        yield GateNeed("/spec", "CSIDriverRegistry", "a CSIDriver")
    elif isinstance(manifest, PodView):
        yield from _needs_of_pod(manifest, context)


def _needs_of_pod(pod: PodView, context: Context) -> Iterator[GateNeed]:
    for sidecar in sidecars_of(pod.source, context):
        if sidecar.program in REGISTRARS:
            yield GateNeed(sidecar.pointer, "KubeletPluginsWatcher", "registration of a CSI driver")
    for pointer, container in pod.containers():
        for number, mount in enumerate(container.volume_mounts or ()):
            if mount.mount_propagation in {"Bidirectional", "HostToContainer"}:
                what = f"mountPropagation: {mount.mount_propagation}"
                yield GateNeed(f"{pointer}/volumeMounts/{number}/mountPropagation", "MountPropagation", what)


@fact
def _csi_classes(context: Context) -> set[str | None]:
    """Return the names of the StorageClasses whose provisioner is not part of Kubernetes itself."""
    return {found.name for found in context.bundle.all(StorageClass) if not found.provisioner.startswith(_IN_TREE)}


@rule(
    "CSI315",
    "missing-node-info-definition",
    "the feature gate CSINodeInfo comes with its definition",
    Component,
    severity="warning",
    fix="Add the CustomResourceDefinition csinodeinfos.csi.storage.k8s.io, unless the cluster has it, or leave the gate off.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: kube-apiserver, namespace: kube-system}
  spec:
    containers:
      - name: kube-apiserver
        image: k8s.gcr.io/kube-apiserver:v1.13.0
        command: [kube-apiserver, --feature-gates=CSINodeInfo=true]
  ---
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec:
        containers:
          - name: driver-registrar
            image: quay.io/k8scsi/driver-registrar:v0.4.1
            args:
              - --csi-address=/csi/csi.sock
              - --kubelet-registration-path=/var/lib/kubelet/plugins/csi-hostpath/csi.sock
            env: [{name: KUBE_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
            volumeMounts:
              - {name: socket-dir, mountPath: /csi}
              - {name: registration-dir, mountPath: /registration}
        volumes:
          - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath}}
          - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins}}
+ ---
+ apiVersion: apiextensions.k8s.io/v1beta1
+ kind: CustomResourceDefinition
+ metadata: {name: csinodeinfos.csi.storage.k8s.io}
+ spec:
+   group: csi.storage.k8s.io
+   version: v1alpha1
+   names: {kind: CSINodeInfo, plural: csinodeinfos}
+   scope: Cluster
""",
)
def node_info_has_definition(component: Component, context: Context) -> Iterator[Problem]:
    """With the gate the kubelet writes a CSINodeInfo for its node, a custom resource that only you can define.

    Without the definition no driver can be registered: driver-registrar starts again and again, and pods wait for their
    volumes. In a bundle without a driver it is an info.
    """
    node = kind_of("storage.k8s.io", "CSINode")
    if node is None or node.is_in(context.release.minor) or _NODE_INFO in definitions(context):
        return
    if component.name in {"kubelet", "kube-apiserver"} and component.has("CSINodeInfo", context.release.gates):
        pointer = next((gate.pointer for gate in component.gates if gate.name in {"CSINodeInfo", "AllAlpha"}), "")
        message = f"{component.name} has the gate CSINodeInfo on, and the bundle has no csinodeinfos.csi.storage.k8s.io"
        registers = any(sidecar.program in REGISTRARS for sidecar in sidecars(context))
        yield Problem(pointer, message, severity="warning" if registers else "info")
