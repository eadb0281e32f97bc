"""Fields of later releases that need a feature gate while it is off, and no longer."""

from __future__ import annotations

import pytest
from object_texts import claim, object_text, pod

from csi_manifests import check, load, release


def driver(spec: str, version: str = "v1") -> str:
    return object_text(f"storage.k8s.io/{version}", "CSIDriver", "d") + f"spec: {{{spec}}}\n"


def volume(spec: str, modes: str = "ReadWriteOnce") -> str:
    said = f"capacity: {{storage: 1Gi}}, accessModes: [{modes}], {spec}"
    return object_text("v1", "PersistentVolume", "v") + f"spec: {{{said}}}\n"


def storage_class(provisioner: str) -> str:
    head = object_text("storage.k8s.io/v1", "StorageClass", "c")
    return f"{head}provisioner: {provisioner}\nallowVolumeExpansion: true\n"


def findings(text: str, kubernetes: str) -> list[str]:
    found = check(load(text), release(kubernetes))
    assert [str(each) for each in found if each.code in {"CSI101", "CSI102"}] == []
    return [f"{each.severity} {each.pointer}" for each in found if each.code == "CSI314"]


CSI = "csi: {driver: d, volumeHandle: h"
SECRET = "{name: s, namespace: default}"
CASES = {
    # What needs a gate, a release in which that is off, one in which it is on (if any), the pointer.
    "a policy": (driver("fsGroupPolicy: File"), "1.19", "1.20", "/spec/fsGroupPolicy"),
    "room": (driver("storageCapacity: true"), "1.20", "1.21", "/spec/storageCapacity"),
    "tokens": (driver("tokenRequests: [{audience: a}]"), "1.20", "1.21", "/spec/tokenRequests"),
    "mounting again": (driver("requiresRepublish: true"), "1.20", "1.21", "/spec/requiresRepublish"),
    "labels": (driver("seLinuxMount: true"), "1.27", "1.28", "/spec/seLinuxMount"),
    "a count": (
        driver("nodeAllocatableUpdatePeriodSeconds: 60"),
        "1.34",
        "1.35",
        "/spec/nodeAllocatableUpdatePeriodSeconds",
    ),
    "one pod": (claim("c").replace("[ReadWriteOnce]", "[ReadWriteOncePod]"), "1.22", "1.27", "/spec/accessModes"),
    "a clone": (
        claim("c", spec="dataSource: {kind: PersistentVolumeClaim, name: a}"),
        "1.15",
        "1.16",
        "/spec/dataSource/kind",
    ),
    "any source": (
        claim("c", spec="dataSourceRef: {kind: Pool, name: a, apiGroup: example.com}"),
        "1.22",
        "1.24",
        "/spec/dataSourceRef",
    ),
    "a source elsewhere": (
        claim("c", spec="dataSourceRef: {kind: Pool, name: a, apiGroup: example.com, namespace: b}"),
        "1.30",
        "",
        "/spec/dataSourceRef/namespace",
    ),
    "attributes": (claim("c", spec="volumeAttributesClassName: a"), "1.31", "1.34", "/spec/volumeAttributesClassName"),
    "a volume for one pod": (volume(f"{CSI}}}", "ReadWriteOncePod"), "1.22", "1.27", "/spec/accessModes"),
    "a secret to grow": (
        volume(f"{CSI}, controllerExpandSecretRef: {SECRET}}}"),
        "1.15",
        "1.16",
        "/spec/csi/controllerExpandSecretRef",
    ),
    "a secret to grow on the node": (
        volume(f"{CSI}, nodeExpandSecretRef: {SECRET}}}"),
        "1.25",
        "1.27",
        "/spec/csi/nodeExpandSecretRef",
    ),
    "attributes of a volume": (
        volume(f"volumeAttributesClassName: a, {CSI}}}"),
        "1.31",
        "1.34",
        "/spec/volumeAttributesClassName",
    ),
    "growing": (storage_class("driver.example.com"), "1.15", "1.16", "/allowVolumeExpansion"),
    "a volume without a claim": (
        pod("p", "volumes: [{name: v, csi: {driver: d}}]"),
        "1.15",
        "1.16",
        "/spec/volumes/0/csi",
    ),
    "a claim within a pod": (
        pod(
            "p",
            "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: "
            "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]",
        ),
        "1.20",
        "1.21",
        "/spec/volumes/0/ephemeral",
    ),
}


@pytest.mark.parametrize(("text", "off", "on", "pointer"), CASES.values(), ids=CASES)
def test_a_gate_is_needed_as_long_as_it_is_off(text: str, off: str, on: str, pointer: str) -> None:
    assert f"info {pointer}" in findings(text, off)
    assert not on or findings(text, on) == []


TURNED_OFF = {
    "CSIDriverRegistry": (driver("attachRequired: false", "v1beta1"), "1.14", "/spec"),
    "CSIInlineVolume": (
        driver("volumeLifecycleModes: [Persistent, Ephemeral]", "v1beta1"),
        "1.16",
        "/spec/volumeLifecycleModes",
    ),
    "CSIVolumeFSGroupPolicy": (driver("fsGroupPolicy: File"), "1.20", "/spec/fsGroupPolicy"),
    "CSIServiceAccountTokenSecrets": (
        driver("serviceAccountTokenInSecrets: true"),
        "1.35",
        "/spec/serviceAccountTokenInSecrets",
    ),
}


@pytest.mark.parametrize(("gate", "case"), TURNED_OFF.items(), ids=TURNED_OFF)
def test_a_gate_that_is_on_by_default_may_be_turned_off(gate: str, case: tuple[str, str, str]) -> None:
    text, kubernetes, pointer = case
    server = pod("kube-apiserver").replace("a, image: 'example.com/", "kube-apiserver, image: 'k8s.gcr.io/")
    server = server.replace(":1'", f":v{kubernetes}.0', command: [kube-apiserver, --feature-gates={gate}=false]")
    assert findings(text, kubernetes) == []
    assert findings(text + server, kubernetes) == [f"error {pointer}"]
