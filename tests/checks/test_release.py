"""Rules about the release: kinds, definitions of custom resources, versions of snapshots, feature gates."""

from __future__ import annotations

from pathlib import Path

import pytest
from object_texts import (
    SNAPSHOTS,
    Table,
    binding,
    claim,
    definition,
    object_text,
    sayings,
    sidecar,
    subject,
    told,
    workload,
)

from csi_manifests import Bundle, Resource, build, check, emit, load, release
from csi_manifests.setup.setup import Setup

ARTICLE = sorted((Path(__file__).parent.parent / "article").glob("*.yaml"))
RESTORE = claim("r", spec=f"dataSource: {{kind: VolumeSnapshot, name: s, apiGroup: {SNAPSHOTS}}}")


def snapshot_class(version: str = "v1alpha1", uid: str = "") -> str:
    driver = "snapshotter" if version == "v1alpha1" else "driver"
    return object_text(f"{SNAPSHOTS}/{version}", "VolumeSnapshotClass", "snaps", uid=uid) + f"{driver}: csi-hostpath\n"


SCHEMA_POINTER = "/spec/validation/openAPIV3Schema"
KINDS: Table = {
    "from a later release": (
        object_text("storage.k8s.io/v1", "CSIDriver", "d"),
        ["error CSI301 CSIDriver d /apiVersion"],
    ),
    "definitions of a later release": (
        definition("example.com", "Pool", "v1", api="v1"),
        ["error CSI301 CustomResourceDefinition pools.example.com /apiVersion"],
    ),
    "snapshots of a later release": (snapshot_class("v1beta1"), ["error CSI301 VolumeSnapshotClass snaps /apiVersion"]),
    "snapshots of a later release, defined here": (
        definition(SNAPSHOTS, "VolumeSnapshotClass", "v1beta1") + snapshot_class("v1beta1"),
        [],
    ),
    "off unless it is turned on": (
        object_text("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", "r") + "rules: []\n",
        ["warning CSI301 ClusterRole r /apiVersion"],
    ),
    "another version": (object_text("apps/v2", "Deployment", "d"), ["error CSI301 Deployment default/d /apiVersion"]),
    "the core group": (object_text("v1", "StatefulSet", "d"), ["error CSI301 StatefulSet d /apiVersion"]),
    "no version": (object_text("apps", "DaemonSet", "d"), ["error CSI301 DaemonSet d /apiVersion"]),
    "a group misspelt": (
        object_text("storage.k8.io/v1", "StorageClass", "c"),
        ["error CSI301 StorageClass c /apiVersion"],
    ),
    "a kind misspelt": (object_text("apps/v1", "StatefullSet", "d"), ["error CSI301 StatefullSet d /kind"]),
    "an old version that is served": (object_text("extensions/v1beta1", "Deployment", "d"), []),
    "a kind without a model": (object_text("batch/v1", "Job", "j"), []),
    "kinds of others": (
        object_text("serving.knative.dev/v1", "Service", "s")
        + object_text("apps.openshift.io/v1", "DeploymentConfig", "d")
        + object_text("route.openshift.io/v1", "Route", "r")
        + object_text("v1", "Template", "t"),
        [],
    ),
    "what is no object": (
        object_text("v1", "Config", "kubeconfig")
        + object_text("policy/v1beta1", "Eviction", "e")
        + object_text("v1", "PodList", "p"),
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_kinds(text: str, expected: list[str]) -> None:
    assert told(text, "CSI301") == expected


@pytest.mark.parametrize(
    ("api_version", "kind", "fix"),
    [
        ("storage.k8s.io/v1", "CSINode", "Use kind CSINodeInfo of csi.storage.k8s.io/v1alpha1; its fields differ."),
        (
            "networking.k8s.io/v1",
            "Ingress",
            "Use apiVersion: extensions/v1beta1 for the Ingress; some of its fields differ.",
        ),
        ("storage.k8s.io/v1", "CSIStorageCapacity", "Leave it out: this release has nothing of the kind."),
        ("v1", "Deployment", "Write apiVersion: apps/v1."),
        ("apps/v3", "ReplicaSet", "Write apiVersion: apps/v1."),
        (
            "scheduling.k8s.io/v1alpha1",
            "PriorityClass",
            "Use apiVersion: scheduling.k8s.io/v1beta1, or start kube-apiserver with --runtime-config=scheduling.k8s.io/v1alpha1=true.",
        ),
        (
            "settings.k8s.io/v1alpha1",
            "PodPreset",
            "Start kube-apiserver with --runtime-config=settings.k8s.io/v1alpha1=true.",
        ),
    ],
)
def test_kinds_say_what_to_use(api_version: str, kind: str, fix: str) -> None:
    (finding,) = [
        found for found in check(load(object_text(api_version, kind, "x")), release("1.13")) if found.code == "CSI301"
    ]
    assert finding.fix == fix


DEFINITIONS: Table = {
    "nobody": (snapshot_class() * 2, ["warning CSI302 VolumeSnapshotClass snaps /apiVersion"]),
    "a sidecar": (
        sidecar("csi-snapshotter:v0.4.1") + snapshot_class(),
        ["info CSI302 VolumeSnapshotClass snaps /apiVersion"],
    ),
    "a sidecar without a version": (
        sidecar("csi-snapshotter:latest") + snapshot_class(),
        ["info CSI302 VolumeSnapshotClass snaps /apiVersion"],
    ),
    "a sidecar that came too late for that": (
        sidecar("csi-snapshotter:v2.0.0") + snapshot_class(),
        ["warning CSI302 VolumeSnapshotClass snaps /apiVersion"],
    ),
    "the bundle": (definition(SNAPSHOTS, "VolumeSnapshotClass", "v1alpha1") + snapshot_class(), []),
    "the cluster they were read out of": (snapshot_class(uid="1"), []),
    "the registrar of old": (
        object_text("csi.storage.k8s.io/v1alpha1", "CSIDriver", "d")
        + sidecar("driver-registrar:v0.4.1").replace("}]}", ", args: ['--mode=kubernetes-register']}]}"),
        ["info CSI302 CSIDriver d /apiVersion"],
    ),
    "nobody, for a CSIDriver": (
        object_text("csi.storage.k8s.io/v1alpha1", "CSIDriver", "d"),
        ["warning CSI302 CSIDriver d /apiVersion"],
    ),
    "kinds of others": (object_text("monitoring.coreos.com/v1", "ServiceMonitor", "m"), []),
    "another version": (
        definition("example.com", "Pool", "v1", "v2") + object_text("example.com/v3", "Pool", "p"),
        ["error CSI303 Pool p /apiVersion"],
    ),
    "one of two versions": (
        definition("example.com", "Pool", "v1", "v2") + object_text("example.com/v2", "Pool", "p"),
        [],
    ),
    "a version that is not served": (
        definition("example.com", "Pool", "v1", "v2").replace("v2, served: true", "v2, served: false")
        + object_text("example.com/v2", "Pool", "p"),
        ["error CSI303 Pool p /apiVersion"],
    ),
    "further down": (
        object_text("example.com/v1", "Pool", "p") * 2 + definition("example.com", "Pool", "v1"),
        ["warning CSI304 Pool p /apiVersion"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_definitions(text: str, expected: list[str]) -> None:
    assert told(text, "CSI302", "CSI303", "CSI304") == expected


@pytest.mark.parametrize(
    ("api_version", "kind", "source"),
    [
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "{volumeSnapshotContentName: c}"),
        ("snapshot.storage.k8s.io/v1beta1", "VolumeSnapshot", "{volumeSnapshotContentName: c}"),
        ("groupsnapshot.storage.k8s.io/v1", "VolumeGroupSnapshot", "{}"),
    ],
)
def test_later_versions_need_a_definition_too(api_version: str, kind: str, source: str) -> None:
    text = object_text(api_version, kind, "a") + f"spec: {{source: {source}}}\n"
    assert isinstance(load(text).items[0].resource, Resource)
    assert [found.code for found in check(load(text), release("1.34"))] == ["CSI302"]


def test_order_of_files_is_not_judged() -> None:
    bundle = Bundle(
        [*load(object_text("example.com/v1", "Pool", "p")).items, *load(definition("example.com", "Pool", "v1")).items]
    )
    assert sayings(bundle, ("CSI304",)) == []


SCHEMA = """\
  validation:
    openAPIV3Schema:
      required: [spec]
      properties:
        spec:
          type: object
          required: [size]
          properties:
            size: {type: integer, minimum: 1, exclusiveMinimum: true}
            name: {type: string, pattern: "^[a-z]+$", nullable: true}
            port: {x-kubernetes-int-or-string: true, type: string}
            mode: {type: string, enum: [A, B]}
            hosts: {type: array, items: {type: string, format: hostname}, uniqueItems: false}
            more: {additionalProperties: {type: boolean}}
            other: {$ref: "http://example.com/schema"}
"""


@pytest.mark.parametrize(
    ("spec", "pointers"),
    [
        ("{size: 2, name: abc, port: 80, mode: A, hosts: [a, a], more: {t: true}, other: 1, unknown: [1]}", []),
        ("{size: 2.0, name: null, port: http}", []),
        ("{size: 2, hosts: ['not a host name']}", []),
        ("{size: 1}", ["/spec/size"]),
        ("{size: 2.5}", ["/spec/size"]),
        ("{size: many, mode: C}", ["/spec/mode", "/spec/size"]),
        ("{name: ABC}", ["/spec", "/spec/name"]),
        ("{size: 2, port: [80]}", ["/spec/port"]),
        ("{size: 2, more: {t: 'yes'}}", ["/spec/more/t"]),
        ("[1]", ["/spec"]),
        ("null", [""]),
    ],
)
def test_custom_resources_fit(spec: str, pointers: list[str]) -> None:
    text = (
        definition("example.com", "Pool", "v1", schema=SCHEMA)
        + object_text("example.com/v1", "Pool", "p")
        + f"spec: {spec}\n"
    )
    assert sorted(line.rpartition(" ")[2] for line in told(text, "CSI305")) == pointers


def test_each_version_has_its_own_schema() -> None:
    text = (
        object_text("apiextensions.k8s.io/v1", "CustomResourceDefinition", "pools.example.com")
        + "spec:\n  group: example.com\n  scope: Cluster\n  names: {kind: Pool, plural: pools}\n  versions:\n"
        + "    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {properties: {size: {type: integer}}}}}\n"
        + "    - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {properties: {size: {type: string}}}}}\n"
        + "".join(object_text(f"example.com/{version}", "Pool", version) + "size: big\n" for version in ("v1", "v2"))
    )
    assert told(text, "CSI305") == ["error CSI305 Pool v1 /size"]


@pytest.mark.parametrize(
    "schema", ["{type: 3}", "{properties: {a: {pattern: '(?=a)b'}}}", "[1]", "{properties: 1, allOf: [1]}"]
)
def test_definitions_that_no_server_takes_are_no_reason_to_stop(schema: str) -> None:
    validation = f"  validation: {{openAPIV3Schema: {schema}}}\n"
    text = (
        definition("example.com", "Pool", "v1", schema=validation)
        + object_text("example.com/v1", "Pool", "p")
        + "a: b\n"
    )
    assert told(text, "CSI305") == []


VERSIONS: Table = {
    "objects of a time before": (
        sidecar("csi-snapshotter:v2.1.0") + snapshot_class(),
        ["error CSI306 VolumeSnapshotClass snaps /apiVersion"],
    ),
    "definitions of a time after": (
        sidecar("csi-snapshotter:v1.2.0") + definition(SNAPSHOTS, "VolumeSnapshotClass", "v1", "v1beta1"),
        ["error CSI306 CustomResourceDefinition volumesnapshotclasses.snapshot.storage.k8s.io /spec/versions"],
    ),
    "definitions of both": (
        sidecar("csi-snapshotter:v4.0.0") + definition(SNAPSHOTS, "VolumeSnapshotClass", "v1", "v1beta1"),
        [],
    ),
    "the same time": (sidecar("csi-snapshotter:v1.2.0") + snapshot_class(), []),
    "one of two": (
        sidecar("csi-snapshotter:v1.2.0", "a") + sidecar("csi-snapshotter:v2.0.0", "b") + snapshot_class(),
        [],
    ),
    "one that does not say": (
        sidecar("csi-snapshotter:latest", "a") + sidecar("csi-snapshotter:v2.0.0", "b") + snapshot_class(),
        [],
    ),
    "a provisioner of another time": (
        sidecar("csi-snapshotter:v1.2.0") + sidecar("csi-provisioner:v1.5.0"),
        ["warning CSI307 Pod default/csi-provisioner /spec/containers/0/image"],
    ),
    "a provisioner of another time, that is to restore": (
        sidecar("csi-snapshotter:v1.2.0") + sidecar("csi-provisioner:v1.5.0") + RESTORE,
        ["error CSI307 Pod default/csi-provisioner /spec/containers/0/image"],
    ),
    "a provisioner that cannot restore": (
        sidecar("csi-provisioner:v0.3.0") + snapshot_class() + RESTORE,
        ["error CSI307 Pod default/csi-provisioner /spec/containers/0/image"],
    ),
    "a provisioner where there are no snapshots": (sidecar("csi-provisioner:v1.5.0"), []),
    "a provisioner of the same time": (sidecar("csi-snapshotter:v0.4.1") + sidecar("csi-provisioner:v1.4.0"), []),
    "a node as 1.12 has it": (
        object_text("csi.storage.k8s.io/v1alpha1", "CSINodeInfo", "node") + "csiDrivers: [{driver: d, nodeID: node}]\n",
        ["warning CSI308 CSINodeInfo node /csiDrivers"],
    ),
    "a definition that requires it": (
        definition(
            "csi.storage.k8s.io",
            "CSINodeInfo",
            "v1alpha1",
            schema="  validation: {openAPIV3Schema: {required: [csiDrivers]}}\n",
        ),
        [
            "error CSI308 CustomResourceDefinition csinodeinfos.csi.storage.k8s.io /spec/validation/openAPIV3Schema/required"
        ],
    ),
    "a definition that knows both": (
        definition(
            "csi.storage.k8s.io",
            "CSINodeInfo",
            "v1alpha1",
            schema="  validation: {openAPIV3Schema: {properties: {csiDrivers: {type: array}, spec: {type: object}}}}\n",
        ),
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), VERSIONS.values(), ids=VERSIONS)
def test_versions(text: str, expected: list[str]) -> None:
    assert told(text, "CSI306", "CSI307", "CSI308") == expected


def test_article_has_these_infos_only() -> None:
    bundle = Bundle(item for file in ARTICLE if file.name != "snapshot-crds.yaml" for item in load(file).items)
    assert sayings(bundle, ("CSI3",)) == [
        "info CSI314 PersistentVolumeClaim default/restore-20181210 /spec/dataSource",
        "info CSI302 VolumeSnapshot default/snapshot-20181210 /apiVersion",
        "info CSI302 VolumeSnapshotClass csi-hostpath-snapclass /apiVersion",
        f"info CSI308 CustomResourceDefinition csinodeinfos.csi.storage.k8s.io {SCHEMA_POINTER}/properties/csiDrivers",
    ]


@pytest.mark.parametrize(
    "setup", [Setup(), Setup(snapshot_crds=False), Setup(instance="two")], ids=["default", "no-crds", "instance"]
)
def test_what_is_rendered_has_infos_only(setup: Setup) -> None:
    text = emit(build(setup))
    assert {line.split()[0] for line in told(text, "CSI3")} <= {"info"}


def test_what_a_cluster_gives_is_clean() -> None:
    text = (
        snapshot_class(uid="1")
        + RESTORE.replace("{name: r}", "{name: r, uid: '2'}")
        + binding("b", "gone", subject("gone"), uid="3")
    )
    assert told(text + workload("Deployment", "d", "{app: d}"), "CSI2", "CSI3") == []


@pytest.mark.parametrize(
    ("api_version", "kind", "kubernetes", "instead"),
    [
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", "1.21", "rbac.authorization.k8s.io/v1"),
        ("extensions/v1beta1", "Deployment", "1.15", "apps/v1"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.16", "apiextensions.k8s.io/v1"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.15", ""),  # 1.15 has no other.
        ("storage.k8s.io/v1beta1", "CSIDriver", "1.17", ""),
        ("storage.k8s.io/v1beta1", "CSIDriver", "1.18", "storage.k8s.io/v1"),
        ("storage.k8s.io/v1beta1", "CSIDriver", "1.22", ""),  # CSI301 says it.
        ("policy/v1beta1", "PodSecurityPolicy", "1.21", ""),  # Nothing takes its place.
        ("csi.storage.k8s.io/v1alpha1", "CSIDriver", "1.13", ""),
        ("apps/v1", "DaemonSet", "1.13", ""),
        ("example.com/v1beta1", "Pool", "1.13", ""),
    ],
)
def test_what_ends_is_told_once_where_something_stays(
    api_version: str, kind: str, kubernetes: str, instead: str
) -> None:
    found = [
        each
        for each in check(
            load(object_text(api_version, kind, "a") + object_text(api_version, kind, "b")), release(kubernetes)
        )
        if each.code == "CSI316"
    ]
    assert [f"{each.severity} {each.object.name} {each.pointer}" for each in found if each.object] == (
        ["info a /apiVersion"] if instead else []
    )
    assert all(f"Use apiVersion: {instead}, which {kubernetes} serves too" in each.fix for each in found)


def test_what_a_server_wrote_may_end() -> None:
    text = object_text("rbac.authorization.k8s.io/v1beta1", "ClusterRole", "a", uid="1")
    assert told(text, "CSI316") == []
