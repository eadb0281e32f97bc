"""Rules about names: what is named, is there twice, or is in another namespace."""

from __future__ import annotations

from pathlib import Path

import pytest
from object_texts import (
    Table,
    account,
    binding,
    claim,
    object_text,
    pod,
    role,
    sayings,
    service,
    snapshot,
    storage_class,
    subject,
    told,
    uses,
    workload,
)

from csi_manifests import Bundle, build, check, load, release
from csi_manifests.setup.setup import Setup

ARTICLE = sorted((Path(__file__).parent.parent / "article").glob("*.yaml"))


MISSING: Table = {
    "a role that is nearly called so": (
        binding("b", "external-attacher", subject("default")) + role("external-attacher-runner"),
        ["error CSI201 ClusterRoleBinding b /roleRef/name"],
    ),
    "no role at all": (
        binding("b", "external-attacher-runner", subject("default")),
        ["warning CSI201 ClusterRoleBinding b /roleRef/name"],
    ),
    "a role beside one that nobody binds": (
        binding("b", "provisioner", subject("default")) + role("something-else"),
        ["error CSI201 ClusterRoleBinding b /roleRef/name"],
    ),
    "a role of the cluster's, where all of the bundle's are bound": (
        binding("b", "runner", subject("default"))
        + role("runner")
        + binding("p", "privileged-psp", subject("default")),
        ["warning CSI201 ClusterRoleBinding p /roleRef/name"],
    ),
    "a role that is called as those of others are": (
        binding("b", "external-snapshotter-runner", subject("default"))
        + role("external-snapshotter-runner")
        + binding("m", "external-snapshot-metadata-runner", subject("default")),
        ["warning CSI201 ClusterRoleBinding m /roleRef/name"],
    ),
    "an account that pod and binding name": (
        account("csi-attacher")
        + binding("b", "view", f"{subject('csi-attacher')}, {subject('plugin')}")
        + pod("one", "serviceAccountName: csi-attacher")
        + pod("two", "serviceAccountName: plugin"),
        ["error CSI201 ClusterRoleBinding b /subjects/1/name", "error CSI201 Pod default/two /spec/serviceAccountName"],
    ),
    "an account in a namespace that is not the bundle's": (
        account("mine", "storage") + binding("b", "view", subject("prometheus", "monitoring"), "storage"),
        ["warning CSI201 RoleBinding storage/b /subjects/0/name"],
    ),
    "a claim, by a slip of the pen": (
        claim("csi-pvc") + pod("app", uses("csi-pcv")),
        ["error CSI201 Pod default/app /spec/volumes/0/persistentVolumeClaim/claimName"],
    ),
    "a claim beside one that only a snapshot names": (
        claim("csi-pvc") + pod("app", uses("other")) + snapshot("s", "csi-pvc"),
        ["error CSI201 Pod default/app /spec/volumes/0/persistentVolumeClaim/claimName"],
    ),
    "a second claim, of the cluster's": (
        claim("mine") + pod("app", uses("mine", "shared-models")),
        ["warning CSI201 Pod default/app /spec/volumes/1/persistentVolumeClaim/claimName"],
    ),
    "claims that count on": (
        claim("data-0") + pod("app", uses("data-0", "data-1")),
        ["warning CSI201 Pod default/app /spec/volumes/1/persistentVolumeClaim/claimName"],
    ),
    "a Role beside another": (
        binding("b", "gone", subject("default"), "x", "Role")
        + role("other").replace("ClusterRole", "Role").replace("{name: other}", "{name: other, namespace: x}")
        + binding("c", "other", subject("default"), "x", "Role"),
        ["error CSI201 RoleBinding x/b /roleRef/name"],
    ),
    "the claim of a snapshot, where the bundle only restores": (
        snapshot("s", "mysql-data")
        + claim("mysql-copy", spec="dataSource: {kind: VolumeSnapshot, name: s, apiGroup: snapshot.storage.k8s.io}"),
        ["warning CSI201 VolumeSnapshot default/s /spec/source/name"],
    ),
    "a class": (
        claim("c", spec="storageClassName: csi-hostpath") + storage_class("csi-hostpath-sc"),
        ["error CSI201 PersistentVolumeClaim default/c /spec/storageClassName"],
    ),
    "a class that any cluster may have": (
        claim("c", spec="storageClassName: standard") + storage_class("csi-hostpath-sc"),
        ["warning CSI201 PersistentVolumeClaim default/c /spec/storageClassName"],
    ),
    "a Service, without which the pods run too": (
        workload("StatefulSet", "s", "{app: s}", more="  serviceName: t\n") + service("u", "{app: s}"),
        ["warning CSI201 StatefulSet default/s /spec/serviceName"],
    ),
    "a Secret that is nearly called so": (
        pod("app", "volumes: [{name: v, secret: {secretName: cloud-sa-kye}}]")
        + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: cloud-sa-key}\n",
        ["warning CSI201 Pod default/app /spec/volumes/0/secret/secretName"],
    ),
    "what is in a cluster already, beside another": (
        pod("app", "serviceAccountName: plugin", uid="1") + account("other"),
        ["warning CSI201 Pod default/app /spec/serviceAccountName"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISSING.values(), ids=MISSING)
def test_missing(text: str, expected: list[str]) -> None:
    assert told(text, "CSI201") == expected


THERE = {
    "the default account": pod("app", "serviceAccountName: default") + account("other"),
    "what an API server makes itself": binding("a", "cluster-admin", subject("default"))
    + binding("b", "system:auth-delegator", subject("default"))
    + binding("c", "extension-apiserver-authentication-reader", subject("default", "d"), "kube-system", "Role")
    + binding("d", "system:some-role", subject("default", "d"), "kube-system", "Role")
    + role("other"),
    "users and groups": binding("b", "view", "{kind: User, name: eve}, {kind: Group, name: 'system:masters'}"),
    "no class, on purpose": claim("c", spec='storageClassName: ""') + storage_class("other"),
    "a claim that a StatefulSet makes": workload(
        "StatefulSet",
        "db",
        "{app: db}",
        more="  serviceName: ''\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]\n",
    )
    + snapshot("s", "data-db-0")
    + claim("other"),
    "a Secret of another name": pod("app", "volumes: [{name: v, secret: {secretName: regcred-2}}]")
    + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: regcred-1}\n",
    "an object that no model takes": pod("app", uses("c")) + claim("c", spec="volumeMode: Nonsense"),
    "the old name of the account, beside the new": account("a")
    + pod("app", "serviceAccountName: a, serviceAccount: gone"),
    "a kind that nobody knows": claim("c", spec="dataSource: {kind: Populator, name: p, apiGroup: example.com}"),
    "what is in a cluster already, alone": pod("app", f"serviceAccountName: plugin, {uses('c')}", uid="1")
    + binding("b", "runner", subject("plugin"), uid="2"),
    "bindings of the server's own": binding("b", "view", subject("kube-dns", "kube-system")).replace(
        "{name: b}", '{name: "system:kube-dns", labels: {kubernetes.io/bootstrapping: rbac-defaults}}'
    )
    + account("other", "kube-system"),
}


