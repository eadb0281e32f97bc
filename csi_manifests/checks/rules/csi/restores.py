"""Claims that are restored from snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.classes import class_name_of, driver_of, snapshot_class
from csi_manifests.analysis.snapshots import SnapshotView, claim_of, content_of, snapshot_named
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import SNAPSHOT_GROUP
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.scalars import quantity
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.scalars import Quantity

_FIRST_WITH_CLONES = (1, 15)


@rule(
    "CSI473",
    "small-restored-claim",
    "a restored claim is at least as large as its snapshot",
    PersistentVolumeClaim,
    fix="Ask for at least the size of the claim that the snapshot is of.",
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
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: restore-20181210}
  spec:
    accessModes: [ReadWriteOnce]
    dataSource: {name: snapshot-20181210, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
-   resources: {requests: {storage: 500Mi}}
+   resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
""",
)
def restored_size_fits(claim: PersistentVolumeClaim, context: Context) -> Iterator[Problem]:
    """csi-provisioner refuses a claim smaller than its snapshot; the claim waits for ever."""
    snapshot = _restored_from(claim, context)
    size = _size(claim)
    if snapshot is None or size is None:
        return
    source = claim_of(snapshot, context)
    told = snapshot.restore_size
    least = told if told is not None else _size(source) if source is not None else None
    if least is not None and quantity(size) < quantity(least):
        whose = "the snapshot" if told is not None or source is None else f"claim {source.name!r}"
        message = f"{size} is less than the {least} of {whose} that it is restored from"
        yield Problem("/spec/resources/requests/storage", message)


@rule(
    "CSI474",
    "unsupported-data-source",
    "a claim's dataSource can be restored",
    PersistentVolumeClaim,
    fix=f"Give dataSource with kind VolumeSnapshot and apiGroup {SNAPSHOT_GROUP}.",
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
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: restore-20181210}
  spec:
    accessModes: [ReadWriteOnce]
-   dataSource: {name: snapshot-20181210, kind: VolumeSnapshot}
+   dataSource: {name: snapshot-20181210, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
    resources: {requests: {storage: 1Gi}}
    storageClassName: csi-hostpath-sc
""",
)
def data_source_can_be_restored(claim: PersistentVolumeClaim, context: Context) -> Iterator[Problem]:
    """csi-provisioner takes kind VolumeSnapshot of the group snapshot.storage.k8s.io and nothing else, from 1.3 on also claims.

    The API server of 1.13 refuses all else; 1.20 drops or takes it, and the claim begins empty or waits for ever.
    """
    source = claim.spec.data_source if claim.spec else None
    if source is None or (source.kind, source.api_group) == ("VolumeSnapshot", SNAPSHOT_GROUP):
        return
    if source.kind == "VolumeSnapshot":
        there = f"of group {source.api_group!r}" if source.api_group else "without apiGroup"
        pointer = "/spec/dataSource/apiGroup" if source.api_group else "/spec/dataSource"
        yield Problem(
            pointer,
            f"VolumeSnapshot {source.name!r} {there}, not of {SNAPSHOT_GROUP}",
            fix=f"Write apiGroup: {SNAPSHOT_GROUP}.",
        )
    elif source.api_group == SNAPSHOT_GROUP:
        guess = did_you_mean(source.kind, ["VolumeSnapshot"])
        message = f"the kind is {source.kind!r}, not VolumeSnapshot"
        yield Problem("/spec/dataSource/kind", f"{message}. {guess}" if guess else message)
    elif source.kind == PersistentVolumeClaim.KIND and not source.api_group:
        if context.release.minor < _FIRST_WITH_CLONES:
            message = f"a claim can begin with another one from Kubernetes 1.15 on, not on {context.release.version}"
            yield Problem("/spec/dataSource/kind", message, fix="Take a VolumeSnapshot of the claim, and restore that.")
    else:
        what = f"{source.kind} of group {source.api_group!r}" if source.api_group else source.kind
        yield Problem("/spec/dataSource/kind", f"a volume cannot begin with {what}")


@rule(
    "CSI475",
    "restore-driver-mismatch",
    "a restored claim has the driver of its snapshot",
    PersistentVolumeClaim,
    fix="Name a StorageClass whose provisioner is the driver of the snapshot.",
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
    source: {name: csi-pvc, kind: PersistentVolumeClaim}
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: restore-20181210}
  spec:
    accessModes: [ReadWriteOnce]
    dataSource: {name: snapshot-20181210, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
    resources: {requests: {storage: 1Gi}}
-   storageClassName: csi-rbd-sc
- ---
- apiVersion: storage.k8s.io/v1
- kind: StorageClass
- metadata: {name: csi-rbd-sc}
- provisioner: csi-rbdplugin
+   storageClassName: csi-hostpath-sc
""",
)
def restored_by_same_driver(claim: PersistentVolumeClaim, context: Context) -> Iterator[Problem]:
    """The name of a snapshot in its backend means nothing to another driver, which fails or makes an empty volume."""
    snapshot = _restored_from(claim, context)
    driver = driver_of(claim, context)
    if snapshot is None or driver is None:
        return
    holder = _driver_of_snapshot(snapshot, context)
    if holder is not None and holder != driver:
        message = f"class {class_name_of(claim)!r} is of driver {driver!r}, snapshot {snapshot.name!r} of {holder!r}"
        yield Problem("/spec/storageClassName", message)


def _restored_from(claim: PersistentVolumeClaim, context: Context) -> SnapshotView | None:
    """Return the snapshot that a claim begins with, if it is in the bundle."""
    source = claim.spec.data_source if claim.spec else None
    if source is None or source.kind != "VolumeSnapshot":
        return None
    return snapshot_named(source.name, claim.namespace, context)


def _driver_of_snapshot(snapshot: SnapshotView, context: Context) -> str | None:
    """Return the driver that has a snapshot: that of the claim's volume, or else of its content or class."""
    claim = claim_of(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    if driver is not None:
        return driver
    holder = content_of(snapshot, context) or snapshot_class(snapshot.class_name, context)
    return holder.driver if holder is not None else None


def _size(claim: PersistentVolumeClaim) -> Quantity | None:
    requests = claim.spec.resources.requests if claim.spec and claim.spec.resources else None
    return (requests or {}).get("storage")
