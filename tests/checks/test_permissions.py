"""What sidecars may do and what they need: every verb, every way to give it, and what must not alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from csi_manifests import Bundle, Finding, Setup, build, check, load, release
from csi_manifests.choices import (
    AttacherSetup,
    ProvisionerSetup,
    SecretRef,
    SnapshotClassSetup,
    StorageClassSetup,
    StorageSecrets,
)
from csi_manifests.knowledge.rbac import program
from csi_manifests.models.apps_v1 import DaemonSet, StatefulSet
from csi_manifests.models.core_v1 import ConfigMap, PersistentVolumeClaim
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.rbac_v1 import (
    AggregationRule,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotContent

RELEASE = release("1.13")
ARTICLE = Path(__file__).parent.parent / "article"
PROVISIONER = ("external-provisioner-runner", "csi-hostpath-provisioner")
ATTACHER = ("external-attacher-runner", "csi-hostpath-attacher")
SNAPSHOTTER = ("external-snapshotter-runner", "csi-hostpath-snapshotter")
SNAPSHOT = "snapshot.storage.k8s.io"
RBAC: Final = "rbac.authorization.k8s.io"

Who = tuple[str, str]


def found(bundle: Bundle) -> list[Finding]:
    """Give what the rules about permissions say."""
    return [finding for finding in check(bundle, RELEASE) if finding.code in {"CSI450", "CSI451", "CSI452"}]


def only(bundle: Bundle) -> Finding:
    (finding,) = found(bundle)
    return finding


def summary(bundle: Bundle) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in found(bundle)]


def without_verb(bundle: Bundle, role: str, group: str, resource: str, verb: str) -> Bundle:
    def change(found: ClusterRole) -> None:
        hits = [rule for rule in found.rules if rule.api_groups == [group] and rule.resources == [resource]]
        assert len(hits) == 1
        assert verb in hits[0].verbs
        hits[0].verbs = [other for other in hits[0].verbs if other != verb]

    return bundle.edit(ClusterRole, role, change)


def with_args(bundle: Bundle, workload: str, *args: str) -> Bundle:
    def change(found: StatefulSet) -> None:
        container = found.spec.template.spec.containers[0]  # type: ignore[union-attr]  # it has all of these
        container.args = [*(container.args or []), *args]

    return bundle.edit(StatefulSet, workload, change)


def with_image(bundle: Bundle, workload: str, image: str) -> Bundle:
    def change(found: StatefulSet) -> None:
        found.spec.template.spec.containers[0].image = image  # type: ignore[union-attr]  # it has all of these

    return bundle.edit(StatefulSet, workload, change)


def rule(group: str, resource: str, verbs: str, names: list[str] | None = None) -> PolicyRule:
    return PolicyRule(api_groups=[group], resources=[resource], verbs=verbs.split(), resource_names=names)


def account(name: str, namespace: str | None = "default") -> Subject:
    return Subject(kind="ServiceAccount", name=name, namespace=namespace)


def cluster_wide(name: str, subject: Subject, role: str) -> ClusterRoleBinding:
    reference = RoleRef(kind="ClusterRole", name=role, api_group=RBAC)
    return ClusterRoleBinding(metadata=ObjectMeta(name=name), subjects=[subject], role_ref=reference)


def in_namespace(name: str, namespace: str, subject: Subject, role: str, kind: Any = "ClusterRole") -> RoleBinding:
    reference = RoleRef(kind=kind, name=role, api_group=RBAC)
    return RoleBinding(metadata=ObjectMeta(name=name, namespace=namespace), subjects=[subject], role_ref=reference)


def set_rules(bundle: Bundle, role: str, *rules: PolicyRule) -> Bundle:
    def change(found: ClusterRole) -> None:
        found.rules = list(rules)

    return bundle.edit(ClusterRole, role, change)


def each(*rows: tuple[Who, str, str, str]) -> list[tuple[Who, str, str, str]]:
    return [(who, group, resource, verb) for who, group, resource, verbs in rows for verb in verbs.split()]


NEEDED = each(
    (PROVISIONER, "", "persistentvolumes", "get list watch create delete"),
    (PROVISIONER, "", "persistentvolumeclaims", "list watch"),
    (PROVISIONER, "storage.k8s.io", "storageclasses", "list watch"),
    (PROVISIONER, SNAPSHOT, "volumesnapshots", "get"),
    (PROVISIONER, SNAPSHOT, "volumesnapshotcontents", "get"),
    (ATTACHER, "", "persistentvolumes", "list watch"),
    (ATTACHER, "storage.k8s.io", "volumeattachments", "list watch update"),
    (SNAPSHOTTER, "", "persistentvolumes", "get"),
    (SNAPSHOTTER, "", "persistentvolumeclaims", "get"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshotclasses", "list watch"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshotcontents", "create list watch delete"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshots", "list watch update"),
    (SNAPSHOTTER, "apiextensions.k8s.io", "customresourcedefinitions", "create"),
)
USEFUL = each(
    (PROVISIONER, "", "events", "create patch"),
    (PROVISIONER, "storage.k8s.io", "storageclasses", "get"),
    (SNAPSHOTTER, "", "events", "create patch"),
    (SNAPSHOTTER, "storage.k8s.io", "storageclasses", "get"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshotcontents", "update"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshots", "get"),
)
UNUSED = each(
    (PROVISIONER, "", "secrets", "get list"),
    (PROVISIONER, "", "persistentvolumeclaims", "get update"),
    (PROVISIONER, "", "events", "list watch update"),
    (PROVISIONER, SNAPSHOT, "volumesnapshots", "list"),
    (PROVISIONER, SNAPSHOT, "volumesnapshotcontents", "list"),
    (ATTACHER, "", "persistentvolumes", "get update"),
    (ATTACHER, "", "nodes", "get list watch"),
    (ATTACHER, "csi.storage.k8s.io", "csinodeinfos", "get list watch"),
    (ATTACHER, "storage.k8s.io", "volumeattachments", "get"),
    (SNAPSHOTTER, "", "persistentvolumes", "list watch"),
    (SNAPSHOTTER, "", "persistentvolumeclaims", "list watch"),
    (SNAPSHOTTER, "storage.k8s.io", "storageclasses", "list watch"),
    (SNAPSHOTTER, "", "events", "list watch update"),
    (SNAPSHOTTER, "", "secrets", "get list"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshotclasses", "get"),
    (SNAPSHOTTER, SNAPSHOT, "volumesnapshotcontents", "get"),
    (SNAPSHOTTER, "apiextensions.k8s.io", "customresourcedefinitions", "list watch delete"),
)


@pytest.mark.parametrize(("who", "group", "resource", "verb"), [*NEEDED, *USEFUL])
def test_every_verb_that_v0_4_1_uses(who: Who, group: str, resource: str, verb: str) -> None:
    role, workload = who
    bundle = without_verb(build(), role, group, resource, verb)
    finding = only(bundle)
    assert (finding.code, finding.severity) == (
        "CSI450",
        "error" if (who, group, resource, verb) in NEEDED else "warning",
    )
    assert str(finding.object) == f"StatefulSet default/{workload}"
    assert finding.pointer == "/spec/template/spec/serviceAccountName"
    assert f"may not: {verb} {f'{resource}.{group}' if group else resource}. " in finding.message
    head, line = finding.fix.splitlines()
    assert head == f"Add to ClusterRole {role}:"
    (added,) = yaml.safe_load(line)
    assert added == {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

    def mend(found: ClusterRole) -> None:
        found.rules = [*found.rules, PolicyRule.from_dict(added)]

    assert found(bundle.edit(ClusterRole, role, mend)) == []


@pytest.mark.parametrize(("who", "group", "resource", "verb"), UNUSED)
def test_verbs_that_v0_4_1_does_not_use_here(who: Who, group: str, resource: str, verb: str) -> None:
    assert found(without_verb(build(), who[0], group, resource, verb)) == []


def test_all_that_the_article_allows_is_judged() -> None:
    judged = {(who[0], group, resource, verb) for who, group, resource, verb in [*NEEDED, *USEFUL, *UNUSED]}
    allowed = {
        (role.name, group, resource, verb)
        for role in build().all(ClusterRole)
        for entry in role.rules
        for group in entry.api_groups or ()
        for resource in entry.resources or ()
        for verb in entry.verbs
    }
    registrar = {
        ("driver-registrar-runner", "", "events", verb)
        for verb in ("get", "list", "watch", "create", "update", "patch")
    }
    assert judged == allowed - registrar


def test_all_that_is_lacking_is_one_finding() -> None:
    finding = only(set_rules(build(), ATTACHER[0], rule("", "persistentvolumes", "get")))
    assert (
        "may not: list watch persistentvolumes; list watch update volumeattachments.storage.k8s.io. " in finding.message
    )
    assert [line[:2] for line in finding.fix.splitlines()] == ["Ad", "  ", "  "]


@pytest.mark.parametrize("rbac", ["article", "minimal"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"namespace": "storage", "instance": "a"},
        {"driver": "example"},
        {"provisioner": ProvisionerSetup(extra_args=["--enable-leader-election"])},
        {"attacher": AttacherSetup(extra_args=["--leader-election", "--leader-election-namespace=default"])},
        {"storage_class": StorageClassSetup(secrets=StorageSecrets(provisioner=SecretRef(name="a", namespace="b")))},
        {"storage_class": StorageClassSetup(secrets=StorageSecrets(node_publish=SecretRef(name="a", namespace="b")))},
        {"snapshot_class": SnapshotClassSetup(secret=SecretRef(name="a", namespace="b"))},
        {"storage_class": StorageClassSetup(volume_binding_mode="WaitForFirstConsumer")},
    ],
)
def test_what_we_render_suffices(rbac: Any, changes: dict[str, Any]) -> None:
    findings = found(build(Setup(rbac=rbac, **changes)))
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_the_article() -> None:
    bundle = Bundle(item for file in sorted(ARTICLE.glob("*.yaml")) for item in load(file).items)
    assert found(bundle) == []
    assert found(build()) == []


def test_restores_only_where_something_is_restored() -> None:
    bundle = without_verb(build(), PROVISIONER[0], SNAPSHOT, "volumesnapshots", "get")
    bundle = without_verb(bundle, PROVISIONER[0], SNAPSHOT, "volumesnapshotcontents", "get")
    assert summary(bundle) == [("CSI450", "error")]
    bundle = bundle.without(PersistentVolumeClaim)
    assert summary(bundle) == [("CSI450", "warning")]
    parts = ("csi-provisioner-rbac.yaml", "csi-hostpath-provisioner.yaml", "csi-hostpathplugin.yaml")
    assert found(Bundle(item for item in bundle.items if item.file in parts)) == []


def test_classes_and_contents_of_snapshots() -> None:
    def no_class(snapshot: VolumeSnapshot) -> None:
        snapshot.spec.snapshot_class_name = None

    bundle = without_verb(build(), SNAPSHOTTER[0], "storage.k8s.io", "storageclasses", "get")
    assert only(bundle.edit(VolumeSnapshot, "snapshot-20181210", no_class)).severity == "error"
    content = VolumeSnapshotContent.from_dict(
        {
            "metadata": {"name": "by-hand"},
            "spec": {"csiVolumeSnapshotSource": {"driver": "csi-hostpath", "snapshotHandle": "1"}},
        }
    )
    bundle = without_verb(build(), SNAPSHOTTER[0], SNAPSHOT, "volumesnapshotcontents", "update")
    assert only(bundle.with_(content)).severity == "error"


@pytest.mark.parametrize(
    ("workload", "args", "role", "resource"),
    [
        (PROVISIONER[1], ["--enable-leader-election"], "external-provisioner-cfg", "endpoints"),
        (PROVISIONER[1], ["-enable-leader-election=true"], "external-provisioner-cfg", "endpoints"),
        (
            ATTACHER[1],
            ["--leader-election", "--leader-election-namespace=default"],
            "external-attacher-cfg",
            "configmaps",
        ),
    ],
)
def test_locks_only_with_leader_election(workload: str, args: list[str], role: str, resource: str) -> None:
    bare = build().without(Role, role).without(RoleBinding, f"{workload.replace('-hostpath', '')}-role-cfg")
    assert found(bare) == []
    finding = only(with_args(bare, workload, *args))
    assert finding.severity == "error"
    assert f"get create update {resource}" in finding.message
    assert (
        f"Bind a Role with this in namespace default to ServiceAccount default/{workload.replace('-hostpath', '')}"
        in finding.fix
    )
    assert [each.severity for each in found(with_args(build(), workload, *args))] in ([], ["warning"])


def test_the_lock_is_in_its_own_namespace() -> None:
    bundle = with_args(build(), ATTACHER[1], "--leader-election", "--leader-election-namespace=locks")
    finding = only(bundle)
    assert finding.severity == "error"
    assert "in namespace locks" in finding.fix
    role = Role(
        metadata=ObjectMeta(name="lock", namespace="locks"), rules=[rule("", "configmaps", "get create update")]
    )
    binding = in_namespace("lock", "locks", account("csi-attacher"), "lock", "Role")
    finding = only(bundle.with_(role, binding))
    assert (finding.severity, finding.fix.splitlines()[0]) == ("warning", "Add to Role lock:")
    events = Role(
        metadata=ObjectMeta(name="lock", namespace="locks"), rules=[*role.rules, rule("", "events", "create")]
    )
    assert found(bundle.with_(events, binding)) == []


def test_an_attacher_for_a_driver_that_may_attach() -> None:
    bundle = set_rules(
        build().without(DaemonSet),
        ATTACHER[0],
        rule("", "persistentvolumes", "list watch"),
        rule("storage.k8s.io", "volumeattachments", "list watch update"),
    )
    finding = only(bundle)
    assert finding.severity == "warning"
    assert "nodes" in finding.message
    assert "update persistentvolumes" in finding.message


REGISTRAR = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: node}}
spec:
  selector: {{matchLabels: {{app: node}}}}
  template:
    metadata: {{labels: {{app: node}}}}
    spec:
      serviceAccountName: registrar
      containers:
      - {{name: driver-registrar, image: "quay.io/k8scsi/driver-registrar:v0.4.1", args: [{args}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: registrar}}
subjects: [{{kind: ServiceAccount, name: registrar, namespace: default}}]
roleRef: {{kind: ClusterRole, name: registrar, apiGroup: rbac.authorization.k8s.io}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: registrar}}
rules: [{{apiGroups: [""], resources: [events], verbs: [create]}}]
"""