@pytest.mark.parametrize("text", THERE.values(), ids=THERE)
def test_nothing_is_missing(text: str) -> None:
    assert told(text, "CSI201") == []


def test_missing_names_the_nearest_that_nobody_names() -> None:
    text = (
        binding("a", "external-attacher-runner", subject("default"))
        + binding("b", "external-provisioner-runer", subject("default"))
        + role("external-attacher-runner")
        + role("external-provisioner-runner")
    )
    (finding,) = [finding for finding in check(load(text), release("1.13")) if finding.code == "CSI201"]
    assert finding.message == (
        "no ClusterRole 'external-provisioner-runer' in the bundle (it has: external-attacher-runner, "
        "external-provisioner-runner). Did you mean 'external-provisioner-runner'?"
    )


TWICE: Table = {
    "the same": (account("a") * 2, ["warning CSI202 ServiceAccount default/a /metadata/name"]),
    "the same, with and without a namespace": (
        account("a") + account("a", "default"),
        ["warning CSI202 ServiceAccount default/a /metadata/name"],
    ),
    "other content": (role("r", "nodes") + role("r", "pods"), ["error CSI202 ClusterRole r /metadata/name"]),
    "three times": (account("a") * 3, ["warning CSI202 ServiceAccount default/a /metadata/name"] * 2),
    "in two dumps": (
        account("a", "x", "1") + account("a", "x", "2"),
        ["warning CSI202 ServiceAccount x/a /metadata/name"],
    ),
    "in two dumps, one of them of an object that is going": (
        account("a", "x", "1")
        + account("a", "x", "2").replace("metadata: {", "metadata: {deletionGracePeriodSeconds: 0, generation: 2, "),
        ["warning CSI202 ServiceAccount x/a /metadata/name"],
    ),
    "in a dump, and as it was before kubectl applied it": (
        account("a", "x")
        + account("a", "x").replace(
            "metadata: {", "metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}, "
        ),
        ["warning CSI202 ServiceAccount x/a /metadata/name"],
    ),
    "with another owner": (
        account("a", "x")
        + account("a", "x").replace(
            "metadata: {", "metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}], "
        ),
        ["error CSI202 ServiceAccount x/a /metadata/name"],
    ),
    "a kind that moved": (
        workload("Deployment", "d", "{app: d}")
        + workload("Deployment", "d", "{app: d}").replace("apps/v1", "extensions/v1beta1"),
        ["error CSI202 Deployment default/d /metadata/name"],
    ),
    "of a kind without a model": (
        object_text("batch/v1", "Job", "j", "x") * 2,
        ["warning CSI202 Job x/j /metadata/name"],
    ),
    "in two namespaces": (account("a", "x") + account("a", "z"), []),
    "of two kinds": (account("a") + claim("a"), []),
    "of two groups": (
        object_text("a.example.com/v1", "Thing", "a") + object_text("b.example.com/v1", "Thing", "a"),
        [],
    ),
    "names that the server makes": (account("a").replace("name:", "generateName:") * 2, []),
}


