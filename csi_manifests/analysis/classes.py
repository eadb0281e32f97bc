"""Which classes a bundle has, which driver each is of, and which claims use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from csi_manifests.analysis.claims import claims_of
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.programs import sidecars, sockets
from csi_manifests.knowledge.well_known import DEFAULT_SNAPSHOT_CLASS, DEFAULT_STORAGE_CLASS
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotClass
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar
    from csi_manifests.models.resource import Resource


R = TypeVar("R", bound="Resource")

DEFAULT_ANNOTATIONS: dict[str, tuple[str, ...]] = {
    StorageClass.KIND: (DEFAULT_STORAGE_CLASS, "storageclass.beta.kubernetes.io/is-default-class"),
    VolumeSnapshotClass.KIND: (DEFAULT_SNAPSHOT_CLASS,),
}

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"


def is_default(class_: StorageClass | VolumeSnapshotClass) -> bool:
    """Return whether a class is marked as the default."""
    annotations = class_.metadata.annotations or {}
    return any(annotations.get(key) == "true" for key in DEFAULT_ANNOTATIONS[class_.KIND])


@fact
def default_storage_classes(context: Context) -> list[StorageClass]:
    """Return the classes of the bundle that are marked as the default."""
    return [class_ for class_ in context.bundle.all(StorageClass) if is_default(class_)]


@fact
def default_snapshot_classes(context: Context) -> dict[str, list[VolumeSnapshotClass]]:
    """Return the snapshot classes that are marked as the default, by driver."""
    found: dict[str, list[VolumeSnapshotClass]] = {}
    for class_ in context.bundle.all(VolumeSnapshotClass):
        if is_default(class_):
            found.setdefault(class_.snapshotter, []).append(class_)
    return found


def claim_of(snapshot: VolumeSnapshot, context: Context) -> PersistentVolumeClaim | None:
    """Return the claim that a snapshot is of, if it is in the bundle."""
    source = snapshot.spec.source
    if source is None or source.kind != PersistentVolumeClaim.KIND:
        return None
    return lookup(PersistentVolumeClaim, source.name, context, snapshot.namespace)


def class_name_of(claim: PersistentVolumeClaim) -> str | None:
    """Return the name of a claim's class, the annotation of old included; None where it names none."""
    beta = (claim.metadata.annotations or {}).get(_BETA_CLASS)
    return beta if beta is not None else claim.spec.storage_class_name if claim.spec else None


def driver_of(claim: PersistentVolumeClaim, context: Context) -> str | None:
    """Return the driver that makes, or made, a claim's volume; None where that is not in the bundle."""
    if claim.spec is not None and claim.spec.volume_name:
        volume = lookup(PersistentVolume, claim.spec.volume_name, context)
        if volume is not None and volume.spec is not None:
            return volume.spec.csi.driver if volume.spec.csi else None
    name = class_name_of(claim)
    class_ = lookup(StorageClass, name, context) if name else None
    return class_.provisioner if class_ else None


def lookup(kind: type[R], name: str, context: Context, namespace: str = "") -> R | None:
    """Return an object itself, if the bundle has it in a form that a model takes."""
    group = kind.API_VERSION.rpartition("/")[0]
    item = context.bundle.index.get((group, kind.KIND, namespace, name))
    return item.resource if item is not None and isinstance(item.resource, kind) else None


def names_served(sidecar: Sidecar, context: Context) -> frozenset[str] | None:
    """Return the names of the drivers that a sidecar works for; None where that cannot be seen."""
    return _names_served(context).get(id(sidecar))


def classes_served(sidecar: Sidecar, context: Context) -> list[StorageClass | VolumeSnapshotClass]:
    """Return the classes of the drivers that a sidecar works for, or all where those cannot be seen."""
    names = names_served(sidecar, context)
    known = _classes_by_driver(context)
    return [class_ for name in (known if names is None else names) for class_ in known.get(name, ())]


def serving(program: str, driver: str, context: Context) -> list[Sidecar]:
    """Return the sidecars of a program that work for a driver: those that surely do, or else those that may."""
    sure: list[Sidecar] = []
    maybe: list[Sidecar] = []
    for sidecar, names in _served(context).get(program, ()):
        if names is None:
            maybe.append(sidecar)
        elif driver in names:
            sure.append(sidecar)
    return sure or maybe


@fact
def _served(context: Context) -> dict[str, list[tuple[Sidecar, frozenset[str] | None]]]:
    found: dict[str, list[tuple[Sidecar, frozenset[str] | None]]] = {}
    for sidecar in sidecars(context):
        found.setdefault(sidecar.program, []).append((sidecar, names_served(sidecar, context)))
    return found


@fact
def _names_served(context: Context) -> dict[int, frozenset[str]]:
    known = sockets(context).listeners
    found: dict[int, frozenset[str]] = {}
    for sidecar in sidecars(context):
        # From 1.1 on both flags are ignored, and the driver is asked for its name.
        flags = sidecar.flags if sidecar.version is None or sidecar.version < (1, 1, 0) else {}
        said = flags.get("provisioner") or flags.get("snapshotter")
        names = (
            {said}
            if said
            else {driver.name for driver in known.get(sidecar.address, ())}
            if sidecar.address
            else {None}
        )
        if names and not any(name is None or "$(" in name for name in names):
            found[id(sidecar)] = frozenset(name for name in names if name)
    return found


@fact
def _classes_by_driver(context: Context) -> dict[str, list[StorageClass | VolumeSnapshotClass]]:
    found: dict[str, list[StorageClass | VolumeSnapshotClass]] = {}
    for class_ in context.bundle.all(StorageClass):
        found.setdefault(class_.provisioner, []).append(class_)
    for other in context.bundle.all(VolumeSnapshotClass):
        found.setdefault(other.snapshotter, []).append(other)
    return found


@fact
def claims_without_class(context: Context) -> list[str]:
    """Return the claims that name no class, each as a message names it."""
    return [
        f"{resource.KIND} {resource.name!r}"
        for kind in (PersistentVolumeClaim, StatefulSet)
        for resource in context.bundle.all(kind)
        if any(class_name_of(found.claim) is None for found in claims_of(resource))
    ]


@fact
def old_hostpath_names(context: Context) -> set[str | None]:
    """Return the names under which HostPath drivers of CSI 0.x are known here."""
    known = ((driver.name, driver.known) for driver in sockets(context).drivers if driver.known is not None)
    return {name for name, sidecar in known if name and sidecar.csi_major == 0}
