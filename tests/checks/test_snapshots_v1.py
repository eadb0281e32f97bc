"""What is said of snapshots, classes and CSIDrivers of alpha is said of those of v1, at the places that these have."""

from __future__ import annotations

import pytest

from csi_manifests import Finding, check, load, release

# A bundle of everything, in which each case changes one thing.
TEXT = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-hostpath-sc}
provisioner: hostpath.csi.k8s.io
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: csi-hostpath-snapclass}
driver: hostpath.csi.k8s.io
deletionPolicy: Delete
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: csi-pvc}
spec:
  storageClassName: csi-hostpath-sc
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata: {name: new-snapshot-demo}
spec:
  volumeSnapshotClassName: csi-hostpath-snapclass
  source: {persistentVolumeClaimName: csi-pvc}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: hpvc-restore}
spec:
  storageClassName: csi-hostpath-sc
  dataSource: {name: new-snapshot-demo, kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1024Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: csi-hostpathplugin}
spec:
  containers:
  - name: hostpath
    image: registry.k8s.io/sig-storage/hostpathplugin:v1.16.1
    args: ["--endpoint=unix:///csi/csi.sock", --nodeid=node-1]
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  - name: csi-provisioner
    image: registry.k8s.io/sig-storage/csi-provisioner:v5.2.0
    args: [--csi-address=/csi/csi.sock]
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  - name: csi-attacher
    image: registry.k8s.io/sig-storage/csi-attacher:v4.8.0
    args: [--csi-address=/csi/csi.sock]
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  - name: csi-snapshotter
    image: registry.k8s.io/sig-storage/csi-snapshotter:v8.2.0
    args: [--csi-address=/csi/csi.sock]
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  volumes: [{name: socket-dir, emptyDir: {}}]
"""
SNAPSHOTS = ("CSI303", "CSI401", "CSI421", *(f"CSI{number}" for number in (*range(460, 465), *range(470, 484))))
DRIVER = "---\napiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: hostpath.csi.k8s.io}\nspec: {}\n"
CONTENT = """\
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotContent
metadata: {name: content}
spec:
  deletionPolicy: Delete
  driver: hostpath.csi.k8s.io
  source: {snapshotHandle: "1"}
  volumeSnapshotRef: {name: new-snapshot-demo, namespace: default}
