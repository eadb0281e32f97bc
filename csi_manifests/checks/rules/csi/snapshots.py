"""4xx: snapshots of claims, and claims that are restored from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.classes import (
    class_name_of,
    default_snapshot_classes,
    driver_of,
    lookup,
)
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import pods
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import DEFAULT_SNAPSHOT_CLASS, SNAPSHOT_GROUP
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.scalars import quantity
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.scalars import Quantity

_CLAIM_KIND = "PersistentVolumeClaim"
_FIRST_WITH_CLONES = (1, 15)

_CLASSES = """\
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
"""
_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: csi-pvc}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
  storageClassName: csi-hostpath-sc
---
"""
_SNAPSHOT = """\
apiVersion: snapshot.storage.k8s.io/v1alpha1
kind: VolumeSnapshot
metadata: {name: snapshot-20181210}
spec:
  snapshotClassName: csi-hostpath-snapclass
  source: {name: csi-pvc, kind: PersistentVolumeClaim}
"""
_RESTORE = """\
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: restore-20181210}
spec:
  accessModes: [ReadWriteOnce]
  dataSource: {name: snapshot-20181210, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
  resources: {requests: {storage: 1Gi}}
  storageClassName: csi-hostpath-sc
"""
_POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: my-csi-app}
spec:
  containers: [{name: my-frontend, image: "busybox:1.31"}]
  volumes: [{name: my-csi-volume, persistentVolumeClaim: {claimName: csi-pvc}}]
