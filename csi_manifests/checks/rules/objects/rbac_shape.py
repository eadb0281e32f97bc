"""Roles and bindings by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among, given
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, Role, RoleBinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.rbac_v1 import PolicyRule


def _rules(role: Role | ClusterRole) -> Iterator[tuple[str, PolicyRule]]:
    for number, policy in enumerate(role.rules or ()):
        yield f"/rules/{number}", policy


@rule(
    "CSI170",
    "missing-verbs",
    "a role's rule has verbs",
    Role,
    ClusterRole,
    fix="Add the verbs, or remove the rule.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
- - {apiGroups: [""], resources: [persistentvolumes], verbs: []}
+ - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch]}
""",
)
def rules_have_verbs(role: Role | ClusterRole, _: Context) -> Iterator[Problem]:
    """The API server refuses a rule that allows nothing to be done."""
    for pointer, policy in _rules(role):
        if not policy.verbs:
            yield Problem(
                f"{pointer}/verbs", f"the list of verbs is empty (the rule is about {_subject_matter(policy)})"
            )


def _subject_matter(policy: PolicyRule) -> str:
    return among([*(policy.resources or ()), *(policy.non_resource_urls or ())])


@rule(
    "CSI171",
    "missing-rule-resources",
    "a role's rule names API groups and resources, or URLs",
    Role,
    ClusterRole,
    fix='Give apiGroups and resources; the core group is "".',
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
- - {resources: [persistentvolumes], verbs: [get, list, watch]}
+ - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch]}
""",
)
def rules_say_what_about(role: Role | ClusterRole, _: Context) -> Iterator[Problem]:
    """The API server refuses a rule without groups or without resources, unless it is about URLs. Its schema requires neither."""
    for pointer, policy in _rules(role):
        if policy.non_resource_urls:
            continue
        missing = [
            name for name, there in (("apiGroups", policy.api_groups), ("resources", policy.resources)) if not there
        ]
        if missing:
            has = among(given(policy, ("api_groups", "resources", "resource_names", "verbs")))
            yield Problem(pointer, f"the rule has no {' and no '.join(missing)} (it has: {has})")


@rule(
    "CSI172",
    "misplaced-urls",
    "a role's rule is about either resources or URLs",
    Role,
    ClusterRole,
    fix="Make two rules of it, the one about URLs with nonResourceURLs and verbs only, in a ClusterRole.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
- - {apiGroups: [""], resources: [nodes], nonResourceURLs: [/healthz], verbs: [get]}
+ - {apiGroups: [""], resources: [nodes], verbs: [get]}
+ - {nonResourceURLs: [/healthz], verbs: [get]}
""",
)
def rules_are_about_one_sort(role: Role | ClusterRole, _: Context) -> Iterator[Problem]:
    """The API server refuses both in one rule, and URLs in a Role: they are in no namespace."""
    for pointer, policy in _rules(role):
        if not policy.non_resource_urls:
            continue
        where = f"{pointer}/nonResourceURLs"
        if isinstance(role, Role):
            yield Problem(
                where, f"{policy.non_resource_urls[0]!r} is in no namespace, and a Role is", "Use a ClusterRole."
            )
        beside = [field for field in ("api_groups", "resources", "resource_names") if getattr(policy, field)]
        if beside:
            yield Problem(where, f"the rule is about URLs, and has {among(given(policy, beside))} as well")


@rule(
    "CSI173",
    "account-with-group",
    "a ServiceAccount in a binding has no API group",
    ClusterRoleBinding,
    RoleBinding,
    fix="Remove apiGroup from the subject.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
- subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default, apiGroup: rbac.authorization.k8s.io}]
+ subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
""",
)
def accounts_have_no_group(binding: ClusterRoleBinding | RoleBinding, _: Context) -> Iterator[Problem]:
    """The API server refuses it. Users and groups belong to the API group of RBAC, accounts to the core group, which is empty."""
    for number, subject in enumerate(binding.subjects or ()):
        if subject.kind == "ServiceAccount" and subject.api_group:
            message = f"the account {subject.name!r} has the apiGroup {subject.api_group!r}"
            yield Problem(f"/subjects/{number}/apiGroup", message)


@rule(
    "CSI174",
    "empty-aggregation",
    "an aggregated role says which roles it gathers",
    ClusterRole,
    fix="Give aggregationRule.clusterRoleSelectors, or remove aggregationRule.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: csi-sidecars}
- aggregationRule: {}
+ aggregationRule: {clusterRoleSelectors: [{matchLabels: {example.com/csi: "true"}}]}
  rules: []
""",
)
def gathering_roles_say_which(role: ClusterRole, _: Context) -> Iterator[Problem]:
    """The API server refuses an aggregation rule without selectors."""
    if role.aggregation_rule is not None and not role.aggregation_rule.cluster_role_selectors:
        yield Problem("/aggregationRule", "aggregationRule has no clusterRoleSelectors")
