"""Classes of storage and of snapshots: defaults, what a driver makes of them, and who serves them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import ClaimView
from csi_manifests.analysis.classes import (
    DEFAULT_ANNOTATIONS,
    ClassView,
    claims_without_class,
    default_snapshot_classes,
    default_storage_classes,
    driver_of,
    old_hostpath_names,
    serving,
)
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import DEFAULT_SNAPSHOT_CLASS, DEFAULT_STORAGE_CLASS
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshotClass, VolumeSnapshotContent
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_MEANT_AS_DEFAULT = re.compile(
    r"(?:[-.a-z0-9]*(?:k8s|kubernetes)\.io/)?is-?default-?(?:(?:storage|snapshot)-?)?(?:class)?"
)
# The access modes that a driver says it can do; other drivers are not known here.
# Source: kubernetes-csi/drivers pkg/hostpath/hostpath.go up to v0.4.2, AddVolumeCapabilityAccessModes.
_HOSTPATH_MODES = ("ReadWriteOnce",)


@rule(
    "CSI480",
    "duplicate-default-snapshot-class",
    "a driver has at most one default VolumeSnapshotClass",
    ClassView,
    severity="warning",
    fix=f"Take the annotation {DEFAULT_SNAPSHOT_CLASS} off all but one.",
    example="""\
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
  snapshotter: csi-hostpath
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
- metadata: {name: csi-hostpath-other, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
+ metadata: {name: csi-hostpath-other}
  snapshotter: csi-hostpath
""",
)
def one_default_snapshot_class(class_: ClassView, context: Context) -> Iterator[Problem]:
    """With two defaults for one driver csi-snapshotter does not choose: every snapshot that names no class fails for good."""
    defaults = default_snapshot_classes(context).get(class_.driver, [])
    if class_ in defaults[1:]:
        pointer = f"/metadata/annotations{pointer_of((DEFAULT_SNAPSHOT_CLASS,))}"
        others = ", ".join(repr(other.name) for other in defaults if other is not class_)
        yield Problem(pointer, f"is a default for driver {class_.driver!r}, and so is {others}")


@rule(
    "CSI481",
    "duplicate-default-storage-class",
    "a cluster has at most one default StorageClass",
    ClassView,
    severity="warning",
    fix=f"Take the annotation {DEFAULT_STORAGE_CLASS} off all but one.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
  provisioner: csi-hostpath
  ---
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
- metadata: {name: csi-hostpath-other, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
+ metadata: {name: csi-hostpath-other}
  provisioner: csi-hostpath
""",
)
def one_default_storage_class(class_: ClassView, context: Context) -> Iterator[Problem]:
    """With two defaults the API server (up to 1.25) refuses every claim that names no class."""
    defaults = default_storage_classes(context)
    if class_ in defaults[1:]:
        others = ", ".join(repr(other.name) for other in defaults if other is not class_)
        refused = claims_without_class(context)
        message = f"is the default class, and so is {others}"
        if refused:
            message += f"; {refused[0]} names no class and is refused"
        annotation = next(key for key in DEFAULT_ANNOTATIONS[class_.kind] if key in class_.annotations)
        pointer = f"/metadata/annotations{pointer_of((annotation,))}"
        yield Problem(pointer, message, severity="error" if refused else "warning")


@rule(
    "CSI482",
    "unread-default-annotation",
    "a default class is marked by the annotation that is read",
    ClassView,
    severity="warning",
    fix='Write the annotation as it is read, with the value "true".',
    example="""\
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
- metadata: {name: csi-hostpath-snapclass, annotations: {snapshot.storage.k8s.io/is-default-class: "true"}}
+ metadata: {name: csi-hostpath-snapclass, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
  snapshotter: csi-hostpath
""",
)
def default_is_marked_as_read(class_: ClassView, _: Context) -> Iterator[Problem]:
    """Any annotation is accepted, and only one is read: with another name or value the class is silently not the default."""
    known = DEFAULT_ANNOTATIONS[class_.kind]
    for key, value in class_.annotations.items():
        pointer = f"/metadata/annotations{pointer_of((key,))}"
        if key in known and value not in {"true", "false"}:
            yield Problem(pointer, f"{value!r} does not make it the default: only 'true' does", fix='Write "true".')
        elif key not in known and _MEANT_AS_DEFAULT.fullmatch(key.lower()):
            message = f"nobody reads the annotation {key!r} of a {class_.kind}. Did you mean {known[0]!r}?"
            yield Problem(pointer, message, fix=f"Write {known[0]}.")


@rule(
    "CSI483",
    "ignored-deletion-policy",
    "csi-snapshotter obeys the deletionPolicy",
    VolumeSnapshotClass,
    VolumeSnapshotContent,
    severity="warning",
    fix="Leave deletionPolicy out, or take csi-snapshotter 1.0 or later with a driver for CSI 1.0.",
    example="""\
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
- deletionPolicy: Retain
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-snapshotter}
  spec:
    serviceAccountName: csi-snapshotter
    containers:
    - {name: csi-snapshotter, image: "quay.io/k8scsi/csi-snapshotter:v0.4.1", args: ["--snapshotter=csi-hostpath"]}
""",
)
def deletion_policy_is_known(found: VolumeSnapshotClass | VolumeSnapshotContent, context: Context) -> Iterator[Problem]:
    """Before 1.0 csi-snapshotter deletes the snapshot in the backend whatever the policy says; the field is kept and ignored."""
    if isinstance(found, VolumeSnapshotContent):
        source = found.spec.csi_volume_snapshot_source
        pointer, policy, driver = "/spec/deletionPolicy", found.spec.deletion_policy, source.driver if source else None
    else:
        pointer, policy, driver = "/deletionPolicy", found.deletion_policy, found.snapshotter
    if policy is None or driver is None:
        return
    served = serving("csi-snapshotter", driver, context)
    if served and all(sidecar.version is not None and sidecar.version < (1, 0, 0) for sidecar in served):
        same = policy == "Delete"
        instead = "it deletes them anyway" if same else "it deletes the snapshots all the same"
        message = f"{served[0]} in {served[0].pod.where} does not read {policy!r}: {instead}"
        yield Problem(pointer, message, severity="info" if same else "warning")


@rule(
    "CSI484",
    "unsupported-access-mode",
    "a claim's access modes are supported by its driver",
    ClaimView,
    severity="warning",
    fix="Ask for ReadWriteOnce.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
-   accessModes: [ReadWriteMany]
+   accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
      args: ["--endpoint=unix:///csi/csi.sock", --nodeid=node-1]
      securityContext: {privileged: true}
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath, type: DirectoryOrCreate}}]
""",
)
def access_modes_fit_driver(found: ClaimView, context: Context) -> Iterator[Problem]:
    """A volume of hostpathplugin is a folder on one node, and 0.4 says it can do SINGLE_NODE_WRITER only.

    With another mode, a pod on another node does not get the data.
    """
    claim = found.claim
    modes = claim.spec.access_modes if claim.spec else None
    if modes and old_hostpath_names(context).intersection({driver_of(claim, context)}):
        for number, mode in enumerate(modes):
            if mode not in _HOSTPATH_MODES:
                message = f"hostpathplugin 0.4 does not offer {mode}, only {', '.join(_HOSTPATH_MODES)}"
                yield Problem(f"{found.pointer}/spec/accessModes/{number}", message)