"""
_DEFAULT_CLASSES = _CLASSES.replace("-snapclass}", f'-snapclass, annotations: {{{DEFAULT_SNAPSHOT_CLASS}: "true"}}}}')
_WITHOUT_CLASS = _SNAPSHOT.replace("  snapshotClassName: csi-hostpath-snapclass\n", "")
_WAITING = _CLASSES.replace(
    "provisioner: csi-hostpath\n", "provisioner: csi-hostpath\nvolumeBindingMode: WaitForFirstConsumer\n"
)


@rule(
    "CSI470",
    "a snapshot's class is of the driver that has the claim's volume",
    VolumeSnapshot,
    fix="Name a VolumeSnapshotClass whose snapshotter is the provisioner of the claim's StorageClass.",
    bad=f"{_CLASSES.replace('snapshotter: csi-hostpath', 'snapshotter: csi-rbdplugin')}{_CLAIM}{_SNAPSHOT}",
    good=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}",
)
def class_fits_claim(snapshot: VolumeSnapshot, context: Context) -> Iterator[Problem]:
    """csi-snapshotter leaves snapshots to the driver of their class, and no driver knows the volumes of another.

    Nobody refuses the snapshot: it waits for ever, or fails for good.
    """
    name = snapshot.spec.snapshot_class_name
    class_ = lookup(VolumeSnapshotClass, name, context) if name else None
    claim = _source(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    if class_ is not None and claim is not None and driver is not None and class_.snapshotter != driver:
        message = (
            f"VolumeSnapshotClass {class_.name!r} is of driver {class_.snapshotter!r}, "
            f"the volume of claim {claim.name!r} is of {driver!r}"
        )
        yield Problem("/spec/snapshotClassName", message)


@rule(
    "CSI471",
    "a snapshot says what it is of",
    VolumeSnapshot,
    fix="Give spec.source with the name of a claim and kind PersistentVolumeClaim.",
    bad=f"{_CLASSES}{_CLAIM}{_SNAPSHOT.replace('kind: PersistentVolumeClaim', 'kind: PersistentVolume')}",
    good=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}",
)
def source_is_a_claim(snapshot: VolumeSnapshot, _: Context) -> Iterator[Problem]:
    """Only claims have snapshots; of anything else csi-snapshotter sets an error in the snapshot, which v0.4.1 never takes back.

    A snapshot that exists already is bound by spec.snapshotContentName instead.
    """
    source = snapshot.spec.source
    if source is None:
        if not snapshot.spec.snapshot_content_name:
            yield Problem("/spec", "has neither a source nor a snapshotContentName")
        return
    if source.kind != _CLAIM_KIND:
        guess = did_you_mean(source.kind, [_CLAIM_KIND])
        message = f"the source is a {source.kind!r}, not a {_CLAIM_KIND}"
        yield Problem("/spec/source/kind", f"{message}. {guess}" if guess else message)
    elif source.api_group:
        message = f"a {_CLAIM_KIND} is of the core group, not of {source.api_group!r}"
        yield Problem("/spec/source/apiGroup", message, fix="Leave apiGroup out.")


@rule(
    "CSI472",
    "a snapshot without a class has one default",
    VolumeSnapshot,
    severity="warning",
    fix=f'Name a class in spec.snapshotClassName, or annotate one class of the driver with {DEFAULT_SNAPSHOT_CLASS}: "true".',
    bad=f"{_CLASSES}{_CLAIM}{_WITHOUT_CLASS}",
    good=f"{_DEFAULT_CLASSES}{_CLAIM}{_WITHOUT_CLASS}",
)
def class_can_be_found(snapshot: VolumeSnapshot, context: Context) -> Iterator[Problem]:
    """csi-snapshotter looks for the default class of the driver that has the claim's volume.

    With none, or more than one, it sets an error in the snapshot, and v0.4.1 does not try again.
    """
    name = snapshot.spec.snapshot_class_name
    if name == "":
        yield Problem("/spec/snapshotClassName", "names a class '', which cannot exist", severity="error")
    if name is not None or snapshot.spec.snapshot_content_name:
        return
    claim = _source(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    classes = [class_.name for class_ in context.bundle.all(VolumeSnapshotClass) if class_.snapshotter == driver]
    if driver is None or not classes:
        return
    defaults = [class_.name for class_ in default_snapshot_classes(context).get(driver, [])]
    if not defaults:
        message = (
            f"names no class, and none of those of driver {driver!r} is its default (they are: {', '.join(classes)})"
        )
        yield Problem("/spec", message)
    elif len(defaults) > 1:
        message = f"names no class, and driver {driver!r} has {len(defaults)} defaults: {', '.join(defaults)}"
        yield Problem("/spec", message, severity="error")


@rule(
    "CSI473",
    "a restored claim is as big as what was saved",
    PersistentVolumeClaim,
    fix="Ask for at least the size of the claim that the snapshot is of.",
    bad=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE.replace('storage: 1Gi', 'storage: 500Mi')}",
    good=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE}",
)
def restored_size_fits(claim: PersistentVolumeClaim, context: Context) -> Iterator[Problem]:
    """csi-provisioner refuses a claim smaller than its snapshot; the claim waits for ever."""
    snapshot = _restored_from(claim, context)
    size = _size(claim)
    if snapshot is None or size is None:
        return
    source = _source(snapshot, context)
    told = snapshot.status.restore_size if snapshot.status else None
    least = told if told is not None else _size(source) if source is not None else None
    if least is not None and quantity(size) < quantity(least):
        whose = "the snapshot" if told is not None or source is None else f"claim {source.name!r}"
        message = f"{size} is less than the {least} of {whose} that it is restored from"
        yield Problem("/spec/resources/requests/storage", message)


@rule(
    "CSI474",
    "what a claim begins with is of a kind that can be restored",
    PersistentVolumeClaim,
    fix=f"Give dataSource with kind VolumeSnapshot and apiGroup {SNAPSHOT_GROUP}.",
    bad=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE.replace(', apiGroup: snapshot.storage.k8s.io', '')}",
    good=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE}",
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
    elif source.kind == _CLAIM_KIND and not source.api_group:
        if context.release.minor < _FIRST_WITH_CLONES:
            message = f"a claim begins with another one from Kubernetes 1.15 on, not on {context.release.version}"
            yield Problem("/spec/dataSource/kind", message, fix="Take a VolumeSnapshot of the claim, and restore that.")
    else:
        what = f"{source.kind} of group {source.api_group!r}" if source.api_group else source.kind
        yield Problem("/spec/dataSource/kind", f"no volume begins with {what}")


@rule(
    "CSI475",
    "a restored claim is of the driver that has the snapshot",
    PersistentVolumeClaim,
    fix="Name a StorageClass whose provisioner is the driver of the snapshot.",
    bad=f"""\
{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE.replace("csi-hostpath-sc", "csi-rbd-sc")}---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: csi-rbd-sc}}
provisioner: csi-rbdplugin
""",
    good=f"{_CLASSES}{_CLAIM}{_SNAPSHOT}{_RESTORE}",
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


@rule(
    "CSI476",
    "a claim that a snapshot is of gets a volume",
    VolumeSnapshot,
    severity="warning",
    fix="Add the pod that uses the claim, or make the class bind at once, and take the snapshot once the claim is bound.",
    bad=f"{_WAITING}{_CLAIM}{_SNAPSHOT}",
    good=f"{_WAITING}{_CLAIM}{_SNAPSHOT}{_POD}",
)
def source_will_be_bound(snapshot: VolumeSnapshot, context: Context) -> Iterator[Problem]:
    """With WaitForFirstConsumer a claim has no volume before a pod uses it.

    The snapshot of a claim that is not bound fails, and csi-snapshotter v0.4.1 does not try again: delete it and make it anew.
    """
    claim = _source(snapshot, context)
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
        yield Problem("/spec/source/name", message)


def _source(snapshot: VolumeSnapshot, context: Context) -> PersistentVolumeClaim | None:
    """Return the claim that a snapshot is of, if it is in the bundle."""
    source = snapshot.spec.source
    if source is None or source.kind != _CLAIM_KIND:
        return None
    return lookup(PersistentVolumeClaim, source.name, context, snapshot.namespace)


def _restored_from(claim: PersistentVolumeClaim, context: Context) -> VolumeSnapshot | None:
    """Return the snapshot that a claim begins with, if it is in the bundle."""
    source = claim.spec.data_source if claim.spec else None
    if source is None or source.kind != "VolumeSnapshot":
        return None
    return lookup(VolumeSnapshot, source.name, context, claim.namespace)


def _driver_of_snapshot(snapshot: VolumeSnapshot, context: Context) -> str | None:
    """Return the driver that has a snapshot: that of the claim's volume, or else of its content or class."""
    claim = _source(snapshot, context)
    driver = driver_of(claim, context) if claim is not None else None
    if driver is not None:
        return driver
    content = lookup(VolumeSnapshotContent, snapshot.spec.snapshot_content_name or "", context)
    if content is not None and content.spec.csi_volume_snapshot_source is not None:
        return content.spec.csi_volume_snapshot_source.driver
    class_ = lookup(VolumeSnapshotClass, snapshot.spec.snapshot_class_name or "", context)
    return class_.snapshotter if class_ is not None else None


def _size(claim: PersistentVolumeClaim) -> Quantity | None:
    requests = claim.spec.resources.requests if claim.spec and claim.spec.resources else None
    return (requests or {}).get("storage")


@fact
def _used_claims(context: Context) -> set[tuple[str, str]]:
    return {
        (pod.namespace, volume.persistent_volume_claim.claim_name)
        for pod in pods(context)
        for volume in pod.spec.volumes or ()
        if volume.persistent_volume_claim is not None
    }