@pytest.mark.parametrize(
    ("args", "lacking"),
    [
        ("--kubelet-registration-path=/var/lib/kubelet/plugins/a/csi.sock", ""),
        ("--v=5", "get update nodes"),
        (
            "--mode=kubernetes-register",
            "create customresourcedefinitions.apiextensions.k8s.io; create delete csidrivers.csi.storage.k8s.io",
        ),
    ],
)
def test_driver_registrar(args: str, lacking: str) -> None:
    findings = found(load(REGISTRAR.format(args=args)))
    assert [finding.message.partition(": ")[2].partition(". driver")[0] for finding in findings] == (
        [lacking] if lacking else []
    )
    assert all(finding.severity == "error" for finding in findings)


SECRETS = Setup(
    rbac="minimal",
    storage_class=StorageClassSetup(secrets=StorageSecrets(provisioner=SecretRef(name="a", namespace="vault"))),
    snapshot_class=SnapshotClassSetup(secret=SecretRef(name="a", namespace="${volumesnapshotcontent.name}")),
)


def without_secrets(bundle: Bundle, role: str) -> Bundle:
    kept = [entry for entry in bundle.get(ClusterRole, role).rules if entry.resources != ["secrets"]]
    return set_rules(bundle, role, *kept)


@pytest.mark.parametrize("who", [PROVISIONER, SNAPSHOTTER])
def test_secrets_only_with_secret_parameters(who: Who) -> None:
    bundle = without_secrets(build(SECRETS), who[0])
    (finding,) = [each for each in found(bundle) if "secrets" in each.message]
    assert finding.severity == "error"
    assert who[1] in str(finding.object)
    assert not any("secrets" in each.message for each in found(without_secrets(build(), who[0])))


