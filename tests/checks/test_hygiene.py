"""Advice: rights that nobody uses, and how sidecars are run. All of it is info, and none of it is for what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from csi_manifests import Bundle, Finding, Setup, build, check, load, release
from csi_manifests.checks.rule import rules
from csi_manifests.models.apps_v1 import DaemonSet, StatefulSet
from csi_manifests.models.core_v1 import Container, ResourceRequirements, SecurityContext
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject
from csi_manifests.setup.parts import AttacherSetup, PluginSetup, ProvisionerSetup, RegistrarSetup, SnapshotterSetup

RELEASE = release("1.13")
ARTICLE = Path(__file__).parent.parent / "article"
REQUESTS = ResourceRequirements(requests={"cpu": "10m"})
TIDY = Setup(
    rbac="minimal",
    priority_class="storage",
    plugin=PluginSetup(pull_policy="IfNotPresent", resources=REQUESTS),
    driver_registrar=RegistrarSetup(pull_policy="IfNotPresent", resources=REQUESTS),
    provisioner=ProvisionerSetup(pull_policy="IfNotPresent", resources=REQUESTS),
    attacher=AttacherSetup(pull_policy="IfNotPresent", resources=REQUESTS),
    snapshotter=SnapshotterSetup(pull_policy="IfNotPresent", resources=REQUESTS),
)
SILENT = """\
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: default}
spec:
  serviceAccountName: probe
  containers:
  - {name: probe, image: "quay.io/k8scsi/livenessprobe:v0.4.1", args: [--csi-address=/csi/csi.sock]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: probe}
