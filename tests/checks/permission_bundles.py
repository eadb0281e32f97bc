"""What the tests of permissions share: bundles in which an account may do something else, and what is said of them."""

from __future__ import annotations

from typing import Any, Final

from csi_manifests import Bundle, Finding, check, release
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.rbac_v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    RoleBinding,
    RoleRef,
    Subject,
)

RELEASE = release("1.13")
PROVISIONER = ("external-provisioner-runner", "csi-hostpath-provisioner")
ATTACHER = ("external-attacher-runner", "csi-hostpath-attacher")
SNAPSHOTTER = ("external-snapshotter-runner", "csi-hostpath-snapshotter")
SNAPSHOT = "snapshot.storage.k8s.io"
RBAC: Final = "rbac.authorization.k8s.io"

Who = tuple[str, str]


def found(bundle: Bundle) -> list[Finding]:
    """Return what the rules about permissions say."""
    return [finding for finding in check(bundle, RELEASE) if finding.code in {"CSI450", "CSI451", "CSI452"}]


def only(bundle: Bundle) -> Finding:
    (finding,) = found(bundle)
    return finding


def summary(bundle: Bundle) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in found(bundle)]


def without_verb(bundle: Bundle, role: str, group: str, resource: str, verb: str) -> Bundle:
    def change(found: ClusterRole) -> None:
        hits = [rule for rule in found.rules or () if rule.api_groups == [group] and rule.resources == [resource]]
        assert len(hits) == 1
        assert verb in hits[0].verbs
        hits[0].verbs = [other for other in hits[0].verbs if other != verb]

    return bundle.edit(ClusterRole, role, change)


def with_args(bundle: Bundle, workload: str, *args: str) -> Bundle:
    def change(found: StatefulSet) -> None:
        container = found.spec.template.spec.containers[0]
        container.args = [*(container.args or []), *args]

    return bundle.edit(StatefulSet, workload, change)


def rule(group: str, resource: str, verbs: str, names: list[str] | None = None) -> PolicyRule:
    return PolicyRule(api_groups=[group], resources=[resource], verbs=verbs.split(), resource_names=names)


def account(name: str, namespace: str | None = "default") -> Subject:
    return Subject(kind="ServiceAccount", name=name, namespace=namespace)


def cluster_wide(name: str, subject: Subject, role: str) -> ClusterRoleBinding:
    reference = RoleRef(kind="ClusterRole", name=role, api_group=RBAC)
    return ClusterRoleBinding(metadata=ObjectMeta(name=name), subjects=[subject], role_ref=reference)


def in_namespace(name: str, namespace: str, subject: Subject, role: str, kind: Any = "ClusterRole") -> RoleBinding:
    reference = RoleRef(kind=kind, name=role, api_group=RBAC)
    return RoleBinding(metadata=ObjectMeta(name=name, namespace=namespace), subjects=[subject], role_ref=reference)


def set_rules(bundle: Bundle, role: str, *rules: PolicyRule) -> Bundle:
    def change(found: ClusterRole) -> None:
        found.rules = list(rules)

    return bundle.edit(ClusterRole, role, change)