def test_secrets_in_the_namespace_where_they_are() -> None:
    bundle = without_secrets(build(SECRETS), PROVISIONER[0])
    role = Role(metadata=ObjectMeta(name="read", namespace="vault"), rules=[rule("", "secrets", "get", ["a"])])
    subject = account("csi-provisioner")
    right = bundle.with_(role, in_namespace("read", "vault", subject, "read", "Role"))
    assert not any("secrets" in finding.message for finding in found(right))
    elsewhere = role.model_copy(update={"metadata": ObjectMeta(name="read", namespace="default")})
    wrong = bundle.with_(elsewhere, in_namespace("read", "default", subject, "read", "Role"))
    assert any("get secrets" in finding.message for finding in found(wrong))


def test_parameters_of_another_driver_do_not_count() -> None:
    bundle = without_secrets(build(SECRETS.replace(driver="other")), PROVISIONER[0])
    other = bundle.edit(
        StatefulSet,
        PROVISIONER[1],
        lambda found: setattr(found.spec.template.spec.containers[0], "args", ["--provisioner=csi-hostpath"]),  # type: ignore[union-attr]  # it has all of these
    )
    assert not any("secrets" in finding.message for finding in found(other))


def test_nodes_for_volumes_that_wait_for_a_pod() -> None:
    bundle = build(Setup(storage_class=StorageClassSetup(volume_binding_mode="WaitForFirstConsumer")))
    finding = only(bundle)
    assert finding.severity == "warning"
    assert "get nodes" in finding.message


