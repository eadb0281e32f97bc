"""Which classes a bundle has, which driver each is of, and which claims use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from csi_manifests.analysis.claims import claims_of
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.programs import sidecars, sockets
from csi_manifests.knowledge.well_known import (
    DEFAULT_SNAPSHOT_CLASS,
    DEFAULT_STORAGE_CLASS,
    SNAPSHOT_CLASS,
    STORAGE_CLASS,
)
from csi_manifests.models import csi_v1alpha1, snapshot_v1alpha1, storage_v1
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.resource import Resource
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.programs import Sidecar
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models import snapshot_v1

    Class = StorageClass | snapshot_v1alpha1.VolumeSnapshotClass | snapshot_v1.VolumeSnapshotClass


R = TypeVar("R", bound="Resource")

CLASSES = {STORAGE_CLASS, SNAPSHOT_CLASS}
CSI_DRIVERS = (csi_v1alpha1.CSIDriver, storage_v1.CSIDriver)

DEFAULT_ANNOTATIONS: dict[str, tuple[str, ...]] = {
    StorageClass.KIND: (DEFAULT_STORAGE_CLASS, "storageclass.beta.kubernetes.io/is-default-class"),
    SNAPSHOT_CLASS[1]: (DEFAULT_SNAPSHOT_CLASS,),
}

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"


@dataclass(frozen=True, eq=False, slots=True)
class ClassView:
    """A class of volumes or of snapshots, in any version."""

    resource: Class
    driver: str
    field: str
    """What the field is called that names the driver."""

    @property
    def kind(self) -> str:
        """``StorageClass`` or ``VolumeSnapshotClass``."""
        return self.resource.KIND

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.name

    @property
    def pointer(self) -> str:
        """Where it names the driver."""
        return f"/{self.field}"

    @property
    def parameters(self) -> dict[str, str]:
        """What the driver is told."""
        return self.resource.parameters or {}

    @property
    def annotations(self) -> dict[str, str]:
        """Its annotations."""
        return self.resource.metadata.annotations or {}

    @property
    def is_default(self) -> bool:
        """Whether it is marked as the default."""
        return any(self.annotations.get(key) == "true" for key in DEFAULT_ANNOTATIONS[self.kind])

    @property
    def program(self) -> str:
        """The sidecar that serves it."""
        return "csi-provisioner" if isinstance(self.resource, StorageClass) else "csi-snapshotter"


@fact
def classes(context: Context) -> tuple[ClassView, ...]:
    """Return the classes of the bundle."""
    return tuple(_view(manifest) for manifest in context.bundle if _is_class(manifest))


def classes_of(manifest: Manifest, context: Context) -> Iterable[ClassView]:
    """Return an object as a class, if it is one."""
    view = _classes_by_object(context).get(id(manifest))
    return () if view is None else (view,)


# The models of v1 are not imported: a bundle that has some has imported them.
def _is_class(manifest: Manifest) -> TypeGuard[Class]:
    return isinstance(manifest, Resource) and manifest.key.type in CLASSES


def _view(resource: Class) -> ClassView:
    if isinstance(resource, StorageClass):
        return ClassView(resource, resource.provisioner, "provisioner")
    if isinstance(resource, snapshot_v1alpha1.VolumeSnapshotClass):
        return ClassView(resource, resource.snapshotter, "snapshotter")
    return ClassView(resource, resource.driver, "driver")


@fact
def _classes_by_object(context: Context) -> dict[int, ClassView]:
    return {id(class_.resource): class_ for class_ in classes(context)}


def snapshot_class(name: str | None, context: Context) -> ClassView | None:
    """Return the snapshot class of a name, if it is in the bundle."""
    item = context.bundle.index.get((*SNAPSHOT_CLASS, "", name or ""))
    return _classes_by_object(context).get(id(item.resource)) if item is not None else None


@fact
def default_storage_classes(context: Context) -> list[ClassView]:
    """Return the classes of the bundle that are marked as the default."""
    return [class_ for class_ in classes(context) if class_.is_default and class_.kind == StorageClass.KIND]


@fact
def default_snapshot_classes(context: Context) -> dict[str, list[ClassView]]:
    """Return the snapshot classes that are marked as the default, by driver."""
    found: dict[str, list[ClassView]] = {}
    for class_ in classes(context):
        if class_.is_default and class_.kind == SNAPSHOT_CLASS[1]:
            found.setdefault(class_.driver, []).append(class_)
    return found


def attaches(driver: Manifest) -> bool | None:
    """Return whether a CSIDriver says that volumes must be attached; None where no model takes it.

    What says nothing means no in ``csi.storage.k8s.io``, and yes in ``storage.k8s.io``.
    """
    if isinstance(driver, csi_v1alpha1.CSIDriver):
        return bool(driver.spec and driver.spec.attach_required)
    return driver.spec.attach_required is not False if isinstance(driver, storage_v1.CSIDriver) else None


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


def classes_served(sidecar: Sidecar, context: Context) -> list[ClassView]:
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
def _classes_by_driver(context: Context) -> dict[str, list[ClassView]]:
    found: dict[str, list[ClassView]] = {}
    for class_ in classes(context):
        found.setdefault(class_.driver, []).append(class_)
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
