"""What accounts may do, and what the sidecars that run as them need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from csi_manifests.analysis.authorizer import Grant, Rights, selects
from csi_manifests.analysis.classes import classes_served
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.programs import Sidecar, is_script, sidecars, sidecars_of, sockets
from csi_manifests.analysis.secrets import secret_namespace
from csi_manifests.analysis.snapshots import snapshots
from csi_manifests.bundle.objects import without_nulls
from csi_manifests.errors import InvalidError
from csi_manifests.knowledge.gates import WORDS, turned_on
from csi_manifests.knowledge.rbac import Need, known_needs
from csi_manifests.knowledge.well_known import RBAC_GROUP, SNAPSHOT, SNAPSHOT_CLASS, SNAPSHOT_CONTENT
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.rbac_v1 import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.pods import PodView
    from csi_manifests.bundle.bundle import Manifest


_Rbac = TypeVar("_Rbac", ClusterRole, ClusterRoleBinding, Role, RoleBinding)

_ALL = PolicyRule(api_groups=["*"], resources=["*"], verbs=["*"])

_CALLS = ("provisioner", "publish", "expand", "snapshotter")


def api_users(manifest: Manifest, context: Context) -> list[Sidecar]:
    """Return the sidecars of an object that call the API server as the account of their pod and whose needs are known."""
    return [
        sidecar
        for sidecar in sidecars_of(manifest, context)
        if known_needs(sidecar.program) is not None and sidecar.flags.keys().isdisjoint({"kubeconfig", "master"})
    ]


def needs_of(sidecar: Sidecar, context: Context) -> list[Need]:
    """Return what a sidecar needs here, given its flags, its driver and the classes of the bundle."""
    known = known_needs(sidecar.program)
    if known is None or sidecar.version is None:
        return []
    needs = known.needs_of(sidecar.version)
    holding = conditions(sidecar, context) if any(need.when for need in needs) else frozenset[str]()
    return [need for need in needs if not need.when or need.when in holding]


def rights_of(pod: PodView, context: Context) -> Rights:
    """Return what the account of a pod may do."""
    known = _rights(context)
    account = (pod.namespace, account_name(pod))
    if account not in known:
        namespace, name = account
        every = "system:serviceaccounts"
        own = (f"system:serviceaccount:{namespace}:{name}", every, f"{every}:{namespace}")
        given = _bindings(context)
        rights = known[account] = Rights(given=[role for subject in own for *_, role in given.get(subject, ())])
        for subject in (*own, "system:authenticated"):
            for place, kind, role in given.get(subject, ()):
                _give(rights, place, kind, role, context)
    return known[account]


def account_name(pod: PodView) -> str:
    """Return the name of a pod's account."""
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
    served = (class_.resource for class_ in classes_served(sidecar, context))
    classes = [class_ for class_ in served if isinstance(class_, StorageClass)]
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
    return frozenset({name for name, holds in said.items() if holds} | secrets) | _of_bundle(context)


def is_read(sidecar: Sidecar) -> bool:
    """Return whether what a sidecar needs is known from the source of its release."""
    known = known_needs(sidecar.program)
    return known is not None and sidecar.version is not None and known.is_read(sidecar.version)


def namespaces_of_lock(sidecar: Sidecar) -> frozenset[str]:
    """Return the namespace in which a sidecar keeps the lock of its leader; none, if that cannot be known."""
    said = sidecar.flags.get("leader-election-namespace") or sidecar.pod.namespace
    return frozenset() if "$(" in said else frozenset({said})


def namespaces_needed(need: Need, sidecar: Sidecar, context: Context) -> frozenset[str] | None:
    """Return the namespaces in which something must be allowed: none for everywhere, None where one will do."""
    if need.where == "everywhere":
        return frozenset()
    if need.where == "lock":
        return namespaces_of_lock(sidecar) or None
    if need.where == "secret":
        found = _secret_places(need.when.removesuffix(" secrets"), sidecar, context)
        return None if any("$" in place for place in found) else frozenset(found)
    return None