def test_topology() -> None:
    finding = only(with_args(build(), PROVISIONER[1], "--feature-gates=Topology=true"))
    assert finding.severity == "warning"
    assert "get list nodes; get list csinodeinfos.csi.storage.k8s.io" in finding.message


@pytest.mark.parametrize(
    "entry",
    [
        PolicyRule(api_groups=["*"], resources=["*"], verbs=["*"]),
        PolicyRule(api_groups=["", "storage.k8s.io"], resources=["*"], verbs=["list", "watch", "update"]),
        PolicyRule(api_groups=["*"], resources=["persistentvolumes", "volumeattachments"], verbs=["*"]),
    ],
)
def test_wildcards(entry: PolicyRule) -> None:
    assert found(set_rules(build(), ATTACHER[0], entry)) == []


@pytest.mark.parametrize(
    "entry",
    [
        PolicyRule(api_groups=[], resources=["*"], verbs=["*"]),
        PolicyRule(api_groups=["storage.k8s.io"], resources=["*"], verbs=["*"]),
        PolicyRule(api_groups=["*"], resources=["*/status"], verbs=["*"]),
        PolicyRule(api_groups=["*"], resources=["*"], verbs=["*"], resource_names=["one"]),
        PolicyRule(non_resource_urls=["*"], verbs=["*"]),
    ],
)
def test_what_only_looks_like_everything(entry: PolicyRule) -> None:
    assert summary(set_rules(build(), ATTACHER[0], entry)) == [("CSI450", "error")]


