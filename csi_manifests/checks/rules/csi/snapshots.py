"""Snapshots of claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.classes import (
    class_name_of,
    classes,
    default_snapshot_classes,
    driver_of,
    lookup,
    snapshot_class,
)
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import pods
from csi_manifests.analysis.snapshots import SnapshotView, claim_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import DEFAULT_SNAPSHOT_CLASS, SNAPSHOT_CLASS
from csi_manifests.models import snapshot_v1alpha1
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context


@rule(
    "CSI470",
    "snapshot-driver-mismatch",
    "a snapshot's class has the driver of its source claim",
    SnapshotView,
    fix="Name a VolumeSnapshotClass whose driver is the provisioner of the claim's StorageClass.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
- snapshotter: csi-rbdplugin
+ snapshotter: csi-hostpath
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshot
  metadata: {name: snapshot-20181210}
  spec:
    snapshotClassName: csi-hostpath-snapclass
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
""",
)
def class_fits_claim(snapshot: SnapshotView, context: Context) -> Iterator[Problem]:
    """csi-snapshotter leaves snapshots to the driver of their class, and no driver knows the volumes of another.

    Nobody refuses the snapshot: it waits for ever, or fails for good.
    """
    class_ = snapshot_class(snapshot.class_name, context)
    claim = claim_of(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    if class_ is not None and claim is not None and driver is not None and class_.driver != driver:
        message = (
            f"VolumeSnapshotClass {class_.name!r} is of driver {class_.driver!r}, "
            f"the volume of claim {claim.name!r} is of {driver!r}"
        )
        yield Problem(snapshot.class_pointer, message)


@rule(
    "CSI471",
    "invalid-snapshot-source",
    "a snapshot's source is a claim",
    SnapshotView,
    fix="Give spec.source with the name of a claim and kind PersistentVolumeClaim.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshot
  metadata: {name: snapshot-20181210}
  spec:
    snapshotClassName: csi-hostpath-snapclass
-   source: {name: csi-pvc, kind: PersistentVolume}
+   source: {name: csi-pvc, kind: PersistentVolumeClaim}
""",
)
def source_is_a_claim(view: SnapshotView, _: Context) -> Iterator[Problem]:
    """Only claims have snapshots; for anything else csi-snapshotter sets an error in the snapshot, which v0.4.1 never removes.

    A snapshot that exists already is bound by spec.snapshotContentName instead. From v1beta1 on the source has a field for
    each, and the definition of snapshots asks for one of them.
    """
    snapshot = view.resource
    if not isinstance(snapshot, snapshot_v1alpha1.VolumeSnapshot):
        if (view.claim_name is None) == (view.content_name is None):
            fix = "Give spec.source with either persistentVolumeClaimName or volumeSnapshotContentName."
            named = "neither a claim nor a content" if view.claim_name is None else "both a claim and a content"
            yield Problem("/spec/source", f"names {named}", fix)
        return
    source = snapshot.spec.source
    if source is None:
        if not snapshot.spec.snapshot_content_name:
            yield Problem("/spec", "has neither a source nor a snapshotContentName")
        return
    if source.kind != PersistentVolumeClaim.KIND:
        guess = did_you_mean(source.kind, [PersistentVolumeClaim.KIND])
        message = f"the source is a {source.kind!r}, not a {PersistentVolumeClaim.KIND}"
        yield Problem("/spec/source/kind", f"{message}. {guess}" if guess else message)
    elif source.api_group:
        message = f"a {PersistentVolumeClaim.KIND} is of the core group, not of {source.api_group!r}"
        yield Problem("/spec/source/apiGroup", message, fix="Leave apiGroup out.")


@rule(
    "CSI472",
    "unclear-snapshot-class",
    "a snapshot without a class has exactly one default class",
    SnapshotView,
    severity="warning",
    fix=f'Name a class, or annotate one class of the driver with {DEFAULT_SNAPSHOT_CLASS}: "true".',
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
- metadata: {name: csi-hostpath-snapclass}
+ metadata: {name: csi-hostpath-snapclass, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
  snapshotter: csi-hostpath
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshot
  metadata: {name: snapshot-20181210}
  spec:
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
""",
)
def class_can_be_found(snapshot: SnapshotView, context: Context) -> Iterator[Problem]:
    """csi-snapshotter looks for the default class of the driver that has the claim's volume.

    With none, or more than one, it sets an error in the snapshot, and v0.4.1 does not try again.
    """
    if snapshot.class_name == "":
        yield Problem(snapshot.class_pointer, "names a class '', which cannot exist", severity="error")
    if snapshot.class_name is not None or snapshot.content_name:
        return
    claim = claim_of(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    known = [found.name for found in classes(context) if found.kind == SNAPSHOT_CLASS[1] and found.driver == driver]
    if driver is None or not known:
        return
    defaults = [class_.name for class_ in default_snapshot_classes(context).get(driver, [])]
    if not defaults:
        message = (
            f"names no class, and none of those of driver {driver!r} is its default (they are: {', '.join(known)})"
        )
        yield Problem("/spec", message)
    elif len(defaults) > 1:
        message = f"names no class, and driver {driver!r} has {len(defaults)} defaults: {', '.join(defaults)}"
        yield Problem("/spec", message, severity="error")


@rule(
    "CSI476",
    "unbound-source-claim",
    "a snapshot's source claim can be bound",
    SnapshotView,
    severity="warning",
    fix="Add the pod that uses the claim, or make the class bind at once, and take the snapshot once the claim is bound.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  volumeBindingMode: WaitForFirstConsumer
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshot
  metadata: {name: snapshot-20181210}
  spec:
    snapshotClassName: csi-hostpath-snapclass
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
+ ---
+ apiVersion: v1
+ kind: Pod
+ metadata: {name: my-csi-app}
+ spec:
+   containers: [{name: my-frontend, image: "busybox:1.31"}]
+   volumes: [{name: my-csi-volume, persistentVolumeClaim: {claimName: csi-pvc}}]
""",
)
def source_will_be_bound(snapshot: SnapshotView, context: Context) -> Iterator[Problem]:
    """With WaitForFirstConsumer a claim has no volume before a pod uses it.

    The snapshot of a claim that is not bound fails, and csi-snapshotter v0.4.1 does not try again: delete it and create it again.
    """
    claim = claim_of(snapshot, context)
    if (
        claim is None
        or claim.spec is None
        or claim.spec.volume_name
        or (claim.status and claim.status.phase == "Bound")
    ):
        return
    name = class_name_of(claim)
    class_ = lookup(StorageClass, name, context) if name else None
    if class_ is None or class_.volume_binding_mode != "WaitForFirstConsumer":
        return
    if (claim.namespace, claim.name) not in _used_claims(context):
        message = (
            f"claim {claim.name!r} waits for its first pod (class {class_.name!r}), and no pod of the bundle uses it"
        )
        yield Problem(snapshot.claim_pointer, message)


@fact
def _used_claims(context: Context) -> set[tuple[str, str]]:
    return {
        (pod.namespace, volume.persistent_volume_claim.claim_name)
        for pod in pods(context)
        for volume in pod.spec.volumes or ()
        if volume.persistent_volume_claim is not None
    }
