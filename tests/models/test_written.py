"""What people and servers write is taken as it is, and given back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from csi_manifests.models.lookup import model_for

ARTICLE = sorted((Path(__file__).parents[1] / "article").glob("*.yaml"))

# As `kubectl get -o yaml` shows them, or as code generators leave them; the second is what is left of the first.
WRITTEN = {
    "a definition from a code generator": (
        """
        apiVersion: apiextensions.k8s.io/v1beta1
        kind: CustomResourceDefinition
        metadata: {creationTimestamp: null, name: csidrivers.csi.storage.k8s.io}
        spec:
          group: csi.storage.k8s.io
          version: ""
          names: {kind: CSIDriver, listKind: "", plural: csidrivers, singular: "", shortNames: null}
          scope: ""
          validation:
            openAPIV3Schema:
              properties: {a: {type: integer, minimum: 1, maximum: 1.5, default: {b: null}, enum: [1, null, ""]}}
          versions: [{name: v1alpha1, served: true, storage: true, schema: null}]
        status:
          acceptedNames: {kind: "", plural: ""}
          conditions: []
          storedVersions: []
        """,
        """
        apiVersion: apiextensions.k8s.io/v1beta1
        kind: CustomResourceDefinition
        metadata: {name: csidrivers.csi.storage.k8s.io}
        spec:
          group: csi.storage.k8s.io
          names: {kind: CSIDriver, plural: csidrivers}
          scope: ""
          validation:
            openAPIV3Schema:
              properties: {a: {type: integer, minimum: 1, maximum: 1.5, default: {b: null}, enum: [1, null, ""]}}
          versions: [{name: v1alpha1, served: true, storage: true}]
        status:
          acceptedNames: {kind: "", plural: ""}
          conditions: []
          storedVersions: []
        """,
    ),
    "a binding that leaves the groups to the server": (
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: "system:a", namespace: "", generateName: "System:"}
        subjects:
        - {kind: ServiceAccount, name: a, namespace: b, apiGroup: ""}
        - {kind: User, name: "system:kube-scheduler"}
        roleRef: {kind: ClusterRole, name: "system:a", apiGroup: ""}
        """,
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: "system:a", generateName: "System:"}
        subjects:
        - {kind: ServiceAccount, name: a, namespace: b, apiGroup: ""}
        - {kind: User, name: "system:kube-scheduler"}
        roleRef: {kind: ClusterRole, name: "system:a", apiGroup: ""}
        """,
    ),
    "a snapshot that external-snapshotter has just taken up": (
        """
        apiVersion: snapshot.storage.k8s.io/v1alpha1
        kind: VolumeSnapshot
        metadata:
          creationTimestamp: "2018-12-10T00:00:00Z"
          finalizers: [snapshot.storage.kubernetes.io/volumesnapshot-protection]
          generation: 1
          name: a
          namespace: default
          resourceVersion: "1"
          selfLink: /apis/snapshot.storage.k8s.io/v1alpha1/namespaces/default/volumesnapshots/a
          uid: 0b4d6e6e-fc0f-11e8-8eb2-f2801f1b9fd1
        spec:
          snapshotClassName: null
          snapshotContentName: ""
          source: {apiGroup: null, kind: PersistentVolumeClaim, name: b}
        status: {creationTime: null, readyToUse: false, restoreSize: null, error: {message: no, time: null}}
        """,
        """
        apiVersion: snapshot.storage.k8s.io/v1alpha1
        kind: VolumeSnapshot
        metadata:
          creationTimestamp: "2018-12-10T00:00:00Z"
          finalizers: [snapshot.storage.kubernetes.io/volumesnapshot-protection]
          generation: 1
          name: a
          namespace: default
          resourceVersion: "1"
          selfLink: /apis/snapshot.storage.k8s.io/v1alpha1/namespaces/default/volumesnapshots/a
          uid: 0b4d6e6e-fc0f-11e8-8eb2-f2801f1b9fd1
        spec:
          snapshotContentName: ""
          source: {kind: PersistentVolumeClaim, name: b}
        status: {readyToUse: false, error: {message: no}}
        """,
    ),
    "a definition that a server of 1.37 has just taken": (
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: as.example.com, generation: 1}
        spec:
          conversion: {strategy: None}
          group: example.com
          names: {kind: A, listKind: AList, plural: as, singular: a}
          scope: Namespaced
          versions:
          - name: v1
            served: true
            storage: true
            additionalPrinterColumns: [{name: Ready, type: boolean, jsonPath: .status.ready}]
            schema:
              openAPIV3Schema:
                type: object
                x-kubernetes-preserve-unknown-fields: true
                x-kubernetes-validations: [{rule: has(self.spec), message: spec is missing}]
                properties: {port: {x-kubernetes-int-or-string: true}}
        status: {acceptedNames: {kind: "", plural: ""}, conditions: null, storedVersions: null}
        """,
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: as.example.com, generation: 1}
        spec:
          conversion: {strategy: None}
          group: example.com
          names: {kind: A, listKind: AList, plural: as, singular: a}
          scope: Namespaced
          versions:
          - name: v1
            served: true
            storage: true
            additionalPrinterColumns: [{name: Ready, type: boolean, jsonPath: .status.ready}]
            schema:
              openAPIV3Schema:
                type: object
                x-kubernetes-preserve-unknown-fields: true
                x-kubernetes-validations: [{rule: has(self.spec), message: spec is missing}]
                properties: {port: {x-kubernetes-int-or-string: true}}
        status: {acceptedNames: {kind: "", plural: ""}, conditions: [], storedVersions: []}
        """,
    ),
    "a role without rules, as a server before 1.14 writes it": (
        """
        apiVersion: rbac.authorization.k8s.io/v1beta1
        kind: ClusterRole
        metadata: {name: a}
        rules: null
        """,
        """
        apiVersion: rbac.authorization.k8s.io/v1beta1
        kind: ClusterRole
        metadata: {name: a}
        rules: []
        """,
    ),
    "the drivers of a node, as the kubelet of 1.13 writes them": (
        """
        apiVersion: csi.storage.k8s.io/v1alpha1
        kind: CSINodeInfo
        metadata:
          name: node-1
          ownerReferences: [{apiVersion: v1, kind: Node, name: node-1, uid: 0b4d6e6e}]
        spec: {drivers: [{name: com.example.csi/a, nodeID: a, topologyKeys: null}]}
        status: {drivers: [{name: com.example.csi/a, available: true, volumePluginMechanism: in-tree}]}
        """,
        """
        apiVersion: csi.storage.k8s.io/v1alpha1
        kind: CSINodeInfo
        metadata:
          name: node-1
          ownerReferences: [{apiVersion: v1, kind: Node, name: node-1, uid: 0b4d6e6e}]
        spec: {drivers: [{name: com.example.csi/a, nodeID: a}]}
        status: {drivers: [{name: com.example.csi/a, available: true, volumePluginMechanism: in-tree}]}
        """,
    ),
}


def documents(text: str) -> list[dict[str, Any]]:
    return list(cast("Any", YAML(typ="safe")).load_all(text))


def returned(document: dict[str, Any]) -> dict[str, Any]:
    model = model_for(document["apiVersion"], document["kind"])
    assert model is not None
    return model.from_dict(document).to_dict()


def test_the_article_is_there() -> None:
    assert len(ARTICLE) > 10


@pytest.mark.parametrize("file", ARTICLE, ids=lambda file: file.name)
def test_the_article(file: Path) -> None:
    for document in documents(file.read_text(encoding="utf-8")):
        assert returned(document) == document


@pytest.mark.parametrize("case", WRITTEN)
def test_written_elsewhere(case: str) -> None:
    text, left = WRITTEN[case]
    (document,), (expected,) = documents(text), documents(left)
    assert returned(document) == expected
    assert returned(expected) == expected