def test_cluster_admin() -> None:
    bundle = build().without(ClusterRole, ATTACHER[0]).without(ClusterRoleBinding, "csi-attacher-role")
    assert found(bundle.with_(cluster_wide("admin", account("csi-attacher"), "cluster-admin"))) == []


def test_aggregated_roles() -> None:
    whole = build().get(ClusterRole, ATTACHER[0])
    label = {"rbac.example.com/attacher": "true"}
    part = ClusterRole(metadata=ObjectMeta(name="part", labels=label), rules=whole.rules)

    def aggregate(found: ClusterRole) -> None:
        found.aggregation_rule = AggregationRule(cluster_role_selectors=[LabelSelector(match_labels=label)])
        found.rules = []

    bundle = build().edit(ClusterRole, ATTACHER[0], aggregate)
    assert found(bundle.with_(part)) == []
    # Somebody else's role may add what is lacking.
    assert summary(bundle) == [("CSI450", "warning")]
    unlabelled = ClusterRole(metadata=ObjectMeta(name="part"), rules=whole.rules)
    assert summary(bundle.with_(unlabelled)) == [("CSI450", "warning")]


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["2"]}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchLabels": {"a": "2"}}, False),
    ],
)
def test_selectors_of_aggregated_roles(selector: dict[str, Any], fits: bool) -> None:  # noqa: FBT001  (a table)
    whole = build().get(ClusterRole, ATTACHER[0])

    def aggregate(found: ClusterRole) -> None:
        found.aggregation_rule = AggregationRule(cluster_role_selectors=[LabelSelector.from_dict(selector)])

    part = ClusterRole(metadata=ObjectMeta(name="part", labels={"a": "1"}), rules=whole.rules)
    bundle = Bundle(
        item
        for item in build().items
        if not isinstance(item.resource, ClusterRole) or item.resource.name == ATTACHER[0]
    ).edit(ClusterRole, ATTACHER[0], aggregate)
    attacher = [finding for finding in found(bundle.with_(part)) if "attacher" in str(finding.object)]
    assert (attacher == []) is fits


