"""Each choice changes what it is for, everywhere that belongs, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ValidationError

from csi_manifests import Setup, build
from csi_manifests.choices import Choice, Image, ProvisionerSetup, SeriesSetup, StorageClassSetup
from csi_manifests.config import read_setup, write_setup
from csi_manifests.errors import InputError, UsageError
from csi_manifests.models.shape import models_in

if TYPE_CHECKING:
    from pathlib import Path

    from csi_manifests import Bundle


def leaves(bundle: Bundle) -> dict[str, Any]:
    """Take a bundle apart: every single value under the object's file, kind and place, names left out of the path."""
    found: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for item in bundle.items:
        label = f"{item.file.removesuffix('.yaml')} {item.resource.key.kind}"
        seen[label] = seen.get(label, 0) + 1
        walk(item.resource.to_dict(), f"{label}{'' if seen[label] == 1 else f'#{seen[label]}'} ", found)
    return found


def walk(value: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            walk(item, f"{path}/{key}", found)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            walk(item, f"{path}/{number}", found)
    else:
        found[path] = value


DEFAULT = leaves(build())


def changes(setup: Setup) -> dict[str, Any]:
    """Give what differs from the default bundle: the new value, or None where a value is gone."""
    now = leaves(build(setup))
    return {path: now.get(path) for path in sorted({*DEFAULT, *now}) if DEFAULT.get(path) != now.get(path)}


SIDECARS = {
    "provisioner": "csi-hostpath-provisioner",
    "attacher": "csi-hostpath-attacher",
    "snapshotter": "csi-hostpath-snapshotter",
}
CONTAINERS = {
    **{field: f"{file} StatefulSet /spec/template/spec/containers/0" for field, file in SIDECARS.items()},
    "driver_registrar": "csi-hostpathplugin DaemonSet /spec/template/spec/containers/0",
    "plugin": "csi-hostpathplugin DaemonSet /spec/template/spec/containers/1",
}
DRIVER_PODS = [
    "csi-hostpathplugin DaemonSet /spec/template",
    *(f"{file} StatefulSet /spec/template" for file in SIDECARS.values()),
]
POD_SPECS = [*(f"{pod}/spec" for pod in DRIVER_PODS), "csi-app Pod /spec", "csi-app2 Pod /spec"]
ARGS = {
    field: len([path for path in DEFAULT if path.startswith(f"{place}/args/")]) for field, place in CONTAINERS.items()
}
NAMESPACED = [
    path
    for path in DEFAULT
    if path.endswith("/metadata/namespace") or "/subjects/" in path and path.endswith("/namespace")
]
SOCKET_DIR = [path for path, value in DEFAULT.items() if value == "/var/lib/kubelet/plugins/csi-hostpath"]
OBJECTS = sorted({path.split(" /")[0] + " " for path in DEFAULT})


def test_the_table_below_starts_from_what_it_means():
    assert len(SOCKET_DIR) == 4
    assert len(OBJECTS) == 35
    assert len(NAMESPACED) == 26  # 20 objects, 6 subjects of bindings


def per_container(path: str, value: Any) -> dict[str, Any]:
    return {f"{place}{path}": value for place in CONTAINERS.values()}


IMAGES = {path: value for path, value in DEFAULT.items() if path.endswith("/image")}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "driver": (
        {"driver": "d2"},
        {
            **dict.fromkeys(SOCKET_DIR, "/var/lib/kubelet/plugins/d2"),
            f"{CONTAINERS['driver_registrar']}/args/2": "--kubelet-registration-path=/var/lib/kubelet/plugins/d2/csi.sock",
            f"{CONTAINERS['plugin']}/args/3": "--drivername=d2",
            f"{CONTAINERS['provisioner']}/args/0": "--provisioner=d2",
            "csi-storageclass StorageClass /provisioner": "d2",
            "csi-snapshotclass VolumeSnapshotClass /snapshotter": "d2",
        },
    ),
    "namespace": ({"namespace": "storage"}, dict.fromkeys(NAMESPACED, "storage")),
    "kubelet_root": (
        {"kubelet_root": "/k"},
        {
            **dict.fromkeys(SOCKET_DIR, "/k/plugins/csi-hostpath"),
            f"{CONTAINERS['driver_registrar']}/args/2": "--kubelet-registration-path=/k/plugins/csi-hostpath/csi.sock",
            f"{CONTAINERS['plugin']}/volumeMounts/1/mountPath": "/k/pods",
            "csi-hostpathplugin DaemonSet /spec/template/spec/volumes/1/hostPath/path": "/k/pods",
            "csi-hostpathplugin DaemonSet /spec/template/spec/volumes/2/hostPath/path": "/k/plugins",
        },
    ),
    "registry": (
        {"registry": "r:5000/m"},
        {path: f"r:5000/m/{image.removeprefix('quay.io/')}" for path, image in IMAGES.items()},
    ),
    "pull_secrets": ({"pull_secrets": ["s"]}, {f"{pod}/imagePullSecrets/0/name": "s" for pod in POD_SPECS}),
    "labels": (
        {"labels": {"a": "b"}},
        {
            **{f"{item}/metadata/labels/a": "b" for item in OBJECTS},
            **{f"{pod}/metadata/labels/a": "b" for pod in DRIVER_PODS},
        },
    ),
    "pod_labels": ({"pod_labels": {"a": "b"}}, {f"{pod}/metadata/labels/a": "b" for pod in DRIVER_PODS}),
    "pod_annotations": ({"pod_annotations": {"a": "b"}}, {f"{pod}/metadata/annotations/a": "b" for pod in DRIVER_PODS}),
    "node_selector": ({"node_selector": {"a": "b"}}, {f"{pod}/nodeSelector/a": "b" for pod in POD_SPECS}),
    "tolerations": (
        {"tolerations": [{"operator": "Exists"}]},
        {f"{pod}/tolerations/0/operator": "Exists" for pod in POD_SPECS},
    ),
    "priority_class": ({"priority_class": "p"}, {f"{pod}/spec/priorityClassName": "p" for pod in DRIVER_PODS}),
    "storage_class.name": (
        {"storage_class": {"name": "sc"}},
        {
            "csi-storageclass StorageClass /metadata/name": "sc",
            "csi-pvc PersistentVolumeClaim /spec/storageClassName": "sc",
            "csi-restore PersistentVolumeClaim /spec/storageClassName": "sc",
        },
    ),
    "storage_class.default": (
        {"storage_class": {"default": True}},
        {"csi-storageclass StorageClass /metadata/annotations/storageclass.kubernetes.io/is-default-class": "true"},
    ),
    "storage_class.parameters": (
        {"storage_class": {"parameters": {"a": "b"}}},
        {"csi-storageclass StorageClass /parameters/a": "b"},
    ),
    **{
        f"storage_class.secrets.{call}": (
            {"storage_class": {"secrets": {call: {"name": "n", "namespace": "s"}}}},
            {
                f"csi-storageclass StorageClass /parameters/csi{word}SecretName": "n",
                f"csi-storageclass StorageClass /parameters/csi{word}SecretNamespace": "s",
            },
        )
        for call, word in {
            "provisioner": "Provisioner",
            "controller_publish": "ControllerPublish",
            "node_stage": "NodeStage",
            "node_publish": "NodePublish",
        }.items()
    },
    "storage_class.reclaim_policy": (
        {"storage_class": {"reclaim_policy": "Retain"}},
        {"csi-storageclass StorageClass /reclaimPolicy": "Retain"},
    ),
    "storage_class.volume_binding_mode": (
        {"storage_class": {"volume_binding_mode": "WaitForFirstConsumer"}},
        {"csi-storageclass StorageClass /volumeBindingMode": "WaitForFirstConsumer"},
    ),
    "storage_class.mount_options": (
        {"storage_class": {"mount_options": ["ro"]}},
        {"csi-storageclass StorageClass /mountOptions/0": "ro"},
    ),
    "snapshot_class.name": (
        {"snapshot_class": {"name": "vsc"}},
        {
            "csi-snapshotclass VolumeSnapshotClass /metadata/name": "vsc",
            "csi-snapshot VolumeSnapshot /spec/snapshotClassName": "vsc",
        },
    ),
    "snapshot_class.default": (
        {"snapshot_class": {"default": True}},
        {
            "csi-snapshotclass VolumeSnapshotClass /metadata/annotations/snapshot.storage.kubernetes.io/is-default-class": "true"
        },
    ),
    "snapshot_class.parameters": (
        {"snapshot_class": {"parameters": {"a": "b"}}},
        {"csi-snapshotclass VolumeSnapshotClass /parameters/a": "b"},
    ),
    "snapshot_class.secret": (
        {"snapshot_class": {"secret": {"name": "n", "namespace": "s"}}},
        {
            "csi-snapshotclass VolumeSnapshotClass /parameters/csiSnapshotterSecretName": "n",
            "csi-snapshotclass VolumeSnapshotClass /parameters/csiSnapshotterSecretNamespace": "s",
        },
    ),
    "claim.name": (
        {"claim": {"name": "c"}},
        {
            "csi-pvc PersistentVolumeClaim /metadata/name": "c",
            "csi-app Pod /spec/volumes/0/persistentVolumeClaim/claimName": "c",
            "csi-snapshot VolumeSnapshot /spec/source/name": "c",
        },
    ),
    "claim.size": (
        {"claim": {"size": "2Gi"}},
        {
            "csi-pvc PersistentVolumeClaim /spec/resources/requests/storage": "2Gi",
            "csi-restore PersistentVolumeClaim /spec/resources/requests/storage": "2Gi",
        },
    ),
    "pod.name": ({"pod": {"name": "p"}}, {"csi-app Pod /metadata/name": "p"}),
    "pod.image": (
        {"pod": {"image": "alpine:3"}},
        {f"{pod} Pod /spec/containers/0/image": "alpine:3" for pod in ("csi-app", "csi-app2")},
    ),
    "pod.command": (
        {"pod": {"command": ["top"]}},
        {
            path: value
            for pod in ("csi-app", "csi-app2")
            for path, value in (
                (f"{pod} Pod /spec/containers/0/command/0", "top"),
                (f"{pod} Pod /spec/containers/0/command/1", None),
            )
        },
    ),
    "pod.mount_path": (
        {"pod": {"mount_path": "/m"}},
        {f"{pod} Pod /spec/containers/0/volumeMounts/0/mountPath": "/m" for pod in ("csi-app", "csi-app2")},
    ),
    "snapshots.name": (
        {"snapshots": [{"name": "s"}], "restores": [{"name": "r", "snapshot": "s", "pod": "q"}]},
        {
            "csi-snapshot VolumeSnapshot /metadata/name": "s",
            "csi-restore PersistentVolumeClaim /metadata/name": "r",
            "csi-restore PersistentVolumeClaim /spec/dataSource/name": "s",
            "csi-app2 Pod /metadata/name": "q",
            "csi-app2 Pod /spec/volumes/0/persistentVolumeClaim/claimName": "r",
        },
    ),
    "restores.size": (
        {
            "restores": [
                {"name": "restore-20181210", "snapshot": "snapshot-20181210", "pod": "my-csi-app2", "size": "3Gi"}
            ]
        },
        {"csi-restore PersistentVolumeClaim /spec/resources/requests/storage": "3Gi"},
    ),
    **{
        f"{field}.{choice}": ({field: {choice: given}}, {f"{place}{path.format(args=ARGS[field])}": value})
        for field, place in CONTAINERS.items()
        for choice, given, path, value in (
            ("image", "x/y:z", "/image", "x/y:z"),
            ("pull_policy", "Never", "/imagePullPolicy", "Never"),
            ("extra_args", ["--x"], "/args/{args}", "--x"),
            ("resources", {"limits": {"cpu": "1"}}, "/resources/limits/cpu", "1"),
        )
    },
    **{
        f"{field}.log_level": ({field: {"log_level": 2}}, {f"{CONTAINERS[field]}/args/0": "--v=2"})
        for field in ("attacher", "driver_registrar", "plugin")
    },
    "provisioner.log_level": (
        {"provisioner": {"log_level": 2}},
        {
            f"{CONTAINERS['provisioner']}/args/{number}": arg
            for number, arg in enumerate(
                ["--v=2", "--provisioner=csi-hostpath", "--csi-address=$(ADDRESS)", "--connection-timeout=15s"]
            )
        },
    ),
    "snapshotter.log_level": (
        {"snapshotter": {"log_level": 2}},
        {
            f"{CONTAINERS['snapshotter']}/args/{number}": arg
            for number, arg in enumerate(["--v=2", "--csi-address=$(ADDRESS)", "--connection-timeout=15s"])
        },
    ),
    **{
        f"{field}.replicas": ({field: {"replicas": 0}}, {f"{file} StatefulSet /spec/replicas": 0})
        for field, file in SIDECARS.items()
    },
    "provisioner.connection_timeout": (
        {"provisioner": {"connection_timeout": "1m"}},
        {f"{CONTAINERS['provisioner']}/args/2": "--connection-timeout=1m"},
    ),
    "attacher.connection_timeout": (
        {"attacher": {"connection_timeout": "1m"}},
        {f"{CONTAINERS['attacher']}/args/2": "--connection-timeout=1m"},
    ),
    "snapshotter.connection_timeout": (
        {"snapshotter": {"connection_timeout": None}},
        {f"{CONTAINERS['snapshotter']}/args/1": None},
    ),
}
ELSEWHERE = {
    "kubernetes": "one value only, tested with the flag",
    "instance": "test_instances_share_no_name_but_those_of_definitions",
    "rbac": "test_minimal_rules_are_what_was_used",
    "snapshot_crds": "tests/test_article.py",
    "claim.access_modes": "one value only, refusals below",
    "restores.name": "with snapshots.name",
    "restores.snapshot": "with snapshots.name",
    "restores.pod": "with snapshots.name",
    **{f"series.{field}": "TestSeries" for field in SeriesSetup.model_fields},
}


