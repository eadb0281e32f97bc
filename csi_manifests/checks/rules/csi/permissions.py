"""4xx: what the account of a sidecar may do, against what the sidecar does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.checks.rules.classes import classes_served, place_of
from csi_manifests.checks.rules.secrets import secret_namespace
from csi_manifests.checks.sidecars import Sidecar, is_script, sidecars, sockets
from csi_manifests.checks.workloads import POD_KINDS, PodView
from csi_manifests.knowledge.gates import WORDS, turned_on
from csi_manifests.knowledge.rbac import Grant, Need, Rights, allows, program, selects
from csi_manifests.loader import without_nulls
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle import Manifest

_GROUP = "rbac.authorization.k8s.io"
_Rbac = TypeVar("_Rbac", ClusterRole, ClusterRoleBinding, Role, RoleBinding)
_ALL = PolicyRule(api_groups=["*"], resources=["*"], verbs=["*"])

_WORKLOAD = """\
apiVersion: v1
kind: Pod
metadata: {name: csi-hostpath-attacher, namespace: default}
spec:
  serviceAccountName: csi-attacher
  containers:
  - {name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}
"""
_ACCOUNT = """\
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
"""
_ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: external-attacher-runner}
rules:
- {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
- {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
- {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [get, list, watch]}
- {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [get, list, watch, update]}
"""
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
_CALLS = ("provisioner", "publish", "expand", "snapshotter")
_NEWER = _WORKLOAD.replace("v0.4.1", "v1.0.1")