@pytest.mark.parametrize(
    "subject",
    [
        Subject(kind="Group", name="system:serviceaccounts"),
        Subject(kind="Group", name="system:serviceaccounts:default"),
        Subject(kind="Group", name="system:authenticated"),
        Subject(kind="User", name="system:serviceaccount:default:csi-attacher"),
        account("csi-attacher"),
    ],
)
def test_subjects_that_are_the_account(subject: Subject) -> None:
    bundle = build().without(ClusterRoleBinding, "csi-attacher-role")
    assert found(bundle.with_(cluster_wide("any", subject, ATTACHER[0]))) == []


@pytest.mark.parametrize(
    "subject",
    [
        Subject(kind="Group", name="system:serviceaccounts:storage"),
        Subject(kind="Group", name="csi-attacher"),
        Subject(kind="User", name="csi-attacher"),
        account("csi-attacher", "storage"),
        account("csi-attachers"),
    ],
)
def test_subjects_that_are_somebody_else(subject: Subject) -> None:
    bundle = build().without(ClusterRoleBinding, "csi-attacher-role")
    assert summary(bundle.with_(cluster_wide("any", subject, ATTACHER[0]))) == [("CSI450", "error")]


def test_a_role_binding_gives_one_namespace_only() -> None:
    bundle = build().without(ClusterRoleBinding, "csi-attacher-role")
    bundle = bundle.with_(in_namespace("narrow", "default", account("csi-attacher", None), ATTACHER[0]))
    finding = only(bundle)
    assert (finding.code, finding.severity) == ("CSI450", "error")
    assert finding.fix.startswith(
        "Bind a ClusterRole with this to ServiceAccount default/csi-attacher, with a ClusterRoleBinding:"
    )


def test_several_roles_add_up() -> None:
    half = ClusterRole(metadata=ObjectMeta(name="half"), rules=[rule("", "persistentvolumes", "list watch")])
    bundle = set_rules(build(), ATTACHER[0], rule("storage.k8s.io", "volumeattachments", "list watch update"))
    assert summary(bundle.with_(half)) == [("CSI450", "error")]
    assert found(bundle.with_(half, cluster_wide("half", account("csi-attacher"), "half"))) == []