@pytest.mark.parametrize("case", CASES)
def test_changes_this_and_nothing_else(case: str):
    given, expected = CASES[case]
    setup = Setup.model_validate(given)
    assert changes(setup) == expected
    assert changes(Setup().replace(**given)) == expected


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        parts = [part for part in models_in(field.annotation) if issubclass(part, Choice) and part not in (Image,)]
        if (
            parts
            and name not in {"secret", "provisioner", "controller_publish", "node_stage", "node_publish"}
            or prefix == ""
            and parts
        ):
            found |= {path for part in parts for path in fields(part, f"{prefix}{name}.")}
        else:
            found.add(prefix + name)
    return found


def test_every_choice_is_in_the_table():
    assert fields(Setup) == {*CASES, *ELSEWHERE}


def test_minimal_rules_are_what_was_used():
    bundle = build(Setup(rbac="minimal"))
    article = build()
    roles = {resource.name: resource.to_dict()["rules"] for resource in bundle if resource.key.kind == "ClusterRole"}
    allowed = {
        name: {f"{rule['resources'][0]} {verb}" for rule in rules for verb in rule["verbs"]}
        for name, rules in roles.items()
    }
    assert set(allowed) == {"external-provisioner-runner", "external-attacher-runner", "external-snapshotter-runner"}
    assert allowed["external-attacher-runner"] == {
        *(f"persistentvolumes {verb}" for verb in ("list", "watch")),
        *(f"volumeattachments {verb}" for verb in ("list", "watch", "update")),
    }
    assert "customresourcedefinitions create" in allowed["external-snapshotter-runner"]
    assert not any("secrets" in rule for rules in allowed.values() for rule in rules)
    assert not [resource for resource in bundle if resource.key.kind in {"Role", "RoleBinding"}]
    others = [item.resource for item in article.items if item.stage != "rbac"]
    assert [item.resource for item in bundle.items if item.stage != "rbac"] == others


