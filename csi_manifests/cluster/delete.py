"""Delete a bundle: what uses the driver first, and the driver only when nothing is left that it would have to free."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.apply import MADE_BY, named
from csi_manifests.cluster.explanation import pods_of
from csi_manifests.cluster.kubectl import part
from csi_manifests.cluster.leftovers import kept_definitions, others_in
from csi_manifests.cluster.plan import SETS, delete_phases, drivers, namespaces, sleeps
from csi_manifests.cluster.waits import await_gone, names
from csi_manifests.errors import ClusterError
from csi_manifests.models.resource import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from csi_manifests.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.cluster.plan import Phase
    from csi_manifests.cluster.waits import Watch

CONTENTS = "volumesnapshotcontents.snapshot.storage.k8s.io"
Place = tuple[str, str]
"""A namespace and a name."""


def delete(bundle: Bundle, watch: Watch, *, force: bool = False) -> Counter[str]:
    """Delete the objects of a staged bundle that exist, then the namespaces that ``apply`` made, and count.

    Raises:
        ClusterError: if something else still uses the driver, the cluster refuses, or something does not go in time.

    """
    counts = delete_objects(bundle, watch, force=force)
    for name in _made_namespaces(bundle, watch.kubectl):
        others = others_in(name, watch.kubectl)
        if others:
            watch.progress.line(f"kept namespace {name}: it holds {others}")
        else:
            delete_namespace(name, watch)
            counts["deleted"] += 1
    return counts


def delete_objects(bundle: Bundle, watch: Watch, *, force: bool = False) -> Counter[str]:
    """Delete the objects of a staged bundle that exist, and count the deleted and the kept.

    Raises:
        ClusterError: if something else still uses the driver, the cluster refuses, or something does not go in time.

    """
    counts: Counter[str] = Counter()
    gone = drivers(bundle) if any(item.key.kind in SETS for item in bundle) else set[str]()
    if not force:
        _refuse_used(bundle, watch.kubectl, gone)
    for phase in delete_phases(bundle):
        items = phase.items
        # Only now: the sidecars that keep a definition in use are this bundle's own until here.
        reasons = _reasons_to_keep(bundle, phase, watch.kubectl) if not force else {}
        for key, reason in reasons.items():
            watch.progress.line(f"kept {key}: {reason}. --force deletes it.")
        counts["kept"] += len(reasons)
        items = tuple(item for item in items if item.key not in reasons)
        counts["deleted"] += _delete(phase.title, items, watch)
        _await(phase.title, items, watch)
        if phase.title == "claims" and gone:
            _await_detached(watch, gone)
    return counts


def _delete(title: str, items: Iterable[Manifest], watch: Watch) -> int:
    """Ask for the objects that exist to be deleted, and give how many they were."""
    by_key = {item.key: item for item in items}
    there = [by_key[key] for key in watch.kubectl.get(by_key, f"delete {title}")]
    sleeping = [item.key for item in there if item.key.kind == "Pod" and sleeps(item)]
    for keys, flags in (
        (sleeping, ("--grace-period=1",)),
        ([item.key for item in there if item.key not in sleeping], ()),
    ):
        if keys:
            watch.kubectl.delete(keys, f"delete {title}", *flags)
    if there:
        watch.progress.finish(title, f"{title}: {named(there)} asked to go")
    return len(there)


def _await(title: str, items: tuple[Manifest, ...], watch: Watch) -> None:
    kubectl = watch.kubectl
    if not items:
        return
    keys = [item.key for item in items]
    await_gone(watch, f"{title} to be gone", lambda: list(kubectl.get(keys, f"delete {title}").values()))
    claims = {(key.namespace, key.name) for key in keys if key.kind == "PersistentVolumeClaim"}
    if claims:
        await_gone(
            watch, "their PersistentVolumes to be gone", lambda: volumes(kubectl, lambda _, claim: claim in claims)
        )
    snapshots = {(key.namespace, key.name) for key in keys if key.kind == "VolumeSnapshot"}
    if snapshots:
        await_gone(
            watch,
            "their VolumeSnapshotContents to be gone",
            lambda: taken(kubectl, lambda _, snapshot: snapshot in snapshots),
        )
    sets = [item for item in items if item.key.kind in SETS]
    if sets:
        await_gone(
            watch,
            "their pods to be gone",
            lambda: [pod for item in sets for pod in pods_of(kubectl, item.namespace, item.to_dict())],
        )


def _await_detached(watch: Watch, gone: set[str]) -> None:
    """Wait until no volume is attached: nobody else detaches what csi-attacher attached."""
    kubectl = watch.kubectl

    def attached() -> list[Object]:
        found = kubectl.list("volumeattachments.storage.k8s.io", doing="look for attached volumes")
        return [
            attachment
            for attachment in found
            if attachment["spec"]["attacher"] in gone and not _stays(kubectl, attachment)
        ]

    await_gone(watch, "volumes to be detached", attached)


def _stays(kubectl: Kubectl, attachment: Object) -> bool:
    """Say whether the attachment's volume is to stay: somebody else uses it, which --force accepted."""
    volume = attachment["spec"]["source"].get("persistentVolumeName", "")
    return bool(kubectl.get([Key("v1", "PersistentVolume", "", volume)])) if volume else False


def volumes(kubectl: Kubectl, wanted: Callable[[str, Place], bool]) -> list[Object]:
    """Give the volumes of these drivers and claims, without those that are to stay when their claim goes."""
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
    """Give the contents of these drivers and snapshots, without those that are to stay when their snapshot goes."""
    found = kubectl.list(CONTENTS, doing="look for VolumeSnapshotContents")
    return [
        content
        for content in found
        if wanted(
            part(content, "spec", "csiVolumeSnapshotSource").get("driver", ""),
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
    claims = {(key.namespace, key.name) for key in keys if key.kind == "PersistentVolumeClaim"}
    snapshots = {(key.namespace, key.name) for key in keys if key.kind == "VolumeSnapshot"}
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


def _reasons_to_keep(bundle: Bundle, phase: Phase, kubectl: Kubectl) -> dict[Key, str]:
    reasons: dict[Key, str] = {}
    if phase.title == "crds":
        definitions = [item for item in phase.items if item.key.kind == "CustomResourceDefinition"]
        reasons = kept_definitions(definitions, bundle, kubectl)
    for item in phase.items:
        if item.key.kind == "Namespace" and (others := others_in(item.key.name, kubectl)):
            reasons[item.key] = f"it holds {others}"
    return reasons


def _made_namespaces(bundle: Bundle, kubectl: Kubectl) -> list[str]:
    """Give the bundle's namespaces that ``apply`` made."""
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
    kept = f", {counts['kept']} kept" if counts["kept"] else ""
    if not counts["deleted"]:
        return f"nothing to delete: none of the {total} objects is there{kept}"
    return f"{counts['deleted']} objects deleted{kept}"
