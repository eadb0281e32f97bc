"""Rules about names: what is named, twice there, in another namespace, or selected."""

from __future__ import annotations

from pathlib import Path

import pytest

from csi_manifests import Bundle, build, check, load, release
from csi_manifests.setup import Setup

ARTICLE = sorted((Path(__file__).parent.parent / "article").glob("*.yaml"))


def told(text: str, *codes: str) -> list[str]:
    """Give the findings of these codes, or of all about references, as SEVERITY CODE OBJECT POINTER."""
    return sayings(load(text), codes or ("CSI2",))


def sayings(bundle: Bundle, codes: tuple[str, ...]) -> list[str]:
    return [
        f"{finding.severity} {finding.code} {finding.object} {finding.pointer}"
        for finding in check(bundle, release("1.13"))
        if finding.code.startswith(codes)
    ]


def account(name: str, namespace: str = "", uid: str = "") -> str:
    return _object("v1", "ServiceAccount", name, namespace, uid)


def role(name: str, *resources: str, verbs: str = "get", group: str = "") -> str:
    rules = f'[{{apiGroups: ["{group}"], resources: [{", ".join(resources)}], verbs: [{verbs}]}}]' if resources else "[]"
    return _object("rbac.authorization.k8s.io/v1", "ClusterRole", name) + f"rules: {rules}\n"


def binding(name: str, role_name: str, subjects: str, namespace: str = "", kind: str = "ClusterRole", uid: str = "") -> str:
    own = "RoleBinding" if namespace else "ClusterRoleBinding"
    return (
        _object("rbac.authorization.k8s.io/v1", own, name, namespace, uid)
        + f"subjects: [{subjects}]\n"
        + f"roleRef: {{kind: {kind}, name: "{role_name}", apiGroup: rbac.authorization.k8s.io}}\n"
    )


def subject(name: str, namespace: str = "default") -> str:
    return f"{{kind: ServiceAccount, name: {name}, namespace: {namespace}}}"


def claim(name: str, namespace: str = "", spec: str = "") -> str:
    return (
        _object("v1", "PersistentVolumeClaim", name, namespace)
        + f"spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}{spec and ', ' + spec}}}\n"
    )


def pod(name: str, spec: str = "", namespace: str = "", uid: str = "", labels: str = "") -> str:
    return (
        _object("v1", "Pod", name, namespace, uid, labels)
        + f"spec: {{containers: [{{name: a, image: 'example.com/{name}:1'}}]{spec and ', ' + spec}}}\n"
    )


def uses(*claims: str) -> str:
    volumes = (f"{{name: v{number}, persistentVolumeClaim: {{claimName: {name}}}}}" for number, name in enumerate(claims))
    return f"volumes: [{', '.join(volumes)}]"


def workload(kind: str, name: str, labels: str, selector: str = "", more: str = "", namespace: str = "") -> str:
    return (
        _object("apps/v1", kind, name, namespace)
        + f"spec:\n  selector: {selector or f'{{matchLabels: {labels}}}'}\n"
        + f"  template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: a, image: 'example.com/{name}:1'}}]}}}}\n"
        + more
    )


def service(name: str, selector: str, namespace: str = "", uid: str = "", more: str = "") -> str:
    return (
        _object("v1", "Service", name, namespace, uid)
        + f"spec: {{selector: {selector}, ports: [{{port: 1}}]{more and ', ' + more}}}\n"
    )


def snapshot(name: str, source: str) -> str:
    return (
        _object("snapshot.storage.k8s.io/v1alpha1", "VolumeSnapshot", name)
        + f"spec: {{source: {{kind: PersistentVolumeClaim, name: {source}}}}}\n"
    )


def storage_class(name: str) -> str:
    return _object("storage.k8s.io/v1", "StorageClass", name) + "provisioner: csi-hostpath\n"


def _object(api_version: str, kind: str, name: str, namespace: str = "", uid: str = "", labels: str = "") -> str:
    fields = {"name": name, "namespace": namespace, "uid": uid, "labels": labels}
    metadata = ", ".join(f"{field}: {value}" for field, value in fields.items() if value)
    return f"---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{{metadata}}}\n"


