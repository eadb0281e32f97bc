"""The rules about names, roles, Services, storage, definitions and data: right and wrong objects."""

from __future__ import annotations

from typing import Any

import pytest
from one_object import of_kind, said

REF = "roleRef: {kind: ClusterRole, name: a, apiGroup: ''}"
PV = "capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]"
NAMES = "names: {plural: as, kind: A}"
CRD = f"group: x.example, scope: Cluster, {NAMES}"
MIB = 2**20

RIGHT = [
    ("ClusterRole", "{rules: []}"),
    ("ClusterRole", "{rules: [{nonResourceURLs: [/metrics], verbs: [get], apiGroups: [], resources: []}]}"),
    ("ClusterRole", "{rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*'], resourceNames: []}]}"),
    ("ClusterRole", "{aggregationRule: {clusterRoleSelectors: [{}]}, rules: []}"),
    ("ClusterRoleBinding", f"{{{REF}}}"),
    ("ClusterRoleBinding", f"{{subjects: [{{kind: User, name: 'A b', namespace: a}}, {{kind: Group, name: a, apiGroup: ''}}], {REF}}}"),
    ("RoleBinding", f"{{subjects: [{{kind: ServiceAccount, name: a, apiGroup: ''}}], {REF}}}"),
    ("Service", "{spec: {clusterIP: None, selector: {a: b}}}"),
    ("Service", "{spec: {clusterIP: 10.0.0.1, ports: [{port: 80, targetPort: '', nodePort: 0}]}}"),
    ("Service", "{spec: {ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}}"),
    ("Service", "{spec: {type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]}, status: {loadBalancer: {}}}"),
    ("Service", "{spec: {type: ExternalName, externalName: a.example., sessionAffinity: None}}"),
    ("PersistentVolumeClaim", "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0.5}}, storageClassName: ''}}"),
    ("PersistentVolumeClaim", "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2}, limits: {storage: 1}}}}"),
    ("PersistentVolume", f"{{spec: {{{PV}, csi: {{driver: a, volumeHandle: b}}, nodeAffinity: {{required: {{nodeSelectorTerms: [{{}}]}}}}}}}}"),
    ("PersistentVolume", f"{{spec: {{{PV}, hostPath: {{path: /a, type: ''}}, storageClassName: ''}}, status: {{phase: Bound}}}}"),
    ("StorageClass", "{provisioner: a.example/b, parameters: {a: ''}, allowedTopologies: []}"),
    ("StorageClass", ("{provisioner: a, allowedTopologies: [{matchLabelExpressions: [{key: a, values: [b]}]}, "
     "{matchLabelExpressions: [{key: a, values: [c]}]}]}")),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1}}, "
     "status: {acceptedNames: {kind: '', plural: ''}, conditions: [], storedVersions: []}}")),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, versions: [{{name: v1, served: false, storage: true}}, "
     "{name: v2, served: true, storage: false}]}}")),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, subresources: {{status: {{}}}}, validation: {{openAPIV3Schema: "
     "{type: object, required: [a], properties: {default: {type: string}, id: {items: {}}, "
     "a: {properties: {b: {}}, additionalProperties: true}, b: {additionalProperties: {enum: [1]}}}}}}}")),
    ("ConfigMap", "{data: {a: b}, binaryData: {c: YQ==}}"),
    ("ConfigMap", "{}"),
    ("Secret", "{type: example.com/own}"),
    ("Secret", "{type: kubernetes.io/tls, stringData: {tls.crt: '', tls.key: ''}}"),
    ("Secret", "{type: kubernetes.io/basic-auth, data: {password: ''}}"),
    ("Secret", "{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: e30=}}"),
    ("Secret", "{type: kubernetes.io/service-account-token, metadata: {name: a, annotations: {kubernetes.io/service-account.name: a}}}"),
    ("ServiceAccount", "{metadata: {generateName: a-, namespace: b}}"),
]  # fmt: skip
WRONG = [
    ("ServiceAccount", "{metadata: {labels: {a: b}}}", "CSI112", "error", "/metadata"),
    ("ServiceAccount", "{metadata: {generateName: ''}}", "CSI112", "error", "/metadata"),
    ("PersistentVolume", f"{{spec: {{{PV}, csi: {{driver: a, volumeHandle: b}}, storageClassName: A}}}}", "CSI115", "error",
     "/spec/storageClassName"),
    ("RoleBinding", f"{{subjects: [{{kind: ServiceAccount, name: A, namespace: a}}], {REF}}}", "CSI115", "error",
     "/subjects/0/name"),
    ("ClusterRole", "{rules: [{verbs: [get]}]}", "CSI171", "error", "/rules/0"),
    ("ClusterRole", "{rules: [{apiGroups: [''], resources: [], verbs: [get]}]}", "CSI171", "error", "/rules/0"),
    ("Role", "{rules: [{nonResourceURLs: [/a], verbs: [get]}]}", "CSI172", "error", "/rules/0/nonResourceURLs"),
    ("ClusterRole", "{aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: NotIn}]}]}, rules: []}",
     "CSI162", "error", "/aggregationRule/clusterRoleSelectors/0/matchExpressions/0/values"),
    ("Service", "{}", "CSI180", "error", "/spec"),
    ("Service", "{spec: {ports: [{name: a, port: 1}, {name: a, port: 2}]}}", "CSI181", "error", "/spec/ports/1/name"),
    ("Service", "{spec: {ports: [{name: a, port: 1}, {name: b, port: 1, protocol: TCP}]}}", "CSI181", "error",
     "/spec/ports/1/port"),
    ("Service", "{spec: {type: NodePort, ports: [{name: a, port: 1, nodePort: 30000}, {name: b, port: 2, nodePort: 30000}]}}",
     "CSI181", "error", "/spec/ports/1/nodePort"),
    ("Service", "{spec: {type: LoadBalancer, clusterIP: None, ports: [{port: 1}]}}", "CSI182", "error", "/spec/clusterIP"),
    ("Service", "{spec: {externalTrafficPolicy: Local, ports: [{port: 1}]}}", "CSI182", "error",
     "/spec/externalTrafficPolicy"),
    ("Service", "{spec: {type: ExternalName, externalName: a, clusterIP: 10.0.0.1}}", "CSI182", "error", "/spec/clusterIP"),
    ("Service", "{spec: {type: ExternalName, externalName: a_b}}", "CSI183", "error", "/spec/externalName"),
    ("Service", "{spec: {clusterIP: none, ports: [{port: 1}]}}", "CSI183", "error", "/spec/clusterIP"),
    ("PersistentVolumeClaim", "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}}", "CSI186",
     "error", "/spec/resources/requests/storage"),
    ("PersistentVolume", "{spec: {capacity: {storage: -1}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}", "CSI187",
     "error", "/spec/capacity/storage"),
    ("PersistentVolume", "{spec: {capacity: {storage: 1}, hostPath: {path: /a}}}", "CSI187", "error", "/spec/accessModes"),
    ("PersistentVolume", f"{{spec: {{{PV}}}}}", "CSI188", "error", "/spec"),
    ("PersistentVolume", f"{{spec: {{{PV}, local: {{path: /a}}}}}}", "CSI188", "error", "/spec/nodeAffinity"),
    ("PersistentVolume", f"{{spec: {{{PV}, hostPath: {{path: /a}}, nodeAffinity: {{}}}}}}", "CSI188", "error",
     "/spec/nodeAffinity/required"),
    ("PersistentVolume", f"{{spec: {{{PV}, hostPath: {{path: /a/..}}}}}}", "CSI188", "error", "/spec/hostPath/path"),
    ("PersistentVolume", f"{{spec: {{{PV}, csi: {{driver: a, volumeHandle: b, nodePublishSecretRef: {{name: a}}}}}}}}", "CSI188",
     "error", "/spec/csi/nodePublishSecretRef"),
    ("StorageClass", f"{{provisioner: a, parameters: {{a: {'b' * (MIB // 4)}}}}}", "CSI190", "error", "/parameters"),
    ("StorageClass", "{provisioner: a, parameters: {" + ", ".join(f"a{n}: ''" for n in range(513)) + "}}", "CSI190",
     "error", "/parameters"),
    ("StorageClass", "{provisioner: a, allowedTopologies: [{}]}", "CSI191", "error",
     "/allowedTopologies/0/matchLabelExpressions"),
    ("StorageClass", "{provisioner: a, allowedTopologies: [{matchLabelExpressions: [{key: a, values: [b, b]}]}]}", "CSI191",
     "error", "/allowedTopologies/0/matchLabelExpressions/0/values/1"),
    ("StorageClass", ("{provisioner: a, allowedTopologies: [{matchLabelExpressions: [{key: a, values: [b]}]}, "
     "{matchLabelExpressions: [{key: a, values: [b]}]}]}"), "CSI191", "error",
     "/allowedTopologies/1/matchLabelExpressions"),
    ("CustomResourceDefinition", f"{{spec: {{{CRD}}}}}", "CSI193", "error", "/spec"),
    ("CustomResourceDefinition", f"{{spec: {{{CRD}, version: v2, versions: [{{name: v1, served: true, storage: true}}]}}}}",
     "CSI193", "error", "/spec/version"),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, subresources: {{status: {{}}}}, "
     "validation: {openAPIV3Schema: {anyOf: [{}]}}}}"), "CSI195", "error", "/spec/validation/openAPIV3Schema/anyOf"),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, validation: {{openAPIV3Schema: "
     "{properties: {a/b: {items: [{}]}}}}}}"), "CSI195", "error",
     "/spec/validation/openAPIV3Schema/properties/a~1b/items"),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, validation: {{openAPIV3Schema: "
     "{anyOf: [{not: {additionalProperties: {uniqueItems: true}}}]}}}}"), "CSI195", "error",
     "/spec/validation/openAPIV3Schema/anyOf/0/not/additionalProperties/uniqueItems"),
    ("CustomResourceDefinition", (f"{{spec: {{{CRD}, version: v1, "
     "subresources: {scale: {specReplicasPath: .replicas, statusReplicasPath: .status.replicas}}}}"), "CSI199", "error",
     "/spec/subresources/scale/specReplicasPath"),
    ("Secret", "{type: kubernetes.io/tls, data: {tls.crt: ''}}", "CSI198", "error", "/type"),
    ("Secret", "{type: kubernetes.io/ssh-auth, data: {ssh-privatekey: ''}}", "CSI198", "error", "/type"),
    ("Secret", "{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: W10=}}", "CSI198", "error",
     "/data/.dockerconfigjson"),
    ("Secret", "{type: kubernetes.io/service-account-token}", "CSI198", "error", "/metadata/annotations"),
]  # fmt: skip


