"""The releases of sidecars: with each other, with Kubernetes, and what becomes of an old one; and where images come from."""

from __future__ import annotations

import pytest
from object_texts import problems

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def pod(*images: str, args: str = "--csi-address=/csi/csi.sock") -> str:
    containers = "".join(
        f"""\
  - name: c{number}
    image: {image}
    args: [{args if "hostpathplugin" not in image else "'--endpoint=unix:///csi/csi.sock'"}]
    volumeMounts: [{{name: socket-dir, mountPath: /csi}}]
"""
        for number, image in enumerate(images)
    )
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: csi}\nspec:\n  containers:\n"
    return f"{head}{containers}  volumes: [{{name: socket-dir, emptyDir: {{}}}}]\n"


def upstream(*names: str) -> list[str]:
    return [f"quay.io/k8scsi/{name}" for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ("hostpathplugin:v0.4.1", "csi-attacher:v0.4.1", "csi-provisioner:v0.3.0", "driver-registrar:v0.4.2"),
        ("hostpathplugin:v1.1.0", "csi-attacher:v1.0.1", "csi-provisioner:v3.0.0", "csi-snapshotter:v8.0.0"),
        # Those that came later count from 0.1, and speak 1.x.
        ("hostpathplugin:v1.1.0", "csi-resizer:v0.1.0", "csi-external-health-monitor-controller:v0.2.0"),
        ("csi-attacher:v0.4.1", "csi-provisioner:canary", "livenessprobe:v0.4.1"),
        # It does not talk to the driver.
        ("csi-attacher:v0.4.1", "snapshot-controller:v2.0.0"),
    ],
)
def test_sidecars_of_one_line_agree(names: tuple[str, ...]) -> None:
    assert problems(pod(*upstream(*names)), "CSI435") == []


@pytest.mark.parametrize(
    ("names", "odd"),
    [
        (("hostpathplugin:v0.4.1", "csi-attacher:v1.0.1"), "csi-attacher v1.0.1 speaks CSI 1.x; hostpathplugin v0.4.1"),
        (
            ("hostpathplugin:v1.0.1", "csi-attacher:v0.4.1", "csi-provisioner:v0.4.1"),
            "hostpathplugin v1.0.1 speaks CSI 1.x; csi-attacher v0.4.1",
        ),
        (
            ("csi-attacher:v1.0.1", "csi-provisioner:v1.0.1", "driver-registrar:v0.4.1"),
            "driver-registrar v0.4.1 speaks CSI 0.x; csi-attacher v1.0.1",
        ),
        (("csi-resizer:v0.1.0", "csi-attacher:v0.4.1"), "csi-attacher v0.4.1 speaks CSI 0.x; csi-resizer v0.1.0"),
    ],
)
def test_the_odd_one_is_told(names: tuple[str, ...], odd: str) -> None:
    ((severity, message),) = problems(pod(*upstream(*names)), "CSI435")
    assert severity == "error"
    assert message.startswith(odd)


def test_sidecars_of_other_drivers_may_speak_another_csi() -> None:
    first, second = (
        pod(*upstream("csi-attacher:v0.4.1")),
        pod(*upstream("csi-attacher:v1.0.1")).replace("{name: csi}", "{name: other}"),
    )
    assert problems(f"{first}---\n{second}", "CSI435") == []


@pytest.mark.parametrize(
    ("image", "kubernetes", "expected"),
    [
        ("csi-provisioner:v0.4.1", "1.13", []),
        ("csi-provisioner:v1.6.1", "1.13", []),
        ("csi-provisioner:v2.0.0", "1.13", ["error"]),
        ("csi-provisioner:v2.0.0", "1.17", []),
        ("csi-provisioner:v0.4.1", "1.16", []),
        ("csi-provisioner:v0.4.1", "1.20", ["error", "error"]),
        ("csi-provisioner:v1.0.1", "1.20", []),
        ("csi-attacher:v0.4.1", "1.17", ["error", "error"]),
        ("csi-attacher:v1.1.0", "1.13", []),
        ("csi-attacher:v1.1.1", "1.13", ["warning"]),
        ("csi-attacher:v2.2.0", "1.14", []),
        ("csi-attacher:v2.2.0", "1.21", []),
        ("csi-attacher:v2.2.0", "1.22", ["error"]),
        ("csi-attacher:v3.0.0", "1.13", ["error"]),
        ("csi-attacher:v3.0.0", "1.37", []),
        ("csi-snapshotter:v1.2.2", "1.13", []),
        ("csi-snapshotter:v1.2.2", "1.17", ["warning"]),
        ("csi-snapshotter:v1.2.2", "1.22", ["warning", "error"]),
        ("csi-snapshotter:v2.1.0", "1.13", ["error"]),
        ("csi-snapshotter:v2.1.0", "1.22", []),
        ("csi-snapshotter:v4.0.0", "1.19", ["error"]),
        ("csi-snapshotter:v4.0.0", "1.20", []),
        ("snapshot-controller:v2.0.0", "1.13", ["error"]),
        ("driver-registrar:v0.4.1", "1.13", []),
        ("driver-registrar:v0.4.1", "1.17", ["error", "error"]),
        ("csi-node-driver-registrar:v2.0.0", "1.13", []),
        ("csi-resizer:v0.1.0", "1.13", ["warning"]),
        ("livenessprobe:v0.4.1", "1.17", ["error"]),
        ("csi-provisioner:canary", "1.13", []),
        (f"csi-provisioner@{DIGEST}", "1.13", []),
    ],
)
def test_sidecars_and_releases_of_kubernetes(image: str, kubernetes: str, expected: list[str]) -> None:
    found = problems(pod(*upstream(image)), "CSI436", kubernetes)
    assert [severity for severity, _ in found] == expected


