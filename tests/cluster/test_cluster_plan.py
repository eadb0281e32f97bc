"""What apply, delete and verify know without a cluster: their order, their words, their reports."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from csi_manifests.bundle.bundle import Bundle
from csi_manifests.bundle.loading import load
from csi_manifests.bundle.stages import STAGES
from csi_manifests.cli import main
from csi_manifests.cluster.advice import advised
from csi_manifests.cluster.apply import change, summary
from csi_manifests.cluster.kubectl import hidden, refusal
from csi_manifests.cluster.plan import apply_steps, delete_phases, drivers, sleeps, staged
from csi_manifests.cluster.verify import StepResult, Verification
from csi_manifests.cluster.waits import READY, ready_words
from csi_manifests.components.plan import build
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.well_known import LAST_APPLIED
from csi_manifests.models.resource import Key
from csi_manifests.output import emit
from csi_manifests.output.bundle.yaml import emit as write
from csi_manifests.setup.setup import Setup

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Manifest


KEYS = {
    kind: Key(api_version, kind, "default", "x")
    for api_version, kind in (
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Pod"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "StatefulSet"),
        ("snapshot.storage.k8s.io/v1alpha1", "VolumeSnapshot"),
    )
}


def kinds(items: tuple[Manifest, ...]) -> list[str]:
    return list(dict.fromkeys(item.key.kind for item in items))


def test_each_step_has_what_it_needs() -> None:
    steps = apply_steps(build())

    assert [(step.stage, kinds(step.items)) for step in steps if step.stage != "rbac"] == [
        ("crds", ["CustomResourceDefinition"]),
        ("driver", ["DaemonSet"]),
        ("driver", ["Service", "StatefulSet"]),
        ("classes", ["StorageClass", "VolumeSnapshotClass"]),
        ("workload", ["PersistentVolumeClaim"]),
        ("workload", ["Pod"]),
        ("snapshot", ["VolumeSnapshot"]),
        ("restore", ["PersistentVolumeClaim"]),
        ("restore", ["Pod"]),
    ]
    assert all(not step.needs for step in steps)
    assert Counter(key.kind for step in steps for key in step.awaited) == {
        "CustomResourceDefinition": 5,
        "DaemonSet": 1,
        "StatefulSet": 3,
        "PersistentVolumeClaim": 2,
        "Pod": 2,
        "VolumeSnapshot": 1,
    }


@pytest.mark.parametrize(
    ("stage", "needs"),
    [
        ("snapshot", ["PersistentVolumeClaim default/csi-pvc"]),
        ("restore", ["VolumeSnapshot default/snapshot-20181210"]),
    ],
)
def test_a_stage_alone_waits_for_what_it_needs(stage: str, needs: list[str]) -> None:
    assert [str(key) for key in apply_steps(build().select(stage))[0].needs] == needs


def test_a_late_claim_is_awaited_with_its_pod() -> None:
    setup = Setup.model_validate({"storageClass": {"volumeBindingMode": "WaitForFirstConsumer"}})
    claim, pod = apply_steps(build(setup).select("classes", "workload"))[1:]

    assert claim.awaited == ()
    assert [str(key) for key in pod.awaited] == ["PersistentVolumeClaim default/csi-pvc", "Pod default/my-csi-app"]


def test_objects_without_a_stage_get_that_of_their_kind() -> None:
    article = build()
    foreign = staged(load(write(Bundle(article), comments=False)))

    assert [item.stage for item in foreign.items] == [item.stage for item in article.items]


def test_deletion_begins_with_what_uses_the_driver() -> None:
    phases = delete_phases(build())

    assert [phase.title for phase in phases] == [
        "pods",
        "restored claims",
        "snapshots",
        "claims",
        "classes",
        "driver",
        "rbac",
        "crds",
    ]
    assert sum(len(phase.items) for phase in phases) == 35
    assert drivers(build()) == {"csi-hostpath"}
    assert all(sleeps(pod) for pod in phases[0].items)


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(args)
    said = capfd.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("command", ["apply", "delete"])
def test_dry_run_prints_the_plan_and_needs_no_cluster(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    stages = [f"--stage={','.join(STAGES)}"] if command == "apply" else []
    code, out, err = run(capfd, command, "--dry-run", "--kubectl=/no/kubectl", "--context=my cluster", *stages)

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{command} 35 objects in {10 if command == 'apply' else 8} steps"
    assert sum(line.startswith(f"  {command} ") for line in lines) == 35
    assert sum(line.startswith("  wait ") for line in lines) == (14 if command == "apply" else 8)


def test_dry_run_shows_no_secret(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: csi}\nstringData: {a: hoge}\n")

    code, out, _ = run(capfd, "apply", "--dry-run", f"--filename={bundle}")

    assert code == 0
    assert "hoge" not in out
    assert "  apply   Secret csi/token\n" in out


def test_objects_of_files_go_to_the_namespace_that_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: mine}\n")

    _, out, _ = run(capfd, "apply", "--dry-run", f"-f{bundle}", "--namespace=csi")

    assert out == (
        "apply 1 object in 1 step\n"
        "  create  Namespace csi, unless it is there\n"
        "1. rbac\n"
        "  apply   ServiceAccount csi/mine\n"
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["apply", "--kubectl=/no/kubectl"], "Install kubectl"),
        (["delete", "--kubectl=/no/kubectl"], "Install kubectl"),
        (["verify", "--kubectl=/no/kubectl"], "--kubectl"),
        (["apply", "--timeout=soon"], "'soon' is not a time"),
        (["apply", "--timeout=25h"], "more than a day"),
        (["apply", f"--timeout={'9' * 400}"], "more than a day"),
        (["apply", "-fx.yaml", "--driver=mine"], "leave --driver out"),
        (["apply", "--stage=snapshot", "--config=setup.yaml"], "Nothing to apply"),
        (["verify", "--image=a b"], "is not an image"),
    ],
)
def test_wrong_usage(
    args: list[str], words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("setup.yaml").write_text("{snapshots: [], restores: []}")

    code, out, err = run(capfd, *args)

    assert (code, out) == (2, "")
    assert words in err


def test_missing_file_is_input_that_is_missing(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "delete", "-f/no/bundle.yaml")

    assert code == 3
    assert "/no/bundle.yaml" in err


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            (
                'The PersistentVolumeClaim "restore" is invalid: spec.dataSource: Forbidden: VolumeSnapshotDataSource is '
                "disabled by feature-gate"
            ),
            "--feature-gates=VolumeSnapshotDataSource=true",
        ),
        ("driver name csi-hostpath not found in the list of registered CSI drivers", "registration of csi-hostpath."),
        ("selfLink was empty, can't make reference", "1.20 and later"),
        ("Error: ImagePullBackOff", "--registry"),
        ("hostPath type check failed: /var/lib/kubelet/plugins is not a directory", "has no /var/lib/kubelet/plugins:"),
        ('no matches for kind "VolumeSnapshot" in version "snapshot.storage.k8s.io/v1alpha1"', "stage crds"),
        ('error: context "x" does not exist', "get-contexts"),
        ("The connection to the server localhost:8080 was refused - did you specify the right host?", "--kubeconfig"),
        ("error: You must be logged in to the server (Unauthorized)", "credentials"),
        ("pods is forbidden: unable to validate against any pod security policy: []", "privileged"),
    ],
)
def test_messages_are_explained(said: str, advice: str) -> None:
    assert advice in "\n".join(advised(said))
    assert advice in str(refusal("apply stage restore", said))


@pytest.mark.parametrize(
    ("where", "role"),
    [("at the cluster scope", "a ClusterRole"), ('in the namespace "csi"', "a Role in namespace csi")],
)
def test_a_forbidden_request_gives_the_rule(where: str, role: str) -> None:
    said = (
        'volumesnapshots.snapshot.storage.k8s.io is forbidden: User "system:serviceaccount:csi:csi-snapshotter" cannot '
        f'update resource "volumesnapshots/status" in API group "snapshot.storage.k8s.io" {where}'
    )

    (advice,) = advised(said)

    assert advice.startswith(f"ServiceAccount csi/csi-snapshotter lacks a right. Add to {role}")
    rule = '{apiGroups: ["snapshot.storage.k8s.io"], resources: ["volumesnapshots/status"], verbs: ["update"]}'
    assert advice.endswith(f"- {rule}")


def test_what_kubectl_repeats_of_objects_is_not_shown() -> None:
    said = (
        "Warning: resource secrets/a is missing the annotation\n"
        'Error from server (Invalid): error when applying patch:\n{"data":{"password":"aG9nZQ=="}}\nto:\n'
        'Resource: "/v1, Resource=secrets", GroupVersionKind: "/v1, Kind=Secret"\nName: "a", Namespace: "b"\n'
        'Object: &{map["data":map["password":"Zm9v"]]}\nfor: "STDIN": Secret "a" is invalid'
    )

    shown = str(refusal("apply", said))

    assert "aG9nZQ==" not in shown
    assert "Zm9v" not in shown
    assert shown.endswith('for: "STDIN": Secret "a" is invalid')


@pytest.mark.parametrize(
    "line",
    [
        'node_stage_secrets:<key:"a" value:"hoge" >',
        '{"secrets":{"a":"hoge"}}',
        'secret: {"a": "hoge"}',
        r"\"secrets\":\"hoge\"",
        "Secrets:map[password:hoge] VolumeContext:map[]",
        "secret=hoge",
        """illegal base64 data: error found in #10 byte of ...|assword":"hoge!"|..., bigger context ...|{"data":\nhoge""",
        'data: Invalid value: "{\\"password\\":\\"hoge\\"}": no',
        "data: Invalid value: map[password:hoge]: no",
    ],
)
def test_secrets_of_logs_are_not_shown(line: str) -> None:
    assert "hoge" not in hidden(f"GRPC request: {line}")


