"""Advice on the permissions of kubernetes-csi's programs: no more than they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import pods
from csi_manifests.analysis.programs import sidecars
from csi_manifests.analysis.rights import account_name, is_read, needs_of, rights_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, Role, RoleBinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar
    from csi_manifests.models.rbac_v1 import PolicyRule

# Programs of kubernetes-csi that never call the API server.
_SILENT = frozenset({"hostpathplugin", "livenessprobe"})
_READS_ALL = frozenset({"list", "watch"})


@rule(
    "CSI501",
    "needless-permissions",
    "a sidecar 0.4 has no more permissions than it needs",
    Role,
    ClusterRole,
    severity="info",
    fix="Remove these verbs from the role, or the whole role if nothing is left of it.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
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
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
- - {apiGroups: [""], resources: [nodes], verbs: [delete, list, watch]}
+ - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def role_gives_what_is_used(role: Role | ClusterRole, context: Context) -> Iterator[Problem]:
    """Whoever takes over a sidecar has its permissions.

    What v0.4 uses with these flags, classes and this driver is known from its source; where other programs share the
    account, nothing is said.
    """
    users = _users(context).get(id(role), [])
    if not users or not all(user.is_known for user in users):
        return
    found = [sidecar for user in users for sidecar in user.sidecars]
    used = {
        (need.group, need.resource, verb) for one in found for need in needs_of(one, context) for verb in need.verbs
    }
    idle: dict[str, dict[str, None]] = {}
    for entry in role.rules or ():
        for name, verb in _idle(entry, used):
            idle.setdefault(name, {})[verb] = None
    if idle:
        programs = ", ".join(dict.fromkeys(str(sidecar) for sidecar in found if sidecar.program not in _SILENT))
        what = "; ".join(f"{' '.join(verbs)} {name}" for name, verbs in idle.items())
        yield Problem("/rules", f"{programs} does not use: {what}" if programs else f"nobody uses: {what}")


@rule(
    "CSI502",
    "wildcard-permissions",
    "a sidecar's role has no wildcards",
    Role,
    ClusterRole,
    severity="info",
    fix="Name the API groups, resources and verbs that the sidecar needs.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
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
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
- - {apiGroups: [""], resources: [nodes], verbs: ["*"]}
+ - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def role_has_no_wildcards(role: Role | ClusterRole, context: Context) -> Iterator[Problem]:
    """A wildcard also allows what later releases and other people's definitions add."""
    if id(role) in _users(context):
        for number, entry in enumerate(role.rules or ()):
            for field, said in (
                ("apiGroups", entry.api_groups),
                ("resources", entry.resources),
                ("verbs", entry.verbs),
            ):
                if "*" in (said or ()):
                    yield Problem(
                        f"/rules/{number}/{field}", f"allows all {field} to an account that a sidecar runs as"
                    )


@rule(
    "CSI503",
    "access-to-all-secrets",
    "a sidecar cannot read all secrets",
    ClusterRole,
    severity="info",
    fix="Allow only get; better still, allow it by a Role in the namespace of the driver's secrets.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
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
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
- - {apiGroups: [""], resources: [secrets], verbs: [get, list]}
""",
)
def secrets_are_not_listed(role: ClusterRole, context: Context) -> Iterator[Problem]:
    """Sidecars fetch the secrets that classes name, one by one; with list or watch they could read those of everybody."""
    if any(not user.namespace for user in _users(context).get(id(role), ())):
        for number, entry in enumerate(role.rules or ()):
            verbs = [verb for verb in entry.verbs if verb in _READS_ALL]
            if (
                verbs
                and "secrets" in (entry.resources or ())
                and "" in (entry.api_groups or ())
                and not entry.resource_names
            ):
                yield Problem(f"/rules/{number}", f"allows {' and '.join(verbs)} of the secrets of all namespaces")


@rule(
    "CSI504",
    "admin-sidecar",
    "a sidecar is not cluster-admin",
    ClusterRoleBinding,
    RoleBinding,
    severity="info",
    fix="Bind a role with what the sidecar needs.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
- roleRef: {kind: ClusterRole, name: cluster-admin, apiGroup: rbac.authorization.k8s.io}
+ roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def sidecar_is_no_admin(binding: ClusterRoleBinding | RoleBinding, context: Context) -> Iterator[Problem]:
    """Whoever takes over the sidecar, or a node that it runs on, then has the whole cluster."""
    if (binding.role_ref.kind, binding.role_ref.name) != ("ClusterRole", "cluster-admin"):
        return
    for number, subject in enumerate(binding.subjects or ()):
        account = (subject.namespace or binding.namespace, subject.name)
        if subject.kind == "ServiceAccount" and account in _accounts(context):
            message = (
                f"ServiceAccount {'/'.join(account)} is cluster-admin, and {_accounts(context)[account]} runs as it"
            )
            yield Problem(f"/subjects/{number}", message)


class _User(NamedTuple):
    """A pod whose account has a role."""

    sidecars: list[Sidecar]
    is_known: bool
    """Whether all its programs are known, and all that they ask of the API server."""
    namespace: str
    """The namespace in which the role counts; empty for everywhere."""


@fact
def _users(context: Context) -> dict[int, list[_User]]:
    """Return the pods that have a role, if a sidecar is among them, by the identity of the role."""
    by_pod: dict[int, list[Sidecar]] = {}
    for sidecar in sidecars(context):
        by_pod.setdefault(id(sidecar.pod), []).append(sidecar)
    accounts = {(one.pod.namespace, account_name(one.pod)) for one in sidecars(context)}
    found: dict[int, list[_User]] = {}
    for pod in pods(context):
        if (pod.namespace, account_name(pod)) not in accounts:
            continue
        inside = by_pod.get(id(pod), [])
        whole = len(inside) == sum(1 for _ in pod.containers())
        is_known = whole and all(one.program in _SILENT or is_read(one) for one in inside)
        for role, namespace in rights_of(pod, context).roles:
            found.setdefault(id(role), []).append(_User(inside, is_known, namespace))
    return found


@fact
def _accounts(context: Context) -> dict[tuple[str, str], Sidecar]:
    """Return the accounts that sidecars run as, each with one of them."""
    return {(one.pod.namespace, account_name(one.pod)): one for one in sidecars(context)}


def _idle(entry: PolicyRule, used: set[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Return the resources and verbs of a rule that nobody uses; those of wildcards are not counted one by one."""
    for group in entry.api_groups or ():
        for resource in entry.resources or ():
            if "*" in {group, resource}:
                continue
            for verb in entry.verbs:
                told = resource == "secrets" and verb in _READS_ALL
                if verb != "*" and not told and (group, resource, verb) not in used:
                    yield f"{resource}.{group}" if group else resource, verb
