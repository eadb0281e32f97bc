"""The control plane is a real one, can be told what a kubelet would say, and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from .control_plane import ControlPlane, ControlPlaneError, RequestError, control_plane

pytestmark = pytest.mark.cluster

CUSTOM_RESOURCE_DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: snapshots.test.example}
spec:
  group: test.example
  scope: Namespaced
  names: {plural: snapshots, singular: snapshot, kind: Snapshot, listKind: SnapshotList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def test_server_is_the_release_that_was_built(cluster: ControlPlane) -> None:
    """All that the other tests expect was seen on this release."""
    assert cluster.request("GET", "/version")["gitVersion"] == "v1.20.2"


def test_service_account_may_do_nothing_unless_bound(cluster: ControlPlane, namespace: str) -> None:
    """RBAC is on, and tokens of ServiceAccounts are known to the server."""
    path = f"/api/v1/namespaces/{namespace}"
    cluster.run("create", "serviceaccount", "sidecar", f"--namespace={namespace}")
    token = cluster.request("POST", f"{path}/serviceaccounts/sidecar/token", {"spec": {}})["status"]["token"]

    with pytest.raises(RequestError, match=f"system:serviceaccount:{namespace}:sidecar.*cannot list") as refused:
        replace(cluster, token=token).request("GET", f"{path}/pods")

    assert refused.value.code == 403


def test_pod_runs_when_the_test_says_so(cluster: ControlPlane, namespace: str) -> None:
    """A test plays the scheduler and the kubelet, and kubectl believes it."""
    node = f"node-of-{namespace}"
    cluster.run("create", "--filename=-", stdin=json.dumps(_object("v1", "Node", node)))
    try:
        cluster.patch_status("node", node, {"conditions": [_true("Ready")]})
        cluster.run("run", "app", "--image=app", f"--namespace={namespace}")
        binding = _object("v1", "Binding", "app") | {"target": {"kind": "Node", "name": node}}
        cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods/app/binding", binding)
        status = {"phase": "Running", "conditions": [_true("Ready")]}

        pod = cluster.patch_status("pod", "app", status, namespace=namespace)

        assert pod["status"]["phase"] == "Running"
        cluster.run("wait", "pod/app", "--for=condition=Ready", "--timeout=5s", f"--namespace={namespace}")
        assert "Ready" in cluster.run("get", "node", node).stdout
    finally:
        cluster.run("delete", "node", node)


def test_status_of_a_custom_resource_without_the_subresource(cluster: ControlPlane, namespace: str) -> None:
    """The first snapshotters wrote their status into the object itself."""
    cluster.run("create", "--filename=-", stdin=CUSTOM_RESOURCE_DEFINITION)
    try:
        cluster.run("wait", "crd/snapshots.test.example", "--for=condition=Established", "--timeout=30s")
        snapshot = json.dumps(_object("test.example/v1", "Snapshot", "first"))
        cluster.run("create", "--filename=-", f"--namespace={namespace}", stdin=snapshot)

        cluster.patch_status("snapshots.test.example", "first", {"ready": True}, namespace=namespace)

        stored = cluster.json("snapshots.test.example", "first", f"--namespace={namespace}")
        assert stored["status"] == {"ready": True}
    finally:
        cluster.run("delete", "crd", "snapshots.test.example")


@pytest.mark.usefixtures("controllers")
def test_controllers_work(cluster: ControlPlane, namespace: str) -> None:
    """The controller of StatefulSets makes the Pod, which is then Pending: nothing schedules it."""
    labels = {"app": "plugin"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "plugin", "image": "plugin"}]}}
    spec = {"serviceName": "plugin", "selector": {"matchLabels": labels}, "template": template}
    stateful_set = _object("apps/v1", "StatefulSet", "plugin") | {"spec": spec}

    cluster.run("create", "--filename=-", f"--namespace={namespace}", stdin=json.dumps(stateful_set))

    deadline = time.monotonic() + 30
    while not (pods := cluster.json("pods", f"--namespace={namespace}")["items"]):
        assert time.monotonic() < deadline
    assert [(pod["metadata"]["name"], pod["status"]["phase"]) for pod in pods] == [("plugin-0", "Pending")]


def test_no_process_outlives_the_context(binaries: Path, tmp_path: Path) -> None:
    """All of them are ended, and waited for."""
    with control_plane(binaries, tmp_path):
        running = _processes(tmp_path)

    assert {"etcd", "kube-apiserver"} <= set(running)
    assert _processes(tmp_path) == []


def test_start_that_fails_says_why(binaries: Path, tmp_path: Path) -> None:
    """The reason is the API server's own; etcd, which was up by then, is ended."""
    gates = ("--feature-gates=KubeletPluginsWatcher=true",)

    with (
        pytest.raises(ControlPlaneError, match="unrecognized feature gate: KubeletPluginsWatcher"),
        control_plane(binaries, tmp_path, apiserver_args=gates),
    ):
        pass

    assert _processes(tmp_path) == []


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs Linux's setpriv")
def test_no_process_outlives_a_killed_session(binaries: Path, tmp_path: Path) -> None:
    """A process that gets SIGKILL cleans nothing up, so the kernel has to."""
    program = (
        "import control_plane, pathlib, sys\n"
        "with control_plane.control_plane(*map(pathlib.Path, sys.argv[1:])):\n"
        "    print(flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(binaries), str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdin=pipe, stdout=pipe, text=True) as session:
        assert session.stdout is not None
        session.stdout.readline()
        started = _processes(tmp_path)
        session.kill()

    assert "kube-apiserver" in started
    deadline = time.monotonic() + 10
    while _processes(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _object(api_version: str, kind: str, name: str) -> dict[str, object]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}


def _true(condition: str) -> dict[str, str]:
    return {"type": condition, "status": "True", "reason": "Test", "message": "The test says so."}


def _processes(workdir: Path) -> list[str]:
    """Name the programs of the control plane that runs in ``workdir``, which their command lines mention."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            command = path.read_text(errors="replace")
            program = Path(command.split("\0")[0]).name
            if str(workdir) in command and program in {"etcd", "kube-apiserver", "kube-controller-manager"}:
                found.append(program)
    return found