MISSING = {
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
        binding("b", "runner", subject("default")) + role("runner") + binding("p", "privileged-psp", subject("default")),
        ["warning CSI201 ClusterRoleBinding p /roleRef/name"],
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
def test_missing(text: str, expected: list[str]):
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
def test_nothing_is_missing(text: str):
    assert told(text, "CSI201") == []


def test_missing_names_the_nearest_that_nobody_names():
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


TWICE = {
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
    "a kind that moved": (
        workload("Deployment", "d", "{app: d}") + workload("Deployment", "d", "{app: d}").replace("apps/v1", "extensions/v1beta1"),
        ["error CSI202 Deployment d /metadata/name"],
    ),
    "of a kind without a model": (
        _object("batch/v1", "Job", "j", "x") * 2,
        ["warning CSI202 Job x/j /metadata/name"],
    ),
    "in two namespaces": (account("a", "x") + account("a", "y"), []),
    "of two kinds": (account("a") + claim("a"), []),
    "of two groups": (_object("a.example.com/v1", "Thing", "a") + _object("b.example.com/v1", "Thing", "a"), []),
    "names that the server makes": (account("a").replace("name:", "generateName:") * 2, []),
}


@pytest.mark.parametrize(("text", "expected"), TWICE.values(), ids=TWICE)
def test_twice(text: str, expected: list[str]):
    assert told(text, "CSI202") == expected


def test_twice_says_where_the_first_one_is_and_what_differs():
    (finding,) = check(load(storage_class("c") + storage_class("c").replace("-hostpath", "-rbd")), release("1.13"))
    assert finding.message == "is there already, at <text>:2:1, with other content: /provisioner differs"
    assert finding.location.line == 8


def test_twice_in_a_bundle_that_was_built():
    item = build().items[5]
    assert sayings(Bundle([*build().items, item]), ("CSI202",))


NAMESPACES = {
    "an account elsewhere": (
        binding("b", "view", subject("a", "x")) + account("a", "y"),
        ["error CSI203 ClusterRoleBinding b /subjects/0/namespace"],
    ),
    "an account elsewhere that another binding names rightly": (
        binding("b", "view", f"{subject('a', 'x')}, {subject('a', 'y')}") + account("a", "y"),
        ["warning CSI203 ClusterRoleBinding b /subjects/0/namespace"],
    ),
    "a pod's account": (
        pod("p", "serviceAccountName: a", "x") + account("a", "y"),
        ["error CSI203 Pod x/p /spec/serviceAccountName"],
    ),
    "a claim": (
        pod("p", uses("c"), "x") + claim("c", "y"),
        ["error CSI203 Pod x/p /spec/volumes/0/persistentVolumeClaim/claimName"],
    ),
    "a Role": (
        binding("b", "r", subject("default", "x"), "x", "Role") + role("r").replace("ClusterRole", "Role").replace("{name: r}", "{name: r, namespace: y}"),
        ["error CSI203 RoleBinding x/b /roleRef/name"],
    ),
    "a Service, without which the pods run too": (
        workload("StatefulSet", "s", "{app: s}", more="  serviceName: s\n", namespace="x") + service("s", "{app: s}", "y"),
        ["warning CSI203 StatefulSet x/s /spec/serviceName"],
    ),
    "an account of another namespace that is named with it": (
        binding("b", "r", subject("a", "y"), "x", "Role") + account("a", "y") + role("r").replace("ClusterRole", "Role").replace("{name: r}", "{name: r, namespace: x}"),
        [],
    ),
    "the subject of a RoleBinding without a namespace": (
        binding("b", "view", "{kind: ServiceAccount, name: a}", "x") + account("a", "x"),
        [],
    ),
    "in both namespaces": (pod("p", uses("c"), "x") + claim("c", "x") + claim("c", "y"), []),
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
        binding("b", "view", "{kind: ServiceAccount, name: a}", "x").replace(", namespace: x", "") + account("a", "default"),
        ["warning CSI204 RoleBinding default/b /metadata"],
    ),
    "a namespace misspelt": (
        _object("v1", "Namespace", "csi-storage") + account("a", "csi-stroage"),
        ["warning CSI205 ServiceAccount csi-stroage/a /metadata/namespace"],
    ),
    "namespaces that count on": (_object("v1", "Namespace", "team-1") + account("a", "team-2"), []),
    "namespaces that every cluster has": (_object("v1", "Namespace", "kube-systems") + account("a", "kube-system"), []),
}