@pytest.mark.parametrize(
    ("version", "kubernetes", "gates", "warned"),
    [
        ("v0.4.1", "1.13", "Topology=true", True),
        ("v0.4.1", "1.12", "Topology=true", False),
        ("v0.4.1", "1.13", "Topology=false", False),
        ("v1.0.1", "1.13", "Topology=true", False),
        ("v1.1.0", "1.13", "Topology=true", True),
        ("v1.2.0", "1.14", "Topology=true", False),
        ("v1.0.1", "1.14", "Topology=true", True),
        ("v1.6.1", "1.21", "Topology=true", False),
        ("v1.6.1", "1.22", "Topology=true", True),
        ("v2.0.0", "1.22", "Topology=true", False),
        ("v5.2.0", "1.30", "Topology=true", False),
        ("canary", "1.13", "Topology=true", False),
    ],
)
def test_topology_in_the_form_that_the_kubelet_writes(
    version: str, kubernetes: str, gates: str, *, warned: bool
) -> None:
    text = pod(*upstream(f"csi-provisioner:{version}"), args=f"--csi-address=/csi/csi.sock, --feature-gates={gates}")
    found = problems(text, "CSI439", kubernetes)
    assert [severity for severity, _ in found] == (["warning"] if warned else [])


RESTORE = """\
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: restored}
spec:
  CLASS
  dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s}
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: API
kind: StorageClass
metadata: {name: rbd, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: csi-rbdplugin
"""
V1, BETA = "storage.k8s.io/v1", "storage.k8s.io/v1beta1"


@pytest.mark.parametrize(
    ("image", "of_class", "api", "told_empty"),
    [
        ("csi-provisioner:v0.3.0", "storageClassName: rbd", V1, True),
        ("csi-provisioner:v0.3.0", "storageClassName: rbd", BETA, True),
        ("csi-provisioner:v0.3.0", "volumeMode: Filesystem", V1, True),
        ("csi-provisioner:v0.3.0", "storageClassName: other", V1, False),
        ("csi-provisioner:v0.4.0", "storageClassName: rbd", V1, False),
        ("csi-provisioner:canary", "storageClassName: rbd", V1, False),
    ],
)
def test_claim_that_would_be_restored_empty(image: str, of_class: str, api: str, *, told_empty: bool) -> None:
    sidecar = pod(*upstream(image), args="--csi-address=/csi/csi.sock, --provisioner=csi-rbdplugin")
    found = problems(sidecar + RESTORE.replace("CLASS", of_class).replace("API", api), "CSI438")
    assert [severity for severity, _ in found] == (["error"] if told_empty else [])


def test_claim_without_snapshot_is_nothing_to_restore() -> None:
    sidecar = pod(*upstream("csi-provisioner:v0.3.0"), args="--csi-address=/csi/csi.sock, --provisioner=csi-rbdplugin")
    claim = RESTORE.replace("CLASS", "storageClassName: rbd").replace("API", V1)
    of_claim = claim.replace(
        "{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s}", "{kind: PersistentVolumeClaim, name: s}"
    )
    assert problems(sidecar + of_claim, "CSI438") == []


@pytest.mark.parametrize(
    ("image", "severity"),
    [
        ("quay.io/k8scsi/csi-attacher:v1.0.1", None),
        (f"quay.io/k8scsi/csi-attacher@{DIGEST}", None),
        (f"quay.io/k8scsi/csi-attacher:canary@{DIGEST}", None),
        ("localhost:5000/csi-attacher:v1", None),
        ("quay.io/k8scsi/csi-attacher:v1.0.1-rc1", None),
        ("quay.io/k8scsi/csi-attacher:mainline-5", None),
        ("quay.io/k8scsi/csi-attacher", "warning"),
        ("localhost:5000/csi-attacher", "warning"),
        ("quay.io/k8scsi/csi-attacher:latest", "warning"),
        ("quay.io/k8scsi/csi-attacher:v1.0-canary", "warning"),
    ],
)
def test_images_that_move(image: str, severity: str | None) -> None:
    assert [found for found, _ in problems(pod(image), "CSI440")] == ([severity] if severity else [])


def test_image_of_somebody_s_own_pod_is_advice() -> None:
    assert [severity for severity, _ in problems(pod("busybox", args="sleep"), "CSI440")] == ["info"]


def test_retired_registry_is_told_once() -> None:
    first = pod(*upstream("csi-attacher:v1.0.1", "csi-provisioner:v1.0.1"))
    second = pod("k8s.gcr.io/pause:3.1", *upstream("csi-snapshotter:v1.0.1")).replace("{name: csi}", "{name: other}")
    found = [message for _, message in problems(f"{first}---\n{second}", "CSI441")]
    assert [message.partition(":v")[0] for message in found] == [
        "quay.io/k8scsi/csi-attacher",
        "k8s.gcr.io/pause:3.1: k8s.gcr.io is retired; it has been frozen since 2023 in favour of registry.k8s.io",
    ]
    assert "and 2 more from there" in found[0]
    assert problems(pod("registry.example.com/k8scsi/csi-attacher:v1.0.1"), "CSI441") == []