subjects: [{kind: ServiceAccount, name: probe, namespace: default}]
roleRef: {kind: ClusterRole, name: probe, apiGroup: rbac.authorization.k8s.io}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: probe}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}]
"""


def found(bundle: Bundle) -> list[Finding]:
    return [finding for finding in check(bundle, RELEASE) if finding.code.startswith("CSI50")]


def codes(bundle: Bundle) -> list[str]:
    return [finding.code for finding in found(bundle)]


def allow(bundle: Bundle, role: str, group: str, resource: str, verbs: str) -> Bundle:
    def change(found: ClusterRole) -> None:
        found.rules = [*(found.rules or ()), PolicyRule(api_groups=[group], resources=[resource], verbs=verbs.split())]

    return bundle.edit(ClusterRole, role, change)


def attacher(bundle: Bundle, **changes: object) -> Bundle:
    def change(found: StatefulSet) -> None:
        spec = found.spec.template.spec
        for field, value in changes.items():
            setattr(spec if field == "host_network" else spec.containers[0], field, value)

    return bundle.edit(StatefulSet, "csi-hostpath-attacher", change)


def test_advice_is_info_and_not_part_of_a_plain_run() -> None:
    assert {rule.severity for rule in rules() if rule.code.startswith("CSI5")} == {"info"}
    bundle = build()
    assert {finding.severity for finding in found(bundle)} == {"info"}
    assert not [finding for finding in check(bundle, RELEASE, advice=False) if finding.code.startswith("CSI5")]


def test_a_tidy_setup_needs_no_advice() -> None:
    assert codes(build(TIDY)) == []


def test_what_the_article_allows_too_much() -> None:
    unused = {str(finding.object): finding.message for finding in found(build()) if finding.code == "CSI501"}
    assert unused == {
        "ClusterRole external-provisioner-runner": (
            "csi-provisioner v0.4.1 does not use: get secrets; get update persistentvolumeclaims; list watch update events; "
            "list volumesnapshots.snapshot.storage.k8s.io; list volumesnapshotcontents.snapshot.storage.k8s.io"
        ),
        "Role default/external-provisioner-cfg": (
            "csi-provisioner v0.4.1 does not use: get watch list delete update create endpoints"
        ),
        "ClusterRole external-attacher-runner": (
            "csi-attacher v0.4.1 does not use: get update persistentvolumes; get list watch nodes; "
            "get list watch csinodeinfos.csi.storage.k8s.io; get volumeattachments.storage.k8s.io"
        ),
        "Role default/external-attacher-cfg": (
            "csi-attacher v0.4.1 does not use: get watch list delete update create configmaps"
        ),
        "ClusterRole driver-registrar-runner": (
            "driver-registrar v0.4.1 does not use: get list watch create update patch events"
        ),
        "ClusterRole external-snapshotter-runner": (
            "csi-snapshotter v0.4.1 does not use: list watch persistentvolumes; list watch persistentvolumeclaims; "
            "list watch storageclasses.storage.k8s.io; list watch update events; get secrets; "
            "get volumesnapshotclasses.snapshot.storage.k8s.io; get volumesnapshotcontents.snapshot.storage.k8s.io; "
            "list watch delete customresourcedefinitions.apiextensions.k8s.io"
        ),
    }
    assert codes(build()).count("CSI503") == 2


def test_rights_that_are_used_with_other_flags() -> None:
    bundle = build(Setup(provisioner=ProvisionerSetup(extra_args=["--enable-leader-election"])))
    (lock,) = [each for each in found(bundle) if str(each.object) == "Role default/external-provisioner-cfg"]
    assert lock.message == "csi-provisioner v0.4.1 does not use: watch list delete endpoints"


def test_a_role_of_programs_that_never_call_the_server() -> None:
    bundle = load(SILENT)
    assert [finding.message for finding in found(bundle) if finding.code == "CSI501"] == ["nobody uses: get nodes"]


@pytest.mark.parametrize(
    ("group", "resource", "verbs", "code"),
    [
        ("", "pods", "get", "CSI501"),
        ("", "persistentvolumes", "delete", "CSI501"),
        ("", "secrets", "get", "CSI501"),
        ("", "secrets", "list", "CSI503"),
        ("", "secrets", "watch list", "CSI503"),
        ("", "*", "get", "CSI502"),
        ("*", "pods", "get", "CSI502"),
        ("storage.k8s.io", "volumeattachments", "*", "CSI502"),
    ],
)
def test_one_right_too_many(group: str, resource: str, verbs: str, code: str) -> None:
    assert codes(allow(build(TIDY), "external-attacher-runner", group, resource, verbs)) == [code]


def test_rights_are_not_judged_where_others_have_them_too() -> None:
    bundle = allow(build(TIDY), "external-attacher-runner", "", "pods", "get")

    def share(found: StatefulSet) -> None:
        spec = found.spec.template.spec
        spec.containers = [*spec.containers, Container(name="driver", image="example/driver:v1", resources=REQUESTS)]

    assert codes(bundle.edit(StatefulSet, "csi-hostpath-attacher", share)) == []
    newer = attacher(bundle, image="quay.io/k8scsi/csi-attacher:v1.0.1")
    assert codes(newer) == []
    digest = attacher(bundle, image="quay.io/k8scsi/csi-attacher@sha256:" + "0" * 64)
    assert codes(digest) == []


def test_roles_of_others_are_not_looked_at() -> None:
    everything = PolicyRule(api_groups=["*"], resources=["*"], verbs=["*"])
    role = ClusterRole(metadata=ObjectMeta(name="operator"), rules=[everything])
    binding = ClusterRoleBinding(
        metadata=ObjectMeta(name="operator"),
        subjects=[Subject(kind="ServiceAccount", name="operator", namespace="default")],
        role_ref=RoleRef(kind="ClusterRole", name="operator", api_group="rbac.authorization.k8s.io"),
    )
    assert codes(build(TIDY).with_(role, binding)) == []


def test_cluster_admin() -> None:
    def change(found: ClusterRoleBinding) -> None:
        found.role_ref.name = "cluster-admin"

    (finding,) = found(build(TIDY).edit(ClusterRoleBinding, "csi-attacher-role", change))
    assert (finding.code, str(finding.object)) == ("CSI504", "ClusterRoleBinding csi-attacher-role")


def test_privileged() -> None:
    privileged = SecurityContext(privileged=True)
    # The socket is on the node: with SELinux that is right.
    assert codes(attacher(build(TIDY), security_context=privileged)) == []
    assert codes(attacher(build(TIDY), security_context=privileged, volume_mounts=[])) == ["CSI505"]
    assert codes(attacher(build(TIDY), security_context=SecurityContext(privileged=False), volume_mounts=[])) == []


def test_host_network() -> None:
    assert codes(attacher(build(TIDY), host_network=True)) == ["CSI506"]
    assert codes(build(TIDY).without(DaemonSet)) == []


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        (None, ["CSI507"]),
        (ResourceRequirements(), ["CSI507"]),
        (ResourceRequirements(limits={"memory": "50Mi"}), []),
    ],
)
def test_requests(requests: ResourceRequirements | None, expected: list[str]) -> None:
    assert codes(attacher(build(TIDY), resources=requests)) == expected


def test_priority() -> None:
    assert codes(build(TIDY.replace(priority_class=None))) == ["CSI508"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("quay.io/k8scsi/csi-attacher:v0.4.1", ["CSI509"]),
        ("quay.io/k8scsi/csi-attacher@sha256:" + "0" * 64, ["CSI509"]),
        ("quay.io/k8scsi/csi-attacher:canary", []),
        ("quay.io/k8scsi/csi-attacher:v0.4.1-ours", []),
    ],
)
def test_pull_policy(image: str, expected: list[str]) -> None:
    assert codes(attacher(build(TIDY), image=image, image_pull_policy="Always")) == expected


def test_pods_without_sidecars_get_no_advice() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: true\n  containers:\n"
    container = "  - {name: a, image: 'a:v1.0.0', imagePullPolicy: Always, securityContext: {privileged: true}}\n"
    assert codes(load(pod + container)) == []


def test_the_article() -> None:
    bundle = Bundle(item for file in sorted(ARTICLE.glob("*.yaml")) for item in load(file).items)
    assert sorted(set(codes(bundle))) == ["CSI501", "CSI503", "CSI507", "CSI508", "CSI509"]
