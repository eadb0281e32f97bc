"""Roles, and what a binding makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import definitions
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kinds
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding
from csi_manifests.text.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_ANY = "*"
# With these a server asks about an object as a whole. The others (use, bind, escalate, impersonate ...) it asks in the
# namespace of what is being made, where a RoleBinding does count.
_VERBS = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", _ANY}


@rule(
    "CSI206",
    "cluster-binding-to-role",
    "a ClusterRoleBinding refers to a ClusterRole",
    ClusterRoleBinding,
    fix="Name a ClusterRole, or make it a RoleBinding in the Role's namespace.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-provisioner-role}
  subjects: [{kind: ServiceAccount, name: csi-provisioner, namespace: default}]
- roleRef: {kind: Role, name: external-provisioner-runner, apiGroup: rbac.authorization.k8s.io}
+ roleRef: {kind: ClusterRole, name: external-provisioner-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-provisioner, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-provisioner-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get, create]}]
""",
)
def cluster_role_binding_gives_cluster_role(binding: ClusterRoleBinding, _: Context) -> Iterator[Problem]:
    """A Role belongs to one namespace and cannot be given in all: the API server refuses the binding."""
    if binding.role_ref.kind == "Role":
        yield Problem(
            "/roleRef/kind", f"Role {binding.role_ref.name!r} is of one namespace, this binding is of the whole cluster"
        )


@rule(
    "CSI207",
    "account-without-namespace",
    "a ServiceAccount in a ClusterRoleBinding has a namespace",
    ClusterRoleBinding,
    fix="Add the namespace of the account.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-provisioner-role}
- subjects: [{kind: ServiceAccount, name: csi-provisioner}]
+ subjects: [{kind: ServiceAccount, name: csi-provisioner, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-provisioner-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-provisioner, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-provisioner-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get, create]}]
""",
)
def account_has_namespace(binding: ClusterRoleBinding, _: Context) -> Iterator[Problem]:
    """The same name may be an account in every namespace: the API server refuses the binding.

    In a RoleBinding it may be left out, and then means that of the binding.
    """
    for number, subject in enumerate(binding.subjects or ()):
        if subject.kind == "ServiceAccount" and not subject.namespace:
            yield Problem(f"/subjects/{number}", f"ServiceAccount {subject.name!r} has no namespace")


@rule(
    "CSI208",
    "cluster-resource-in-role",
    "a Role allows only what is in a namespace",
    Role,
    severity="warning",
    fix="Move these resources to a ClusterRole and bind it with a ClusterRoleBinding.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: external-provisioner, namespace: default}
- rules: [{apiGroups: [""], resources: [endpoints, persistentvolumes], verbs: [get, create]}]
+ rules: [{apiGroups: [""], resources: [endpoints], verbs: [get, create]}]
+ ---
+ apiVersion: rbac.authorization.k8s.io/v1
+ kind: ClusterRole
+ metadata: {name: external-provisioner-runner}
+ rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get, create]}]
""",
)
def role_is_of_its_namespace(role: Role, context: Context) -> Iterator[Problem]:
    """A Role allows what is in its own namespace.

    For cluster-scoped resources such as PersistentVolumes and StorageClasses it has no effect: the call is forbidden.
    """
    for number, entry in enumerate(role.rules or ()):
        for place, resource in _of_cluster(entry, context):
            message = f"{resource!r} are in no namespace, so a Role cannot allow them"
            yield Problem(f"/rules/{number}/resources/{place}", message)


@rule(
    "CSI209",
    "narrow-role-binding",
    "a ClusterRole for cluster-scoped resources has a ClusterRoleBinding",
    RoleBinding,
    severity="warning",
    fix="Bind the role with a ClusterRoleBinding, or remove these resources from it.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
- kind: RoleBinding
- metadata: {name: csi-provisioner-role, namespace: default}
+ kind: ClusterRoleBinding
+ metadata: {name: csi-provisioner-role}
  subjects: [{kind: ServiceAccount, name: csi-provisioner, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-provisioner-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-provisioner, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-provisioner-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get, create]}]
""",
)
def role_binding_reaches_far_enough(binding: RoleBinding, context: Context) -> Iterator[Problem]:
    """A RoleBinding gives even a ClusterRole in its own namespace only.

    What the role allows for PersistentVolumes, StorageClasses and the like is lost, and the call is forbidden.
    """
    if binding.role_ref.kind != "ClusterRole":
        return
    lost = _lost_in_role_bindings(context).get(binding.role_ref.name)
    if lost:
        verb = "is" if len(lost) == 1 else "are"
        message = f"{', '.join(lost)} of ClusterRole {binding.role_ref.name!r} {verb} cluster-scoped: a RoleBinding does not give them"
        yield Problem("/roleRef/name", message)


@fact
def _lost_in_role_bindings(context: Context) -> dict[str, list[str]]:
    """Return the cluster-scoped resources of the ClusterRoles that no ClusterRoleBinding gives."""
    given = {binding.role_ref.name for binding in context.bundle.all(ClusterRoleBinding)}
    return {
        role.name: list(
            dict.fromkeys(resource for entry in role.rules or () for _, resource in _of_cluster(entry, context))
        )
        for role in context.bundle.all(ClusterRole)
        if role.name not in given
    }


def _of_cluster(entry: PolicyRule, context: Context) -> Iterator[tuple[int, str]]:
    """Return the resources of a rule that are in no namespace, and where in it they are."""
    if _VERBS.isdisjoint(entry.verbs):
        return
    groups = _groups_of_cluster_resources(context)
    for number, resource in enumerate(entry.resources or ()):
        found = groups.get(resource.partition("/")[0])
        if found and any(group == _ANY or group in found for group in entry.api_groups or ()):
            yield number, resource


@fact
def _groups_of_cluster_resources(context: Context) -> dict[str, set[str]]:
    """Return the API groups in which the resources of each name are in no namespace."""
    found: dict[str, set[str]] = {}
    for kind in kinds().values():
        if not kind.namespaced:
            found.setdefault(plural(kind.name.lower()), set()).add(kind.group)
    for (group, _), definition in definitions(context).items():
        if definition.of_cluster:
            found.setdefault(definition.plural, set()).add(group)
    # Whoever reads or changes one Namespace by its name is asked in that namespace.
    found.pop("namespaces", None)
    return found
