"""What sidecars 0.4 need, verb by verb and condition by condition, and what must not alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from permission_bundles import (
    ATTACHER,
    PROVISIONER,
    SNAPSHOT,
    SNAPSHOTTER,
    Who,
    account,
    found,
    in_namespace,
    only,
    rule,
    set_rules,
    summary,
    with_args,
    without_verb,
)

from csi_manifests import Bundle, Setup, build, load
from csi_manifests.models.apps_v1 import DaemonSet, StatefulSet
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.rbac_v1 import (
    ClusterRole,
    PolicyRule,
    Role,
    RoleBinding,
)
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotContent
from csi_manifests.setup.parts import (
    AttacherSetup,
    ProvisionerSetup,
    SecretRef,
    SnapshotClassSetup,
    StorageClassSetup,
    StorageSecrets,
)

ARTICLE = Path(__file__).parent.parent / "article"


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
        found.rules = [*(found.rules or ()), PolicyRule.from_dict(added)]

    assert found(bundle.edit(ClusterRole, role, mend)) == []


@pytest.mark.parametrize(("who", "group", "resource", "verb"), UNUSED)
def test_verbs_that_v0_4_1_does_not_use_here(who: Who, group: str, resource: str, verb: str) -> None:
    assert found(without_verb(build(), who[0], group, resource, verb)) == []


def test_all_that_the_article_allows_is_judged() -> None:
    judged = {(who[0], group, resource, verb) for who, group, resource, verb in [*NEEDED, *USEFUL, *UNUSED]}
    allowed = {
        (role.name, group, resource, verb)
        for role in build().all(ClusterRole)
        for entry in role.rules or ()
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


@pytest.mark.parametrize("rbac", ["full", "minimal"])
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
        metadata=ObjectMeta(name="lock", namespace="locks"), rules=[*(role.rules or ()), rule("", "events", "create")]
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
    kept = [entry for entry in bundle.get(ClusterRole, role).rules or () if entry.resources != ["secrets"]]
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
        lambda found: setattr(found.spec.template.spec.containers[0], "args", ["--provisioner=csi-hostpath"]),
    )
    assert not any("secrets" in finding.message for finding in found(other))


def test_nodes_for_volumes_that_wait_for_a_pod() -> None:
    bundle = build(Setup(storage_class=StorageClassSetup(volume_binding_mode="WaitForFirstConsumer")))
    assert not found(bundle)
    finding = only(without_verb(bundle, PROVISIONER[0], "", "nodes", "get"))
    assert finding.severity == "warning"
    assert "get nodes" in finding.message


def test_topology() -> None:
    finding = only(with_args(build(), PROVISIONER[1], "--feature-gates=Topology=true"))
    assert finding.severity == "warning"
    assert "get list nodes; get list csinodeinfos.csi.storage.k8s.io" in finding.message
