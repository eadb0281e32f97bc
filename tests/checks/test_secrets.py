"""Secrets that classes name, and secrets in plain sight: one defect each, and what must not alarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csi_manifests import Bundle, Finding, Setup, build, check, load, release
from csi_manifests.setup.parts import SecretRef, SnapshotClassSetup, StorageClassSetup, StorageSecrets

RELEASE = release("1.13")
ARTICLE = Path(__file__).parent.parent / "article"
PREFIX = "csi.storage.k8s.io/"
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: class}
provisioner: driver
"""
SNAPSHOT_CLASS = """\
apiVersion: snapshot.storage.k8s.io/v1alpha1
kind: VolumeSnapshotClass
metadata: {name: class}
snapshotter: driver
"""
SIDECARS = """\
---
apiVersion: v1
kind: Pod
metadata: {{name: sidecars}}
spec:
  containers:
  - {{name: csi-provisioner, image: "quay.io/k8scsi/csi-provisioner:{0}", args: [--provisioner=driver]}}
  - {{name: csi-snapshotter, image: "quay.io/k8scsi/csi-snapshotter:{0}", args: [--snapshotter=driver]}}
"""


def found(bundle: Bundle) -> list[Finding]:
    return [finding for finding in check(bundle, RELEASE) if "CSI460" <= finding.code < "CSI470"]


def parameters(head: str, given: dict[str, str], version: str) -> Bundle:
    lines = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in given.items())
    return load(f"{head}parameters:\n{lines}{SIDECARS.format(version) if version else ''}")


def old(call: str, name: str = "a", namespace: str = "b") -> dict[str, str]:
    return {f"csi{call}SecretName": name, f"csi{call}SecretNamespace": namespace}


def new(call: str, name: str = "a", namespace: str = "b") -> dict[str, str]:
    return {f"{PREFIX}{call}-secret-name": name, f"{PREFIX}{call}-secret-namespace": namespace}


def first(given: dict[str, str]) -> dict[str, str]:
    return dict(list(given.items())[:1])


def last(given: dict[str, str]) -> dict[str, str]:
    return dict(list(given.items())[1:])


