"""What the cluster commands do when kubectl, the cluster or the bundle is in trouble; a small program stands for kubectl."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.cluster import delete
from csi_manifests.cluster.diagnosis import diagnose
from csi_manifests.cluster.kubectl import Kubectl
from csi_manifests.cluster.leftovers import others_in
from csi_manifests.cluster.plan import apply_steps, delete_phases, namespaces, staged
from csi_manifests.cluster.progress import Progress
from csi_manifests.cluster.verify import Outcome, StepResult, Verification, verify
from csi_manifests.cluster.waits import HopelessError, Watch, wait
from csi_manifests.components.plan import build
from csi_manifests.errors import ClusterError, UsageError
from csi_manifests.models.resource import Key
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.output import emit
from csi_manifests.setup.setup import Setup
from csi_manifests.text.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def fake(folder: Path, script: str) -> Kubectl:
    """Make a kubectl that is a script, with ``$called`` for what it was called with."""
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\ncalled={folder}/called\necho "$*" >>$called\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    return Kubectl(str(program))


LISTED = """\
case "$*" in
  api-resources*) printf 'pods\\nwidgets.a.b\\nsecrets\\n';;
  *,*) echo "Error from server (NotFound): could not find the requested resource" >&2
       echo "error: the server could not find the requested resource" >&2; exit 1;;
  *pods*) echo '{"kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}}]}';;
  *secrets*) SECRETS;;
  *) echo "error: the server could not find the requested resource" >&2; exit 1;;