"""
OTHER_CLASS = """\
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: other}
provisioner: other.example.com
"""
SECRET = "parameters: {csi.storage.k8s.io/snapshotter-secret-name: a}\n"


def told(text: str, kubernetes: str = "1.30") -> list[str]:
    found: list[Finding] = check(load(text), release(kubernetes))
    return [f"{each.severity} {each.code} {each.pointer}" for each in found if each.code in SNAPSHOTS]


def marked(name: str) -> tuple[str, str]:
    return (
        f"{{name: {name}}}",
        f'{{name: {name}, annotations: {{snapshot.storage.kubernetes.io/is-default-class: "true"}}}}',
    )


def test_nothing_is_wrong() -> None:
    assert told(TEXT + DRIVER) == []
    assert told(TEXT.replace("storage.k8s.io/v1\nkind: VolumeS", "storage.k8s.io/v1beta1\nkind: VolumeS"), "1.19") == []


CASES = {
    "a class of a driver that is called otherwise": (
        ("driver: hostpath.csi.k8s.io", "driver: csi-hostpath"),
        ["error CSI401 /driver", "error CSI470 /spec/volumeSnapshotClassName"],
    ),
    "no csi-snapshotter": (("csi-snapshotter", "livenessprobe"), ["warning CSI421 /driver"]),
    "no csi-attacher": (("csi-attacher", "livenessprobe"), ["warning CSI421 /provisioner"]),
    "half a secret": (
        ("deletionPolicy: Delete\n", f"deletionPolicy: Delete\n{SECRET}"),
        ["error CSI460 /parameters/csi.storage.k8s.io~1snapshotter-secret-name"],
    ),
    "an old secret": (
        (
            "deletionPolicy: Delete\n",
            "deletionPolicy: Delete\nparameters: {csiSnapshotterSecretName: a, csiSnapshotterSecretNamespace: b}\n",
        ),
        [
            "warning CSI461 /parameters/csiSnapshotterSecretName",
            "warning CSI461 /parameters/csiSnapshotterSecretNamespace",
        ],
    ),
    "an unknown parameter": (
        ("deletionPolicy: Delete\n", "deletionPolicy: Delete\nparameters: {csi.storage.k8s.io/snapshotter: a}\n"),
        ["error CSI462 /parameters/csi.storage.k8s.io~1snapshotter"],
    ),
    "no source": (("source: {persistentVolumeClaimName: csi-pvc}", "source: {}"), ["error CSI471 /spec/source"]),
    "two sources": (
        ("source: {persistent", "source: {volumeSnapshotContentName: content, persistent"),
        ["error CSI471 /spec/source"],
    ),
    "no class and no default": (
        ("  volumeSnapshotClassName: csi-hostpath-snapclass\n", ""),
        ["warning CSI472 /spec"],
    ),
    "a small restored claim": (
        ("storage: 1024Mi", "storage: 1023Mi"),
        ["error CSI473 /spec/resources/requests/storage"],
    ),
    "a restored claim of another driver": (
        (
            "storageClassName: csi-hostpath-sc\n  dataSource",
            "storageClassName: other\n  dataSource",
        ),
        ["error CSI475 /spec/storageClassName"],
    ),
    "a claim that waits for its pod": (
        (
            "provisioner: hostpath.csi.k8s.io",
            "provisioner: hostpath.csi.k8s.io\nvolumeBindingMode: WaitForFirstConsumer",
        ),
        ["warning CSI476 /spec/source/persistentVolumeClaimName"],
    ),
    "a misspelt annotation": (
        ("{name: csi-hostpath-snapclass}", '{name: csi-hostpath-snapclass, annotations: {is-default-class: "true"}}'),
        ["warning CSI482 /metadata/annotations/is-default-class"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_one_thing_is_wrong(change: tuple[str, str], expected: list[str]) -> None:
    assert change[0] in TEXT
    other = OTHER_CLASS if "other" in change[1] else ""
    assert [each for each in told(TEXT.replace(*change) + other) if "CSI401 /provisioner" not in each] == expected


def test_driver_that_need_not_be_attached_needs_no_attacher() -> None:
    text = TEXT.replace("csi-attacher", "livenessprobe")
    assert told(text + DRIVER.replace("spec: {}", "spec: {attachRequired: false}")) == []
    assert told(text + DRIVER) == ["warning CSI421 /provisioner"]


def test_csi_driver_is_called_as_the_driver_is() -> None:
    assert told(TEXT + DRIVER.replace("hostpath.csi", "hostpath.cis")) == ["error CSI401 /metadata/name"]


def test_content_is_of_the_driver() -> None:
    by_content = TEXT.replace("persistentVolumeClaimName: csi-pvc", "volumeSnapshotContentName: content") + CONTENT
    assert told(by_content) == []
    assert told(
        by_content.replace("driver: hostpath.csi.k8s.io\n  source", "driver: hostpath.cis.k8s.io\n  source")
    ) == [
        "error CSI475 /spec/storageClassName",
        "error CSI401 /spec/driver",
    ]


def test_one_class_is_the_default() -> None:
    name, default = marked("csi-hostpath-snapclass")
    text = TEXT.replace(name, default).replace("  volumeSnapshotClassName: csi-hostpath-snapclass\n", "")
    assert told(text) == []
    second = text.split("---\n")[1].replace("csi-hostpath-snapclass", "second")
    assert told(f"{text}---\n{second}") == [
        "error CSI472 /spec",
        "warning CSI480 /metadata/annotations/snapshot.storage.kubernetes.io~1is-default-class",
    ]
