"""Whose name a driver's name is: what agrees, what does not, and where nobody can tell."""

from __future__ import annotations

import pytest

from csi_manifests import check, load, release

RELEASE = release("1.13")
Found = dict[str, str]


def found(text: str, *codes: str) -> Found:
    findings = check(load(text), RELEASE)
    return {one.code: one.severity for one in findings if one.code in (codes or ("CSI401", "CSI420", "CSI421"))}


def container(name: str, image: str, *args: str) -> str:
    listed = ", ".join(f"'{arg}'" for arg in args)
    return f"  - {{name: {name}, image: '{image}', args: [{listed}], volumeMounts: [{{name: d, mountPath: /csi}}]}}\n"


def pod(name: str, *containers: str) -> str:
    head = f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n"
    return head + "".join(containers) + "  volumes: [{name: d, emptyDir: {}}]\n"


def sidecar(program: str, *args: str, version: str = "v1.0.1") -> str:
    return container(f"csi-{program}", f"quay.io/k8scsi/csi-{program}:{version}", "--csi-address=/csi/csi.sock", *args)


def driver(*args: str, image: str = "example.com/driver:v1") -> str:
    return container("driver", image, "--endpoint=unix:///csi/csi.sock", *args)


def storage(name: str, api: str = "storage.k8s.io/v1") -> str:
    return f"---\napiVersion: {api}\nkind: StorageClass\nmetadata: {{name: s-{abs(hash(name)) % 97}}}\nprovisioner: {name}\n"


def snapshots(name: str) -> str:
    return f"---\napiVersion: snapshot.storage.k8s.io/v1alpha1\nkind: VolumeSnapshotClass\nmetadata: {{name: s}}\nsnapshotter: {name}\n"


def volume(name: str) -> str:
    return (
        "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec:\n  capacity: {storage: 1Gi}\n"
        f"  accessModes: [ReadWriteOnce]\n  csi: {{driver: {name}, volumeHandle: h}}\n"
    )


def csi_driver(name: str) -> str:
    return f"---\napiVersion: csi.storage.k8s.io/v1alpha1\nkind: CSIDriver\nmetadata: {{name: {name}}}\nspec: {{attachRequired: false}}\n"


A, B = "a.example.com", "b.storage.test"
ATTACHER = sidecar("attacher")
ALL = (sidecar("provisioner"), ATTACHER, sidecar("snapshotter"))
NAMED = pod("a", *ALL, driver(f"--drivername={A}"))
BUILT_IN = pod("a", *ALL, driver())
TOLD = pod("a", sidecar("provisioner", f"--provisioner={A}"), ATTACHER, sidecar("snapshotter"), driver())
# A copy of the driver in each pod, as GlusterFS and OpenSDS have it; only one sidecar is told the name.
COPIES = (
    pod("a", sidecar("provisioner", f"--provisioner={A}"), driver())
    + pod("b", sidecar("snapshotter"), driver())
    + pod("c", ATTACHER, driver())
)


