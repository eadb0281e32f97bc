"""How rights are given, what other releases need, and what is not judged."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from permission_bundles import (
    ATTACHER,
    RBAC,
    RELEASE,
    account,
    cluster_wide,
    found,
    in_namespace,
    only,
    rule,
    set_rules,
    summary,
    without_verb,
)

from csi_manifests import Bundle, build, check, emit, load
from csi_manifests.knowledge import rbac
from csi_manifests.knowledge.rbac import known_needs
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import ConfigMap
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.rbac_v1 import (
    AggregationRule,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    Subject,
)


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
    text = emit(bundle)
    beta = text.replace(f"{RBAC}/v1\n", f"{RBAC}/v1beta1\n").replace(
        "apiVersion: apps/v1\n", "apiVersion: apps/v1beta1\n"
    )
    assert beta != text
    finding = only(load(beta))
    assert "update volumeattachments" in finding.message
    assert found(load(beta.replace("- list\n", "- list\n  - update\n"))) == []


def test_where_the_account_is_named() -> None:
    def alias(found: StatefulSet) -> None:
        spec = found.spec.template.spec
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
    known_needs.cache_clear()
    check(Bundle([ConfigMap(metadata=ObjectMeta(name="a"))]), RELEASE)
    assert known_needs.cache_info().currsize == 0


@pytest.mark.parametrize("name", tomllib.loads(Path(rbac.__file__).with_name("rbac.toml").read_text(encoding="utf-8")))
def test_the_table_is_well_formed(name: str) -> None:
    known = known_needs(name)
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
        assert need.releases.has(need.releases.first)
        assert (need.where == "secret") == (need.resource == "secrets")
