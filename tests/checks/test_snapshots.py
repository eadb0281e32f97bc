"""Snapshots, restored claims and classes: one defect each, and what must not alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from csi_manifests import Bundle, Finding, Setup, build, check, load, release
from csi_manifests.models.core_v1 import PersistentVolumeClaim, Pod
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotClass
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.setup.parts import SnapshotClassSetup, StorageClassSetup

RELEASE = release("1.13")
ARTICLE = Path(__file__).parent.parent / "article"
# A bundle of everything, in which each case changes one thing.
TEXT = """\
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
  storageClassName: csi-hostpath-sc
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: snapshot.storage.k8s.io/v1alpha1
kind: VolumeSnapshot
metadata: {name: snap}
spec:
  snapshotClassName: csi-hostpath-snapclass
  source: {name: csi-pvc, kind: PersistentVolumeClaim}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: restored}
spec:
  storageClassName: csi-hostpath-sc
  dataSource: {name: snap, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1024Mi}}
"""
OTHER_CLASS = """\
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: other}
provisioner: other
"""
HOSTPATH = """\
---
apiVersion: v1
kind: Pod
metadata: {name: hostpath}
spec:
  containers:
  - {name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1", args: ["--endpoint=unix:///csi/csi.sock", --nodeid=a]}
"""
SNAPSHOTTER = """\
---
apiVersion: v1
kind: Pod
metadata: {name: snapshotter}
spec:
  containers:
  - {name: csi-snapshotter, image: "quay.io/k8scsi/csi-snapshotter:v0.4.1", args: [--snapshotter=csi-hostpath]}
"""
DEFAULT = "snapshot.storage.kubernetes.io/is-default-class"
DEFAULT_STORAGE = "storageclass.kubernetes.io/is-default-class"


def found(bundle: Bundle) -> list[Finding]:
    return [finding for finding in check(bundle, RELEASE) if "CSI470" <= finding.code < "CSI490"]


def marked(name: str, annotation: str, value: str = "true") -> tuple[str, str]:
    return f"{{name: {name}}}", f'{{name: {name}, annotations: {{{annotation}: "{value}"}}}}'


WRONG = [
    ("snapshotter: csi-hostpath", "snapshotter: other", "CSI470", "error", "is of driver 'other'"),
    (
        "name: csi-pvc, kind: PersistentVolumeClaim",
        "name: csi-pvc, kind: PersistentVolume",
        "CSI471",
        "error",
        "Did you mean",
    ),
    ("name: csi-pvc, kind: PersistentVolumeClaim", "name: csi-pvc, kind: Pod", "CSI471", "error", "a 'Pod'"),
    ("kind: PersistentVolumeClaim}", "kind: PersistentVolumeClaim, apiGroup: v1}", "CSI471", "error", "core group"),
    ("  source: {name: csi-pvc, kind: PersistentVolumeClaim}\n", "", "CSI471", "error", "neither a source"),
    ("  snapshotClassName: csi-hostpath-snapclass\n", "", "CSI472", "warning", "csi-hostpath-snapclass"),
    ("snapshotClassName: csi-hostpath-snapclass", 'snapshotClassName: ""', "CSI472", "error", "''"),
    ("storage: 1024Mi", "storage: 1023Mi", "CSI473", "error", "1023Mi is less than the 1Gi of claim 'csi-pvc'"),
    ("storage: 1024Mi", "storage: 1G", "CSI473", "error", "1G is less"),
    (", apiGroup: snapshot.storage.k8s.io", "", "CSI474", "error", "without apiGroup"),
    ("apiGroup: snapshot.storage.k8s.io", "apiGroup: snapshot.storage.k8s.io/v1alpha1", "CSI474", "error", "v1alpha1"),
    ("kind: VolumeSnapshot, api", "kind: VolumeSnapshots, api", "CSI474", "error", "Did you mean 'VolumeSnapshot'?"),
    (
        "kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io",
        "kind: PersistentVolumeClaim",
        "CSI474",
        "error",
        "1.15",
    ),
    (
        "kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io",
        "kind: Image, apiGroup: a.io",
        "CSI474",
        "error",
        "Image",
    ),
    (
        "name: restored}\nspec:\n  storageClassName: csi-hostpath-sc",
        "name: restored}\nspec:\n  storageClassName: other",
        "CSI475",
        "error",
        "'other', snapshot 'snap' of 'csi-hostpath'",
    ),
    (
        "provisioner: csi-hostpath\n",
        "provisioner: csi-hostpath\nvolumeBindingMode: WaitForFirstConsumer\n",
        "CSI476",
        "warning",
        "no pod of the bundle uses it",
    ),
    (
        *marked("csi-hostpath-snapclass", "snapshot.storage.k8s.io/is-default-class"),
        "CSI482",
        "warning",
        f"Did you mean {DEFAULT!r}?",
    ),
    (*marked("csi-hostpath-snapclass", DEFAULT_STORAGE), "CSI482", "warning", f"Did you mean {DEFAULT!r}?"),
    (*marked("csi-hostpath-snapclass", DEFAULT, "True"), "CSI482", "warning", "'True' does not"),
    (*marked("csi-hostpath-sc", "storageclass.k8s.io/is-default-class"), "CSI482", "warning", DEFAULT_STORAGE),
    (*marked("csi-hostpath-sc", "is-default-class"), "CSI482", "warning", DEFAULT_STORAGE),
    (*marked("csi-hostpath-sc", DEFAULT), "CSI482", "warning", DEFAULT_STORAGE),
    (
        "snapshotter: csi-hostpath\n",
        "snapshotter: csi-hostpath\ndeletionPolicy: Retain\n",
        "CSI483",
        "warning",
        "v0.4.1",
    ),
    ("snapshotter: csi-hostpath\n", "snapshotter: csi-hostpath\ndeletionPolicy: Delete\n", "CSI483", "info", "anyway"),
    (
        "accessModes: [ReadWriteOnce]",
        "accessModes: [ReadWriteOnce, ReadWriteMany]",
        "CSI484",
        "warning",
        "ReadWriteMany",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "code", "severity", "said"), WRONG)
def test_one_defect(right: str, wrong: str, code: str, severity: str, said: str) -> None:
    text = f"{TEXT}{OTHER_CLASS}{HOSTPATH}{SNAPSHOTTER}"
    assert found(load(text)) == []
    assert right in text
    (finding,) = found(load(text.replace(right, wrong, 1)))
    assert (finding.code, finding.severity) == (code, severity)
    assert said in finding.message
    assert finding.location.line > 0


RIGHT = [
    ("storage: 1024Mi", "storage: 2Gi"),
    ("snapshotter: csi-hostpath", "snapshotter: csi-hostpath\nparameters: {a: b}"),
    marked("csi-hostpath-snapclass", DEFAULT),
    marked("csi-hostpath-snapclass", DEFAULT, "false"),
    marked("csi-hostpath-snapclass", "example.com/is-default"),
    marked("csi-hostpath-sc", DEFAULT_STORAGE),
    marked("csi-hostpath-sc", "storageclass.beta.kubernetes.io/is-default-class"),
    marked("csi-hostpath-sc", "storageclass.kubevirt.io/is-default-virt-class"),
    marked("csi-hostpath-sc", "storageclass.kubesphere.io/support-snapshot"),
    # Links that lead out of the bundle.
    ("snapshotClassName: csi-hostpath-snapclass", "snapshotClassName: elsewhere"),
    ("source: {name: csi-pvc,", "source: {name: elsewhere,"),
    ("  source: {name: csi-pvc, kind: PersistentVolumeClaim}\n", "  snapshotContentName: by-hand\n"),
    ("dataSource: {name: snap,", "dataSource: {name: elsewhere,"),
    ("csi-pvc}\nspec:\n  storageClassName: csi-hostpath-sc\n", "csi-pvc}\nspec:\n"),
    ("csi-pvc}\nspec:\n  storageClassName: csi-hostpath-sc\n", 'csi-pvc}\nspec:\n  storageClassName: ""\n'),
    ("name: restored}\nspec:\n  storageClassName: csi-hostpath-sc\n", "name: restored}\nspec:\n"),
]


@pytest.mark.parametrize(("one", "another"), RIGHT)
def test_nothing_is_wrong(one: str, another: str) -> None:
    assert one in TEXT
    assert found(load(f"{TEXT}{HOSTPATH}{SNAPSHOTTER}".replace(one, another, 1))) == []


def test_the_article_and_ours() -> None:
    assert found(Bundle(item for file in sorted(ARTICLE.glob("*.yaml")) for item in load(file).items)) == []
    assert found(build()) == []
    assert found(build(Setup(rbac="minimal", namespace="a", instance="b", driver="c"))) == []
    waiting = StorageClassSetup(volume_binding_mode="WaitForFirstConsumer", default=True)
    assert found(build(Setup(storage_class=waiting, snapshot_class=SnapshotClassSetup(default=True)))) == []


def test_parts_of_a_bundle_alone() -> None:
    for item in build().items:
        assert found(Bundle([item])) == []


def test_volumes_made_by_hand_have_their_driver_too() -> None:
    volume = """\
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: by-hand}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  csi: {driver: other, volumeHandle: "1"}
"""
    text = TEXT.replace("storageClassName: csi-hostpath-sc", 'storageClassName: ""\n  volumeName: by-hand', 1)
    assert [finding.code for finding in found(load(text + volume))] == ["CSI470", "CSI475"]
    assert found(load(text + volume.replace("driver: other", "driver: csi-hostpath"))) == []


def test_what_the_cluster_says_of_a_snapshot_counts_more() -> None:
    status = "snap}\nstatus: {ready: true, restoreSize: %s}\n"
    grown = TEXT.replace("storage: 1Gi", "storage: 5Gi")
    assert [finding.code for finding in found(load(grown))] == ["CSI473"]
    assert found(load(grown.replace("snap}\n", status % "1Gi", 1))) == []
    finding = found(load(TEXT.replace("snap}\n", status % "2Gi", 1)))[0]
    assert finding.message == "1024Mi is less than the 2Gi of the snapshot that it is restored from"


def test_the_class_of_old() -> None:
    old = TEXT.replace(
        "metadata: {name: csi-pvc}\nspec:\n  storageClassName: csi-hostpath-sc",
        "metadata: {name: csi-pvc, annotations: {volume.beta.kubernetes.io/storage-class: csi-hostpath-sc}}\nspec:",
    )
    assert found(load(old)) == []
    codes = [finding.code for finding in found(load(old.replace("snapshotter: csi-hostpath", "snapshotter: other")))]
    assert codes == ["CSI470"]


def default_snapshot_class(name: str, driver: str = "csi-hostpath") -> VolumeSnapshotClass:
    return VolumeSnapshotClass.from_dict(
        {"metadata": {"name": name, "annotations": {DEFAULT: "true"}}, "snapshotter": driver}
    )


def without_class(snapshot: VolumeSnapshot) -> None:
    snapshot.spec.snapshot_class_name = None


def test_default_classes_of_snapshots() -> None:
    bundle = build().edit(VolumeSnapshot, "snapshot-20181210", without_class)
    assert [(finding.code, finding.severity) for finding in found(bundle)] == [("CSI472", "warning")]
    one = bundle.with_(default_snapshot_class("one"))
    assert found(one) == []
    assert found(one.with_(default_snapshot_class("other", "other"))) == []
    two = one.with_(default_snapshot_class("two"))
    assert [(finding.code, finding.severity) for finding in found(two)] == [("CSI472", "error"), ("CSI480", "warning")]
    assert found(bundle.without(VolumeSnapshotClass)) == []


def test_default_classes_of_storage() -> None:
    def default(name: str) -> StorageClass:
        annotations = {DEFAULT_STORAGE: "true"}
        return StorageClass.from_dict({"metadata": {"name": name, "annotations": annotations}, "provisioner": "a"})

    def no_class(claim: PersistentVolumeClaim) -> None:
        assert claim.spec is not None
        claim.spec.storage_class_name = None

    bundle = build().with_(default("one"))
    assert found(bundle) == []
    (finding,) = found(bundle.with_(default("two")))
    assert (finding.code, finding.severity, str(finding.object)) == ("CSI481", "warning", "StorageClass two")
    (finding,) = found(bundle.with_(default("two")).edit(PersistentVolumeClaim, "csi-pvc", no_class))
    assert (finding.code, finding.severity) == ("CSI481", "error")
    assert "'csi-pvc' names no class" in finding.message


def test_a_claim_that_waits_for_a_pod() -> None:
    bundle = build(Setup(storage_class=StorageClassSetup(volume_binding_mode="WaitForFirstConsumer")))
    assert found(bundle) == []
    assert [finding.code for finding in found(bundle.without(Pod, "my-csi-app"))] == ["CSI476"]


@pytest.mark.parametrize(
    "snapshotter", [":v1.0.1", ":canary", "@sha256:" + "0" * 64, ":v0.4.1 --snapshotter=other", ""]
)
def test_deletion_policies_of_other_snapshotters(snapshotter: str) -> None:
    image, _, args = snapshotter.partition(" ")
    text = TEXT.replace("snapshotter: csi-hostpath\n", "snapshotter: csi-hostpath\ndeletionPolicy: Retain\n")
    sidecar = SNAPSHOTTER.replace(":v0.4.1", image).replace("--snapshotter=csi-hostpath", args or "--v=5")
    assert found(load(text + (sidecar if snapshotter else ""))) == []


def test_deletion_policies_of_contents() -> None:
    content = """\
---
apiVersion: snapshot.storage.k8s.io/v1alpha1
kind: VolumeSnapshotContent
metadata: {name: by-hand}
spec: {deletionPolicy: Retain, csiVolumeSnapshotSource: {driver: csi-hostpath, snapshotHandle: "1"}}
"""
    (finding,) = found(load(TEXT + content + SNAPSHOTTER))
    assert (finding.code, finding.pointer) == ("CSI483", "/spec/deletionPolicy")


@pytest.mark.parametrize("version", ["v1.0.1", "canary"])
def test_access_modes_of_other_drivers(version: str) -> None:
    many = TEXT.replace("accessModes: [ReadWriteOnce]", "accessModes: [ReadWriteMany]")
    assert found(load(many)) == []
    assert found(load(many + HOSTPATH.replace("v0.4.1", version))) == []
