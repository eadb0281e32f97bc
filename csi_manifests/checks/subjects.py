"""What rules look at: objects of a kind, and the parts of objects that mean the same wherever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from csi_manifests.analysis.claims import ClaimView, claims_of
from csi_manifests.analysis.classes import CLASSES, ClassView, classes_of
from csi_manifests.analysis.components import Component, components
from csi_manifests.analysis.definitions import CustomResource, custom_resources_of
from csi_manifests.analysis.pods import ContainerView, PodView, containers_of, pod_view
from csi_manifests.analysis.programs import Driver, Sidecar, drivers_of, sidecars_of
from csi_manifests.analysis.registrars import Registrar, registrars_of
from csi_manifests.analysis.snapshots import ContentView, SnapshotView, contents_of, snapshots_of
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.well_known import SNAPSHOT, SNAPSHOT_CONTENT
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.knowledge.kinds import Kind


class Part(NamedTuple):
    """How the parts of a type are found in an object."""

    may_be_in: Callable[[type[Manifest]], bool]
    """Whether objects of a model may have some."""
    find: Callable[[Manifest, Context], Iterable[Any]]


def _pods(manifest: Manifest, context: Context) -> Iterable[PodView]:
    pod = pod_view(manifest, context)
    return () if pod is None else (pod,)


def _components(manifest: Manifest, context: Context) -> Iterable[Component]:
    return components(context).get(id(manifest), ())


def _type_of(model: type[Manifest]) -> tuple[str, str] | None:
    """Return the group and the kind of a model; None for objects without one, which may be of any."""
    return None if issubclass(model, Unstructured) else (model.API_VERSION.rpartition("/")[0], model.KIND)


def _is_one_of(types: Collection[tuple[str, str]]) -> Callable[[type[Manifest]], bool]:
    return lambda model: _type_of(model) in types


def _may_be(fits: Callable[[Kind], bool]) -> Callable[[type[Manifest]], bool]:
    def may_be(model: type[Manifest]) -> bool:
        type_ = _type_of(model)
        known = kind_of(*type_) if type_ else None
        return type_ is None or (known is not None and fits(known))

    return may_be


_has_pods = _may_be(lambda kind: kind.pod is not None)


def _has_claims(model: type[Manifest]) -> bool:
    return issubclass(model, Unstructured) or model.KIND in {"PersistentVolumeClaim", "StatefulSet"}


PARTS: Final[dict[type[Any], Part]] = {
    PodView: Part(_has_pods, _pods),
    ContainerView: Part(_has_pods, containers_of),
    Sidecar: Part(_has_pods, sidecars_of),
    Driver: Part(_has_pods, drivers_of),
    Registrar: Part(_has_pods, registrars_of),
    Component: Part(_has_pods, _components),
    ClaimView: Part(_has_claims, claims_of),
    ClassView: Part(_is_one_of(CLASSES), classes_of),
    SnapshotView: Part(_is_one_of({SNAPSHOT}), snapshots_of),
    CustomResource: Part(_may_be(lambda kind: kind.custom), custom_resources_of),
    ContentView: Part(_is_one_of({SNAPSHOT_CONTENT}), contents_of),
}
"""The subjects that are not kinds of objects: a pod is that of any kind that has one, a class one of any version."""


def holds(kind: type[Manifest], subject: type[Any]) -> bool:
    """Return whether objects of a model may be, or have, a subject of a rule."""
    part = PARTS.get(subject)
    return issubclass(kind, subject) if part is None else part.may_be_in(kind)


def subjects_in(manifest: Manifest, subjects: tuple[type[Any], ...], context: Context) -> Iterable[Any]:
    """Return what of an object a rule with these subjects looks at."""
    for subject in subjects:
        part = PARTS.get(subject)
        if part is not None:
            yield from part.find(manifest, context)
        elif isinstance(manifest, subject):
            yield manifest
