"""The grammar of single values, as findings: what a server takes has none, what it refuses has its code."""

from __future__ import annotations

import pytest
from one_object import container, of_kind, said

CLAIM = "accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}"

RIGHT = [
    *(
        ("PersistentVolumeClaim", f"{{spec: {{{CLAIM % size}}}}}")
        for size in ("1", "1Gi", "1e9", "'0.5Gi'", "1.5", "+1M", "'1E'")
    ),
    ("ClusterRole", "{metadata: {name: 'system:csi:A_b'}, rules: []}"),
    (
        "ServiceAccount",
        "{metadata: {name: a.b-c, namespace: '', labels: {a.b/C_d: '', e: A_b.c}, creationTimestamp: null}}",
    ),
    ("ServiceAccount", "{metadata: {name: a, annotations: {A.b/C: 'any: text', d: ''}}}"),
    ("StorageClass", "{provisioner: kubernetes.io/aws-ebs, reclaimPolicy: ''}"),
    ("StorageClass", "{provisioner: Hostpath.csi.k8s.io}"),
    ("Service", "{spec: {ports: [{port: 65535, targetPort: http-2}]}}"),
    ("ConfigMap", "{data: {.a-b_C.1: c}, binaryData: {}}"),
    ("Secret", "{data: {a: '', b: YQ==}, type: ''}"),
]
WRONG = [
    *(("PersistentVolumeClaim", f"{{spec: {{{CLAIM % size}}}}}", "CSI104", "/spec/resources/requests/storage")
      for size in ("1GB", "'1 Gi'", "1gi", "''", "1Gi2", "'0x1'")),
    ("PersistentVolumeClaim", "{spec: {accessModes: [RWO], resources: {requests: {storage: 1}}}}", "CSI103",
     "/spec/accessModes/0"),
    ("PersistentVolumeClaim", "{spec: {accessModes: ReadWriteOnce, resources: {requests: {storage: 1}}}}", "CSI101",
     "/spec/accessModes"),
    ("ServiceAccount", "{metadata: {name: A}}", "CSI105", "/metadata/name"),
    ("ServiceAccount", "{metadata: {name: a-}}", "CSI105", "/metadata/name"),
    ("Service", "{metadata: {name: 1a}, spec: {ports: [{port: 1}]}}", "CSI105", "/metadata/name"),
    ("ClusterRole", "{metadata: {name: a/b}, rules: []}", "CSI105", "/metadata/name"),
    ("ServiceAccount", "{metadata: {name: a, labels: {a: b c}}}", "CSI106", "/metadata/labels/a"),
    ("ServiceAccount", "{metadata: {name: a, namespace: a.b}}", "CSI105", "/metadata/namespace"),
    ("Service", "{spec: {ports: [{port: 0}]}}", "CSI107", "/spec/ports/0/port"),
    ("Service", "{spec: {ports: [{port: 80, targetPort: a-name-too-long-for-it}]}}", "CSI107", "/spec/ports/0/targetPort"),
    ("ConfigMap", "{data: {a/b: c}}", "CSI109", "/data/a~1b"),
    ("Secret", "{data: {a: YQ}}", "CSI109", "/data/a"),
    ("StorageClass", "{provisioner: a/b/c}", "CSI110", "/provisioner"),
    ("StorageClass", "{provisioner: a, reclaimPolicy: Recycle}", "CSI103", "/reclaimPolicy"),
    ("StorageClass", "{}", "CSI111", "/provisioner"),
    ("StorageClass", "{provisioner: a, parameter: {}}", "CSI102", "/parameter"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), RIGHT)
def test_values_that_a_server_takes(kind: str, body: str) -> None:
    assert said(of_kind(kind, body)) == []


@pytest.mark.parametrize(("kind", "body", "code", "pointer"), WRONG)
def test_values_that_are_wrong(kind: str, body: str, code: str, pointer: str) -> None:
    assert said(of_kind(kind, body)) == [(code, "error", pointer)]


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ("{ports: [{containerPort: 65536}]}", "CSI107", "/ports/0/containerPort"),
        ("{ports: [{containerPort: 80, name: HTTP}]}", "CSI107", "/ports/0/name"),
        ("{env: [{name: 1A, value: a}]}", "CSI109", "/env/0/name"),
        ("{imagePullPolicy: always}", "CSI103", "/imagePullPolicy"),
        ("{name: A}", "CSI105", "/name"),
    ],
)
def test_values_in_containers(body: str, code: str, pointer: str) -> None:
    assert said(container(body)) == [(code, "error", f"/spec/containers/0{pointer}")]