def test_minimal_rules_read_secrets_only_for_secret_parameters():
    secret = {"name": "n", "namespace": "s"}
    setup = Setup.model_validate({"rbac": "minimal", "storage_class": {"secrets": {"provisioner": secret}}})
    with_secrets = {r.name for r in build(setup) if r.key.kind == "ClusterRole" and "secrets" in str(r.to_dict())}
    assert with_secrets == {"external-provisioner-runner"}


def test_minimal_rules_elect_a_leader_only_with_its_flag():
    setup = Setup.model_validate({"rbac": "minimal", "provisioner": {"extra_args": ["--enable-leader-election"]}})
    assert [resource.name for resource in build(setup) if resource.key.kind == "Role"] == ["external-provisioner-cfg"]


def test_instances_share_no_name_but_those_of_definitions():
    one, other = build(Setup(instance="a")), build(Setup(instance="b"))
    shared = {resource.key for resource in one} & {resource.key for resource in other}
    assert {key.kind for key in shared} == {"CustomResourceDefinition"}
    assert len(shared) == 5
    values = {str(value) for path, value in leaves(one).items() if not path.startswith("c") or "-rbac" not in path}
    assert {"csi-hostpath-a", "/var/lib/kubelet/plugins/csi-hostpath-a"} <= values
    merged = one.merge(other)
    assert len(merged) == 30 + 30 + 5


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"restores": [{"name": "r", "snapshot": "snapshot-20181210", "pod": "p", "size": "1Mi"}]}, "restores.0.size", "1Mi is less than the 1Gi"),
    ({"restores": [{"name": "r", "snapshot": "nope", "pod": "p"}]}, "restores.0.snapshot", "it has: snapshot-20181210"),
    ({"restores": [{"name": "r", "snapshot": "snapshot-20181210", "pod": "p", "size": "2Ti"}]}, "restores.0.size", "1Ti"),
    ({"provisioner": {"replicas": 2}}, "provisioner.replicas", "one node"),
    ({"kubelet_root": "/" + "k" * 90}, "kubeletRoot", "107"),
    ({"kubelet_root": "var/lib/kubelet"}, "kubelet_root", "absolute"),
    ({"kubelet_root": "/var/../etc"}, "kubelet_root", "'..'"),
    ({"claim": {"access_modes": ["ReadWriteMany"]}}, "claim.accessModes.0", "cannot do ReadWriteMany"),
    ({"claim": {"access_modes": []}}, "claim.access_modes", "at least 1"),
    ({"claim": {"size": "2Ti"}}, "claim.size", "at most 1Ti"),
    ({"claim": {"size": "0"}}, "claim.size", "more than 0"),
    ({"claim": {"size": "1GB"}}, "claim.size", "not a quantity"),
    ({"claim": {"name": "restore-20181210"}}, "restores", "2 claims have the name"),
    ({"pod": {"name": "my-csi-app2"}}, "restores", "2 pods have the name"),
    ({"snapshots": [{"name": "s"}, {"name": "s"}], "restores": []}, "snapshots", "2 snapshots have the name"),
    ({"instance": "x" * 28}, "instance", "at most 27"),
    ({"driver": "d" * 60, "instance": "blue"}, "driver", "63"),
    ({"driver": "a/b"}, "driver", "letters, digits"),
    ({"labels": {"app": "x"}}, "labels.app", "choose another key"),
    ({"pod_labels": {"app": "x"}}, "podLabels.app", "choose another key"),
    ({"storage_class": {"parameters": {"csiNodeStageSecretName": "x"}}}, "storageClass.parameters.csiNodeStageSecretName", "storageClass.secrets"),
    ({"series": [{"snapshot": "model"}]}, "series.0.snapshot", "{date}"),
    ({"series": [{"dates": ["2018-02-30"]}]}, "series.0.dates.0", "YYYY-MM-DD"),
    ({"series": [{"restore_dates": ["2018-12-10"]}]}, "series.0", "2018-12-10"),
    ({"series": [{"dates": ["2018-12-10"]}]}, "snapshots", "series included"),
    ({"registry": "https://r"}, "registry", "a host"),
    ({"plugin": {"image": "UPPER/case"}}, "plugin.image.repository", "lower-case"),
    ({"attacher": {"connection_timeout": "15"}}, "attacher.connection_timeout", "'15s'"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "where", "reason"), REFUSED)