def _secret_places(call: str, sidecar: Sidecar, context: Context) -> set[str]:
    """Return the namespaces of the secrets that classes of the bundle name for a call of the sidecar's driver."""
    old = sidecar.csi_major == 0
    places = (
        secret_namespace(call, class_, old=old) for class_ in classes_served(sidecar, context) if class_.parameters
    )
    return {place for place in places if place}


def _never_attaches(sidecar: Sidecar, context: Context) -> bool:
    """Return whether the driver is one that has nothing to attach: hostpathplugin, unless it is told to play that it has."""
    listeners = sockets(context).listeners.get(sidecar.address, []) if sidecar.address is not None else []
    known = [driver.known for driver in listeners if driver.known and driver.known.flags.get("enable-attach") != "true"]
    return bool(listeners) and len(known) == len(listeners)


@fact
def _of_bundle(context: Context) -> frozenset[str]:
    """Say which conditions hold for every sidecar of the bundle."""
    bundle = context.bundle
    kinds = {manifest.key.type for manifest in bundle}
    sources = (claim.spec.data_source for claim in bundle.all(PersistentVolumeClaim) if claim.spec)
    snapshotters = (one for one in sidecars(context) if one.program == "csi-snapshotter")
    said = {
        "restores": any(source is not None and source.kind == "VolumeSnapshot" for source in sources),
        "snapshots": not kinds.isdisjoint({SNAPSHOT, SNAPSHOT_CLASS}) or any(snapshotters),
        "no class": any(one.class_name is None for one in snapshots(context)),
        "bound by hand": SNAPSHOT_CONTENT in kinds or any(one.content_name for one in snapshots(context)),
    }
    return frozenset(name for name, holds in said.items() if holds)


@fact
def _rights(_: Context) -> dict[tuple[str, str], Rights]:
    return {}  # Filled as accounts are asked for.


@fact
def _bindings(context: Context) -> dict[str, list[tuple[str, str, str]]]:
    """Return what each subject is given: namespace (empty for everywhere), kind and name of the role."""
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
    role = _roles(context).get((kind, place if kind == "Role" else "", name))
    if role is None and (kind, name) == ("ClusterRole", "cluster-admin"):
        rights.grants.append(Grant(_ALL, place, None))
    elif role is None:
        rights.unread.append(name)
    else:
        entries = role.rules or []
        if isinstance(role, ClusterRole) and role.aggregation_rule is not None:
            rights.aggregated.append(name)
            selectors = role.aggregation_rule.cluster_role_selectors or ()
            parts = (
                (one.metadata.labels or {}, one.rules or ()) for one in _read(ClusterRole, context) if one is not role
            )
            entries = [entry for labels, own in parts if any(selects(by, labels) for by in selectors) for entry in own]
        rights.grants.extend(Grant(entry, place, role) for entry in entries)


@fact
def _roles(context: Context) -> dict[tuple[str, str, str], Role | ClusterRole]:
    found: dict[tuple[str, str, str], Role | ClusterRole] = {}
    roles: list[ClusterRole | Role] = [*_read(ClusterRole, context), *_read(Role, context)]
    for role in roles:
        found.setdefault((role.KIND, role.namespace, role.name), role)
    return found


def _read(kind: type[_Rbac], context: Context) -> list[_Rbac]:
    """Return the objects of a kind, those of the beta version included, which say the same."""
    found = list(context.bundle.all(kind))
    for content in _beta(context).get(kind.KIND, ()):
        try:
            found.append(kind.from_dict({"rules": [], **content} if kind in {ClusterRole, Role} else content))
        except InvalidError:
            continue
    return found


@fact
def _beta(context: Context) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of RBAC that have no model here, by kind, written as those of v1."""
    found: dict[str, list[dict[str, Any]]] = {}
    for manifest in context.bundle:
        if isinstance(manifest, Unstructured) and manifest.key.group == RBAC_GROUP:
            content = without_nulls(manifest.to_dict())
            found.setdefault(manifest.key.kind, []).append({**content, "apiVersion": f"{RBAC_GROUP}/v1"})
    return found