def test_roles_outside_the_bundle_are_not_judged() -> None:
    assert found(build().without(ClusterRole, ATTACHER[0])) == []


def test_no_binding_at_all_is_a_warning() -> None:
    bundle = build()
    for kind in (ClusterRole, ClusterRoleBinding, Role, RoleBinding):
        bundle = bundle.without(kind)
    assert summary(bundle) == [("CSI452", "warning")] * 3
    assert [str(finding.object).rpartition("/")[2] for finding in found(bundle)] == [
        "csi-hostpath-provisioner",
        "csi-hostpath-attacher",
        "csi-hostpath-snapshotter",
    ]
    everybody = cluster_wide("view", Subject(kind="Group", name="system:authenticated"), "view")
    assert found(bundle.with_(everybody)) == []
    some = ClusterRole(metadata=ObjectMeta(name="some"), rules=[rule("", "pods", "get")])
    everybody = cluster_wide("some", Subject(kind="Group", name="system:authenticated"), "some")
    assert summary(bundle.with_(some, everybody)) == [("CSI452", "warning")] * 3


def test_beta_versions_say_the_same() -> None:
    bundle = without_verb(build(), ATTACHER[0], "storage.k8s.io", "volumeattachments", "update")
    text = "---\n".join(yaml.safe_dump(resource.to_dict()) for resource in bundle)
    beta = text.replace(f"{RBAC}/v1\n", f"{RBAC}/v1beta1\n").replace(
        "apiVersion: apps/v1\n", "apiVersion: apps/v1beta1\n"
    )
    assert beta != text
    finding = only(load(beta))
    assert "update volumeattachments" in finding.message
    assert found(load(beta.replace("- list\n", "- list\n  - update\n"))) == []


def test_where_the_account_is_named() -> None:
    def alias(found: StatefulSet) -> None:
        spec = found.spec.template.spec  # type: ignore[union-attr]  # it has all of these
        assert spec is not None
        spec.service_account, spec.service_account_name = "csi-attacher", None

    bundle = without_verb(build(), ATTACHER[0], "", "persistentvolumes", "list").edit(StatefulSet, ATTACHER[1], alias)
    assert only(bundle).pointer == "/spec/template/spec/serviceAccount"


OTHERS = [
    ("csi-provisioner:v0.4.0", "get list watch update persistentvolumeclaims"),
    ("csi-provisioner:v1.0.1", "get list watch update persistentvolumeclaims"),
    ("csi-provisioner:v5.0.0", "get list watch create patch delete persistentvolumes"),
    ("csi-attacher:v0.3.0", "update volumeattachments.storage.k8s.io"),
    ("csi-attacher:v1.0.1", "get list watch update volumeattachments.storage.k8s.io"),
    ("csi-attacher:v2.0.0", "patch volumeattachments.storage.k8s.io"),
    ("csi-attacher:v3.0.0", "patch volumeattachments.storage.k8s.io/status"),
    ("csi-snapshotter:v1.0.1", "list watch persistentvolumeclaims"),
    ("csi-snapshotter:v1.2.0", "get create update customresourcedefinitions.apiextensions.k8s.io"),
    ("csi-snapshotter:v2.0.0", "update volumesnapshotcontents.snapshot.storage.k8s.io/status"),
    ("csi-snapshotter:v5.0.0", "patch volumesnapshotcontents.snapshot.storage.k8s.io"),
    ("snapshot-controller:v4.0.0", "update volumesnapshots.snapshot.storage.k8s.io/status"),
    ("csi-resizer:v0.3.0", "update patch persistentvolumeclaims/status"),
]
OTHER = """\
apiVersion: v1
kind: Pod
metadata: {{name: sidecar, namespace: storage}}
spec:
  serviceAccountName: sidecar
  containers:
  - {{name: sidecar, image: "quay.io/k8scsi/{image}", args: [--csi-address=/csi/csi.sock{args}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: sidecar}}
subjects: [{{kind: ServiceAccount, name: sidecar, namespace: storage}}]
roleRef: {{kind: ClusterRole, name: sidecar, apiGroup: rbac.authorization.k8s.io}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: sidecar}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get]}}]
"""