@pytest.mark.parametrize(("text", "expected"), NAMESPACES.values(), ids=NAMESPACES)
def test_namespaces(text: str, expected: list[str]):
    assert told(text, "CSI203", "CSI204", "CSI205", "CSI201") == expected


GRANTS = {
    "a Role in a ClusterRoleBinding": (
        binding("b", "r", subject("default"), kind="Role"),
        ["error CSI206 ClusterRoleBinding b /roleRef/kind"],
    ),
    "an account without a namespace": (
        binding("b", "view", "{kind: ServiceAccount, name: a}") + account("a"),
        ["error CSI207 ClusterRoleBinding b /subjects/0"],
    ),
    "volumes in a Role": (
        role("r", "endpoints", "persistentvolumes", "persistentvolumes/status").replace("ClusterRole", "Role"),
        ["warning CSI208 Role default/r /rules/0/resources/1", "warning CSI208 Role default/r /rules/0/resources/2"],
    ),
    "classes of snapshots in a Role": (
        role("r", "volumesnapshotclasses", "volumesnapshots", group="snapshot.storage.k8s.io").replace("ClusterRole", "Role"),
        ["warning CSI208 Role default/r /rules/0/resources/0"],
    ),
    "a kind of the bundle's own": (
        role("r", "pools", group="example.com").replace("ClusterRole", "Role")
        + _object("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "pools.example.com")
        + "spec: {group: example.com, version: v1, names: {kind: Pool, plural: pools}, scope: Cluster}\n",
        ["warning CSI208 Role default/r /rules/0/resources/0"],
    ),
    "the same names in another group": (role("r", "nodes", group="metrics.k8s.io").replace("ClusterRole", "Role"), []),
    "its own namespace": (role("r", "namespaces").replace("ClusterRole", "Role"), []),
    "verbs that are asked in a namespace": (
        role("r", "podsecuritypolicies", verbs="use", group="policy").replace("ClusterRole", "Role"),
        [],
    ),
    "everything": (role("r", '"*"', verbs='"*"').replace("ClusterRole", "Role"), []),
    "a ClusterRole in a RoleBinding only": (
        role("r", "pods", "nodes") + binding("b", "r", subject("default", "x"), "x"),
        ["warning CSI209 RoleBinding x/b /roleRef/name"],
    ),
    "a ClusterRole in both": (
        role("r", "pods", "nodes") + binding("b", "r", subject("default", "x"), "x") + binding("c", "r", subject("default", "y")),
        [],
    ),
    "a ClusterRole for one namespace": (role("r", "pods") + binding("b", "r", subject("default", "x"), "x"), []),
}


@pytest.mark.parametrize(("text", "expected"), GRANTS.values(), ids=GRANTS)
def test_grants(text: str, expected: list[str]):
    assert told(text, "CSI206", "CSI207", "CSI208", "CSI209") == expected


SELECTED = {
    "a StatefulSet's Service that selects others": (
        workload("StatefulSet", "s", "{app: s}", more="  serviceName: s\n") + service("s", "{app: t}"),
        ["warning CSI211 StatefulSet default/s /spec/serviceName"],
    ),
    "a StatefulSet's Service without a selector": (
        workload("StatefulSet", "s", "{app: s}", more="  serviceName: s\n") + service("s", "{}"),
        [],
    ),
    "a Service that nearly fits": (
        workload("DaemonSet", "plugin", "{app: csi-hostpathplugin}") + service("s", "{app: csi-hostpath}"),
        ["warning CSI212 Service default/s /spec/selector"],
    ),
    "a Service with one label of two": (
        workload("DaemonSet", "plugin", "{app: csi, part: node}") + service("s", "{app: csi, part: controller}"),
        ["warning CSI212 Service default/s /spec/selector"],
    ),
    "a Service called as the workload": (
        workload("DaemonSet", "plugin", "{app: plugin}") + service("plugin", "{name: plugin}"),
        ["warning CSI212 Service default/plugin /spec/selector"],
    ),
    "a Service of pods that others make": (
        workload("DaemonSet", "node-local-dns", "{app: node-local-dns}") + service("upstream", "{app: kube-dns}"),
        [],
    ),
    "a Service where an operator may make pods": (
        workload("Deployment", "operator", "{app: prometheus-operator}")
        + service("prometheus", "{app: prometheus}")
        + _object("monitoring.coreos.com/v1", "Prometheus", "k8s"),
        [],
    ),
    "a Service of a Job's pods": (
        workload("Deployment", "d", "{app: jobs}")
        + service("s", "{app: job}")
        + _object("batch/v1", "Job", "j")
        + "spec: {template: {metadata: {labels: {app: job}}, spec: {containers: [{name: a, image: b}]}}}\n",
        [],
    ),
    "a Service in another namespace": (workload("DaemonSet", "plugin", "{app: s}") + service("s", "{app: t}", "x"), []),
    "a Service out of a cluster": (workload("DaemonSet", "s", "{app: s}") + service("s", "{app: t}", uid="1"), []),
    "an ExternalName": (
        workload("DaemonSet", "s", "{app: s}") + service("s", "{app: t}", more="type: ExternalName, externalName: x.y"),
        [],
    ),
    "two workloads with one label": (
        workload("DaemonSet", "a", "{app: x}") + workload("Deployment", "b", "{app: x}"),
        ["warning CSI213 Deployment default/b /spec/selector"],
    ),
    "one selector that is too wide": (
        workload("DaemonSet", "a", "{app: x, part: a}", "{matchLabels: {app: x}}") + workload("Deployment", "b", "{app: x, part: b}"),
        ["warning CSI213 DaemonSet default/a /spec/selector"],
    ),
    "a selector that leaves the other out": (
        workload("DaemonSet", "a", "{app: x}", "{matchLabels: {app: x}, matchExpressions: [{key: part, operator: DoesNotExist}]}")
        + workload("Deployment", "b", "{app: x, part: b}"),
        [],
    ),
    "a selector of expressions": (
        workload("DaemonSet", "a", "{app: x}", "{matchExpressions: [{key: app, operator: In, values: [x, y]}]}")
        + workload("Deployment", "b", "{app: y}"),
        ["warning CSI213 DaemonSet default/a /spec/selector"],
    ),
    "a pod that nobody owns": (
        workload("Deployment", "a", "{app: x}") + pod("p", labels="{app: x}"),
        ["warning CSI213 Deployment default/a /spec/selector"],
    ),
    "a pod of its own": (
        workload("Deployment", "a", "{app: x}")
        + pod("p", labels="{app: x}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a-1, uid: '1'}]"),
        [],
    ),
    "a ReplicaSet of its own": (
        workload("Deployment", "a", "{app: x}") + workload("ReplicaSet", "a-1", "{app: x, hash: '1'}"),
        [],
    ),
    "two namespaces": (
        workload("DaemonSet", "a", "{app: x}", namespace="x") + workload("Deployment", "b", "{app: x}", namespace="y"),
        [],
    ),
    "a Service before two workloads": (
        workload("DaemonSet", "a", "{app: x, part: a}") + workload("Deployment", "b", "{app: x, part: b}") + service("s", "{app: x}"),
        ["info CSI214 Service default/s /spec/selector"],
    ),
    "a Service before the old and the new": (
        workload("Deployment", "a", "{app: x, part: a}")
        + workload("Deployment", "b", "{app: x, part: b}").replace("example.com/b:1", "mirror.example.com/a:2")
        + service("s", "{app: x}"),
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), SELECTED.values(), ids=SELECTED)
def test_selected(text: str, expected: list[str]):
    assert told(text, "CSI211", "CSI212", "CSI213", "CSI214") == expected


def test_article_has_no_error_and_these_warnings():
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
def test_what_is_rendered_is_clean(setup: Setup):
    assert sayings(build(setup), ("CSI2",)) == []


def test_two_installations_that_share_names_are_told_apart():
    both = Bundle([*build(Setup(namespace="one")).items, *build(Setup(namespace="two")).items])
    assert "error CSI202 ClusterRoleBinding csi-attacher-role /metadata/name" in sayings(both, ("CSI2",))
    apart = Bundle([*build(Setup(instance="one")).items, *build(Setup(instance="two")).items])
    assert {line.split()[0] for line in sayings(apart, ("CSI2",))} <= {"warning"}
