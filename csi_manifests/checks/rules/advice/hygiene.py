"""5xx: advice for the programs of kubernetes-csi: rights that nobody uses, and what keeps storage running."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import POD_KINDS, pod_of, pods
from csi_manifests.analysis.programs import CONTROLLERS, REGISTRARS, sidecars, sidecars_of
from csi_manifests.analysis.rights import account_name, is_read, needs_of, rights_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apps_v1 import DaemonSet
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, Role, RoleBinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar
    from csi_manifests.models.core_v1 import Container
    from csi_manifests.models.rbac_v1 import PolicyRule
    from csi_manifests.models.resource import Resource

# Programs of kubernetes-csi that never call the API server.
_SILENT = frozenset({"hostpathplugin", "livenessprobe"})
_INDOORS = CONTROLLERS | {"livenessprobe"}
_READS_ALL = frozenset({"list", "watch"})

_WORKLOAD = """\
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
"""
_NODE = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: csi-node, namespace: default}
spec:
  selector: {matchLabels: {app: csi-node}}
  template:
    metadata: {labels: {app: csi-node}}
    spec:
      priorityClassName: storage
      containers:
      - name: driver-registrar
        image: quay.io/k8scsi/driver-registrar:v0.4.1
        args: [--csi-address=/csi/csi.sock, --kubelet-registration-path=/var/lib/kubelet/plugins/csi-example/csi.sock]
        env: [{name: KUBE_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
        resources: {requests: {cpu: 10m, memory: 20Mi}}
        volumeMounts: [{name: socket-dir, mountPath: /csi}, {name: registration-dir, mountPath: /registration}]
      volumes:
      - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-example, type: DirectoryOrCreate}}
      - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins, type: Directory}}
"""


@rule(
    "CSI501",
    "a sidecar 0.4 may do no more than it does",
    Role,
    ClusterRole,
    severity="info",
    fix="Take these verbs out of the role, or the role away where nothing is left of it.",
    bad=_WORKLOAD.replace("resources: [nodes], verbs: [list", "resources: [nodes], verbs: [delete, list"),
    good=_WORKLOAD,
)
def role_gives_what_is_used(role: Role | ClusterRole, context: Context) -> Iterator[Problem]:
    """Whoever takes over a sidecar has its rights.

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
    for entry in role.rules:
        for name, verb in _idle(entry, used):
            idle.setdefault(name, {})[verb] = None
    if idle:
        programs = ", ".join(dict.fromkeys(str(sidecar) for sidecar in found if sidecar.program not in _SILENT))
        what = "; ".join(f"{' '.join(verbs)} {name}" for name, verbs in idle.items())
        yield Problem("/rules", f"{programs or 'nobody'} does not use: {what}")


@rule(
    "CSI502",
    "a sidecar's role names what it allows",
    Role,
    ClusterRole,
    severity="info",
    fix="Name the API groups, resources and verbs that the sidecar needs.",
    bad=_WORKLOAD.replace("resources: [nodes], verbs: [list, watch]", 'resources: [nodes], verbs: ["*"]'),
    good=_WORKLOAD,
)
def role_has_no_wildcards(role: Role | ClusterRole, context: Context) -> Iterator[Problem]:
    """A wildcard also allows what later releases and other people's definitions add."""
    if id(role) in _users(context):
        for number, entry in enumerate(role.rules):
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
    "a sidecar does not read all secrets",
    ClusterRole,
    severity="info",
    fix="Allow get only; better, give a Role with it in the namespace of the driver's secrets.",
    bad=f"""{_WORKLOAD}- {{apiGroups: [""], resources: [secrets], verbs: [get, list]}}\n""",
    good=_WORKLOAD,
)
def secrets_are_not_listed(role: ClusterRole, context: Context) -> Iterator[Problem]:
    """Sidecars fetch the secrets that classes name, one by one; with list or watch they could read those of everybody."""
    if any(not user.namespace for user in _users(context).get(id(role), ())):
        for number, entry in enumerate(role.rules):
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
    "a sidecar is not the administrator",
    ClusterRoleBinding,
    RoleBinding,
    severity="info",
    fix="Bind a role with what the sidecar needs.",
    bad=_WORKLOAD.replace(
        "kind: ClusterRole, name: external-attacher-runner", "kind: ClusterRole, name: cluster-admin"
    ),
    good=_WORKLOAD,
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


