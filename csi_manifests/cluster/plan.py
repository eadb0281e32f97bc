"""In which steps a bundle is applied and deleted, and what is awaited after each: known without a cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.stages import STAGES
from csi_manifests.cluster.kubectl import part
from csi_manifests.cluster.objects import keeps_pods
from csi_manifests.cluster.waits import is_awaited
from csi_manifests.knowledge.kinds import is_namespaced, kind_of
from csi_manifests.knowledge.well_known import (
    CLAIM,
    DEFINITION,
    NAMESPACE,
    POD,
    SNAPSHOT,
    SNAPSHOT_CLASS,
    SNAPSHOT_GROUP,
    STORAGE_CLASS,
    WAIT_FOR_FIRST_CONSUMER,
)
from csi_manifests.models.resource import Key
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import is_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from csi_manifests.bundle.bundle import Manifest

DEPLOYED = ("crds", "rbac", "driver", "classes")
"""The stages that make the driver; what follows uses it."""


@dataclass(frozen=True)
class ApplyStep:
    """Objects that are applied together."""

    stage: str
    items: tuple[Manifest, ...]
    needs: tuple[Key, ...]
    """What must be ready before, and is not in an earlier step."""
    awaited: tuple[Key, ...]
    """What must be ready after."""


@dataclass(frozen=True)
class DeletePhase:
    """Objects that are deleted together, and awaited."""

    title: str
    items: tuple[Manifest, ...]
    freed: str = ""
    """What the cluster made for them and is awaited to be gone as well."""


def staged(bundle: Bundle) -> Bundle:
    """Return the bundle with a stage for every object, by its kind where it says none."""
    restored = {item.resource.key for item in bundle.items if snapshot_of(item.resource)}
    return Bundle(item if item.stage else replace(item, stage=_stage(item.resource, restored)) for item in bundle.items)


def _stage(resource: Manifest, restored: set[Key]) -> str:
    key = resource.key
    if key in restored or (key.type == POD and restored.intersection(claims_of(resource))):
        return "restore"
    known = kind_of(*key.type)
    return known.stage if known else "driver"


def _rank(resource: Manifest) -> int:
    known = kind_of(*resource.key.type)
    return known.rank if known else 1


def apply_steps(bundle: Bundle, late_classes: Iterable[str] = ()) -> list[ApplyStep]:
    """Return the steps of a staged bundle.

    ``late_classes`` are the StorageClasses, besides those of the bundle, whose claims are bound with their first pod.
    """
    late = {
        *late_classes,
        *(
            key.name
            for key, content in contents(bundle, STORAGE_CLASS)
            if content.get("volumeBindingMode") == WAIT_FOR_FIRST_CONSUMER
        ),
    }
    of_snapshots = (item.resource.key.api_version for item in bundle.items if item.resource.key.group == SNAPSHOT_GROUP)
    version = next(of_snapshots, f"{SNAPSHOT_GROUP}/v1alpha1")
    steps: list[ApplyStep] = []
    promised: set[Key] = set()
    for stage in STAGES:
        items = [item.resource for item in bundle.items if item.stage == stage]
        for rank in sorted({_rank(item) for item in items}):
            step = tuple(item for item in items if _rank(item) == rank)
            keys = dict.fromkeys(key for item in step for key in _awaited_after(item, late))
            needs = dict.fromkeys(key for item in step for key in _needed_before(item, version) if key not in promised)
            steps.append(ApplyStep(stage, step, tuple(needs), tuple(key for key in keys if key not in promised)))
            promised.update(keys)
    return steps


def _awaited_after(item: Manifest, late: set[str]) -> Iterator[Key]:
    if item.key.type == POD:
        # Those of late classes are bound only now.
        yield from claims_of(item)
    if is_awaited(item.key) and not (item.key.type == CLAIM and class_of(item) in late):
        yield item.key


def _needed_before(item: Manifest, version: str) -> Iterator[Key]:
    """Return what must be ready before an object; ``version`` is the apiVersion of snapshots."""
    snapshot = snapshot_of(item)
    if snapshot:
        yield Key(version, SNAPSHOT[1], item.namespace, snapshot)
    if item.key.type == SNAPSHOT:
        source = part(spec(item), "source")
        of_alpha = source.get("name") if source.get("kind") == CLAIM[1] else None
        claim = source.get("persistentVolumeClaimName") or of_alpha
        if claim:
            yield Key("v1", CLAIM[1], item.namespace, claim)


def delete_phases(bundle: Bundle) -> list[DeletePhase]:
    """Return the phases of a staged bundle: what uses the driver goes first, and only then the driver."""
    items = [item for stage in reversed(STAGES) for item in reversed(bundle.items) if item.stage == stage]
    apart = (POD, CLAIM, SNAPSHOT, NAMESPACE)
    users = [item.resource for item in items]
    others = {
        stage: [item.resource for item in items if item.stage == stage and item.resource.key.type not in apart]
        for stage in STAGES
    }
    phases = [
        DeletePhase("pods", tuple(item for item in users if item.key.type == POD)),
        DeletePhase("restored claims", tuple(item for item in users if snapshot_of(item)), "PersistentVolumes"),
        DeletePhase("snapshots", tuple(item for item in users if item.key.type == SNAPSHOT), "VolumeSnapshotContents"),
        DeletePhase(
            "claims",
            tuple(item for item in users if item.key.type == CLAIM and not snapshot_of(item)),
            "PersistentVolumes",
        ),
        *(
            DeletePhase(
                stage, tuple(others[stage]), "pods" if any(keeps_pods(item.key) for item in others[stage]) else ""
            )
            for stage in ("restore", "snapshot", "workload", "classes", "driver", "rbac", "crds")
        ),
        DeletePhase("namespaces", tuple(item for item in users if item.key.type == NAMESPACE)),
    ]
    return [phase for phase in phases if phase.items]


def contents(bundle: Bundle, type_: tuple[str, str]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Return the objects of a group and kind as plain data, whether or not a model could read them."""
    return ((item.key, item.to_dict()) for item in bundle if item.key.type == type_)