@pytest.mark.parametrize(("image", "expected"), OTHERS)
def test_other_releases_are_measured_by_upstream(image: str, expected: str) -> None:
    finding = only(load(OTHER.format(image=image, args="")))
    assert (finding.code, finding.severity) == ("CSI451", "warning")
    assert expected in finding.message
    rules = [yaml.safe_load(line)[0] for line in finding.fix.splitlines()[1:]]
    assert all(set(entry) == {"apiGroups", "resources", "verbs"} for entry in rules)
    assert (
        found(set_rules(load(OTHER.format(image=image, args="")), "sidecar", *map(PolicyRule.from_dict, rules))) == []
    )


@pytest.mark.parametrize(
    ("image", "args", "expected"),
    [
        ("csi-provisioner:v2.0.0", ", --leader-election", "get create update leases.coordination.k8s.io"),
        ("csi-provisioner:v1.6.0", ", --enable-leader-election", "get create update endpoints"),
        ("csi-provisioner:v3.0.0", ", --enable-capacity", "csistoragecapacities.storage.k8s.io"),
        ("csi-provisioner:v3.0.0", ", --feature-gates=Topology=true", "get list watch csinodes.storage.k8s.io"),
        ("csi-snapshotter:v8.2.0", ", --feature-gates=CSIVolumeGroupSnapshot=true", "volumegroupsnapshotcontents"),
        ("csi-resizer:v1.10.0", ", --feature-gates=VolumeAttributesClass=true", "volumeattributesclasses"),
    ],
)
def test_other_releases_by_flag(image: str, args: str, expected: str) -> None:
    assert expected in only(load(OTHER.format(image=image, args=args))).message
    assert expected not in only(load(OTHER.format(image=image, args=""))).message


@pytest.mark.parametrize(
    ("image", "args"),
    [
        ("csi-attacher:canary", ""),
        ("csi-attacher@sha256:" + "0" * 64, ""),
        ("csi-attacher:v0.4.1", ", --kubeconfig=/etc/kubeconfig"),
        ("csi-node-driver-registrar:v1.1.0", ""),
        ("driver-registrar:v1.0.1", ""),
        ("livenessprobe:v0.4.1", ""),
        ("my-driver:v0.4.1", ""),
    ],
)
def test_what_is_not_known_is_not_judged(image: str, args: str) -> None:
    assert found(load(OTHER.format(image=image, args=args))) == []


def test_nothing_is_looked_up_without_a_sidecar() -> None:
    program.cache_clear()
    check(Bundle([ConfigMap(metadata=ObjectMeta(name="a"))]), RELEASE)
    assert program.cache_info().currsize == 0


@pytest.mark.parametrize(
    "name",
    ["csi-provisioner", "csi-attacher", "csi-snapshotter", "snapshot-controller", "csi-resizer", "driver-registrar"],
)
def test_the_table_is_well_formed(name: str) -> None:
    known = program(name)
    assert known is not None
    verbs = {"get", "list", "watch", "create", "update", "patch", "delete"}
    conditions = {
        "leader election", "topology", "capacity", "group snapshots", "attributes classes", "volumes in use",
        "mode kubernetes-register", "node annotation", "attaches", "late binding", "restores", "snapshots", "no class",
        "bound by hand", "provisioner secrets", "publish secrets", "snapshotter secrets", "expand secrets", "",
    }  # fmt: skip
    for need in known.needs:
        assert set(need.verbs) <= verbs
        assert len(set(need.verbs)) == len(need.verbs) > 0
        assert need.when in conditions
        assert need.where in {"everywhere", "lock", "secret", "any"}
        assert not need.last or need.first[: len(need.last)] <= need.last
        assert (need.where == "secret") == (need.resource == "secrets")