OLD_CALLS = ("Provisioner", "ControllerPublish", "NodeStage", "NodePublish")
NEW_CALLS = ("provisioner", "controller-publish", "node-stage", "node-publish", "controller-expand", "node-expand")
WRONG = [
    *((CLASS, part(old(call)), "v0.4.1", "CSI460", "error") for call in OLD_CALLS for part in (first, last)),
    *((CLASS, part(new(call)), "v1.0.1", "CSI460", "error") for call in NEW_CALLS for part in (first, last)),
    (SNAPSHOT_CLASS, first(old("Snapshotter")), "", "CSI460", "error"),
    (SNAPSHOT_CLASS, last(new("snapshotter")), "", "CSI460", "error"),
    (CLASS, old("Provisioner", namespace=""), "", "CSI460", "error"),
    (CLASS, {**old("Provisioner"), **new("provisioner")}, "", "CSI460", "error"),
    (CLASS, new("provisioner"), "v0.4.1", "CSI461", "error"),
    (SNAPSHOT_CLASS, new("snapshotter"), "v0.4.1", "CSI461", "error"),
    (CLASS, new("controller-expand"), "v0.4.1", "CSI461", "error"),
    (CLASS, old("NodeStage"), "v1.0.1", "CSI461", "warning"),
    (SNAPSHOT_CLASS, old("Snapshotter"), "v1.0.1", "CSI461", "warning"),
    (CLASS, {f"{PREFIX}fsType": "ext4"}, "", "CSI462", "warning"),
    (CLASS, {f"{PREFIX}fsType": "ext4"}, "v1.0.1", "CSI462", "error"),
    (CLASS, {f"{PREFIX}snapshotter-secret-name": "a"}, "", "CSI462", "warning"),
    (SNAPSHOT_CLASS, new("provisioner"), "", "CSI462", "warning"),
    (CLASS, old("Provisioner", name="${pvc.name}"), "v0.4.1", "CSI463", "error"),
    (CLASS, old("Provisioner", namespace="${pvc.namespace}"), "v0.4.1", "CSI463", "error"),
    (CLASS, old("NodeStage", namespace="${pvc.name}"), "", "CSI463", "error"),
    (CLASS, old("NodeStage", namespace="${pvc.annotations['a']}"), "", "CSI463", "error"),
    (CLASS, new("provisioner", name="${pvc.nmae}"), "", "CSI463", "error"),
    (CLASS, new("provisioner", name="x-$pod"), "", "CSI463", "error"),
    (SNAPSHOT_CLASS, old("Snapshotter", name="${pvc.name}"), "", "CSI463", "error"),
    (SNAPSHOT_CLASS, old("Snapshotter", namespace="${volumesnapshot.name}"), "", "CSI463", "error"),
    (SNAPSHOT_CLASS, old("Snapshotter", namespace="${volumesnapshot.namespace}"), "v0.4.1", "CSI463", "warning"),
]
RIGHT = [
    *((CLASS, old(call), "v0.4.1") for call in OLD_CALLS),
    *((CLASS, new(call), "v1.0.1") for call in NEW_CALLS),
    *((CLASS, new(call), "") for call in NEW_CALLS),
    (CLASS, old("NodePublish"), ""),
    (CLASS, old("NodePublish"), "canary"),
    (CLASS, {"type": "pd-ssd", "secret": "a", "clusterSecret": "b"}, "v0.4.1"),
    (CLASS, {f"{PREFIX}fstype": "xfs"}, "v1.0.1"),
    (SNAPSHOT_CLASS, old("Snapshotter"), "v0.4.1"),
    (SNAPSHOT_CLASS, new("snapshotter"), "v1.0.1"),
    (SNAPSHOT_CLASS, new("snapshotter-list"), ""),
    (CLASS, old("Provisioner", "x-${pv.name}", "${pv.name}"), "v0.4.1"),
    (CLASS, old("NodePublish", "${pvc.annotations['a/b']}", "${pvc.namespace}"), "v0.4.1"),
    (CLASS, new("provisioner", "${pvc.name}", "${pvc.namespace}"), "v1.0.1"),
    (SNAPSHOT_CLASS, old("Snapshotter", "${volumesnapshotcontent.name}", "a"), "v0.4.1"),
    (SNAPSHOT_CLASS, new("snapshotter", "${volumesnapshot.name}", "${volumesnapshot.namespace}"), ""),
]


@pytest.mark.parametrize(("head", "given", "version", "code", "severity"), WRONG)
def test_one_defect(head: str, given: dict[str, str], version: str, code: str, severity: str) -> None:
    findings = found(parameters(head, given, version))
    assert {(finding.code, finding.severity) for finding in findings} == {(code, severity)}
    assert all(finding.pointer.startswith("/parameters/") for finding in findings)


@pytest.mark.parametrize(("head", "given", "version"), RIGHT)
def test_nothing_is_wrong(head: str, given: dict[str, str], version: str) -> None:
    assert found(parameters(head, given, version)) == []


def test_near_misses_are_named() -> None:
    (finding,) = found(parameters(CLASS, {f"{PREFIX}fsType": "ext4"}, ""))
    assert f"Did you mean '{PREFIX}fstype'?" in finding.message


def test_secrets_of_the_bundle() -> None:
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: creds, namespace: storage}\n"
    bundle = parameters(CLASS, old("Provisioner", "creds", "storage"), "")
    assert found(bundle) == []
    assert found(bundle.merge(load(secret))) == []
    (finding,) = found(bundle.merge(load(secret.replace("creds", "cred"))))
    assert (finding.code, finding.severity) == ("CSI464", "info")
    assert "Did you mean 'storage/cred'?" in finding.message
    template = parameters(CLASS, old("NodeStage", "${pvc.name}", "storage"), "")
    assert found(template.merge(load(secret))) == []


