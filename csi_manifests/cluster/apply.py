"""Apply a bundle step by step, each awaited before the next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.foreign import refuse_takeover
from csi_manifests.cluster.plan import apply_steps, class_of, namespaces
from csi_manifests.cluster.waits import Watch, await_ready, wait
from csi_manifests.knowledge.well_known import CLAIM, LAST_APPLIED, STORAGE_CLASS, WAIT_FOR_FIRST_CONSUMER
from csi_manifests.models.resource import Key
from csi_manifests.text.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from csi_manifests.bundle.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.cluster.plan import ApplyStep

MADE_BY = {"app.kubernetes.io/managed-by": "csi-manifests"}
"""The label of a namespace that was made because it was missing, so that delete may take it away."""
CHANGES = ("created", "changed", "adopted", "as they were")


def apply(bundle: Bundle, watch: Watch) -> Counter[str]:
    """Apply a staged bundle, and count what became of its objects: see ``CHANGES``.

    Raises:
        ClusterError: if the cluster refuses something, something is not ready in time, or another installation would
            lose its rights.

    """
    refuse_takeover(bundle, watch.kubectl)
    counts: Counter[str] = Counter()
    for name in namespaces(list(bundle)):
        counts["created"] += make_namespace(watch, name)
    for step in apply_steps(bundle, late_classes(watch.kubectl, bundle)):
        await_ready(watch, step.needs)
        changes = _apply(step, watch.kubectl)
        counts += changes
        said = ", ".join(f"{changes[change]} {change}" for change in CHANGES if changes[change])
        watch.progress.finish(step.stage, f"stage {step.stage}: {named(step.items)}: {said}")
        await_ready(watch, step.awaited)
    return counts


def _apply(step: ApplyStep, kubectl: Kubectl) -> Counter[str]:
    doing = f"apply stage {step.stage}"
    keys = [item.key for item in step.items]
    before = kubectl.get(keys, doing)
    kubectl.apply([item.to_dict() for item in step.items], doing)
    after = kubectl.get(keys, doing)
    return Counter(change(before.get(key), after.get(key)) for key in keys)


def change(before: Object | None, after: Object | None) -> str:
    """Say what became of an object, by what the server has and not by what kubectl says.

    kubectl calls a pod "configured" that it did not change. The version of an object also changes with its status, which
    is its controller's.
    """
    if before is None or after is None or before["metadata"]["uid"] != after["metadata"]["uid"]:
        return "created"
    if before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]:
        return "as they were"
    marked = before["metadata"].get("annotations", {})
    if _chosen(before) != _chosen(after):
        return "changed"
    if LAST_APPLIED not in marked:
        return "adopted"
    return "as they were" if marked == after["metadata"].get("annotations", {}) else "changed"


def _chosen(found: Object) -> dict[str, Any]:
    """Return what users choose of an object: no status, and no annotations, which controllers write as well."""
    metadata = {name: found["metadata"].get(name) for name in ("name", "labels")}
    return {
        "metadata": metadata,
        **{name: value for name, value in found.items() if name not in ("metadata", "status")},
    }


def make_namespace(watch: Watch, name: str) -> int:
    """Make a namespace if it is missing, and give how many were made.

    A Pod is refused until the namespace's ServiceAccount ``default`` exists, so that is awaited.
    """
    kubectl = watch.kubectl
    key = Key("v1", "Namespace", "", name)
    if key in kubectl.get([key], f"look for namespace {name}"):
        return 0
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": MADE_BY}}
    kubectl.apply([manifest], f"make namespace {name}")
    watch.progress.finish(f"namespace {name}", f"namespace {name} created")
    account = Key("v1", "ServiceAccount", name, "default")
    wait(
        watch,
        f"{account}, without which the namespace takes no pods",
        lambda: "" if kubectl.get([account]) else "is not there",
        list,
    )
    return 1


def late_classes(kubectl: Kubectl, bundle: Bundle) -> set[str]:
    """Return the StorageClasses outside of the bundle, named by its claims, that bind with the first pod."""
    claims = [item for item in bundle if item.key.type == CLAIM]
    here = {item.key.name for item in bundle if item.key.type == STORAGE_CLASS}
    asked = {name for name in map(class_of, claims) if name and name not in here}
    found = kubectl.get([Key("storage.k8s.io/v1", "StorageClass", "", name) for name in sorted(asked)]) if asked else {}
    return {key.name for key, content in found.items() if content.get("volumeBindingMode") == WAIT_FOR_FIRST_CONSUMER}


def named(items: Iterable[Manifest]) -> str:
    """Say how many objects of which kinds."""
    kinds = Counter(item.key.kind for item in items)
    return ", ".join(f"{count} {plural(kind) if count > 1 else kind}" for kind, count in kinds.items())


def summary(counts: Counter[str]) -> str:
    """Say what became of all objects."""
    total = sum(counts.values())
    if counts["as they were"] == total:
        return f"nothing changed: {total} objects as they were"
    return f"{total} objects: " + ", ".join(f"{counts[change]} {change}" for change in CHANGES if counts[change])