def drivers(bundle: Bundle) -> set[str]:
    """Return the names of the drivers that the bundle's classes use."""
    found = {str(content.get("provisioner")) for _, content in contents(bundle, STORAGE_CLASS)}
    # From v1beta1 on it is called driver.
    of_snapshots = (
        content.get("driver") or content.get("snapshotter") for _, content in contents(bundle, SNAPSHOT_CLASS)
    )
    return found | {str(name) for name in of_snapshots}


def workloads(bundle: Bundle) -> tuple[Key, ...]:
    """Return what runs the driver."""
    return tuple(item.key for item in bundle if keeps_pods(item.key))


def namespaces(items: Iterable[Manifest]) -> list[str]:
    """Return the namespaces of objects, without those that are among them and ``default``, which every cluster has."""
    items = list(items)
    there = {"default", *(item.key.name for item in items if item.key.type == NAMESPACE)}
    return [name for name in dict.fromkeys(item.key.namespace for item in items) if name and name not in there]


def spec(item: Manifest) -> dict[str, Any]:
    """Return an object's spec as plain data."""
    found = item.to_dict().get("spec")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def class_of(item: Manifest) -> str | None:
    """Return the StorageClass that a claim names."""
    return spec(item).get("storageClassName")


def claims_of(pod: Manifest) -> list[Key]:
    """Return the claims that a pod uses."""
    volumes = spec(pod).get("volumes") or ()
    found = (part(volume, "persistentVolumeClaim").get("claimName") for volume in volumes)
    return [Key("v1", "PersistentVolumeClaim", pod.namespace, name) for name in found if name]


def snapshot_of(claim: Manifest) -> str:
    """Return the name of the snapshot that a claim is restored from; empty if it is not."""
    source = part(spec(claim), "dataSource") if claim.key.type == CLAIM else {}
    return str(source.get("name")) if source.get("kind") == SNAPSHOT[1] else ""


def sleeps(pod: Manifest) -> bool:
    """Return whether a pod does nothing but sleep, which as process 1 ignores SIGTERM and has nothing to put away."""
    containers = spec(pod).get("containers") or ()
    return bool(containers) and all(
        (container.get("command") or [""])[0].rpartition("/")[2] == "sleep" for container in containers
    )


def with_namespace(bundle: Bundle, namespace: str) -> Bundle:
    """Return the bundle with a namespace for the objects that say none and whose kind has them.

    Of a kind that is not known here, the bundle's own CustomResourceDefinition decides; without one, only the cluster knows.
    """
    defined = {
        (content["spec"].get("group"), part(content, "spec", "names").get("kind")): content["spec"].get("scope")
        for _, content in contents(bundle, DEFINITION)
        if isinstance(content.get("spec"), dict)
    }

    def placed(item: Item) -> Item:
        resource = item.resource
        type_ = resource.key.type
        namespaced = is_namespaced(*type_)
        if not (defined.get(type_) == "Namespaced" if namespaced is None else namespaced):
            return item
        if isinstance(resource, Unstructured):
            content = resource.to_dict()
            metadata = content.setdefault("metadata", {})
            if is_mapping(metadata):
                metadata.setdefault("namespace", namespace)
            return replace(item, resource=Unstructured(content))
        if resource.metadata.namespace:
            return item
        copy = resource.model_copy(deep=True)
        copy.metadata.namespace = namespace
        return replace(item, resource=copy)

    return Bundle(placed(item) for item in bundle.items)