@rule(
    "CSI505",
    "a sidecar is privileged only where it must be",
    *POD_KINDS,
    severity="info",
    fix="Leave privileged out.",
    bad=_WORKLOAD.replace(
        "        volumeMounts:", "        securityContext: {privileged: true}\n        volumeMounts:"
    ),
    good=_WORKLOAD,
)
def sidecar_is_not_privileged(resource: Resource, context: Context) -> Iterator[Problem]:
    """A privileged container is root on its node.

    Sidecars only speak over a socket; with SELinux they need it for a socket on the node, never for one in an emptyDir.
    """
    for sidecar in sidecars_of(resource, context):
        rights = sidecar.container.security_context
        if (
            sidecar.program != "hostpathplugin"
            and rights is not None
            and rights.privileged
            and not _mounts_node(sidecar)
        ):
            yield Problem(
                f"{sidecar.pointer}/securityContext/privileged", f"{sidecar} is privileged and uses nothing of the node"
            )


@rule(
    "CSI506",
    "a controller is in the pods' network",
    *POD_KINDS,
    severity="info",
    fix="Leave hostNetwork out.",
    bad=_WORKLOAD.replace("      containers:", "      hostNetwork: true\n      containers:"),
    good=_WORKLOAD,
)
def controller_is_not_in_host_network(resource: Resource, context: Context) -> Iterator[Problem]:
    """In the node's network a pod reaches all that listens on localhost there, and network policies do not hold."""
    found = sidecars_of(resource, context)
    if not found or not found[0].pod.spec.host_network:
        return
    pod = found[0].pod
    if len(found) == sum(1 for _ in pod.containers()) and all(one.program in _INDOORS for one in found):
        message = f"nothing here needs more than the API server and a socket: {', '.join(map(str, found))}"
        yield Problem(f"{pod.pointer}/hostNetwork", message)


@rule(
    "CSI507",
    "a sidecar requests what it uses",
    *POD_KINDS,
    severity="info",
    fix="Give resources.requests with cpu and memory: 10m and 20Mi are enough for most.",
    bad=_WORKLOAD.replace("        resources: {requests: {cpu: 10m, memory: 20Mi}}\n", ""),
    good=_WORKLOAD,
)
def sidecar_requests_resources(resource: Resource, context: Context) -> Iterator[Problem]:
    """Without requests it is the first to be evicted, or killed for memory, on a full node: then volumes are neither made nor mounted."""
    bare = [one for one in sidecars_of(resource, context) if not _requests(one.container)]
    if bare:
        names = ", ".join(repr(one.container.name) for one in bare)
        yield Problem(bare[0].pointer, f"no requests: {names}")


@rule(
    "CSI508",
    "the driver's pods on the nodes have a priority",
    DaemonSet,
    severity="info",
    fix="Name a PriorityClass in priorityClassName; in kube-system system-node-critical.",
    bad=_NODE.replace("      priorityClassName: storage\n", ""),
    good=_NODE,
)
def node_driver_has_priority(resource: DaemonSet, context: Context) -> Iterator[Problem]:
    """When a node is full, pods of a higher priority push the driver off it, and with it the volumes of all others."""
    pod = pod_of(resource)
    drives = any(one.program in REGISTRARS or one.program == "hostpathplugin" for one in sidecars_of(resource, context))
    if pod is not None and drives and not pod.spec.priority_class_name:
        yield Problem(pod.pointer, "has no priorityClassName")


@rule(
    "CSI509",
    "a sidecar starts without the registry",
    *POD_KINDS,
    severity="info",
    fix="Write imagePullPolicy: IfNotPresent, or leave it out.",
    bad=_WORKLOAD.replace("IfNotPresent", "Always"),
    good=_WORKLOAD,
)
def fixed_image_is_not_pulled_again(resource: Resource, context: Context) -> Iterator[Problem]:
    """With Always the kubelet asks the registry at every start, though a release's image does not change.

    Where that is out of reach the driver stays away, and with it the volumes.
    """
    again = [
        one for one in sidecars_of(resource, context) if one.container.image_pull_policy == "Always" and _is_fixed(one)
    ]
    if again:
        names = ", ".join(repr(one.container.name) for one in again)
        yield Problem(f"{again[0].pointer}/imagePullPolicy", f"a fixed image is pulled at every start: {names}")


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


def _mounts_node(sidecar: Sidecar) -> bool:
    volumes = (sidecar.pod.volume(mount.name) for mount in sidecar.container.volume_mounts or ())
    return any(volume is not None and volume.host_path is not None for volume in volumes)


def _requests(container: Container) -> bool:
    resources = container.resources
    return resources is not None and bool(resources.requests or resources.limits)


def _is_fixed(sidecar: Sidecar) -> bool:
    return sidecar.is_upstream or "@sha256:" in (sidecar.container.image or "")
