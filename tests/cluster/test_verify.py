"""``verify`` on a real API server with its real controllers; kubelet, scheduler and sidecars are played (``roles``).

``kubectl exec`` needs a kubelet, which is not there. So the kubectl of these tests is a small real program that answers
``exec`` with a shell on this machine, in a folder for each volume, and hands everything else to the real kubectl. The
players copy a folder where the driver would copy a volume.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from .roles import Roles, roles, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .control_plane import ControlPlane
    from .roles import Run

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("controllers")]

SOON = "--timeout=60s"
NEVER = "--timeout=2s"
PROGRAM = """\
#!{python}
import json, os, pathlib, subprocess, sys
args = sys.argv[1:]
if "exec" not in args:
    os.execv({kubectl!r}, [{kubectl!r}, *args])
access, (pod, namespace, _, *command) = args[: args.index("exec")], args[args.index("exec") + 1 :]
def get(what):
    return json.loads(subprocess.check_output([{kubectl!r}, *access, "get", what, namespace, "-o", "json"]))
spec = get("pod/" + pod)["spec"]
claim = next(volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume)
folder = pathlib.Path({volumes!r}, get("pvc/" + claim)["spec"]["volumeName"])
folder.mkdir(exist_ok=True)
mounted = spec["containers"][0]["volumeMounts"][0]["mountPath"]
sys.exit(subprocess.call([word.replace(mounted, str(folder)) for word in command]))
"""


@dataclass
class Demonstrator:
    """Runs ``verify`` with the program in the place of kubectl."""

    cluster: ControlPlane
    players: Roles
    program: str

    def verify(self, *args: str) -> Run:
        return run(self.cluster, "verify", *args, kubectl=self.program)

    def clean_up(self, done: Run) -> None:
        """Do what a run says is left to do, and wait until nothing is left of it."""
        line = done.err.rpartition("To clean up: ")[2].partition("\n")[0]
        self.cluster.run(*[word for word in line.split()[1:] if not word.startswith("--kubeconfig")])
        until = time.monotonic() + 60
        while left := self.left():
            assert time.monotonic() < until, left

    def left(self) -> list[str]:
        kinds = "pods,persistentvolumeclaims,persistentvolumes,volumesnapshots.snapshot.storage.k8s.io"
        found = self.cluster.json(f"{kinds},volumesnapshotcontents.snapshot.storage.k8s.io", "--all-namespaces")[
            "items"
        ]
        names = [f"{each['kind']} {each['metadata']['name']}" for each in found]
        return [name for name in names if "hostpath" not in name] + [
            each["metadata"]["name"]
            for each in self.cluster.json("namespaces")["items"]
            if each["metadata"]["name"].startswith("csi-verify-")
        ]


@pytest.fixture(scope="module")
def demonstrator(cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstrator]:
    volumes, program = tmp_path_factory.mktemp("volumes"), tmp_path_factory.mktemp("bin") / "kubectl"
    program.write_text(PROGRAM.format(python=sys.executable, kubectl=str(cluster.kubectl), volumes=str(volumes)))
    program.chmod(0o755)

    def copy(source: str, target: str) -> None:
        shutil.copytree(volumes / source, volumes / target)

    with roles(cluster) as players:
        players.copied = copy
        assert run(cluster, "apply", SOON).code == 0
        yield Demonstrator(cluster, players, str(program))
        players.absent.clear()
        done = run(cluster, "delete", "--force", SOON)
        assert done.code == 0, done.err


def test_restored_data_is_that_of_the_snapshot(demonstrator: Demonstrator) -> None:
    done = demonstrator.verify("--format=json", SOON)

    assert done.code == 0, done.err
    report: dict[str, Any] = json.loads(done.out)
    assert report["passed"] is True
    assert [step["name"] for step in report["steps"]] == [
        "look for the classes",
        "make the namespace",
        "claim a volume",
        "start a pod",
        "write",
        "take a snapshot",
        "write more",
        "restore the snapshot",
        "start a second pod",
        "read what was restored",
        "read what was written last",
        "clean up",
    ]
    assert {step["outcome"] for step in report["steps"]} == {"passed"}
    assert all(step["seconds"] > 0 for step in report["steps"])
    assert demonstrator.left() == []


def test_wrong_data_in_a_namespace_of_the_users(
    demonstrator: Demonstrator, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver whose snapshots follow the volume restores what was written after them."""
    copy, sources = demonstrator.players.copied, dict[str, str]()

    def follow(source: str, target: str) -> None:
        if source in sources:
            copy(sources[source], target)
        else:
            sources[target] = source

    monkeypatch.setattr(demonstrator.players, "copied", follow)

    done = demonstrator.verify(f"--namespace={namespace}", "--format=junit", SOON)

    assert done.code == 1, done.err
    suite = ET.fromstring(done.out)[0]
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "0", "1")
    (failure,) = suite.iter("failure")
    assert "what was written after the snapshot" in failure.get("message", "")
    assert demonstrator.left() == []


def test_what_is_kept_can_be_cleaned_up(demonstrator: Demonstrator, namespace: str) -> None:
    done = demonstrator.verify(f"--namespace={namespace}", "--keep", "--image=registry.local/busybox:1.30", SOON)

    assert done.code == 0, done.err
    assert "the restored data is that of the snapshot" in done.out
    pods = demonstrator.cluster.json("pods", f"--namespace={namespace}")["items"]
    assert {pod["spec"]["containers"][0]["image"] for pod in pods} == {"registry.local/busybox:1.30"}
    demonstrator.clean_up(done)


def test_snapshot_that_never_comes(demonstrator: Demonstrator) -> None:
    demonstrator.players.absent.add("snapshotter")
    try:
        done = demonstrator.verify(NEVER, "--format=json")
    finally:
        demonstrator.players.absent.clear()

    assert done.code == 4
    outcomes = {step["name"]: step["outcome"] for step in json.loads(done.out)["steps"]}
    assert (outcomes["take a snapshot"], outcomes["write more"]) == ("error", "skipped")
    assert "waited 2 s for VolumeSnapshot" in done.err
    if demonstrator.left():  # two seconds may be too short for its own cleaning up as well
        demonstrator.clean_up(done)


@pytest.mark.parametrize(
    ("flag", "words"),
    [("--instance=b", "is not in the cluster"), ("--driver=other", "is of the driver 'csi-hostpath'")],
)
def test_driver_that_is_not_there(demonstrator: Demonstrator, flag: str, words: str) -> None:
    done = demonstrator.verify(flag)

    assert done.code == 4
    assert words in done.err
    assert demonstrator.left() == []
