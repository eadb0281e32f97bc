"""``csi-manifests diff --live`` against a real API server, which fills in its defaults."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests import Bundle, Setup, build, emit
from csi_manifests.output.bundle.json import emit as emit_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .control_plane import ControlPlane

pytestmark = pytest.mark.cluster

SETUP = Setup(instance="diff")
"""All its names but those of the CRDs are its own."""
POD_WITH_EVERYTHING = """
apiVersion: v1
kind: Pod
metadata: {name: everything}
spec:
  initContainers:
  - {name: first, image: "busybox:1"}
  containers:
  - name: app
    image: registry.example:5000/busybox
    ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]
    env:
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    resources: {limits: {cpu: 1000m, memory: 1024Mi}}
    livenessProbe: {httpGet: {port: 80}}
    readinessProbe: {tcpSocket: {port: 80}}
    volumeMounts: [{name: config, mountPath: /config}]
  volumes:
  - {name: config, configMap: {name: config}}
  - {name: secret, secret: {secretName: secret}}
  - {name: host, hostPath: {path: /host}}
  - {name: empty, emptyDir: {}}
  - {name: down, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
  - name: projected
    projected: {sources: [{serviceAccountToken: {path: token}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: everything}
spec:
  selector: {matchLabels: {app: everything}}
  template:
    metadata: {labels: {app: everything}}
    spec:
      serviceAccount: default
      hostNetwork: true
      containers: [{name: app, image: busybox, ports: [{containerPort: 81}], resources: {limits: {cpu: 2}}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: everything}
spec:
  serviceName: everything
  selector: {matchLabels: {app: other}}
  template:
    metadata: {labels: {app: other}}
    spec: {containers: [{name: app, image: "busybox:latest"}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}
---
apiVersion: v1
kind: Service
metadata: {name: everything, labels: {}}
spec: {type: NodePort, selector: {app: everything}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: everything}
stringData: {password: hoge}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: everything}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: everything}
subjects: [{kind: User, name: somebody}, {kind: ServiceAccount, name: default, namespace: default}]
roleRef: {kind: Role, name: none, apiGroup: rbac.authorization.k8s.io}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everything}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""


@pytest.fixture
def applied(cluster: ControlPlane) -> Iterator[Bundle]:
    """The bundle of a setup, as the cluster has it."""
    bundle = build(SETUP)
    crds, rest = bundle.select("crds"), Bundle(item for item in bundle.items if item.stage != "crds")
    cluster.run("apply", "--filename=-", stdin=emit(crds))
    cluster.run("wait", "--filename=-", "--for=condition=Established", "--timeout=60s", stdin=emit(crds))
    cluster.run("apply", "--filename=-", stdin=emit(rest))
    yield bundle
    cluster.run(
        "delete", "--filename=-", "--ignore-not-found", "--wait=false", "--grace-period=0", "--force", stdin=emit(rest)
    )
    cluster.run("delete", "--filename=-", "--ignore-not-found", stdin=emit(crds))


def diff_live(cluster: ControlPlane, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    options = (f"--kubectl={cluster.kubectl}", f"--kubeconfig={cluster.kubeconfig}")
    line = [sys.executable, "-m", "csi_manifests", "diff", "--live", *options, *args]
    # kubectl remembers by host and port what a server serves, in a folder of its user's home.
    home = {
        "HOME": str(cluster.kubeconfig.parent),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    return subprocess.run(line, input=stdin, capture_output=True, text=True, check=False, env=home)


@pytest.mark.usefixtures("applied")
def test_what_was_applied_is_the_same(cluster: ControlPlane) -> None:
    done = diff_live(cluster, "--instance=diff")
    assert (done.stdout, done.stderr, done.returncode) == ("", "no difference in 35 objects\n", 0)


def test_what_was_changed_is_named(cluster: ControlPlane, applied: Bundle) -> None:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "csi-attacher", "image": "other"}]}}}}
    cluster.run("patch", "statefulset", "csi-hostpath-attacher-diff", f"--patch={json.dumps(patch)}")
    cluster.run("label", "storageclass", "csi-hostpath-sc-diff", "who=somebody")
    cluster.run("delete", "serviceaccount", "csi-attacher-diff")
    done = diff_live(cluster, "-", stdin=emit_json(applied))
    attacher = "StatefulSet default/csi-hostpath-attacher-diff"
    assert done.stdout.splitlines() == [
        "ServiceAccount default/csi-attacher-diff: added",
        f'{attacher}: /spec/template/spec/containers/0/image: "other" -> "quay.io/k8scsi/csi-attacher:v0.4.1"',
        'StorageClass csi-hostpath-sc-diff: /metadata/labels/who: removed "somebody"',
    ]
    assert (done.stderr, done.returncode) == ("3 differences in 3 objects\n", 1)


def test_kinds_that_the_cluster_does_not_know_are_not_there(cluster: ControlPlane) -> None:
    content: dict[str, Any] = {
        "apiVersion": "snapshot.storage.example/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": "a"},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    both = "\n---\n".join(map(json.dumps, (content, namespace)))
    done = diff_live(cluster, "-", stdin=both)
    assert (done.stdout, done.returncode) == ("VolumeSnapshot a: added\n", 1), done.stderr


def test_defaults_of_everything(cluster: ControlPlane, namespace: str, tmp_path: Path) -> None:
    text = POD_WITH_EVERYTHING.replace(
        "metadata: {name: everything", f"metadata: {{namespace: {namespace}, name: everything"
    )
    cluster.run("create", "--filename=-", stdin=text)
    file = tmp_path / "bundle.yaml"
    file.write_text(text)
    done = diff_live(cluster, str(file))
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def test_a_cluster_that_does_not_answer(binaries: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "contexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {}}]\ncurrent-context: a\n"
    )
    line = [
        sys.executable,
        "-m",
        "csi_manifests",
        "diff",
        "--live",
        f"--kubectl={binaries / 'kubectl'}",
        f"--kubeconfig={config}",
    ]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 4)
    assert "Error: compare with the cluster: " in done.stderr
    assert "refused" in done.stderr