def test_what_cannot_work_is_refused_with_the_reason(given: dict[str, Any], where: str, reason: str):
    with pytest.raises(ValidationError) as refused:
        Setup.model_validate(given)
    (details,) = refused.value.errors()
    cause = details.get("ctx", {}).get("error")
    pointer = ".".join([*map(str, details["loc"]), *getattr(cause, "pointer", "").split("/")[1:]])
    assert pointer.replace("_", "").lower() == where.replace("_", "").lower()
    assert reason in details["msg"]


class TestSeries:
    SETUP = Setup(
        snapshots=[],
        restores=[],
        series=[
            SeriesSetup(
                snapshot="model-{date}",
                dates=[date(2018, 12, 10), date(2018, 12, 17)],
                restore="back-{date}",
                pod="server-{date}",
                restore_dates=[date(2018, 12, 17)],
            )
        ],
    )

    def names(self, setup: Setup) -> list[str]:
        return [item.resource.name for item in build(setup).items if item.stage in {"snapshot", "restore"}]

    def test_names_are_the_pattern_with_the_day(self):
        assert self.names(self.SETUP) == ["model-20181210", "model-20181217", "back-20181217", "server-20181217"]

    def test_a_day_is_that_day_alone(self):
        assert self.names(self.SETUP.on(date(2018, 12, 24))) == ["model-20181224", "back-20181224", "server-20181224"]

    def test_a_day_that_is_listed_already_is_the_same_object(self):
        day = build(self.SETUP.on(date(2018, 12, 10)))
        assert list(day.select("snapshot"))[0] in list(build(self.SETUP))  # noqa: RUF015  (the one there is)

    def test_a_clash_with_the_setups_own_is_refused(self):
        setup = Setup(series=[SeriesSetup()])
        with pytest.raises(ValidationError, match="snapshot-20181210"):
            setup.on(date(2018, 12, 10))

    def test_the_article_s_own_day_by_default_pattern(self):
        setup = Setup(snapshots=[], restores=[], series=[SeriesSetup()])
        assert self.names(setup.on(date(2018, 12, 10))) == ["snapshot-20181210", "restore-20181210", "restore-20181210"]


