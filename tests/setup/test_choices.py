"""Each choice changes what it is for, everywhere that belongs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests import Setup, build
from csi_manifests.models.annotations import models_in
from csi_manifests.setup.parts import Choice, Image, SecretRef, SeriesSetup
from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from pydantic import BaseModel

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
    if is_mapping(value):
        for key, item in value.items():
            walk(item, f"{path}/{key}", found)
    elif is_list(value):
        for number, item in enumerate(value):
            walk(item, f"{path}/{number}", found)
    else:
        found[path] = value


DEFAULT = leaves(build())


def changes(setup: Setup) -> dict[str, Any]:
    """Return what differs from the default bundle: the new value, or None where a value is gone."""
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
    if path.endswith("/metadata/namespace") or ("/subjects/" in path and path.endswith("/namespace"))
]
SOCKET_DIR = [path for path, value in DEFAULT.items() if value == "/var/lib/kubelet/plugins/csi-hostpath"]
OBJECTS = sorted({path.split(" /")[0] + " " for path in DEFAULT})


def test_the_table_below_starts_from_what_it_means() -> None:
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
        {
            "csi-storageclass StorageClass /volumeBindingMode": "WaitForFirstConsumer",
            "csi-provisioner-rbac ClusterRole /rules/7/apiGroups/0": "",
            "csi-provisioner-rbac ClusterRole /rules/7/resources/0": "nodes",
            "csi-provisioner-rbac ClusterRole /rules/7/verbs/0": "get",
        },
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
    "snapshot_crds": "tests/components/test_article.py",
    "claim.access_modes": "one value only, refusals in test_setup.py",
    "restores.name": "with snapshots.name",
    "restores.snapshot": "with snapshots.name",
    "restores.pod": "with snapshots.name",
    **{f"series.{field}": "TestSeries" for field in SeriesSetup.model_fields},
}


@pytest.mark.parametrize("case", CASES)
def test_changes_this_and_nothing_else(case: str) -> None:
    given, expected = CASES[case]
    setup = Setup.model_validate(given)
    assert changes(setup) == expected
    assert changes(Setup().replace(**given)) == expected


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    """List the choices of a model by their paths; an image, a Secret or a claim's size is one choice."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        parts = [
            part for part in models_in(field.annotation) if issubclass(part, Choice) and part not in {Image, SecretRef}
        ]
        found |= {path for part in parts for path in fields(part, f"{prefix}{name}.")} or {prefix + name}
    return found


def test_every_choice_is_in_the_table() -> None:
    assert fields(Setup) == {*CASES, *ELSEWHERE}
