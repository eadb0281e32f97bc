"""The feature gates that objects need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.analysis.classes import CSI_DRIVERS
from csi_manifests.analysis.components import Component, components
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.names import from_server
from csi_manifests.analysis.pods import PodView, pod_view
from csi_manifests.analysis.programs import REGISTRARS, sidecars, sidecars_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.text.plain_data import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models import csi_v1alpha1, storage_v1

    CSIDriver = csi_v1alpha1.CSIDriver | storage_v1.CSIDriver
    Asking = PersistentVolumeClaim | PersistentVolume | StorageClass | CSIDriver | PodView

_NODE_INFO = ("csi.storage.k8s.io", "CSINodeInfo")
_IN_TREE = "kubernetes.io/"


class GatedField(NamedTuple):
    """A field that needs a gate, whatever else the object says."""

    path: str
    gate: str
    value: Any = None
    """The value, or the item of a list, that needs it; None for any."""
    meaning: str = ""
    """What needs it, where the field's name does not say so."""

    @property
    def what(self) -> str:
        """What needs the gate."""
        value = "" if self.value is None else ": true" if self.value is True else f": {self.value}"
        return self.meaning or self.path.removeprefix("/spec").removeprefix("/").replace("/", ".") + value


# Source: the functions that drop disabled fields, pkg/registry/storage/csidriver/strategy.go and
# pkg/api/persistentvolume(claim)/util.go, and the documentation of each gate.
_GATED: dict[str, tuple[GatedField, ...]] = {
    "CSIDriver": (
        GatedField("/spec/volumeLifecycleModes", "CSIInlineVolume", "Ephemeral"),
        GatedField("/spec/fsGroupPolicy", "CSIVolumeFSGroupPolicy"),
        GatedField("/spec/storageCapacity", "CSIStorageCapacity", True),
        GatedField("/spec/tokenRequests", "CSIServiceAccountToken"),
        GatedField("/spec/requiresRepublish", "CSIServiceAccountToken", True),
        GatedField("/spec/seLinuxMount", "SELinuxMountReadWriteOncePod", True),
        GatedField("/spec/nodeAllocatableUpdatePeriodSeconds", "MutableCSINodeAllocatableCount"),
        GatedField("/spec/serviceAccountTokenInSecrets", "CSIServiceAccountTokenSecrets", True),
    ),
    "PersistentVolumeClaim": (
        GatedField("/spec/volumeMode", "BlockVolume", "Block"),
        GatedField("/spec/accessModes", "ReadWriteOncePod", "ReadWriteOncePod"),
        GatedField("/spec/dataSource/kind", "VolumePVCDataSource", "PersistentVolumeClaim"),
        GatedField("/spec/dataSourceRef", "AnyVolumeDataSource"),
        GatedField("/spec/dataSourceRef/namespace", "CrossNamespaceVolumeDataSource"),
        GatedField("/spec/volumeAttributesClassName", "VolumeAttributesClass"),
    ),
    "PersistentVolume": (
        GatedField("/spec/csi", "CSIPersistentVolume", meaning="a volume of a CSI driver"),
        GatedField("/spec/accessModes", "ReadWriteOncePod", "ReadWriteOncePod"),
        GatedField("/spec/csi/controllerExpandSecretRef", "ExpandCSIVolumes"),
        GatedField("/spec/csi/nodeExpandSecretRef", "CSINodeExpandSecret"),
        GatedField("/spec/volumeAttributesClassName", "VolumeAttributesClass"),
    ),
    "StorageClass": (GatedField("/volumeBindingMode", "VolumeScheduling", "WaitForFirstConsumer"),),
}


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
    *CSI_DRIVERS,
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
    if isinstance(manifest, PodView):
        yield from _needs_of_pod(manifest, context)
        return
    yield from _needs_of_fields(manifest)
    if isinstance(manifest, PersistentVolumeClaim) and manifest.spec:
        source = manifest.spec.data_source
        if source is not None and source.kind == "VolumeSnapshot":
            yield GateNeed("/spec/dataSource", "VolumeSnapshotDataSource", "restoring a VolumeSnapshot")
        if manifest.spec.volume_mode == "Block" and manifest.spec.storage_class_name in _csi_classes(context):
            yield GateNeed("/spec/volumeMode", "CSIBlockVolume", "volumeMode: Block with a CSI driver")
    elif isinstance(manifest, PersistentVolume) and manifest.spec and manifest.spec.csi:
        if manifest.spec.volume_mode == "Block":
            yield GateNeed("/spec/volumeMode", "CSIBlockVolume", "volumeMode: Block with a CSI driver")
    elif isinstance(manifest, StorageClass):
        if manifest.allow_volume_expansion and manifest.name in _csi_classes(context):
            yield GateNeed("/allowVolumeExpansion", "ExpandCSIVolumes", "allowVolumeExpansion with a CSI driver")
    elif isinstance(manifest, CSI_DRIVERS):
        yield GateNeed("/spec", "CSIDriverRegistry", "a CSIDriver")


def _needs_of_fields(manifest: Manifest) -> Iterator[GateNeed]:
    gated = _GATED.get(manifest.key.kind, ())
    content = manifest.to_dict() if gated else {}
    for field in gated:
        found = _at(content, field.path)
        if found is not None and field.value in (None, found, *items(found)):
            yield GateNeed(field.path, field.gate, field.what)


def _at(content: Any, path: str) -> Any:
    for step in path.split("/")[1:]:
        content = mapping(content).get(step)
    return content


def _needs_of_pod(pod: PodView, context: Context) -> Iterator[GateNeed]:
    for sidecar in sidecars_of(pod.source, context):
        if sidecar.program in REGISTRARS:
            yield GateNeed(sidecar.pointer, "KubeletPluginsWatcher", "registration of a CSI driver")
    for pointer, volume in pod.volumes():
        if volume.csi is not None:
            yield GateNeed(f"{pointer}/csi", "CSIInlineVolume", "a volume of a CSI driver without a claim")
        if volume.ephemeral is not None:
            yield GateNeed(f"{pointer}/ephemeral", "GenericEphemeralVolume", "a claim within a pod")
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
