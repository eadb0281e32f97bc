"""``apply`` on a real API server with its real controllers; kubelet, scheduler and sidecars are played (``roles``).

What 1.20 cannot show: a claim refused for a missing gate, as VolumeSnapshotDataSource is locked there.
``tests/cluster/test_cluster_plan.py`` has that message.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests.bundle.stages import STAGES
from csi_manifests.cluster.kubectl import Kubectl
from csi_manifests.components.plan import build
from csi_manifests.output.bundle.yaml import emit

from .roles import Roles, roles, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from csi_manifests.models.resource import Key
    from csi_manifests.setup.setup import Setup

    from .control_plane import ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("controllers")]

ALL = f"--stage={','.join(STAGES)}"
SOON = "--timeout=60s"
NEVER = "--timeout=2s"
LATE = '{"storageClass": {"volumeBindingMode": "WaitForFirstConsumer"}}'


@pytest.fixture(scope="module")
def players(cluster: ControlPlane) -> Iterator[Roles]:
    with roles(cluster) as playing:
        yield playing


@pytest.fixture(autouse=True)
def clean(cluster: ControlPlane, players: Roles) -> Iterator[None]:
    yield
    players.broken.clear()
    players.absent.clear()
    assert run(cluster, "delete", "--force", SOON).code == 0


def kept(cluster: ControlPlane) -> Kubectl:
    cache = f"--cache-dir={cluster.kubeconfig.parent / 'kubectl-cache'}"
    return Kubectl(str(cluster.kubectl), (f"--kubeconfig={cluster.kubeconfig}", cache))


def versions(cluster: ControlPlane, setup: Setup | None = None) -> dict[Key, str]:
    found = kept(cluster).get([item.key for item in build(setup)])
    return {key: content["metadata"]["resourceVersion"] for key, content in found.items()}


def test_every_document_is_accepted_in_order_and_a_second_run_changes_nothing(
    cluster: ControlPlane, players: Roles
) -> None:
    players.order.clear()

    first = run(cluster, "apply", ALL, SOON)

    assert first.code == 0, first.err
    assert first.err.endswith("35 objects: 35 created\n")
    stages = [line.split()[3].rstrip(":") for line in first.err.splitlines() if "  stage " in line]
    assert list(dict.fromkeys(stages)) == list(STAGES)
    done = [step.rpartition("-")[0] if "hostpathplugin" in step else step for step in players.order]
    assert done[0] == "run csi-hostpathplugin"
    assert done[4:] == [
        "provision csi-pvc",
        "run my-csi-app",
        "snapshot snapshot-20181210",
        "provision restore-20181210",
        "run my-csi-app2",
    ]

    before = versions(cluster)
    second = run(cluster, "apply", ALL, SOON)

    assert second.err.endswith("nothing changed: 35 objects as they were\n")
    assert "waiting" not in second.err
    assert versions(cluster) == before
    assert len(before) == 35


def test_without_stages_only_the_driver_is_made(cluster: ControlPlane) -> None:
    done = run(cluster, "apply", SOON)

    assert done.code == 0
    assert "30 objects: 30 created" in done.err
    assert "left out: 5 objects that use the driver (--stage workload,snapshot,restore)" in done.err
    assert len(versions(cluster)) == 30


def test_objects_that_others_created_are_adopted(cluster: ControlPlane) -> None:
    for stages in (("crds", "rbac"), ("driver",)):
        cluster.run("create", "--filename=-", stdin=emit(build().select(*stages)))

    adopted = run(cluster, "apply", SOON)
    again = run(cluster, "apply", SOON)

    assert "30 objects: 2 created, 28 adopted" in adopted.err
    assert "Warning" not in adopted.err
    assert "nothing changed: 30 objects as they were" in again.err


def test_bindings_of_another_namespace_are_not_taken_over(cluster: ControlPlane) -> None:
    assert run(cluster, "apply", "--stage=rbac").code == 0
    before = versions(cluster)

    refused = run(cluster, "apply", "--namespace=storage2", "--stage=rbac", SOON)
    named = run(cluster, "apply", "--namespace=storage2", "--stage=rbac", "--instance=b", SOON)
    gone = run(cluster, "delete", "--namespace=storage2", "--instance=b", SOON)

    assert refused.code == 4
    assert "an installation in namespace default has the same cluster-wide objects" in refused.err
    assert "nothing was changed" in refused.err
    assert "ClusterRoleBinding csi-attacher-role: ServiceAccount default/csi-attacher" in refused.err
    assert "--instance" in refused.err
    assert "namespace storage2 created" not in refused.err
    assert "namespace storage2 created" in named.err
    assert named.code == 0, named.err
    assert gone.code == 0, gone.err
    assert versions(cluster) == before


def test_what_the_setup_changes_is_changed(cluster: ControlPlane) -> None:
    run(cluster, "apply", "--stage=rbac")

    assert "16 objects: 3 created" not in (done := run(cluster, "apply", "--stage=rbac", "--rbac=minimal")).err
    assert "changed" in done.err.splitlines()[-1]


def test_what_kubernetes_does_not_change_in_place_is_explained(cluster: ControlPlane, tmp_path: Path) -> None:
    config = tmp_path / "setup.yaml"
    config.write_text("storageClass: {parameters: {fast: 'yes'}}")
    run(cluster, "apply", "--stage=classes,crds")

    refused = run(cluster, "apply", "--stage=classes", f"--config={config}")

    assert refused.code == 4
    assert "apply stage classes" in refused.err
    assert "delete the object" in refused.err


def test_claims_of_a_late_class_are_awaited_with_their_pod(cluster: ControlPlane, tmp_path: Path) -> None:
    config = tmp_path / "setup.json"
    config.write_text(LATE)

    done = run(cluster, "apply", ALL, SOON, f"--config={config}")

    assert done.code == 0, done.err


def test_bundle_from_files_is_checked_and_applied(cluster: ControlPlane, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(emit(build(), comments=False))
    assert "30 objects: 30 created" in run(cluster, "apply", f"-f{bundle}", SOON).err

    bundle.write_text(emit(build()).replace("kind: StatefulSet", "kind: StatefulSet\nsepc: {}", 1))
    refused = run(cluster, "apply", f"-f{bundle}")

    assert refused.code == 1
    assert "sepc" in refused.err


def test_snapshot_kinds_before_their_definitions(cluster: ControlPlane) -> None:
    refused = run(cluster, "apply", "--no-snapshot-crds", "--stage=classes")

    assert refused.code == 4
    # Which words kubectl has for it depends on what it remembers of the kinds that were served.
    assert "CustomResourceDefinitions go first" in refused.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--context=nowhere",), ["nowhere", "kubectl config get-contexts"]),
        (("--kubeconfig=/nowhere/config",), ["/nowhere/config"]),
    ],
)
def test_access_that_cannot_be(cluster: ControlPlane, args: tuple[str, ...], words: list[str]) -> None:
    refused = run(cluster, "apply", *args)

    assert refused.code == 4
    assert all(word in refused.err for word in words), refused.err


def test_server_that_does_not_answer(cluster: ControlPlane, tmp_path: Path) -> None:
    config = json.loads(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "kubeconfig").write_text(json.dumps(config))

    refused = run(cluster, "apply", f"--kubeconfig={tmp_path / 'kubeconfig'}")

    assert refused.code == 4
    assert "--context and --kubeconfig choose it" in refused.err


def test_user_without_rights_is_told_the_rule(cluster: ControlPlane, namespace: str, tmp_path: Path) -> None:
    cluster.run("create", "serviceaccount", "guest", f"--namespace={namespace}")
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/guest/token"
    config = json.loads(cluster.kubeconfig.read_text())
    config["users"][0]["user"]["token"] = token = cluster.request("POST", path, {"spec": {}})["status"]["token"]
    (tmp_path / "kubeconfig").write_text(json.dumps(config))

    refused = run(cluster, "apply", f"--kubeconfig={tmp_path / 'kubeconfig'}")

    assert refused.code == 4
    assert f"ServiceAccount {namespace}/guest lacks a right" in refused.err
    assert 'verbs: ["get"]' in refused.err
    assert token not in refused.err


def test_image_that_cannot_be_pulled(cluster: ControlPlane, players: Roles) -> None:
    players.broken["hostpathplugin"] = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}

    late = run(cluster, "apply", NEVER)

    assert late.code == 4
    assert "waited 2 s for DaemonSet default/csi-hostpathplugin" in late.err
    assert "container hostpath: ImagePullBackOff: Back-off pulling image" in late.err
    assert "fix: The node cannot pull the image" in late.err
    assert not [key for key in versions(cluster) if key.kind == "StatefulSet"]


def test_container_that_crashes(cluster: ControlPlane, players: Roles) -> None:
    players.broken["csi-attacher"] = {"terminated": {"exitCode": 255, "containerID": "docker://1"}}

    late = run(cluster, "apply", NEVER)

    assert late.code == 4
    assert "container csi-attacher: ended with exit code 255" in late.err


def test_no_node_for_the_driver(cluster: ControlPlane, tmp_path: Path) -> None:
    config = tmp_path / "setup.yaml"
    config.write_text("nodeSelector: {disk: none}")

    late = run(cluster, "apply", NEVER, f"--config={config}")

    assert late.code == 4
    assert "is for no node" in late.err


def test_claim_that_nobody_serves(cluster: ControlPlane, players: Roles) -> None:
    players.absent.add("provisioner")
    assert run(cluster, "apply", SOON).code == 0
    account = "system:serviceaccount:default:csi-provisioner"
    said = f'User "{account}" cannot create resource "persistentvolumes" in API group "" at the cluster scope'
    event(cluster, "PersistentVolumeClaim", "csi-pvc", f"persistentvolumes is forbidden: {said}")

    late = run(cluster, "apply", NEVER, "--stage=workload")

    assert late.code == 4
    assert "PersistentVolumeClaim default/csi-pvc is Pending" in late.err
    assert 'external provisioner "csi-hostpath"' in late.err
    assert "ServiceAccount default/csi-provisioner lacks a right" in late.err
    assert '- {apiGroups: [""], resources: ["persistentvolumes"], verbs: ["create"]}' in late.err


def test_driver_that_the_kubelet_refused(cluster: ControlPlane, players: Roles) -> None:
    assert run(cluster, "apply", SOON).code == 0
    players.broken["busybox"] = {"waiting": {"reason": "ContainerCreating"}}
    said = "MountVolume.MountDevice failed: driver name csi-hostpath not found in the list of registered CSI drivers"
    event(cluster, "Pod", "my-csi-app", said)

    late = run(cluster, "apply", NEVER, "--stage=workload")

    assert late.code == 4
    assert "registration of csi-hostpath" in late.err


def test_snapshot_that_failed_is_not_waited_for(cluster: ControlPlane, players: Roles) -> None:
    assert run(cluster, "apply", SOON).code == 0
    players.absent.add("provisioner")
    cluster.run("apply", "--filename=-", stdin=emit(build().select("workload", "snapshot")))
    kubectl, (snapshot,) = kept(cluster), [item.key for item in build().select("snapshot")]
    while not kubectl.get([snapshot])[snapshot].get("status"):
        pass
    players.absent.clear()

    failed = run(cluster, "apply", ALL, "--timeout=60s")

    assert failed.code == 4
    assert "VolumeSnapshot default/snapshot-20181210: failed: the PVC csi-pvc is not yet bound" in failed.err
    assert "create it anew" in failed.err
    cluster.run("delete", "volumesnapshots.snapshot.storage.k8s.io", snapshot.name)
    assert run(cluster, "apply", ALL, SOON).code == 0


def test_claim_is_bound_before_a_snapshot_of_it_alone(cluster: ControlPlane, players: Roles) -> None:
    assert run(cluster, "apply", SOON).code == 0
    players.absent.add("provisioner")
    cluster.run("apply", "--filename=-", stdin=emit(build().select("workload")))

    late = run(cluster, "apply", NEVER, "--stage=snapshot")

    assert late.code == 4
    assert "waited 2 s for PersistentVolumeClaim default/csi-pvc Bound" in late.err
    assert not [key for key in versions(cluster) if key.kind == "VolumeSnapshot"]


def event(cluster: ControlPlane, kind: str, name: str, message: str) -> None:
    content: dict[str, Any] = {
        "metadata": {"generateName": "test-"},
        "involvedObject": {"kind": kind, "name": name, "namespace": "default"},
        "type": "Warning",
        "reason": "Test",
        "message": message,
        "lastTimestamp": "2099-01-01T00:00:00Z",
    }
    cluster.request("POST", "/api/v1/namespaces/default/events", content)


def test_a_bundle_of_another_release_is_applied_with_a_warning(cluster: ControlPlane) -> None:
    done = run(cluster, "apply", "--stage=crds,classes", SOON)

    assert done.code == 0
    first = done.err.splitlines()[0]
    assert "  the server is Kubernetes 1.20, on which this does not work: CSI436 incompatible-sidecar: " in first
    assert first.endswith("'csi-manifests check --kubernetes 1.20' says more.")
