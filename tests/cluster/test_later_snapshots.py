"""What apply and delete know of snapshots from v1beta1 on, without a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csi_manifests import load
from csi_manifests.cluster.delete import taken
from csi_manifests.cluster.foreign import kept_for_others
from csi_manifests.cluster.kubectl import Kubectl
from csi_manifests.cluster.plan import apply_steps, drivers, staged
from csi_manifests.cluster.waits import READY, ready_words
from csi_manifests.models.resource import Key

DRIVER = "hostpath.csi.k8s.io"
BUNDLES = Path(__file__).parent.parent / "bundles" / "eras"
SNAPSHOTS = "snapshot.storage.k8s.io"


def answering(folder: Path, *items: object) -> Kubectl:
    """Return a kubectl that finds these objects, whatever is asked."""
    (folder / "found.json").write_text(json.dumps({"kind": "List", "items": items}))
    program = folder / "kubectl"
    program.write_text(f"#!/bin/sh\ncat {folder}/found.json\n")
    program.chmod(0o755)
    return Kubectl(str(program))


@pytest.mark.parametrize(("kubernetes", "version"), [("1.15", "v1alpha1"), ("1.17", "v1beta1"), ("1.20", "v1")])
def test_snapshot_is_taken_of_a_bound_claim_and_restored_when_it_is_ready(kubernetes: str, version: str) -> None:
    bundle = load(BUNDLES / f"hostpath-on-{kubernetes}.yaml")
    snapshot = Key(f"{SNAPSHOTS}/{version}", "VolumeSnapshot", "default", "new-snapshot-demo")
    claim = Key("v1", "PersistentVolumeClaim", "default", "csi-pvc")

    steps = apply_steps(staged(bundle))
    (taking,) = (step for step in steps if snapshot in [item.key for item in step.items])
    (restoring,) = (step for step in steps if step.stage == "restore")
    assert claim in [key for step in steps[: steps.index(taking)] for key in step.awaited]
    assert snapshot in taking.awaited
    assert steps.index(restoring) > steps.index(taking)
    # Applied alone, each waits for what was there before.
    assert apply_steps(staged(bundle).select("snapshot"))[0].needs == (claim,)
    assert drivers(bundle) == {DRIVER}


def test_snapshot_that_failed_is_tried_again() -> None:
    key = Key(f"{SNAPSHOTS}/v1", "VolumeSnapshot", "default", "x")
    found = {"apiVersion": key.api_version, "status": {"error": {"message": "not bound"}}}

    state = READY[ready_words(key)](found)

    assert (state.done, state.hopeless) == (False, "")
    assert "not bound" in state.said


@pytest.mark.parametrize(
    "spec", [{"driver": DRIVER}, {"csiVolumeSnapshotSource": {"driver": DRIVER}}], ids=["v1", "v1alpha1"]
)
def test_contents_of_a_driver_are_found(spec: dict[str, object], tmp_path: Path) -> None:
    content = {"spec": {**spec, "volumeSnapshotRef": {"namespace": "default", "name": "s"}}}
    assert taken(answering(tmp_path, content), lambda driver, _: driver == DRIVER) == [content]
    assert taken(answering(tmp_path, content), lambda driver, _: driver == "other") == []


def test_class_stays_for_the_driver_of_another_namespace(tmp_path: Path) -> None:
    whole = load(BUNDLES / "hostpath-on-1.20.yaml")
    (class_,) = (item for item in whole if item.key.type == (SNAPSHOTS, "VolumeSnapshotClass"))
    pod = {"spec": {"containers": [{"name": "hostpath", "image": "x", "args": [f"--drivername={DRIVER}"]}]}}
    other = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"namespace": "elsewhere", "name": "plugin"},
        "spec": {"template": pod},
    }

    kept = kept_for_others([class_], whole, answering(tmp_path, other))

    assert kept == {class_.key: f"its driver {DRIVER} is also that of StatefulSet elsewhere/plugin"}