@pytest.mark.parametrize(
    "text",
    [
        NAMED + storage(A) + snapshots(A) + volume(A) + csi_driver(A),
        NAMED.replace("--drivername", "--driver-name") + storage(A),
        BUILT_IN + storage(A) + snapshots(A) + volume(B),
        TOLD + storage(A) + snapshots(A),
        COPIES + storage(A) + snapshots(A),
        COPIES + storage(A, "storage.k8s.io/v1beta1") + snapshots(A),
        # Several drivers, each with its own.
        NAMED + NAMED.replace("name: a}", "name: b}").replace(A, B) + storage(A) + storage(B) + snapshots(B),
        # Volumes and drivers that are elsewhere.
        NAMED + storage(A) + volume(B),
        storage(B) + snapshots(A) + volume(B),
        # The name comes from where it cannot be seen.
        pod("a", *ALL, driver("--drivername=$(NAME)")) + storage(B),
        # csi-provisioner 1.1 asks the driver whatever it is told.
        pod("a", sidecar("provisioner", f"--provisioner={B}", version="v1.1.0"), ATTACHER, driver(f"--drivername={A}"))
        + storage(A),
        # Two instances of one driver, told their names only.
        TOLD + TOLD.replace("name: a}", "name: b}").replace(A, B) + storage(A) + storage(B),
        TOLD + TOLD.replace("name: a}", "name: b}").replace(A, B) + storage(A),
        # Another sidecar's socket is no driver without a name.
        pod("a", *ALL, driver(f"--drivername={A}"), container("agent", "a:1", "--log-socket=/csi/log.sock"))
        + storage(A),
    ],
)
def test_names_that_agree_or_may(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NAMED + storage(B), {"CSI401": "error"}),
        (NAMED + storage(A) + storage(B), {"CSI401": "warning"}),
        (NAMED + storage(A) + storage("a.exmaple.com"), {"CSI401": "error"}),
        (NAMED + snapshots(B), {"CSI401": "error"}),
        (NAMED + csi_driver(B), {"CSI401": "error"}),
        (NAMED + volume("a.exmaple.com"), {"CSI401": "error"}),
        (COPIES + storage(B), {"CSI401": "error"}),
        (
            COPIES.replace(sidecar("snapshotter"), sidecar("snapshotter", f"--snapshotter={B}")) + storage(A),
            {"CSI401": "error"},
        ),
        # Told another name than the driver's: it works if the classes say the same, and then something else may not.
        (
            pod("a", sidecar("provisioner", f"--provisioner={B}"), ATTACHER, driver(f"--drivername={A}")) + storage(A),
            {"CSI401": "error"},
        ),
        (
            pod("a", sidecar("provisioner", f"--provisioner={B}"), ATTACHER, driver(f"--drivername={A}")) + storage(B),
            {"CSI401": "warning"},
        ),
        # Two sidecars of one driver are told two names; the class says which is right.
        (
            pod(
                "a",
                sidecar("provisioner", f"--provisioner={A}"),
                ATTACHER,
                sidecar("snapshotter", f"--snapshotter={B}"),
                driver(),
            )
            + storage(A),
            {"CSI401": "error"},
        ),
    ],
)
def test_names_that_do_not_agree(text: str, expected: Found) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("a.example.com", "v1.0.1", {}),
        ("csi-hostpath", "v0.4.1", {}),
        ("a_b", "v0.4.1", {}),
        ("a_b", "v1.0.1", {"CSI420": "warning"}),
        ("a-", "v1.0.1", {"CSI420": "warning"}),
        ("a/b", "v0.4.1", {"CSI420": "error"}),
        ("a b", "v1.0.1", {"CSI420": "error"}),
        ("a" * 64, "v1.0.1", {"CSI420": "error"}),
        ("$(NAME)", "v1.0.1", {}),
    ],
)
def test_what_is_a_name(name: str, version: str, expected: Found) -> None:
    assert found(pod("a", sidecar("provisioner", f"--provisioner={name}", version=version))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (pod("a", sidecar("provisioner"), driver(f"--drivername={A}")) + storage(A), {"CSI421": "warning"}),
        (pod("a", sidecar("provisioner"), driver(f"--drivername={A}")) + storage(A) + csi_driver(A), {}),
        (pod("a", sidecar("provisioner"), ATTACHER, driver(f"--drivername={A}")) + snapshots(A), {"CSI421": "warning"}),
        (pod("a", driver(f"--drivername={A}")) + storage(A) + snapshots(A), {}),
        (
            pod(
                "a",
                sidecar("provisioner"),
                container("x", "our/own:v1", "--csi-address=/csi/csi.sock"),
                driver(f"--drivername={A}"),
            )
            + storage(A),
            {},
        ),
        (COPIES + storage(A) + snapshots(A), {}),
    ],
)
def test_who_serves_a_class(text: str, expected: Found) -> None:
    assert found(text) == expected