def test_log_lines_about_secrets_stay() -> None:
    said = 'cannot get resource "secrets" in API group ""'

    assert hidden(said) == said


def stored(version: str, uid: str = "1", **content: Any) -> dict[str, Any]:
    annotations = content.pop("annotations", {LAST_APPLIED: "x"})
    return {"kind": "Pod", "metadata": {"uid": uid, "resourceVersion": version, "annotations": annotations}, **content}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, stored("1"), "created"),
        (stored("1"), stored("2", uid="2"), "created"),
        (stored("1"), stored("1"), "as they were"),
        (stored("1", status={"ready": 0}), stored("2", status={"ready": 1}), "as they were"),
        (stored("1", annotations={}), stored("2"), "adopted"),
        (stored("1", spec=1), stored("2", spec=2), "changed"),
        (stored("1"), stored("2", annotations={LAST_APPLIED: "y"}), "changed"),
    ],
)
def test_what_became_of_an_object(before: dict[str, Any] | None, after: dict[str, Any], said: str) -> None:
    assert change(before, after) == said


def test_summary_of_an_apply() -> None:
    assert summary(Counter({"as they were": 30})) == "nothing changed: 30 objects as they were"
    assert summary(Counter({"created": 2, "adopted": 1})) == "3 objects: 2 created, 1 adopted"


