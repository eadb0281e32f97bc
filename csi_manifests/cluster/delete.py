"""Delete a bundle: what uses the driver first, and the driver only when nothing is left that it would have to free."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.apply import MADE_BY, named
from csi_manifests.cluster.foreign import kept_for_others
from csi_manifests.cluster.kubectl import part
from csi_manifests.cluster.leftovers import kept_definitions, others_in
from csi_manifests.cluster.objects import CONTENTS, keeps_pods, pods_of
from csi_manifests.cluster.plan import delete_phases, drivers, namespaces, sleeps
from csi_manifests.cluster.waits import await_gone, names
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.well_known import CLAIM, DEFINITION, NAMESPACE, POD, SNAPSHOT
from csi_manifests.models.resource import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from csi_manifests.bundle.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.cluster.plan import DeletePhase
    from csi_manifests.cluster.waits import Watch

Place = tuple[str, str]
"""A namespace and a name."""


def delete(bundle: Bundle, watch: Watch, whole: Bundle, *, force: bool = False) -> Counter[str]:
    """Delete the objects of a staged bundle that exist, then the namespaces that ``apply`` made, and count.

    ``whole`` is the bundle that it is a part of, whose classes tell the driver's name, and whose objects its namespace.

    Raises:
        ClusterError: if something else still uses the driver, the cluster refuses, or something does not go in time.

    """
    counts = delete_objects(bundle, watch, drivers(whole), whole, force=force)
    for name in _made_namespaces(bundle, watch.kubectl):
        others = others_in(name, watch.kubectl)
        if others:
            watch.progress.line(f"kept namespace {name}: it holds {others}")
        else:
            delete_namespace(name, watch)
            counts["deleted"] += 1
    return counts


def delete_objects(
    bundle: Bundle, watch: Watch, own: set[str], whole: Bundle | None = None, *, force: bool = False
) -> Counter[str]:
    """Delete the objects of a staged bundle that exist, and count the deleted and the kept.

    Raises:
        ClusterError: if something else still uses the driver, the cluster refuses, or something does not go in time.

    """
    kubectl, counts = watch.kubectl, Counter[str]()
    # The drivers that are not there any more after this.
    gone = own if any(keeps_pods(item.key) for item in bundle) else set[str]()
    if not force:
        _refuse_used(bundle, kubectl, gone)
    there = set(kubectl.get([item.key for item in bundle], "look what is there"))
    for phase in delete_phases(bundle):
        if phase.title == "driver" and gone and not force:
            await_gone(watch, "volumes to be detached", lambda: attached(kubectl, gone))
        items = [item for item in phase.items if item.key in there]
        # Only now: the sidecars that keep a definition in use are this bundle's own until here.
        reasons = {} if force else _reasons_to_keep(bundle, items, own, kubectl, whole or bundle)
        for key, reason in reasons.items():
            watch.progress.line(f"kept {key}: {reason}. --force deletes it.")
        items = [item for item in items if item.key not in reasons]
        counts += Counter(kept=len(reasons), deleted=len(items))
        if items:
            _delete(phase.title, items, watch)
        # Also where nothing is there any more: an earlier run may have been interrupted while it waited for this.
        _await_freed(phase, watch)
    return counts


def _delete(title: str, items: list[Manifest], watch: Watch) -> None:
    sleeping = [item.key for item in items if item.key.type == POD and sleeps(item)]
    others = [item.key for item in items if item.key not in sleeping]
    for keys, flags in ((sleeping, ("--grace-period=1",)), (others, ())):
        if keys:
            watch.kubectl.delete(keys, f"delete {title}", *flags)
    watch.progress.finish(title, f"{title}: {named(items)} asked to go")
    keys = [item.key for item in items]
    await_gone(watch, f"{title} to be gone", lambda: list(watch.kubectl.get(keys, f"delete {title}").values()))


def _await_freed(phase: DeletePhase, watch: Watch) -> None:
    """Wait until what the cluster made for the objects of a phase is gone too."""
    kubectl = watch.kubectl
    claims = {(item.namespace, item.name) for item in phase.items if item.key.type == CLAIM}
    snapshots = {(item.namespace, item.name) for item in phase.items if item.key.type == SNAPSHOT}
    sets = [item for item in phase.items if keeps_pods(item.key)]
    if claims:
        await_gone(
            watch, "their PersistentVolumes to be gone", lambda: volumes(kubectl, lambda _, claim: claim in claims)
        )
    if snapshots:
        await_gone(
            watch, "their VolumeSnapshotContents to be gone", lambda: taken(kubectl, lambda _, of: of in snapshots)
        )
    if sets:
        await_gone(watch, "their pods to be gone", lambda: _pods(kubectl, sets))


def _pods(kubectl: Kubectl, sets: Iterable[Manifest]) -> list[Object]:
    places: dict[str, list[dict[str, Any]]] = {}
    for item in sets:
        places.setdefault(item.namespace, []).append(item.to_dict())
    return [pod for namespace, of_place in places.items() for pod in pods_of(kubectl, namespace, of_place)]


def attached(kubectl: Kubectl, attachers: set[str]) -> list[Object]:
    """Return the attachments of these drivers: nobody else detaches what csi-attacher attached."""
    found = kubectl.list("volumeattachments.storage.k8s.io", doing="look for attached volumes")
    return [attachment for attachment in found if attachment["spec"]["attacher"] in attachers]


def volumes(kubectl: Kubectl, wanted: Callable[[str, Place], bool]) -> list[Object]:
    """Return the volumes of these drivers and claims, without those that are to stay when their claim goes."""
    found = kubectl.list("persistentvolumes", doing="look for PersistentVolumes")
    return [
        volume
        for volume in found
        if wanted(part(volume, "spec", "csi").get("driver", ""), _place(volume["spec"].get("claimRef")))
        and not (
            volume["spec"].get("persistentVolumeReclaimPolicy") == "Retain"
            and volume.get("status", {}).get("phase") != "Bound"
        )
    ]


def taken(kubectl: Kubectl, wanted: Callable[[str, Place], bool]) -> list[Object]:
    """Return the contents of these drivers and snapshots, without those that are to stay when their snapshot goes."""
    found = kubectl.list(CONTENTS, doing="look for VolumeSnapshotContents")
    return [
        content
        for content in found
        if wanted(
            content["spec"].get("driver") or part(content, "spec", "csiVolumeSnapshotSource").get("driver", ""),
            _place(content["spec"].get("volumeSnapshotRef")),
        )
        and content["spec"].get("deletionPolicy") != "Retain"
    ]


def _place(named_object: dict[str, Any] | None) -> Place:
    found = named_object or {}
    return found.get("namespace", ""), found.get("name", "")


def _refuse_used(bundle: Bundle, kubectl: Kubectl, gone: set[str]) -> None:
    """Refuse before anything is deleted: without its driver, a volume is never unmounted nor deleted."""
    if not gone:
        return
    keys = [item.key for item in bundle]
    claims = {(key.namespace, key.name) for key in keys if key.type == CLAIM}
    snapshots = {(key.namespace, key.name) for key in keys if key.type == SNAPSHOT}
    used = volumes(kubectl, lambda driver, claim: driver in gone and claim not in claims)
    used += taken(kubectl, lambda driver, snapshot: driver in gone and snapshot not in snapshots)
    if used:
        of = [part(each, "spec", "claimRef") or part(each, "spec", "volumeSnapshotRef") for each in used]
        users = ", ".join(
            dict.fromkeys(f"{each.get('kind', 'object')} {each.get('namespace')}/{each.get('name')}" for each in of)
        )
        raise ClusterError(
            f"{names(used)}: still of the driver {', '.join(sorted(gone))} and not of this bundle; nothing was deleted. "
            f"Without the driver nobody unmounts or deletes them. Delete first what they belong to ({users}), or say --force."
        )


def _reasons_to_keep(
    bundle: Bundle, items: list[Manifest], own: set[str], kubectl: Kubectl, whole: Bundle
) -> dict[Key, str]:
    definitions = [item for item in items if item.key.type == DEFINITION]
    reasons = kept_definitions(definitions, bundle, own, kubectl) if definitions else {}
    reasons |= kept_for_others(items, whole, kubectl)
    for item in items:
        if item.key.type == NAMESPACE and (others := others_in(item.name, kubectl)):
            reasons[item.key] = f"it holds {others}"
    return reasons


def _made_namespaces(bundle: Bundle, kubectl: Kubectl) -> list[str]:
    """Return the bundle's namespaces that ``apply`` made."""
    keys = [Key("v1", "Namespace", "", name) for name in namespaces(list(bundle))]
    found = kubectl.get(keys) if keys else {}
    return [
        key.name
        for key, content in found.items()
        if MADE_BY.items() <= (content["metadata"].get("labels") or {}).items()
    ]


def delete_namespace(name: str, watch: Watch) -> None:
    """Delete a namespace and all in it, and wait until it is gone."""
    key = Key("v1", "Namespace", "", name)
    watch.kubectl.delete([key], f"delete namespace {name}")
    watch.progress.finish(f"namespace {name}", f"namespace {name} asked to go")
    await_gone(watch, f"namespace {name} to be gone", lambda: list(watch.kubectl.get([key]).values()))


def summary(counts: Counter[str], total: int) -> str:
    """Say what became of all objects."""
    deleted, kept = counts["deleted"], counts["kept"]
    if deleted:
        return f"{deleted} objects deleted" + (f", {kept} kept" if kept else "")
    if not kept:
        return f"nothing to delete: none of the {total} objects is there"
    rest = ", the others are not there" if kept < total else ""
    return f"nothing deleted: {kept} of {total} objects kept{rest}"