class TestFile:
    def test_an_empty_choice_is_the_article(self, tmp_path: Path):
        file = tmp_path / "setup.yaml"
        file.write_text("namespace: default\n")
        assert build(read_setup(file)) == build()

    @pytest.mark.parametrize("setup", [Setup(), TestSeries.SETUP, Setup(instance="b", registry="r", rbac="minimal")])
    def test_written_and_read_it_is_the_same(self, setup: Setup, tmp_path: Path):
        file = tmp_path / "setup.yaml"
        file.write_text(write_setup(setup))
        assert read_setup(file) == setup

    def test_later_goes_over_earlier(self, tmp_path: Path):
        file = tmp_path / "setup.json"
        file.write_text('{"namespace": "file", "driver": "file"}')
        setup = read_setup(file, {"driver": "flag"})
        assert (setup.namespace, setup.driver) == ("file", "flag")

    def test_a_part_keeps_the_defaults_of_the_rest(self, tmp_path: Path):
        file = tmp_path / "setup.yaml"
        file.write_text("provisioner: {image: {tag: v0.4.2}, logLevel: 3}\nkubernetes: 1.13\n")
        setup = read_setup(file)
        assert str(setup.provisioner.image) == "quay.io/k8scsi/csi-provisioner:v0.4.2"
        assert setup.provisioner.connection_timeout == "15s"

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("namespce: x\n", "setup.yaml:1:1: /namespce: there is no field 'namespce'. Did you mean 'namespace'?"),
            (
                "storage_class: {}\n",
                "setup.yaml:1:1: /storage_class: there is no field 'storage_class'. Did you mean 'storageClass'?",
            ),
            (
                "\nstorageClass:\n  reclaimPolicy: delete\n",
                "setup.yaml:3:3: /storageClass/reclaimPolicy: 'delete' is not one of",
            ),
            ("claim: {size: 1GB}\n", "setup.yaml:1:9: /claim/size: '1GB' is not a quantity"),
            (
                "restores:\n- {name: r, snapshot: x, pod: p}\n",
                "setup.yaml:2:13: /restores/0/snapshot: 'x' is not a snapshot",
            ),
            ("namespace: a\nnamespace: b\n", "setup.yaml:2:1: the key 'namespace' is given twice"),
            ("labels: {a: yes}\n", "setup.yaml:1:10: /labels/a: true is not a string. Quote it."),
        ],
    )
    def test_an_error_says_where(self, text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "setup.yaml").write_text(text)
        with pytest.raises(UsageError) as refused:
            read_setup("setup.yaml")
        assert says in str(refused.value)

    @pytest.mark.parametrize("text", ["", "- a\n", "a: 1\n---\nb: 1\n", "text\n"])
    def test_what_is_no_setup_is_no_input(self, text: str, tmp_path: Path):
        file = tmp_path / "setup.yaml"
        file.write_text(text)
        with pytest.raises(InputError, match=r"setup\.yaml: holds \d documents, and not one mapping"):
            read_setup(file)