def test_the_article_and_ours() -> None:
    assert found(Bundle(item for file in sorted(ARTICLE.glob("*.yaml")) for item in load(file).items)) == []
    assert found(build()) == []
    secret = SecretRef(name="a", namespace="b")
    all_secrets = StorageSecrets(provisioner=secret, controller_publish=secret, node_stage=secret, node_publish=secret)
    setup = Setup(
        storage_class=StorageClassSetup(secrets=all_secrets), snapshot_class=SnapshotClassSetup(secret=secret)
    )
    assert found(build(setup)) == []


POD = """\
apiVersion: {0}
kind: Pod
metadata: {{name: driver}}
spec:
  containers:
  - name: driver
    image: example/driver:v1
    {1}
"""
PLAIN = [
    "env: [{name: REST_SECRET, value: hunter2}]",
    "env: [{name: DB_PASSWORD, value: '12345678'}]",
    "env: [{name: adminPassword, value: supersecret}]",
    "env: [{name: AWS_SECRET_ACCESS_KEY, value: wJalrXUtnFEMI}]",
    "env: [{name: API_KEY, value: abcdef}]",
    "env: [{name: apikey, value: abcdef}]",
    "env: [{name: TOKEN, value: eyJhbGciOi}]",
    "args: [--restsecret=hunter2]",
    "args: [--password, hunter2]",
    "args: [-token=eyJhbGciOi]",
    "command: [/driver, --api-key=abcdef]",
]
HARMLESS = [
    "env: [{name: REST_SECRET, valueFrom: {secretKeyRef: {name: a, key: b}}}]",
    "env: [{name: REST_SECRET, value: ''}]",
    "env: [{name: REST_SECRET}]",
    "env: [{name: SECRET_NAME, value: creds}]",
    "env: [{name: SECRET_NAMESPACE, value: storage}]",
    "env: [{name: PASSWORD_FILE, value: creds.txt}]",
    "env: [{name: TOKEN_PATH, value: token}]",
    "env: [{name: KEYRING, value: /etc/ceph/keyring}]",
    "env: [{name: TOKEN, value: /var/run/secrets/token}]",
    "env: [{name: PASSWORD, value: $(FROM_SECRET)}]",
    "env: [{name: PASSWORD, value: '{{ .Values.password }}'}]",
    "env: [{name: PASSWORD, value: <password>}]",
    "env: [{name: SECRET, value: csi-rbd-secret}]",
    "env: [{name: USE_TOKEN, value: 'true'}]",
    "env: [{name: REFRESH_TOKEN, value: 30s}]",
    "env: [{name: TOKEN_TTL, value: 3600s}]",
    "env: [{name: SECRETARY, value: bob}]",
    "args: [--csiProvisionerSecretName=creds]",
    "args: [--restsecret=$(REST_SECRET)]",
    "args: [--password-file=/etc/password]",
    "args: [--token-ttl, 10m]",
    "args: [--use-token, --v=5]",
]


@pytest.mark.parametrize("field", PLAIN)
def test_secrets_in_plain_sight(field: str) -> None:
    (finding,) = found(load(POD.format("v1", field)))
    assert (finding.code, finding.severity) == ("CSI465", "warning")
    assert not any(value in str(finding) for value in ("hunter2", "12345678", "supersecret", "wJalr", "abcdef", "eyJ"))
    (finding,) = found(load(POD.format("v1", field).replace("image: ", "imagge: ")))
    assert finding.code == "CSI465"


@pytest.mark.parametrize("field", HARMLESS)
def test_what_is_no_secret(field: str) -> None:
    assert found(load(POD.format("v1", field))) == []


def test_config_maps() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {url: 'http://a', ospassword: opensds@123}\n"
    (finding,) = found(load(text))
    assert (finding.code, finding.pointer) == ("CSI465", "/data/ospassword")
    assert "opensds" not in finding.message
    assert found(load(text.replace("ospassword: opensds@123", "ospassword: ''"))) == []
    assert found(load(text.replace("ospassword: opensds@123", "secret: creds"))) != []
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: creds}\n"
    assert found(load(text.replace("ospassword: opensds@123", "secret: creds") + secret)) == []