@pytest.mark.parametrize(
    ("kind", "found", "done"),
    [
        ("DaemonSet", {"status": {"desiredNumberScheduled": 0, "numberReady": 0}}, False),
        ("DaemonSet", {"status": {"desiredNumberScheduled": 2, "numberReady": 1, "updatedNumberScheduled": 2}}, False),
        ("DaemonSet", {"status": {"desiredNumberScheduled": 1, "numberReady": 1, "updatedNumberScheduled": 1}}, True),
        ("StatefulSet", {"spec": {"replicas": 0}, "status": {}}, True),
        ("StatefulSet", {"spec": {"replicas": 1}, "status": {"readyReplicas": 1, "updatedReplicas": 0}}, False),
        ("StatefulSet", {"spec": {}, "status": {"readyReplicas": 1, "updatedReplicas": 1}}, True),
        ("StatefulSet", {"metadata": {"generation": 2}, "spec": {}, "status": {"readyReplicas": 1}}, False),
        ("PersistentVolumeClaim", {"status": {"phase": "Pending"}}, False),
        ("VolumeSnapshot", {}, False),
        ("VolumeSnapshot", {"status": {"ready": True}}, True),
        ("VolumeSnapshot", {"status": {"readyToUse": True}}, True),
        ("Pod", {"status": {"phase": "Running"}}, False),
        ("Pod", {"status": {"phase": "Succeeded"}}, True),
    ],
)
def test_when_an_object_is_ready(kind: str, found: dict[str, Any], *, done: bool) -> None:
    state = READY[ready_words(KEYS[kind])]({"metadata": {}, **found})

    assert (state.done, state.hopeless) == (done, "")


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("VolumeSnapshot", {"error": {"message": "not bound"}}, "create it anew"),
        ("PersistentVolumeClaim", {"phase": "Lost"}, "make it anew"),
        ("Pod", {"phase": "Failed", "reason": "Evicted"}, "Evicted"),
    ],
)
def test_what_will_never_be_ready(kind: str, status: dict[str, Any], words: str) -> None:
    state = READY[ready_words(KEYS[kind])]({"metadata": {}, "status": status})

    assert words in state.hopeless


STEPS = [StepResult("write", "passed", 0.5), StepResult("read", "failed", 0.25, "reads \x00\n<b>"), StepResult("more")]


def test_report_for_people() -> None:
    text = emit("verification", "text", Verification("csi-hostpath", "csi-verify-1", "", STEPS))

    assert text.splitlines()[0] == "passed      0.5 s  write"
    assert text.splitlines()[-1] == "driver csi-hostpath, namespace csi-verify-1: not verified (0.8 s)"


def test_report_for_programs() -> None:
    report = json.loads(emit("verification", "json", Verification("csi-hostpath", "csi-verify-1", "", STEPS[:1])))

    assert report == {
        "driver": "csi-hostpath",
        "namespace": "csi-verify-1",
        "passed": True,
        "steps": [{"name": "write", "outcome": "passed", "seconds": 0.5, "message": ""}],
    }


def test_report_for_a_ci_server() -> None:
    error = Verification("csi-hostpath", "n", "", [*STEPS, StepResult("late", "error", 1, "no")], ClusterError("no"))
    suite = ET.fromstring(emit("verification", "junit", error))[0]

    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [[part.tag for part in case] for case in suite] == [[], ["failure"], ["skipped"], ["error"]]
    assert suite[1][0].text == "reads ?\n<b>"


def test_interrupted_it_says_what_was_done_and_how_to_go_on(tmp_path: Path) -> None:
    program, called = tmp_path / "kubectl", tmp_path / "called"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\ntouch {called}\n[ $1 = apply ] || exec sleep 30\n")
    program.chmod(0o755)
    command = [sys.executable, "-m", "csi_manifests", "apply", f"--kubectl={program}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not called.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "apply was interrupted. Done so far: nothing. The same command goes on from here." in err
    assert "Traceback" not in err