@rule(
    "CSI450",
    "a sidecar 0.4 may do what it does",
    *POD_KINDS,
    Unstructured,
    fix="Add these rules to a role that is bound to the account.",
    bad=f"{_WORKLOAD}{_ACCOUNT}{_ROLE.replace('volumeattachments], verbs: [get, list, watch, update]', 'volumeattachments], verbs: [get]')}",
    good=f"{_WORKLOAD}{_ACCOUNT}{_ROLE}",
)
def old_sidecar_may_do_its_work(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """What a sidecar is forbidden it tries for ever, or stops at: claims stay Pending, snapshots fail, pods wait for volumes.

    What v0.4.1 needs is known from its source and from a real server's audit log. What it can do without is a warning.
    """
    for sidecar, lacking, rights in _lacking(manifest, context):
        if not rights.given or not is_read(sidecar):
            continue
        mild = bool(rights.aggregated) or all(need.mild for need in lacking)
        yield _problem(sidecar, lacking, rights, context, mild=mild)


@rule(
    "CSI451",
    "a sidecar may do what its release asks for",
    *POD_KINDS,
    Unstructured,
    severity="warning",
    fix="Add these rules to a role that is bound to the account.",
    bad=f"{_NEWER}{_ACCOUNT}{_ROLE.replace('resources: [nodes], verbs: [get, list, watch]', 'resources: [nodes], verbs: [get]')}",
    good=f"{_NEWER}{_ACCOUNT}{_ROLE}",
)
def sidecar_may_do_its_work(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """Permissions that are older than the image are the most frequent reason why a sidecar hangs after an upgrade.

    Upstream's own roles for the release are the measure, less what only other flags and drivers need.
    """
    for sidecar, lacking, rights in _lacking(manifest, context):
        if rights.given and not is_read(sidecar):
            yield _problem(sidecar, lacking, rights, context, mild=True)


@rule(
    "CSI452",
    "the account of a sidecar has rights at all",
    *POD_KINDS,
    Unstructured,
    severity="warning",
    fix="Bind a role to the account, or check the bundle together with the file that does.",
    bad=_WORKLOAD,
    good=f"{_WORKLOAD}{_ACCOUNT}{_ROLE}",
)
def account_has_rights(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """An account without a binding may do nothing. The bindings may be in another file, so this is not an error."""
    found = _lacking(manifest, context)
    idle = [one for one, lacking, rights in found if not rights.given and not all(need.mild for need in lacking)]
    if idle:
        names = ", ".join(map(str, idle))
        message = f"no binding of the bundle gives {_account(idle[0].pod)} a role; {names} cannot work without"
        yield Problem(account_pointer(idle[0].pod), message)


def api_users(manifest: Manifest, context: Context) -> list[Sidecar]:
    """Give the sidecars of an object that call the API server as the account of their pod and whose needs are known."""
    known = context.derive(_sidecars_by_key)
    found = known.get(place_of(manifest), ()) if known else ()
    return [sidecar for sidecar in found if sidecar.pod.resource is manifest or isinstance(manifest, Unstructured)]


def needs_of(sidecar: Sidecar, context: Context) -> list[Need]:
    """Give what a sidecar needs here, given its flags, its driver and the classes of the bundle."""
    known = program(sidecar.program)
    if known is None or sidecar.version is None:
        return []
    needs = known.needs_of(sidecar.version)
    holding = conditions(sidecar, context) if any(need.when for need in needs) else frozenset[str]()
    return [need for need in needs if not need.when or need.when in holding]


def rights_of(pod: PodView, context: Context) -> Rights:
    """Give what the account of a pod may do."""
    known = context.derive(_rights)
    account = (pod.namespace, account_name(pod))
    if account not in known:
        namespace, name = account
        every = "system:serviceaccounts"
        own = (f"system:serviceaccount:{namespace}:{name}", every, f"{every}:{namespace}")
        given = context.derive(_bindings)
        rights = known[account] = Rights(given=[role for subject in own for *_, role in given.get(subject, ())])
        for subject in (*own, "system:authenticated"):
            for place, kind, role in given.get(subject, ()):
                _give(rights, place, kind, role, context)
    return known[account]


def account_name(pod: PodView) -> str:
    """Give the name of a pod's account."""
    return pod.spec.service_account_name or pod.spec.service_account or "default"


def account_pointer(pod: PodView) -> str:
    """Say where a pod names its account."""
    alias = pod.spec.service_account and not pod.spec.service_account_name
    return f"{pod.pointer}/serviceAccount" if alias else f"{pod.pointer}/serviceAccountName"


def conditions(sidecar: Sidecar, context: Context) -> frozenset[str]:
    """Say on which conditions a sidecar works, in the words of ``rbac.toml``."""
    flags = sidecar.flags
    gates = turned_on(flag.value for flag in sidecar.given if flag.name == "feature-gates")
    elects = any(WORDS.get(flags.get(name, "")) for name in ("leader-election", "enable-leader-election"))
    registers = sidecar.program == "driver-registrar" and not is_script(sidecar.container)
    mode = flags.get("mode", "node-register")
    classes = [class_ for class_ in classes_served(sidecar, context) if isinstance(class_, StorageClass)]
    said = {
        "leader election": elects and "leader-election-type" not in flags,
        "topology": "Topology" in gates,
        "capacity": flags.get("enable-capacity") == "true",
        "group snapshots": "CSIVolumeGroupSnapshot" in gates or "enable-volume-group-snapshots" in flags,
        "attributes classes": "VolumeAttributesClass" in gates,
        "volumes in use": flags.get("handle-volume-inuse-error") != "false",
        "mode kubernetes-register": registers and mode == "kubernetes-register",
        "node annotation": registers and mode == "node-register" and "kubelet-registration-path" not in flags,
        "attaches": not _never_attaches(sidecar, context),
        "late binding": any(class_.volume_binding_mode == "WaitForFirstConsumer" for class_ in classes),
    }
    calls = (call for call in _CALLS if call != "publish" or said["attaches"])
    secrets = {f"{call} secrets" for call in calls if _secret_places(call, sidecar, context)}
    return frozenset({name for name, holds in said.items() if holds} | secrets) | context.derive(_of_bundle)


def is_read(sidecar: Sidecar) -> bool:
    """Say whether what a sidecar needs is known from the source of its release."""
    known = program(sidecar.program)
    return known is not None and sidecar.version is not None and known.is_read(sidecar.version)


def _lacking(manifest: Manifest, context: Context) -> list[tuple[Sidecar, list[Need], Rights]]:
    """Give the sidecars of an object whose account lacks what they need, each need with the verbs that are lacking only."""
    known = context.derive(_lacking_so_far)
    if id(manifest) not in known:
        known[id(manifest)] = []
        for sidecar in api_users(manifest, context):
            rights = rights_of(sidecar.pod, context)
            lacking = _by_resource(_forbidden(sidecar, rights, context)) if not rights.unread else []
            if lacking:
                known[id(manifest)].append((sidecar, lacking, rights))
    return known[id(manifest)]


def _lacking_so_far(_: Context) -> dict[int, list[tuple[Sidecar, list[Need], Rights]]]:
    return {}  # Filled as objects are asked for.


def _forbidden(sidecar: Sidecar, rights: Rights, context: Context) -> dict[tuple[str, str, str], Need]:
    found: dict[tuple[str, str, str], Need] = {}
    for need in needs_of(sidecar, context):
        places = _places(need, sidecar, context)
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
    """Say to which role a rule is to be added: the one that has most of what the sidecar needs."""
    namespace = next(iter(namespaces_of_lock(sidecar)), "") if need.where == "lock" else ""
    wanted = needs_of(sidecar, context)
    best: tuple[int, str] = (-1, "")
    for role, place in rights.roles:
        if place == namespace and not (isinstance(role, ClusterRole) and role.aggregation_rule):
            fit = sum(allows(entry, one.group, one.resource, one.verbs[0]) for entry in role.rules for one in wanted)
            best = max(best, (fit, f"Add to {role.KIND} {role.name}:"), key=lambda pair: pair[0])
    if best[1]:
        return best[1]
    if namespace:
        return f"Bind a Role with this in namespace {namespace} to {_account(sidecar.pod)}, with a RoleBinding:"
    return f"Bind a ClusterRole with this to {_account(sidecar.pod)}, with a ClusterRoleBinding:"


def _account(pod: PodView) -> str:
    return f"ServiceAccount {pod.namespace}/{account_name(pod)}"


def namespaces_of_lock(sidecar: Sidecar) -> frozenset[str]:
    """Give the namespace in which a sidecar keeps the lock of its leader; none, if that cannot be known."""
    said = sidecar.flags.get("leader-election-namespace") or sidecar.pod.namespace
    return frozenset() if "$(" in said else frozenset({said})


def _places(need: Need, sidecar: Sidecar, context: Context) -> frozenset[str] | None:
    """Give the namespaces in which something must be allowed: none for everywhere, None where one will do."""
    if need.where == "everywhere":
        return frozenset()
    if need.where == "lock":
        return namespaces_of_lock(sidecar) or None
    if need.where == "secret":
        found = _secret_places(need.when.removesuffix(" secrets"), sidecar, context)
        return None if any("$" in place for place in found) else frozenset(found)
    return None


def _secret_places(call: str, sidecar: Sidecar, context: Context) -> set[str]:
    """Give the namespaces of the secrets that classes of the bundle name for a call of the sidecar's driver."""
    old = sidecar.csi_major == 0
    places = (
        secret_namespace(call, class_, old=old) for class_ in classes_served(sidecar, context) if class_.parameters
    )
    return {place for place in places if place}


def _never_attaches(sidecar: Sidecar, context: Context) -> bool:
    """Say whether the driver is one that has nothing to attach: hostpathplugin, unless it is told to play that it has."""
    listeners = context.derive(sockets).listeners.get(sidecar.address, []) if sidecar.address is not None else []
    known = [driver.known for driver in listeners if driver.known and driver.known.flags.get("enable-attach") != "true"]
    return bool(listeners) and len(known) == len(listeners)


def _of_bundle(context: Context) -> frozenset[str]:
    """Say which conditions hold for every sidecar of the bundle."""
    bundle = context.bundle
    snapshots = bundle.all(VolumeSnapshot)
    sources = (claim.spec.data_source for claim in bundle.all(PersistentVolumeClaim) if claim.spec)
    snapshotters = (one for one in context.derive(sidecars) if one.program == "csi-snapshotter")
    by_hand = (one for one in snapshots if one.spec.snapshot_content_name)
    said = {
        "restores": any(source is not None and source.kind == "VolumeSnapshot" for source in sources),
        "snapshots": bool(snapshots or bundle.all(VolumeSnapshotClass)) or any(snapshotters),
        "no class": any(one.spec.snapshot_class_name is None for one in snapshots),
        "bound by hand": bool(bundle.all(VolumeSnapshotContent)) or any(by_hand),
    }
    return frozenset(name for name, holds in said.items() if holds)


def _sidecars_by_key(context: Context) -> dict[tuple[str, str, str], list[Sidecar]]:
    found: dict[tuple[str, str, str], list[Sidecar]] = {}
    for sidecar in context.derive(sidecars):
        if program(sidecar.program) is not None and sidecar.flags.keys().isdisjoint({"kubeconfig", "master"}):
            found.setdefault(place_of(sidecar.pod.resource), []).append(sidecar)
    return found


def _rights(_: Context) -> dict[tuple[str, str], Rights]:
    return {}  # Filled as accounts are asked for.


def _bindings(context: Context) -> dict[str, list[tuple[str, str, str]]]:
    """Give what each subject is given: namespace (empty for everywhere), kind and name of the role."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    bindings: list[ClusterRoleBinding | RoleBinding] = [
        *_read(ClusterRoleBinding, context),
        *_read(RoleBinding, context),
    ]
    for binding in bindings:
        place = binding.namespace
        for subject in binding.subjects or ():
            name = subject.name
            if subject.kind == "ServiceAccount":
                name = f"system:serviceaccount:{subject.namespace or place}:{subject.name}"
            found.setdefault(name, []).append((place, binding.role_ref.kind, binding.role_ref.name))
    return found


def _give(rights: Rights, place: str, kind: str, name: str, context: Context) -> None:
    role = context.derive(_roles).get((kind, place if kind == "Role" else "", name))
    if role is None and (kind, name) == ("ClusterRole", "cluster-admin"):
        rights.grants.append(Grant(_ALL, place, None))
    elif role is None:
        rights.unread.append(name)
    else:
        entries = role.rules
        if isinstance(role, ClusterRole) and role.aggregation_rule is not None:
            rights.aggregated.append(name)
            selectors = role.aggregation_rule.cluster_role_selectors or ()
            parts = ((one.metadata.labels or {}, one.rules) for one in _read(ClusterRole, context) if one is not role)
            entries = [entry for labels, own in parts if any(selects(by, labels) for by in selectors) for entry in own]
        rights.grants.extend(Grant(entry, place, role) for entry in entries)


def _roles(context: Context) -> dict[tuple[str, str, str], Role | ClusterRole]:
    found: dict[tuple[str, str, str], Role | ClusterRole] = {}
    roles: list[ClusterRole | Role] = [*_read(ClusterRole, context), *_read(Role, context)]
    for role in roles:
        found.setdefault((role.KIND, role.namespace, role.name), role)
    return found


def _read(kind: type[_Rbac], context: Context) -> list[_Rbac]:
    """Give the objects of a kind, those of the beta version included, which say the same."""
    found = list(context.bundle.all(kind))
    for content in context.derive(_beta).get(kind.KIND, ()):
        try:
            found.append(kind.from_dict({"rules": [], **content} if kind in {ClusterRole, Role} else content))
        except ValidationError:
            continue
    return found


def _beta(context: Context) -> dict[str, list[dict[str, Any]]]:
    """Give the objects of RBAC that have no model here, by kind, written as those of v1."""
    found: dict[str, list[dict[str, Any]]] = {}
    for manifest in context.bundle:
        if isinstance(manifest, Unstructured) and manifest.key.group == _GROUP:
            content = without_nulls(manifest.to_dict())
            found.setdefault(manifest.key.kind, []).append({**content, "apiVersion": f"{_GROUP}/v1"})
    return found