def completed(kind: str, body: str) -> dict[str, Any]:
    return of_kind(kind, body, "as.x.example" if kind == "CustomResourceDefinition" else "a")


@pytest.mark.parametrize(("kind", "body"), RIGHT)
def test_objects_that_a_server_takes(kind: str, body: str) -> None:
    assert said(completed(kind, body)) == []


@pytest.mark.parametrize(("kind", "body", "code", "severity", "pointer"), WRONG)
def test_objects_that_are_wrong(kind: str, body: str, code: str, severity: str, pointer: str) -> None:
    assert said(completed(kind, body)) == [(code, severity, pointer)]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (MIB // 4, []),
        (MIB // 4 + 1, [("CSI197", "warning", "/data")]),
        (MIB, [("CSI197", "warning", "/data")]),
        (MIB + 1, [("CSI197", "error", "/data")]),
    ],
)
def test_how_much_fits_into_a_config_map(size: int, expected: list[Any]) -> None:
    manifest = completed("ConfigMap", "{}")
    assert said({**manifest, "data": {"a": "b" * size}}) == expected


def test_bytes_count_as_what_they_decode_to() -> None:
    manifest = completed("Secret", "{}")
    assert said({**manifest, "data": {"a": "QUFB" * (MIB // 3)}}) == [("CSI197", "warning", "/data")]
    assert said({**manifest, "data": {"a": "QUFB" * (MIB // 3 + 1)}}) == [("CSI197", "error", "/data")]