def test_in_code_parts_are_typed():
    setup = Setup(
        storage_class=StorageClassSetup(reclaim_policy="Retain"),
        provisioner=ProvisionerSetup(image=Image(registry="r", repository="p", tag="t")),
    )
    assert str(setup.provisioner.image) == "r/p:t"
    assert setup.replace(namespace="x").storage_class.reclaim_policy == "Retain"
    with pytest.raises(ValidationError):
        setup.namespace = "x"  # type: ignore[misc]  # frozen, as the type checker knows


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("busybox", (None, "busybox", None, None)),
        ("busybox:1.29", (None, "busybox", "1.29", None)),
        ("library/busybox", (None, "library/busybox", None, None)),
        ("r.io/a/b:t", ("r.io", "a/b", "t", None)),
        ("localhost/a", ("localhost", "a", None, None)),
        ("host:5000/a:t", ("host:5000", "a", "t", None)),
        ("host:5000/a", ("host:5000", "a", None, None)),
        (f"r.io/a:t@sha256:{'0' * 64}", ("r.io", "a", "t", f"sha256:{'0' * 64}")),
    ],
)
def test_images_are_read_as_people_write_them(text: str, parts: tuple[str | None, ...]):
    image = Setup.model_validate({"pod": {"image": text}}).pod.image
    assert (image.registry, image.repository, image.tag, image.digest) == parts
    assert str(image) == (text if "@" not in text else text.replace(":t@", "@"))
