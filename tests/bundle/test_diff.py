"""``csi-manifests diff`` between bundles; ``--live`` on a real server is ``cluster/test_diff_live.py``."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests import Bundle, Setup, Unstructured, build, load
from csi_manifests.bundle.diff import diff, diff_live

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Run

    from csi_manifests.models.resource import Key

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def pod(spec: dict[str, Any]) -> str:
    return json.dumps({**POD, "spec": {"containers": [{"name": "a"}], **spec}})


def said(old: str, new: str) -> list[str]:
    return [str(difference).removeprefix("Pod default/a: ") for difference in diff(load(old), load(new))]


# --- the command ---


@pytest.fixture
def bundle(run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "bundle.yaml"
    file.write_bytes(run("render").stdout)
    return file


def test_the_same(run: Run, bundle: Path, tmp_path: Path) -> None:
    setup = tmp_path / "setup.yaml"
    setup.write_text("namespace: default\n")
    run("render", "--out", tmp_path / "out")
    for pair in (
        (bundle, bundle),
        (bundle,),
        (setup, bundle),
        (bundle, setup),
        (tmp_path / "out", bundle),
        (bundle, "-"),
    ):
        done = run("diff", *pair, stdin=bundle.read_bytes())
        assert (done.stdout, done.returncode) == (b"", 0), done.stderr
        assert done.stderr.decode().endswith("no difference in 35 objects\n")


def test_what_another_setup_changes(run: Run, bundle: Path) -> None:
    done = run("diff", bundle, "--no-snapshot-crds", "--priority-class", "high")
    crd = "CustomResourceDefinition"
    assert done.stdout.decode().splitlines() == [
        f"{crd} volumesnapshotclasses.snapshot.storage.k8s.io: removed",
        f"{crd} volumesnapshotcontents.snapshot.storage.k8s.io: removed",
        f"{crd} volumesnapshots.snapshot.storage.k8s.io: removed",
        'DaemonSet default/csi-hostpathplugin: /spec/template/spec/priorityClassName: added "high"',
        'StatefulSet default/csi-hostpath-provisioner: /spec/template/spec/priorityClassName: added "high"',
        'StatefulSet default/csi-hostpath-attacher: /spec/template/spec/priorityClassName: added "high"',
        'StatefulSet default/csi-hostpath-snapshotter: /spec/template/spec/priorityClassName: added "high"',
    ]
    assert (done.stderr, done.returncode) == (b"7 differences in 7 objects\n", 1)


def test_json(run: Run, bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(
        bundle.read_text().replace("storage: 1Gi", "storage: 2Gi", 1)
        + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    )
    done = run("diff", bundle, other, "--format", "json")
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": "default", "name": "csi-pvc"}
    size = {"change": "changed", "pointer": "/spec/resources/requests/storage", "old": "1Gi", "new": "2Gi"}
    secret = {"apiVersion": "v1", "kind": "Secret", "namespace": "default", "name": "a"}
    assert json.loads(done.stdout) == {
        "differences": [{"object": claim, **size}, {"object": secret, "change": "added"}]
    }
    assert done.returncode == 1
    same = run("diff", bundle, bundle, "--format", "json")
    assert (json.loads(same.stdout), same.returncode) == ({"differences": []}, 0)


def test_stages(run: Run, bundle: Path) -> None:
    done = run("diff", bundle, "--namespace", "csi", "--stage", "classes")
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"no difference in 2 objects\n", 0)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ([], 2, "Say what to compare"),
        (["a", "b", "c"], 2, "unexpected extra argument"),
        (["-", "-"], 2, "cannot both be stdin"),
        (["BUNDLE", "BUNDLE", "--namespace", "a"], 2, "A and B are both given and --namespace"),
        (["BUNDLE", "BUNDLE", "--config", "a"], 2, "A and B are both given and --config"),
        (["--live", "BUNDLE", "BUNDLE"], 2, "--live takes one bundle"),
        (["--live", "BUNDLE", "--namespace", "a"], 2, "--live takes one bundle and --namespace"),
        (["BUNDLE", "--stage", "crd"], 2, "Did you mean 'crds'?"),
        (["BUNDLE", "--format", "xml"], 2, "'xml'"),
        (["BUNDLE", "SETUP"], 2, "Did you mean 'namespace'?"),
        (["BUNDLE", "no-such-file"], 3, "no-such-file: cannot be read"),
        (["BUNDLE", "FOLDER"], 3, "holds no Kubernetes objects"),
        (["BUNDLE", "-"], 3, "<stdin>"),
        (["BUNDLE", "TEXT"], 3, "text"),
        (["--live", "--kubectl", "/no/such/kubectl"], 2, "/no/such/kubectl"),
    ],
)
def test_errors(run: Run, bundle: Path, tmp_path: Path, args: list[str], code: int, message: str) -> None:
    places = {name: tmp_path / name.lower() for name in ("SETUP", "FOLDER", "TEXT")} | {"BUNDLE": bundle}
    places["SETUP"].write_text("namespase: a\n")
    places["FOLDER"].mkdir()
    places["TEXT"].write_text("text: [\n")
    done = run("diff", *(places.get(arg, arg) for arg in args))
    assert (done.stdout, done.returncode) == (b"", code), done.stderr
    assert message in done.stderr.decode()


# --- what is the same ---


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (json.dumps(POD), json.dumps({**POD, "metadata": {"name": "a", "namespace": "default"}})),
        (json.dumps(POD), json.dumps({**POD, "metadata": {"name": "a", "labels": None}})),
        (pod({"serviceAccount": "a"}), pod({"serviceAccountName": "a"})),
        (pod({"serviceAccount": "a", "serviceAccountName": "a"}), pod({"serviceAccountName": "a"})),
        (
            pod({"containers": [{"name": "a", "resources": {"limits": {"memory": "1Gi", "cpu": "1000m"}}}]}),
            pod({"containers": [{"name": "a", "resources": {"limits": {"memory": "1024Mi", "cpu": 1}}}]}),
        ),
        (
            pod({"volumes": [{"name": "a", "emptyDir": {"sizeLimit": "1Ki"}}]}),
            pod({"volumes": [{"name": "a", "emptyDir": {"sizeLimit": 1024}}]}),
        ),
        (pod({"containers": [{"name": "a"}, {"name": "b"}]}), pod({"containers": [{"name": "b"}, {"name": "a"}]})),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {a: hoge}}",
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {a: aG9nZQ==}}",
        ),
        (
            "{apiVersion: other/v1, kind: Thing, metadata: {name: a}}",
            "{apiVersion: other/v1, kind: Thing, metadata: {name: a, namespace: default}}",
        ),
        (
            "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a, namespace: b}, provisioner: c}",
            "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: c}",
        ),
    ],
)
def test_spellings_of_the_same(old: str, new: str) -> None:
    assert said(old, new) == said(new, old) == []


def test_another_version_is_the_same_object() -> None:
    old = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: c}"
    assert [str(one) for one in diff(load(old), load(old.replace("v1,", "v1beta1,")))] == [
        'StorageClass a: /apiVersion: "storage.k8s.io/v1" -> "storage.k8s.io/v1beta1"'
    ]


# --- what differs, and where ---


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            {"containers": [{"name": "b"}]},
            {"containers": [{"name": "a"}, {"name": "b", "image": "x"}]},
            ['/spec/containers/1/image: added "x"', '/spec/containers/0: added {"name": "a"}'],
        ),
        (
            {"containers": [{"name": "a", "args": ["--a", "--v=1", "--z"]}]},
            {"containers": [{"name": "a", "args": ["--new", "--a", "--v=2", "--z"]}]},
            ['/spec/containers/0/args/0: added "--new"', '/spec/containers/0/args/2: "--v=1" -> "--v=2"'],
        ),
        (
            {"containers": [{"name": "a", "args": ["--a", "--b"]}]},
            {"containers": [{"name": "a", "args": ["--b"]}]},
            ['/spec/containers/0/args/0: removed "--a"'],
        ),
        (
            {"containers": [{"name": "a", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}]}]},
            {"containers": [{"name": "a", "env": [{"name": "B", "value": "$(A)"}, {"name": "A", "value": "1"}]}]},
            ['/spec/containers/0/env: ["A", "B"] -> ["B", "A"]'],
        ),
        (
            {"containers": [{"name": "a", "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]}]},
            {"containers": [{"name": "a", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]},
            [
                '/spec/containers/0/ports/0/protocol: added "TCP"',
                '/spec/containers/0/ports/1: removed {"containerPort": 80, "protocol": "UDP"}',
            ],
        ),
        (
            {
                "containers": [
                    {"name": "a", "volumeMounts": [{"name": "x", "mountPath": "/a"}, {"name": "x", "mountPath": "/b"}]}
                ]
            },
            {
                "containers": [
                    {"name": "a", "volumeMounts": [{"name": "y", "mountPath": "/b"}, {"name": "x", "mountPath": "/a"}]}
                ]
            },
            ['/spec/containers/0/volumeMounts/0/name: "x" -> "y"'],
        ),
        (
            {"containers": [{"name": "a", "env": [{"name": "A"}, {"name": "A", "value": "1"}]}]},
            {"containers": [{"name": "a", "env": [{"name": "A"}, {"name": "A", "value": "2"}]}]},
            ['/spec/containers/0/env/1/value: "1" -> "2"'],
        ),
        ({"nodeSelector": {"a/b": "1"}}, {"nodeSelector": {"a/b": "2"}}, ['/spec/nodeSelector/a~1b: "1" -> "2"']),
        ({"hostNetwork": True}, {"hostNetwork": False}, ["/spec/hostNetwork: true -> false"]),
        ({}, {"hostNetwork": False}, ["/spec/hostNetwork: added false"]),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, ['/spec/tolerations/0/key: "a" -> "b"']),
    ],
)
def test_differences(old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    assert said(pod(old), pod(new)) == found


def test_pointers_lead_to_the_values() -> None:
    old, new = build(), build(Setup(kubelet_root="/data/kubelet", driver="other", labels={"a/b": "c"}))
    for one in diff(old, new):
        if one.change == "added" and not one.pointer:
            continue
        side, value = (old, one.old) if one.change == "removed" else (new, one.new)
        content: Any = next(resource for resource in side if resource.key == one.object).to_dict()
        for step in one.pointer.split("/")[1:]:
            content = content[int(step) if isinstance(content, list) else step.replace("~1", "/")]
        assert content == value
    assert {str(one).split(":")[0] for one in diff(old, new)} >= {
        "DaemonSet default/csi-hostpathplugin",
        "StorageClass csi-hostpath-sc",
    }


def test_objects_of_the_same_key_are_compared_in_order() -> None:
    assert [str(one) for one in diff(load(f"{pod({})}\n---\n{pod({})}"), load(pod({})))] == ["Pod default/a: removed"]


def test_a_secret_s_content_is_never_shown(run: Run, tmp_path: Path) -> None:
    files = tmp_path / "a.yaml", tmp_path / "b.yaml"
    for file, word in zip(files, ("hoge", "fuga"), strict=True):
        annotation = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"data": "{word}"}}'}
        content = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "a", "annotations": annotation},
            "stringData": {"password": word},
        }
        file.write_text(json.dumps(content))
    for form in ("text", "json"):
        done = run("diff", *files, "--format", form)
        assert done.returncode == 1
        assert b"/data/password" in done.stdout
        assert b"(hidden)" in done.stdout
        assert not any(word in done.stdout for word in (b"hoge", b"fuga", b"aG9nZQ", b"ZnVnYQ"))


# --- the cluster ---


def stored(change: Callable[[dict[str, Any]], None], bundle: Bundle) -> Callable[[Key], dict[str, Any] | None]:
    """Return what a cluster would hold if somebody changed an object."""
    contents = {resource.key: resource.to_dict() for resource in bundle}
    for content in contents.values():
        change(content)
    return contents.get


def test_what_the_server_writes_does_not_count() -> None:
    def change(content: dict[str, Any]) -> None:
        content["status"] = {"phase": "Bound"}
        content["metadata"] |= {
            "uid": "1",
            "resourceVersion": "2",
            "generation": 3,
            "deletionTimestamp": "2018-12-10T00:00:00Z",
            "deletionGracePeriodSeconds": 30,
            "managedFields": [{}],
            "selfLink": "/a",
        }
        content["metadata"] |= {"creationTimestamp": "2018-12-10T00:00:00Z", "finalizers": ["a/b"]}
        content["metadata"]["annotations"] = {
            **content["metadata"].get("annotations", {}),
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
        }
        if content["kind"] == "PersistentVolumeClaim":
            content["spec"] |= {"volumeName": "pvc-1", "volumeMode": "Filesystem"}

    assert diff_live(build(), stored(change, build())) == []


LIVE: list[tuple[dict[str, Any], list[str]]] = [
    ({"restartPolicy": "Always"}, []),
    ({"restartPolicy": "Never"}, ['/spec/restartPolicy: removed "Never"']),
    ({"terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}, []),
    ({"terminationGracePeriodSeconds": True}, ["/spec/terminationGracePeriodSeconds: removed true"]),
    ({"nodeSelector": {"disk": "ssd"}}, ['/spec/nodeSelector/disk: removed "ssd"']),
    ({"nodeSelector": {}, "tolerations": [], "securityContext": {}}, []),
    (
        {"containers": [{"name": "a", "image": "b:1", "imagePullPolicy": "Always"}]},
        ['/spec/containers/0/imagePullPolicy: removed "Always"'],
    ),
    ({"containers": [{"name": "a", "image": "b:1", "imagePullPolicy": "IfNotPresent"}]}, []),
    ({"containers": [{"name": "a", "image": "b:1"}, {"name": "b"}]}, ['/spec/containers/1: removed {"name": "b"}']),
    ({"volumes": [{"name": "default-token-abc12", "secret": {}}]}, []),
    (
        {"volumes": [{"name": "mine", "emptyDir": {}}]},
        ['/spec/volumes: removed [{"name": "mine", "emptyDir": {}}]'],
    ),
]


@pytest.mark.parametrize(("live", "found"), LIVE)
def test_defaults_count_only_as_defaults(live: dict[str, Any], found: list[str]) -> None:
    ours = {"containers": [{"name": "a", "image": "b:1"}]}
    bundle = load(pod(ours))
    theirs = {**POD, "spec": {**deepcopy(ours), **live}}
    assert [str(one).removeprefix("Pod default/a: ") for one in diff_live(bundle, lambda _: theirs)] == found


def test_what_we_set_counts_unless_it_says_nothing() -> None:
    bundle = load(pod({"hostNetwork": False, "tolerations": [], "dnsPolicy": "None", "restartPolicy": "Always"}))
    theirs = {**POD, "spec": {"containers": [{"name": "a"}], "restartPolicy": "OnFailure", "dnsPolicy": "ClusterFirst"}}
    assert [str(one).removeprefix("Pod default/a: ") for one in diff_live(bundle, lambda _: theirs)] == [
        '/spec/restartPolicy: "OnFailure" -> "Always"',
        '/spec/dnsPolicy: "ClusterFirst" -> "None"',
    ]


def test_owners_count_where_a_manifest_names_them() -> None:
    def owned(uid: str) -> dict[str, Any]:
        owners = [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": uid}]
        return {
            **POD,
            "metadata": {"name": "a", "ownerReferences": owners},
            "spec": {"containers": [{"name": "a"}]},
        }

    assert diff_live(load(pod({"containers": [{"name": "a"}]})), lambda _: owned("1")) == []
    found = diff_live(load(json.dumps(owned("2"))), lambda _: owned("1"))
    assert {one.pointer.partition("/0")[0] for one in found} == {"/metadata/ownerReferences"}


def test_what_the_cluster_does_not_have() -> None:
    bundle = Bundle([Unstructured({**POD, "metadata": {"name": "a"}})])
    assert [str(one) for one in diff_live(bundle, lambda _: None)] == ["Pod default/a: added"]