@pytest.mark.parametrize(("text", "expected"), TWICE.values(), ids=TWICE)
def test_twice(text: str, expected: list[str]) -> None:
    assert told(text, "CSI202") == expected


def test_twice_says_where_the_first_one_is_and_what_differs() -> None:
    (finding,) = check(load(storage_class("c") + storage_class("c").replace("-hostpath", "-rbd")), release("1.13"))
    assert finding.message == "is there already, at <text>:2:1, with other content: /provisioner differs"
    assert finding.location.line == 9


def test_twice_in_a_bundle_that_was_built() -> None:
    item = build().items[5]
    assert sayings(Bundle([*build().items, item]), ("CSI202",))


NAMESPACES: Table = {
    "an account elsewhere": (
        binding("b", "view", subject("a", "x")) + account("a", "z"),
        ["error CSI203 ClusterRoleBinding b /subjects/0/namespace"],
    ),
    "an account elsewhere that another binding names rightly": (
        binding("b", "view", f"{subject('a', 'x')}, {subject('a', 'z')}") + account("a", "z"),
        ["warning CSI203 ClusterRoleBinding b /subjects/0/namespace"],
    ),
    "a pod's account": (
        pod("p", "serviceAccountName: a", "x") + account("a", "z"),
        ["error CSI203 Pod x/p /spec/serviceAccountName"],
    ),
    "a claim": (
        pod("p", uses("c"), "x") + claim("c", "z"),
        ["error CSI203 Pod x/p /spec/volumes/0/persistentVolumeClaim/claimName"],
    ),
    "a Role": (
        binding("b", "r", subject("default", "x"), "x", "Role")
        + role("r").replace("ClusterRole", "Role").replace("{name: r}", "{name: r, namespace: z}"),
        ["error CSI203 RoleBinding x/b /roleRef/name"],
    ),
    "a Service, without which the pods run too": (
        workload("StatefulSet", "s", "{app: s}", more="  serviceName: s\n", namespace="x")
        + service("s", "{app: s}", "z"),
        ["warning CSI203 StatefulSet x/s /spec/serviceName"],
    ),
    "an account of another namespace that is named with it": (
        binding("b", "r", subject("a", "z"), "x", "Role")
        + account("a", "z")
        + role("r").replace("ClusterRole", "Role").replace("{name: r}", "{name: r, namespace: x}"),
        [],
    ),
    "the subject of a RoleBinding without a namespace": (
        binding("b", "view", "{kind: ServiceAccount, name: a}", "x") + account("a", "x"),
        [],
    ),
    "in both namespaces": (pod("p", uses("c"), "x") + claim("c", "x") + claim("c", "z"), []),
    "no namespace anywhere": (pod("p", uses("c")) + claim("c"), []),
    "an account without a namespace": (
        binding("b", "view", subject("a", "x")) + account("a"),
        ["warning CSI204 ServiceAccount default/a /metadata"],
    ),
    "a pod without a namespace": (
        pod("p", "serviceAccountName: a") + account("a", "default"),
        ["warning CSI204 Pod default/p /metadata"],
    ),
    "a binding without a namespace": (
        binding("b", "view", "{kind: ServiceAccount, name: a}", "x").replace(", namespace: x", "")
        + account("a", "default"),
        ["warning CSI204 RoleBinding default/b /metadata"],
    ),
    "a namespace misspelt": (
        object_text("v1", "Namespace", "csi-storage") + account("a", "csi-stroage"),
        ["warning CSI205 ServiceAccount csi-stroage/a /metadata/namespace"],
    ),
    "namespaces that count on": (object_text("v1", "Namespace", "team-1") + account("a", "team-2"), []),
    "namespaces that every cluster has": (
        object_text("v1", "Namespace", "kube-systems") + account("a", "kube-system"),
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), NAMESPACES.values(), ids=NAMESPACES)
def test_namespaces(text: str, expected: list[str]) -> None:
    assert told(text, "CSI203", "CSI204", "CSI205", "CSI201") == expected