esac
"""


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ('echo \'{"kind": "List", "items": []}\'', "Pod b/a"),
        ("echo Forbidden >&2; exit 1", "Pod b/a and maybe secrets, which could not be listed"),
    ],
)
def test_a_kind_that_is_gone_hides_nothing_in_a_namespace(tmp_path: Path, secrets: str, said: str) -> None:
    assert others_in("b", fake(tmp_path, LISTED.replace("SECRETS", secrets))) == said


HOSTILE = "a'; touch PWNED #\n$(touch PWNED)`touch PWNED`\" ; touch PWNED; \\"
OF_FILES: list[dict[str, Any]] = [
    {"apiVersion": "a.b/v1", "kind": "Odd"},
    {"apiVersion": "a.b/v1", "kind": HOSTILE},
    {"apiVersion": "v1", "kind": "Secret"},
    {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {}},
    {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}},
    {"apiVersion": "snapshot.storage.k8s.io/v1alpha1", "kind": "VolumeSnapshot", "spec": {}},
    {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"selector": {"matchLabels": {"a": HOSTILE}}}},
    {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"selector": {"matchLabels": {HOSTILE: "b"}}}},
]


def test_a_plan_of_a_hostile_bundle_keeps_its_lines() -> None:
    metadata = {"name": HOSTILE, "namespace": HOSTILE}
    bundle = staged(Bundle(Item(Unstructured({**each, "metadata": metadata})) for each in OF_FILES))

    for steps in (apply_steps(bundle), delete_phases(bundle)):
        lines = emit("plan", "text", steps).splitlines()
        assert sum(line.startswith(("  apply ", "  delete ")) for line in lines) == len(OF_FILES)
        assert all(line.isprintable() for line in lines)


def test_kubectl_speaks_utf_8_in_any_locale(tmp_path: Path) -> None:
    fake(tmp_path, "cat; printf '\\377' ")
    asked = "from csi_manifests.cluster.kubectl import Kubectl; import sys; print(ascii(Kubectl(sys.argv[1]).call('x', stdin='\\xfc').stdout))"
    command = [sys.executable, "-X", "utf8=0", "-c", asked, str(tmp_path / "kubectl")]
    done = subprocess.run(
        command,
        env={**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        text=True,
        capture_output=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("'\\xfc\\ufffd'\n", "")


def test_kubectl_that_does_not_start(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)

    with pytest.raises(UsageError, match="Install kubectl"):
        Kubectl(str(program)).call("version")
    with pytest.raises(UsageError, match="Install kubectl"):
        Kubectl("echo").call("x" * 4_000_000)


def test_logs_that_do_not_come_replace_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csi_manifests.cluster.diagnosis._LOG_SECONDS", 0.2)
    kubectl = fake(tmp_path, '[ $1 != logs ] || exec sleep 20; echo \'{"kind": "List", "items": []}\'')
    ended = {"name": "a", "state": {"terminated": {"exitCode": 1}}}
    pod = {"metadata": {"name": "a", "namespace": "b"}, "status": {"containerStatuses": [ended]}}

    assert diagnose(kubectl, Key("v1", "Pod", "b", "a"), pod) == [
        "Pod a, container a: ended with exit code 1, 0 restarts"
    ]


def sequence(*answers: str | ClusterError) -> Callable[[], str]:
    left = list(answers)

    def look() -> str:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, ClusterError):
            raise answer
        return answer

    return look


REFUSED = ClusterError("wait: connection refused")


def test_a_refusal_that_passes_ends_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csi_manifests.cluster.waits.POLL_SECONDS", 0.01)

    wait(Watch(Kubectl(), Progress(), 5), "it", sequence("not yet", REFUSED, "not yet", ""), list)


@pytest.mark.parametrize(
    ("refused", "timeout", "words"),
    [
        (REFUSED, 0.1, "does not say: wait: connection refused"),
        (ClusterError("(Forbidden): no"), 60, "Forbidden"),
        (HopelessError("gone for good"), 60, "gone for good"),
    ],
)
def test_a_refusal_that_stays_ends_a_wait(
    refused: ClusterError, timeout: float, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csi_manifests.cluster.waits.POLL_SECONDS", 0.01)

    with pytest.raises(ClusterError, match=words.replace("(", ".")):
        wait(Watch(Kubectl(), Progress(), timeout), "it", sequence("not yet", refused), list)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "nothing to delete: none of the 3 objects is there"),
        ({"kept": 3}, "nothing deleted: 3 of 3 objects kept"),
        ({"kept": 1}, "nothing deleted: 1 of 3 objects kept, the others are not there"),
        ({"deleted": 2, "kept": 1}, "2 objects deleted, 1 kept"),
    ],
)
def test_summary_of_a_deletion(counts: dict[str, int], said: str) -> None:
    assert delete.summary(Counter(counts), 3) == said


@pytest.mark.parametrize("error", [KeyboardInterrupt, UsageError])
def test_clean_up_that_ends_early_says_what_is_left(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def steps(_: object) -> list[tuple[str, Callable[[], None]]]:
        return [("look", lambda: None)]

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("csi_manifests.cluster.verify._steps", steps)
    monkeypatch.setattr("csi_manifests.cluster.verify._clean_up", fail)
    with pytest.raises(error):
        verify(Setup(), Watch(Kubectl(), Progress(), 1), "scratch")

    assert "left in namespace scratch: what was not deleted yet. To clean up: kubectl delete" in capfd.readouterr().err


@pytest.mark.parametrize(("outcome", "left"), [("passed", False), ("error", True)])
def test_what_is_left_of_a_demonstration(outcome: Outcome, *, left: bool) -> None:
    result = Verification("d", "n", "kubectl delete", [StepResult("look", "passed"), StepResult("clean up", outcome)])

    assert bool(result.left) == left
    assert Verification("d", "n", "kubectl delete", [StepResult("look", "passed")]).left.endswith("kubectl delete")
    assert not Verification("d", "n", "kubectl delete", [StepResult("look", "error")]).left


def test_every_cluster_has_the_namespace_default() -> None:
    assert namespaces(list(build())) == []
    assert namespaces(list(build(Setup(namespace="csi")))) == ["csi"]


def test_kinds_of_many() -> None:
    words = ["PodSecurityPolicy", "StorageClass", "Pod", "Endpoints", "Gateway"]

    assert list(map(plural, words)) == ["PodSecurityPolicies", "StorageClasses", "Pods", "Endpoints", "Gateways"]


@pytest.mark.parametrize(
    ("answer", "release"),
    [
        ('echo \'{"serverVersion": {"major": "1", "minor": "20+"}}\'', "1.20"),
        ('echo \'{"clientVersion": {"major": "1", "minor": "37"}}\'', ""),
        ('echo \'{"serverVersion": {"major": "1", "minor": 20}}\'', ""),
        ("echo nothing", ""),
        ("exit 1", ""),
    ],
)
def test_release_of_the_server(tmp_path: Path, answer: str, release: str) -> None:
    assert fake(tmp_path, answer).server_release() == release
