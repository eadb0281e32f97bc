"""What the account of a sidecar may do, against what the sidecar does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csi_manifests.analysis.authorizer import Rights, allows
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import PodView
from csi_manifests.analysis.rights import (
    account_name,
    account_pointer,
    api_users,
    is_read,
    namespaces_needed,
    namespaces_of_lock,
    needs_of,
    rights_of,
)
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.rbac_v1 import ClusterRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar
    from csi_manifests.knowledge.rbac import Need


_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")


@rule(
    "CSI450",
    "missing-permissions",
    "a sidecar 0.4 has the permissions it needs",
    PodView,
    fix="Add these rules to a role that is bound to the account.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher, namespace: default}
  spec:
    serviceAccountName: csi-attacher
    containers:
    - {name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [get, list, watch]}
- - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [get]}
+ - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [get, list, watch, update]}
""",
)
def old_sidecar_may_do_its_work(pod: PodView, context: Context) -> Iterator[Problem]:
    """A sidecar tries for ever what it is forbidden, or stops there: claims stay Pending, snapshots fail, pods wait for volumes.

    What v0.4.1 needs is known from its source and from a real server's audit log. What it can do without is a warning.
    """
    for sidecar, lacking, rights in _lacking(pod, context):
        if not rights.given or not is_read(sidecar):
            continue
        mild = bool(rights.aggregated) or all(need.mild for need in lacking)
        yield _problem(sidecar, lacking, rights, context, mild=mild)


@rule(
    "CSI451",
    "outdated-permissions",
    "a sidecar has the permissions that its release needs",
    PodView,
    severity="warning",
    fix="Add these rules to a role that is bound to the account.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher, namespace: default}
  spec:
    serviceAccountName: csi-attacher
    containers:
    - {name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v1.0.1"}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
- - {apiGroups: [""], resources: [nodes], verbs: [get]}
+ - {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [get, list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [get, list, watch, update]}
""",
)
def sidecar_may_do_its_work(pod: PodView, context: Context) -> Iterator[Problem]:
    """Permissions that are older than the image are the most frequent reason why a sidecar hangs after an upgrade.

    Upstream's own roles for the release are the measure, less what only other flags and drivers need.
    """
    for sidecar, lacking, rights in _lacking(pod, context):
        if rights.given and not is_read(sidecar):
            yield _problem(sidecar, lacking, rights, context, mild=True)


@rule(
    "CSI452",
    "account-without-role",
    "the account of a sidecar has a role",
    PodView,
    severity="warning",
    fix="Bind a role to the account, or check the bundle together with the file that does.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher, namespace: default}
  spec:
    serviceAccountName: csi-attacher
    containers:
    - {name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}
+ ---
+ apiVersion: v1
+ kind: ServiceAccount
+ metadata: {name: csi-attacher, namespace: default}
+ ---
+ apiVersion: rbac.authorization.k8s.io/v1
+ kind: ClusterRoleBinding
+ metadata: {name: csi-attacher-role}
+ subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
+ roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
+ ---
+ apiVersion: rbac.authorization.k8s.io/v1
+ kind: ClusterRole
+ metadata: {name: external-attacher-runner}
+ rules:
+ - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
+ - {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
+ - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [get, list, watch]}
+ - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [get, list, watch, update]}
""",
)
def account_has_rights(pod: PodView, context: Context) -> Iterator[Problem]:
    """An account without a binding may do nothing. The bindings may be in another file, so this is not an error."""
    found = _lacking(pod, context)
    idle = [one for one, lacking, rights in found if not rights.given and not all(need.mild for need in lacking)]
    if idle:
        names = ", ".join(map(str, idle))
        message = f"no binding of the bundle gives {_account(idle[0].pod)} a role; {names} cannot work without one"
        yield Problem(account_pointer(idle[0].pod), message)


def _lacking(pod: PodView, context: Context) -> list[tuple[Sidecar, list[Need], Rights]]:
    """Return the sidecars of an object whose account lacks permissions, with the missing verbs."""
    known = _lacking_so_far(context)
    if id(pod) not in known:
        known[id(pod)] = []
        for sidecar in api_users(pod.source, context):
            rights = rights_of(pod, context)
            lacking = _by_resource(_forbidden(sidecar, rights, context)) if not rights.unread else []
            if lacking:
                known[id(pod)].append((sidecar, lacking, rights))
    return known[id(pod)]


@fact
def _lacking_so_far(_: Context) -> dict[int, list[tuple[Sidecar, list[Need], Rights]]]:
    return {}  # Filled as objects are asked for.


def _forbidden(sidecar: Sidecar, rights: Rights, context: Context) -> dict[tuple[str, str, str], Need]:
    found: dict[tuple[str, str, str], Need] = {}
    for need in needs_of(sidecar, context):
        places = namespaces_needed(need, sidecar, context)
        for verb in need.verbs:
            key = (need.group, need.resource, verb)
            if not rights.allow(*key, places) and (key not in found or found[key].mild):
                found[key] = need
    return found


def _by_resource(found: dict[tuple[str, str, str], Need]) -> list[Need]:
    merged: dict[tuple[str, str, str], Need] = {}
    for (group, resource, verb), need in found.items():
        key = (group, resource, need.where)
        before = merged.get(key)
        verbs = sorted({*(before.verbs if before else ()), verb}, key=_VERBS.index)
        merged[key] = replace(need, verbs=tuple(verbs), mild=need.mild and (before is None or before.mild))
    return list(merged.values())


def _problem(sidecar: Sidecar, lacking: list[Need], rights: Rights, context: Context, *, mild: bool) -> Problem:
    what = "; ".join(f"{' '.join(need.verbs)} {need.full_name}" for need in lacking)
    message = f"{_account(sidecar.pod)} may not: {what}. {sidecar} needs it"
    if all(need.mild for need in lacking):
        message += ", if not for everything"
    fixes: dict[str, list[str]] = {}
    for need in lacking:
        entry = f"{{apiGroups: [{need.group or chr(34) * 2}], resources: [{need.resource}], verbs: [{', '.join(need.verbs)}]}}"
        fixes.setdefault(_target(need, sidecar, rights, context), []).append(f"- {entry}")
    fix = "\n    ".join(line for target, entries in fixes.items() for line in (target, *entries))
    return Problem(account_pointer(sidecar.pod), message, fix, "warning" if mild else "error")


def _target(need: Need, sidecar: Sidecar, rights: Rights, context: Context) -> str:
    """Return what to do with the missing rules: add them to the role that has most of what the sidecar needs, or bind one."""
    namespace = next(iter(namespaces_of_lock(sidecar)), "") if need.where == "lock" else ""
    wanted = needs_of(sidecar, context)
    best: tuple[int, str] = (-1, "")
    for role, place in rights.roles:
        if place == namespace and not (isinstance(role, ClusterRole) and role.aggregation_rule):
            fit = sum(
                allows(entry, one.group, one.resource, one.verbs[0]) for entry in role.rules or () for one in wanted
            )
            best = max(best, (fit, f"Add to {role.KIND} {role.name}:"), key=lambda pair: pair[0])
    if best[1]:
        return best[1]
    if namespace:
        return f"Bind a Role with this in namespace {namespace} to {_account(sidecar.pod)}, with a RoleBinding:"
    return f"Bind a ClusterRole with this to {_account(sidecar.pod)}, with a ClusterRoleBinding:"


def _account(pod: PodView) -> str:
    return f"ServiceAccount {pod.namespace}/{account_name(pod)}"
