"""What of a bundle is cluster-wide and serves an installation in another namespace as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from csi_manifests.cluster.kubectl import key_of, part
from csi_manifests.cluster.objects import workload_types
from csi_manifests.cluster.waits import names
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.well_known import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, SNAPSHOT_CLASS, STORAGE_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from csi_manifests.bundle.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.models.resource import Key

_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io"
_DRIVER_FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    STORAGE_CLASS: ("provisioner",),
    SNAPSHOT_CLASS: ("driver", "snapshotter"),
}


def home(bundle: Bundle) -> set[str]:
    """Return the namespaces of a bundle: those of its objects, and those of the accounts that its bindings name."""
    bindings = [item.to_dict() for item in bundle if item.key.type == CLUSTER_ROLE_BINDING]
    found = {item.key.namespace for item in bundle} | {place for each in bindings for place, _ in _accounts(each)}
    return found - {""}


def refuse_takeover(bundle: Bundle, kubectl: Kubectl) -> None:
    """Refuse before anything is changed: of two installations that share a binding, only the last has its rights.

    Raises:
        ClusterError: if a binding gives rights to accounts of another namespace, which it would lose.

    """
    bindings = {item.key: item.to_dict() for item in bundle if item.key.type == CLUSTER_ROLE_BINDING}
    live = kubectl.get(bindings, "look for bindings of others") if bindings else {}
    here = home(bundle)
    lost = {key: _said(_strangers(found, here)) for key, found in live.items() if _strangers(found, here)}
    if lost:
        places = sorted({place for key in lost for place, _ in _strangers(live[key], here)})
        lines = "".join(f"\n  {key}: {accounts}" for key, accounts in lost.items())
        raise ClusterError(
            f"an installation in namespace {', '.join(places)} has the same cluster-wide objects, and its accounts would "
            f"lose their rights; nothing was changed:{lines}\n"
            "  Give this installation a name of its own with --instance, or delete the other one first "
            f"('csi-manifests delete --namespace {places[0]}')."
        )


def kept_for_others(items: Sequence[Manifest], whole: Bundle, kubectl: Kubectl) -> dict[Key, str]:
    """Return the roles, bindings and classes that an installation in another namespace needs, each with the reason."""
    here = home(whole)
    if not here:
        return {}
    reasons: dict[Key, str] = {}
    if any(item.key.type in (CLUSTER_ROLE, CLUSTER_ROLE_BINDING) for item in items):
        bindings = kubectl.list(_BINDINGS, "--all-namespaces", doing="look for bindings of others")
        reasons |= _needed_rights(items, whole, bindings, here)
    if any(_driver(item) for item in items):
        reasons |= _needed_classes(items, here, kubectl)
    return reasons


def _needed_rights(
    items: Iterable[Manifest], whole: Bundle, bindings: Sequence[Object], here: set[str]
) -> dict[Key, str]:
    own = {item.key.identity for item in whole}
    needed: dict[tuple[str, str, str, str], str] = {}
    roles: dict[str, str] = {}
    for binding in bindings:
        key = key_of(binding)
        others = _said(_strangers(binding, here))
        if not others and key.identity not in own:
            others = _said(("", f"{each['kind']} {each['name']}") for each in _subjects(binding) if not _account(each))
        if others:
            needed[key.identity] = f"it gives rights to {others}"
            if part(binding, "roleRef").get("kind") == "ClusterRole":
                roles.setdefault(binding["roleRef"]["name"], f"{key} gives its rights to {others}")
    found = {item.key: needed.get(item.key.identity, "") for item in items if item.key.type == CLUSTER_ROLE_BINDING}
    found |= {item.key: roles.get(item.name, "") for item in items if item.key.type == CLUSTER_ROLE}
    return {key: reason for key, reason in found.items() if reason}


def _needed_classes(items: Iterable[Manifest], here: set[str], kubectl: Kubectl) -> dict[Key, str]:
    types = workload_types()
    found = kubectl.list(types, "--all-namespaces", doing="look for the driver in other namespaces")
    others = [workload for workload in found if workload["metadata"]["namespace"] not in here]
    reasons: dict[Key, str] = {}
    for item in items:
        driver = _driver(item)
        running = [workload for workload in others if driver and driver in _words(workload)]
        if running:
            reasons[item.key] = f"its driver {driver} is also that of {names(running)}"
    return reasons


def _driver(item: Manifest) -> str:
    """Return the driver that a class names."""
    if item.key.kind == "CSIDriver":
        return item.name
    content = item.to_dict()
    return next((str(content[field]) for field in _DRIVER_FIELDS.get(item.key.type, ()) if content.get(field)), "")


def _words(workload: Object) -> set[str]:
    """Return what may name a workload's driver: values of flags and of the environment, and folders of the node."""
    pod = part(workload, "spec", "template", "spec")
    volumes = pod.get("volumes") or ()
    found = {part(each, "hostPath").get("path", "").rstrip("/").rpartition("/")[2] for each in volumes}
    for container in pod.get("containers") or ():
        for word in [*(container.get("command") or ()), *(container.get("args") or ())]:
            found |= {word, word.partition("=")[2]}
        found |= {each.get("value", "") for each in container.get("env") or ()}
    return found


def _subjects(binding: Mapping[str, Any]) -> list[Object]:
    # Anybody's files may hold anything here.
    subjects: Any = binding.get("subjects")
    listed = cast("list[Object | str]", subjects) if isinstance(subjects, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _account(subject: Object) -> bool:
    return subject.get("kind") == "ServiceAccount"


def _accounts(binding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the accounts that a binding names, each with its namespace."""
    found = (each for each in _subjects(binding) if _account(each))
    return (
        (str(each.get("namespace") or ""), f"ServiceAccount {each.get('namespace')}/{each.get('name')}")
        for each in found
    )


def _strangers(binding: Mapping[str, Any], here: set[str]) -> list[tuple[str, str]]:
    """Return the accounts that a binding names and that are of other namespaces."""
    return [(place, account) for place, account in _accounts(binding) if place not in here]


def _said(accounts: Iterable[tuple[str, str]]) -> str:
    return ", ".join(account for _, account in accounts)