def test_article_has_no_error_and_these_warnings() -> None:
    bundle = Bundle(item for file in ARTICLE if file.name != "snapshot-crds.yaml" for item in load(file).items)
    assert len(bundle) == 32
    assert sayings(bundle, ("CSI2",)) == [
        "warning CSI204 StatefulSet default/csi-hostpath-attacher /metadata",
        "warning CSI204 StatefulSet default/csi-hostpath-provisioner /metadata",
        "warning CSI204 DaemonSet default/csi-hostpathplugin /metadata",
        "warning CSI204 ServiceAccount default/csi-snapshotter /metadata",
    ]


@pytest.mark.parametrize(
    "setup",
    [
        Setup(),
        Setup(namespace="storage", instance="two"),
        Setup(snapshot_crds=False, rbac="minimal"),
        Setup(pull_secrets=["registry"], priority_class="system-node-critical"),
    ],
    ids=["default", "instance", "minimal", "outside"],
)
def test_what_is_rendered_is_clean(setup: Setup) -> None:
    assert sayings(build(setup), ("CSI2",)) == []


def test_two_installations_that_share_names_are_told_apart() -> None:
    both = Bundle([*build(Setup(namespace="one")).items, *build(Setup(namespace="two")).items])
    assert "error CSI202 ClusterRoleBinding csi-attacher-role /metadata/name" in sayings(both, ("CSI2",))
    apart = Bundle([*build(Setup(instance="one")).items, *build(Setup(instance="two")).items])
    assert {line.split()[0] for line in sayings(apart, ("CSI2",))} <= {"warning"}
