"""``delete`` on a real API server with its real controllers; kubelet, scheduler and sidecars are played (``roles``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests.bundle.bundle import Bundle
from csi_manifests.bundle.stages import STAGES
from csi_manifests.cluster.kubectl import Kubectl
from csi_manifests.components.plan import build
from csi_manifests.models.core_v1 import ServiceAccount
from csi_manifests.output.bundle.yaml import emit
from csi_manifests.setup.setup import Setup

from .roles import Roles, roles, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .control_plane import ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("controllers")]

ALL = f"--stage={','.join(STAGES)}"
SOON = "--timeout=60s"
NEVER = "--timeout=2s"
SNAPSHOT_CRDS = [
    f"{plural}.snapshot.storage.k8s.io"
    for plural in ("volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots")
]
NODE_INFOS = "csinodeinfos.csi.storage.k8s.io"


@pytest.fixture(scope="module")
def players(cluster: ControlPlane) -> Iterator[Roles]:
    with roles(cluster) as playing:
        yield playing


@pytest.fixture(autouse=True)
def clean(cluster: ControlPlane, players: Roles) -> Iterator[None]:
    yield
    players.absent.clear()
    assert run(cluster, "delete", "--force", SOON).code == 0


def there(cluster: ControlPlane, setup: Setup | None = None) -> list[str]:
    """Name the objects of a setup that exist, and what its volumes and snapshots left."""
    cache = f"--cache-dir={cluster.kubeconfig.parent / 'kubectl-cache'}"
    kubectl = Kubectl(str(cluster.kubectl), (f"--kubeconfig={cluster.kubeconfig}", cache))
    found = [str(key) for key in kubectl.get([item.key for item in build(setup)])]
    left = kubectl.list("persistentvolumes") + kubectl.list(SNAPSHOT_CRDS[1])
    return found + [each["metadata"]["name"] for each in left]


def make(cluster: ControlPlane, api_version: str, kind: str, name: str, **content: Any) -> None:
    manifest = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **content}
    cluster.run("apply", "--filename=-", stdin=json.dumps(manifest))


def test_nothing_is_left_and_twice_is_fine(cluster: ControlPlane, players: Roles) -> None:
    assert run(cluster, "apply", ALL, SOON).code == 0
    assert len(there(cluster)) == 35 + 3
    players.order.clear()

    first = run(cluster, "delete", SOON)
    second = run(cluster, "delete", SOON)

    assert first.code == 0, first.err
    assert first.err.endswith("35 objects deleted\n")
    assert there(cluster) == []
    assert (second.code, second.err.split("  ")[-1]) == (0, "nothing to delete: none of the 35 objects is there\n")
    ended = [step for step in players.order if "hostpath" not in step]
    assert set(ended[:2]) == {"end my-csi-app", "end my-csi-app2"}
    assert ended[2:] == [
        "delete volume of restore-20181210",
        "delete content of snapshot-20181210",
        "delete volume of csi-pvc",
    ]
    assert all("hostpath" not in step for step in players.order[: len(ended)])


def test_what_uses_the_driver_can_go_alone(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", ALL, SOON).code == 0

    refused = run(cluster, "delete", "--stage=driver", SOON)
    done = run(cluster, "delete", "--stage=workload,snapshot,restore", SOON)

    assert refused.code == 4
    assert "nothing was deleted" in refused.err
    assert "5 objects deleted" in done.err
    assert len(there(cluster)) == 30


def test_second_instance_keeps_the_definitions(cluster: ControlPlane) -> None:
    second = Setup(instance="b")
    assert run(cluster, "apply", ALL, SOON).code == 0
    assert run(cluster, "apply", "--instance=b", SOON).code == 0

    done = run(cluster, "delete", "--instance=b", SOON)

    assert done.code == 0, done.err
    assert done.err.endswith("25 objects deleted, 5 kept\n")
    assert "kept CustomResourceDefinition csidrivers.csi.storage.k8s.io" in done.err
    assert len(there(cluster)) == 35 + 3
    assert [key for key in there(cluster, second) if not key.startswith("CustomResourceDefinition")][:-3] == []
    assert run(cluster, "delete", SOON).err.endswith("35 objects deleted\n")


def test_what_an_installation_in_another_namespace_needs_is_kept(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", SOON).code == 0
    before = there(cluster)
    other = Setup(namespace="storage3")
    cluster.namespace("storage3")
    cluster.run("create", "--filename=-", "--validate=false", stdin=emit(Bundle(build(other).of(ServiceAccount))))

    done = run(cluster, "delete", "--namespace=storage3", SOON)

    assert done.code == 0, done.err
    assert done.err.endswith("4 objects deleted, 15 kept\n")
    for said in (
        "kept ClusterRoleBinding csi-attacher-role: it gives rights to ServiceAccount default/csi-attacher. --force",
        "kept ClusterRole external-attacher-runner: ClusterRoleBinding csi-attacher-role gives its rights to ",
        "kept StorageClass csi-hostpath-sc: its driver csi-hostpath is also that of DaemonSet default/csi-hostpathplugin",
        "kept VolumeSnapshotClass csi-hostpath-snapclass: ",
    ):
        assert said in done.err
    assert there(cluster) == before

    # A role that only a binding of others names.
    cluster.run("delete", "clusterrolebinding", "csi-attacher-role")
    account = "--serviceaccount=elsewhere:mine"
    cluster.run("create", "rolebinding", "mine", "--clusterrole=external-attacher-runner", account)
    named = run(cluster, "delete", "--stage=rbac", SOON)
    cluster.run("delete", "rolebinding", "mine")
    assert "kept ClusterRole external-attacher-runner: RoleBinding default/mine gives its rights to" in named.err
    assert named.err.endswith("14 objects deleted, 1 kept\n")

    forced = run(cluster, "delete", "--namespace=storage3", "--force", "--stage=rbac,classes", SOON)
    assert forced.err.endswith("3 objects deleted\n")
    cluster.run("delete", "namespace", "storage3", "--wait=false")


def test_driver_of_others_volumes_is_not_taken(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", ALL, SOON).code == 0
    spec = {
        "storageClassName": "csi-hostpath-sc",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    make(cluster, "v1", "PersistentVolumeClaim", "another", spec=spec)
    cluster.run("wait", "pvc/another", "--for=jsonpath={.status.phase}=Bound", check=False)
    while cluster.json("pvc", "another")["status"]["phase"] != "Bound":
        pass

    refused = run(cluster, "delete", SOON)

    assert refused.code == 4
    assert "PersistentVolumeClaim default/another" in refused.err
    assert "nothing was deleted" in refused.err
    assert len(there(cluster)) == 35 + 4
    cluster.run("delete", "pvc", "another")


def test_namespace_that_apply_made_goes_if_nothing_else_is_in_it(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", "--namespace=csi", "--stage=rbac", SOON).code == 0
    cluster.run("create", "configmap", "mine", "--namespace=csi")

    kept = run(cluster, "delete", "--namespace=csi", SOON)
    cluster.run("delete", "configmap", "mine", "--namespace=csi")
    gone = run(cluster, "delete", "--namespace=csi", SOON)

    assert "kept namespace csi: it holds ConfigMap csi/mine" in kept.err
    assert "1 objects deleted" in gone.err
    assert cluster.run("get", "namespace", "csi", check=False).returncode == 1


def test_interrupted_anywhere_it_goes_on(cluster: ControlPlane, players: Roles) -> None:
    assert run(cluster, "apply", ALL, SOON).code == 0
    for part, held in (
        ("kubelet", "Pod default/my-csi-app"),
        ("provisioner", "PersistentVolume pvc-"),
        ("snapshotter", "VolumeSnapshotContent"),
    ):
        players.absent = {part}
        late = run(cluster, "delete", NEVER)
        assert late.code == 4
        assert held in late.err
        assert "goes on from here" in late.err
    players.absent.clear()

    assert run(cluster, "delete", SOON).code == 0
    assert there(cluster) == []


def test_definitions_that_the_snapshotter_made(cluster: ControlPlane) -> None:
    made_by_it = emit(build().select("crds"))
    cluster.run("create", "--filename=-", stdin=made_by_it)

    assert run(cluster, "delete", "--no-snapshot-crds", SOON).code == 0
    assert [key.rpartition(" ")[2] for key in there(cluster)] == SNAPSHOT_CRDS

    assert run(cluster, "delete", "--snapshot-crds", SOON).code == 0
    assert there(cluster) == []


def test_objects_of_others_keep_their_definitions(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", "--stage=crds", SOON).code == 0
    make(cluster, "snapshot.storage.k8s.io/v1alpha1", "VolumeSnapshotClass", "other", snapshotter="other")

    kept = run(cluster, "delete", SOON)

    assert kept.err.endswith("2 objects deleted, 3 kept\n")
    assert "there are objects of its group: VolumeSnapshotClass other. --force deletes it." in kept.err
    assert run(cluster, "delete", "--force", SOON).err.endswith("3 objects deleted\n")


@pytest.mark.parametrize(("driver", "deleted"), [("csi-hostpath", 5), ("other", 3)])
def test_what_the_kubelet_writes_keeps_no_definition(cluster: ControlPlane, driver: str, deleted: int) -> None:
    assert run(cluster, "apply", "--stage=crds", SOON).code == 0
    make(
        cluster,
        "csi.storage.k8s.io/v1alpha1",
        "CSINodeInfo",
        "node-1",
        spec={"drivers": [{"name": driver, "nodeID": "node-1"}]},
    )

    assert f"{deleted} objects deleted" in run(cluster, "delete", SOON).err


def test_volumes_that_are_to_stay_are_not_waited_for(cluster: ControlPlane, tmp_path: Path) -> None:
    config = tmp_path / "setup.yaml"
    config.write_text("storageClass: {reclaimPolicy: Retain}")
    assert run(cluster, "apply", ALL, SOON, f"--config={config}").code == 0

    assert run(cluster, "delete", SOON, f"--config={config}").code == 0

    (first, second) = there(cluster)
    assert first.startswith("pvc-")
    cluster.run("delete", "pv", first, second)


def test_bundle_from_a_file_with_the_definitions_the_snapshotter_made(cluster: ControlPlane, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(emit(build(Setup(snapshot_crds=False)), comments=False))
    assert run(cluster, "apply", "--stage=crds", SOON).code == 0

    assert "5 objects deleted" in run(cluster, "delete", f"-f{bundle}", "--snapshot-crds", SOON).err
