"""Correct bundles of other people come out clean; the reference bundle with one defect gives that finding and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csi_manifests import Bundle, build, check, load, release
from csi_manifests.models.apps_v1 import DaemonSet, StatefulSet
from csi_manifests.models.core_v1 import Container, PodSpec, ServiceAccount
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshotClass
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.findings import Finding

FOLDER = Path(__file__).parent.parent
BUNDLES = sorted((FOLDER / "bundles").glob("*.yaml"))
RELEASE = release("1.13")
PROVISIONER, ATTACHER, SNAPSHOTTER = "csi-hostpath-provisioner", "csi-hostpath-attacher", "csi-hostpath-snapshotter"
PLUGIN = "csi-hostpathplugin"
MIRROR = "registry.example.com/mirror"

# What upstream shipped and what is wrong with it all the same: warnings, by bundle.
UPSTREAM_DEFECTS = {
    "ceph-rbd-0.3": set[str](),
    "ceph-rbd-1.0": set[str](),
    "gce-pd-0.3": set[str](),
    "gce-pd-1.0": set[str](),
    "glusterfs-0.0.9": {"CSI440"},
    "glusterfs-1.0.0-pre.0": {"CSI412", "CSI440"},
    "hostpath-0.4.1": set[str](),
    "hostpath-1.1.0": set[str](),
    "opensds-0.4.0": {"CSI440"},
}


def ours(findings: list[Finding]) -> list[Finding]:
    """Keep what the rules about sockets, paths, names, flags and versions found."""
    return [finding for finding in findings if "CSI401" <= finding.code <= "CSI449"]


def alarms(bundle: Bundle) -> set[tuple[str, str]]:
    return {(finding.code, finding.severity) for finding in ours(check(bundle, RELEASE)) if finding.severity != "info"}


@pytest.mark.parametrize("file", BUNDLES, ids=lambda file: file.stem)
def test_bundle_that_works_has_no_error(file: Path) -> None:
    found = check(load(file), RELEASE)
    assert [str(finding) for finding in found if finding.severity == "error"] == []
    assert {finding.code for finding in ours(found) if finding.severity == "warning"} == UPSTREAM_DEFECTS[file.stem]


def test_every_bundle_is_accounted_for() -> None:
    assert {file.stem for file in BUNDLES} == UPSTREAM_DEFECTS.keys()


@pytest.mark.parametrize("file", BUNDLES, ids=lambda file: file.stem)
def test_every_document_alone_has_no_error(file: Path) -> None:
    bundle = load(file)
    for item in bundle.items:
        found = ours(check(Bundle([item]), RELEASE))
        assert [str(finding) for finding in found if finding.severity == "error"] == []


def test_all_bundles_together_have_no_error() -> None:
    # Several drivers in one bundle; those that are there twice, of 0.3 and of 1.0, are left out.
    once = [
        file
        for file in BUNDLES
        if file.stem in {"ceph-rbd-1.0", "gce-pd-1.0", "glusterfs-0.0.9", "opensds-0.4.0", "hostpath-0.4.1"}
    ]
    together = Bundle([item for file in once for item in load(file).items])
    assert [str(finding) for finding in ours(check(together, RELEASE)) if finding.severity == "error"] == []


def test_article_has_no_error_or_warning() -> None:
    files = sorted((FOLDER / "article").glob("*.yaml"))
    found = ours(check(Bundle([item for file in files for item in load(file).items]), RELEASE))
    assert {finding.severity for finding in found} == {"info"}
    assert sorted(finding.code for finding in found) == ["CSI417", "CSI431", "CSI440", "CSI440", "CSI441", "CSI442"]


def test_reference_bundle_has_no_error_or_warning() -> None:
    assert alarms(build()) == set()


def test_dump_of_a_cluster_is_not_told_twice() -> None:
    daemon = build().get(DaemonSet, PLUGIN)
    template = daemon.to_dict()["spec"]["template"]
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": PLUGIN, "uid": "1", "controller": True}
    metadata = {
        "name": f"{PLUGIN}-abcde",
        "namespace": "default",
        "labels": {"app": PLUGIN},
        "ownerReferences": [owner],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**template["spec"], "nodeName": "worker"}}
    made_once = json.loads(json.dumps(template).replace("v0.4.1", "v1.0.1"))
    old = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {**metadata, "name": "old"},
        "spec": {"template": made_once},
    }
    made = load(json.dumps(pod)).merge(load(json.dumps(old)))
    assert alarms(build().merge(made)) == set()


def spec_of(workload: StatefulSet | DaemonSet) -> PodSpec:
    return workload.spec.template.spec


def args(
    kind: type[StatefulSet | DaemonSet], name: str, number: int, change: Callable[[list[str]], list[str]]
) -> Bundle:
    def edit(workload: StatefulSet | DaemonSet) -> None:
        container = spec_of(workload).containers[number]
        container.args = change(container.args or [])

    return build().edit(kind, name, edit)


def container(
    kind: type[StatefulSet | DaemonSet], name: str, number: int, change: Callable[[Container], object]
) -> Bundle:
    def edit(workload: StatefulSet | DaemonSet) -> None:
        change(spec_of(workload).containers[number])

    return build().edit(kind, name, edit)


def image(kind: type[StatefulSet | DaemonSet], name: str, number: int, value: str) -> Bundle:
    return container(kind, name, number, lambda found: setattr(found, "image", value))


def folder(kind: type[StatefulSet | DaemonSet], name: str, volume: str, path: str) -> Bundle:
    def edit(workload: StatefulSet | DaemonSet) -> None:
        source = spec_of(workload).volume(volume).host_path
        assert source is not None
        source.path = path

    return build().edit(kind, name, edit)


def address(name: str, value: str) -> Bundle:
    def edit(found: Container) -> None:
        assert found.env
        found.env[0].value = value

    return container(StatefulSet, name, 0, edit)


def mount(number: int, **fields: object) -> Bundle:
    def edit(found: Container) -> None:
        for name, value in fields.items():
            setattr((found.volume_mounts or [])[number], name, value)

    return container(DaemonSet, PLUGIN, 1, edit)


def replaced(old: str, new: str) -> Callable[[list[str]], list[str]]:
    return lambda given: [text.replace(old, new) for text in given]


def added(*flags: str) -> Callable[[list[str]], list[str]]:
    return lambda given: [*given, *flags]


def replicas(workload: StatefulSet) -> None:
    workload.spec.replicas = 2


PLUGINS = "/var/lib/kubelet/plugins"
DEFECTS: dict[str, tuple[Callable[[], Bundle], str]] = {
    "socket directory of the attacher": (
        lambda: folder(StatefulSet, ATTACHER, "socket-dir", f"{PLUGINS}/hostpath"),
        "CSI402",
    ),
    "socket directory of the provisioner": (lambda: folder(StatefulSet, PROVISIONER, "socket-dir", "/csi"), "CSI402"),
    "name of the socket": (lambda: address(SNAPSHOTTER, "/csi/csi.socket"), "CSI402"),
    "address outside of the mount": (lambda: address(SNAPSHOTTER, "/plugin/csi.sock"), "CSI402"),
    "no address": (lambda: args(StatefulSet, ATTACHER, 0, lambda given: given[:1]), "CSI402"),
    "endpoint of the driver": (
        lambda: args(DaemonSet, PLUGIN, 1, replaced("$(CSI_ENDPOINT)", "unix:///csi/driver.sock")),
        "CSI402",
    ),
    "address of the registrar": (lambda: args(DaemonSet, PLUGIN, 0, replaced("=/csi/csi", "=/csi/driver")), "CSI402"),
    "registration path in the container": (
        lambda: args(DaemonSet, PLUGIN, 0, replaced(f"{PLUGINS}/csi-hostpath/", "/csi/")),
        "CSI410",
    ),
    "registration path elsewhere": (
        lambda: args(DaemonSet, PLUGIN, 0, replaced("/csi-hostpath/", "/hostpath/")),
        "CSI410",
    ),
    "registration directory": (
        lambda: folder(DaemonSet, PLUGIN, "registration-dir", "/var/lib/kubelet/device-plugins"),
        "CSI411",
    ),
    "root of the registration directory": (
        lambda: folder(DaemonSet, PLUGIN, "registration-dir", "/data/kubelet/plugins"),
        "CSI413",
    ),
    "root of the pods": (lambda: folder(DaemonSet, PLUGIN, "mountpoint-dir", "/data/kubelet/pods"), "CSI413"),
    "path of the pods": (lambda: mount(1, mount_path="/pods"), "CSI414"),
    "no propagation": (lambda: mount(1, mount_propagation=None), "CSI415"),
    "propagation to the container": (lambda: mount(1, mount_propagation="HostToContainer"), "CSI415"),
    "--provisioner": (lambda: args(StatefulSet, PROVISIONER, 0, replaced("=csi-hostpath", "=hostpath")), "CSI401"),
    "--snapshotter": (lambda: args(StatefulSet, SNAPSHOTTER, 0, added("--snapshotter=hostpath")), "CSI401"),
    "--drivername": (lambda: args(DaemonSet, PLUGIN, 1, added("--drivername=hostpath.example.com")), "CSI401"),
    "flag of a later release": (lambda: args(StatefulSet, SNAPSHOTTER, 0, added("--leader-election")), "CSI425"),
    "flag of another program": (lambda: args(StatefulSet, SNAPSHOTTER, 0, added("--enable-leader-election")), "CSI425"),
    "flag of klog": (lambda: args(StatefulSet, ATTACHER, 0, added("--skip_headers")), "CSI425"),
    "misspelt flag": (lambda: args(StatefulSet, PROVISIONER, 0, replaced("connection", "conection")), "CSI425"),
    "duration without unit": (lambda: args(StatefulSet, PROVISIONER, 0, replaced("15s", "15")), "CSI427"),
    "level that is no number": (lambda: args(StatefulSet, ATTACHER, 0, replaced("--v=5", "--v=debug")), "CSI427"),
    "flag without value": (lambda: args(StatefulSet, PROVISIONER, 0, replaced("=15s", "")), "CSI427"),
    "argument that is no flag": (lambda: args(StatefulSet, PROVISIONER, 0, lambda given: ["debug", *given]), "CSI428"),
    "value beside a boolean flag": (
        lambda: args(StatefulSet, PROVISIONER, 0, lambda given: ["--enable-leader-election", "false", *given]),
        "CSI428",
    ),
    "no node name": (lambda: container(DaemonSet, PLUGIN, 0, lambda found: setattr(found, "env", None)), "CSI429"),
    "no token for the pod": (
        lambda: build().edit(
            DaemonSet, PLUGIN, lambda found: setattr(spec_of(found), "automount_service_account_token", False)
        ),
        "CSI430",
    ),
    "no token for the account": (
        lambda: build().edit(
            ServiceAccount, "csi-attacher", lambda found: setattr(found, "automount_service_account_token", False)
        ),
        "CSI430",
    ),
    "attacher of CSI 1.0": (lambda: image(StatefulSet, ATTACHER, 0, "quay.io/k8scsi/csi-attacher:v1.0.1"), "CSI435"),
    "provisioner of CSI 1.0": (
        lambda: image(StatefulSet, PROVISIONER, 0, f"{MIRROR}/csi-provisioner:v1.0.1"),
        "CSI435",
    ),
    "driver of CSI 1.0": (lambda: image(DaemonSet, PLUGIN, 1, "quay.io/k8scsi/hostpathplugin:v1.0.1"), "CSI435"),
    "replicas": (lambda: build().edit(StatefulSet, PROVISIONER, replicas), "CSI406"),
    "image without tag": (lambda: image(StatefulSet, ATTACHER, 0, "quay.io/k8scsi/csi-attacher"), "CSI440"),
    "canary": (lambda: image(StatefulSet, ATTACHER, 0, "quay.io/k8scsi/csi-attacher:canary"), "CSI440"),
    "no csi-attacher": (lambda: build().without(StatefulSet, ATTACHER), "CSI421"),
    "no csi-snapshotter": (lambda: build().without(StatefulSet, SNAPSHOTTER), "CSI421"),
}


@pytest.mark.parametrize(("bundle", "code"), DEFECTS.values(), ids=DEFECTS)
def test_defect_gives_its_code_and_no_other(bundle: Callable[[], Bundle], code: str) -> None:
    assert {found for found, _ in alarms(bundle())} == {code}


@pytest.mark.parametrize("name", ["hostpath", "Csi-Hostpath", "rbd.csi.ceph.com"])
def test_class_of_another_name_is_an_error(name: str) -> None:
    of_class = build().edit(StorageClass, "csi-hostpath-sc", lambda found: setattr(found, "provisioner", name))
    assert alarms(of_class) == {("CSI401", "error")}
    of_snapshots = build().edit(
        VolumeSnapshotClass, "csi-hostpath-snapclass", lambda found: setattr(found, "snapshotter", name)
    )
    assert alarms(of_snapshots) == {("CSI401", "error")}


def test_class_of_another_driver_beside_a_right_one_is_a_warning() -> None:
    other = load(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: rbd}\nprovisioner: rbd.csi.ceph.com\n"
    )
    assert alarms(build().merge(other)) == {("CSI401", "warning")}


@pytest.mark.parametrize(
    "provisioner", ["kubernetes.io/no-provisioner", "kubernetes.io/gce-pd", "example.com/nfs", "csi-hostpath"]
)
def test_class_without_csi_driver_is_fine(provisioner: str) -> None:
    other = load(
        f"apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: other}}\nprovisioner: {provisioner}\n"
    )
    assert alarms(build().merge(other)) == set()


def test_bundle_without_any_driver_may_name_any() -> None:
    only_classes = build().without(DaemonSet).without(StatefulSet)
    named = only_classes.edit(
        StorageClass, "csi-hostpath-sc", lambda found: setattr(found, "provisioner", "rbd.csi.ceph.com")
    )
    assert alarms(named) == set()


def test_sidecars_without_their_driver_are_fine() -> None:
    assert alarms(build().without(DaemonSet)) == set()


def test_mirrored_and_pinned_images_are_known_by_name_and_flags() -> None:
    digest = f"sha256:{'0123456789abcdef' * 4}"
    pinned = image(StatefulSet, ATTACHER, 0, f"{MIRROR}/k8scsi/csi-attacher@{digest}")
    (told,) = [finding for finding in check(pinned, RELEASE) if finding.code == "CSI437"]
    said = f"'{MIRROR}/k8scsi/csi-attacher@{digest}' does not say which release of csi-attacher this is"
    assert told.message == f"{said}: its flags and RBAC are not checked"
    assert alarms(pinned) == set()
    # Whatever is checked without its release still is.
    wrong = pinned.edit(
        StatefulSet, ATTACHER, lambda found: setattr(spec_of(found).containers[0], "args", ["--csi-address=/a.sock"])
    )
    assert alarms(wrong) == {("CSI402", "error")}


def test_message_says_both_directories() -> None:
    bundle = folder(StatefulSet, ATTACHER, "socket-dir", f"{PLUGINS}/hostpath")
    (found,) = [finding for finding in check(bundle, RELEASE) if finding.code == "CSI402"]
    assert found.message == f"socket directory is {PLUGINS}/hostpath, the driver's is {PLUGINS}/csi-hostpath"
    assert found.pointer == "/spec/template/spec/volumes/0/hostPath/path"
    assert str(found.object) == "StatefulSet default/csi-hostpath-attacher"
