"""Rules about bindings and selectors: what a role really grants, which pods are really selected."""

from __future__ import annotations

import pytest
from object_texts import Table, account, binding, object_text, pod, role, service, subject, told, workload

GRANTS: Table = {
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
        role("r", "volumesnapshotclasses", "volumesnapshots", group="snapshot.storage.k8s.io").replace(
            "ClusterRole", "Role"
        ),
        ["warning CSI208 Role default/r /rules/0/resources/0"],
    ),
    "a kind of the bundle's own": (
        role("r", "pools", group="example.com").replace("ClusterRole", "Role")
        + object_text("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "pools.example.com")
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
        role("r", "pods", "nodes")
        + binding("b", "r", subject("default", "x"), "x")
        + binding("c", "r", subject("default", "z")),
        [],
    ),
    "a ClusterRole for one namespace": (role("r", "pods") + binding("b", "r", subject("default", "x"), "x"), []),
}


@pytest.mark.parametrize(("text", "expected"), GRANTS.values(), ids=GRANTS)
def test_grants(text: str, expected: list[str]) -> None:
    assert told(text, "CSI206", "CSI207", "CSI208", "CSI209") == expected


SELECTED: Table = {
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
        + object_text("monitoring.coreos.com/v1", "Prometheus", "k8s"),
        [],
    ),
    "a Service of a Job's pods": (
        workload("Deployment", "d", "{app: jobs}")
        + service("s", "{app: job}")
        + object_text("batch/v1", "Job", "j")
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
        workload("DaemonSet", "a", "{app: x, part: a}", "{matchLabels: {app: x}}")
        + workload("Deployment", "b", "{app: x, part: b}"),
        ["warning CSI213 DaemonSet default/a /spec/selector"],
    ),
    "a selector that leaves the other out": (
        workload(
            "DaemonSet",
            "a",
            "{app: x}",
            "{matchLabels: {app: x}, matchExpressions: [{key: part, operator: DoesNotExist}]}",
        )
        + workload("Deployment", "b", "{app: x, part: b}"),
        [],
    ),
    "a selector of expressions": (
        workload("DaemonSet", "a", "{app: x}", "{matchExpressions: [{key: app, operator: In, values: [x, z]}]}")
        + workload("Deployment", "b", "{app: z}"),
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
        workload("DaemonSet", "a", "{app: x}", namespace="x") + workload("Deployment", "b", "{app: x}", namespace="z"),
        [],
    ),
    "a Service before two workloads": (
        workload("DaemonSet", "a", "{app: x, part: a}")
        + workload("Deployment", "b", "{app: x, part: b}")
        + service("s", "{app: x}"),
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
def test_selected(text: str, expected: list[str]) -> None:
    assert told(text, "CSI211", "CSI212", "CSI213", "CSI214") == expected
