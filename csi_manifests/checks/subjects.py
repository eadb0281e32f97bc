"""What rules look at: objects of a kind, and the parts of objects that mean the same wherever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from csi_manifests.analysis.claims import ClaimView, claims_of
from csi_manifests.analysis.components import Component, components
from csi_manifests.analysis.pods import POD_KINDS, ContainerView, PodView, containers_of, pod_view
from csi_manifests.analysis.programs import Driver, Sidecar, drivers_of, sidecars_of
from csi_manifests.analysis.registrars import Registrar, registrars_of
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest


class Part(NamedTuple):
    """How the parts of a type are found in an object."""

    holders: tuple[type[Manifest], ...]
    """The objects that may have some."""
    find: Callable[[Manifest, Context], Iterable[Any]]


def _pods(manifest: Manifest, context: Context) -> Iterable[PodView]:
    pod = pod_view(manifest, context)
    return () if pod is None else (pod,)


def _components(manifest: Manifest, context: Context) -> Iterable[Component]:
    return components(context).get(id(manifest), ())


_POD_HOLDERS: Final = (*POD_KINDS, Unstructured)
PARTS: Final[dict[type[Any], Part]] = {
    PodView: Part(_POD_HOLDERS, _pods),
    ContainerView: Part(_POD_HOLDERS, containers_of),
    Sidecar: Part(_POD_HOLDERS, sidecars_of),
    Driver: Part(_POD_HOLDERS, drivers_of),
    Registrar: Part(_POD_HOLDERS, registrars_of),
    Component: Part(_POD_HOLDERS, _components),
    ClaimView: Part((PersistentVolumeClaim, *_POD_HOLDERS), claims_of),
}
"""The subjects that are not kinds of objects. A pod is that of any kind that has one, a model or not."""


def holds(kind: type[Manifest], subject: type[Any]) -> bool:
    """Return whether objects of a model may be, or have, a subject of a rule."""
    part = PARTS.get(subject)
    return issubclass(kind, subject if part is None else part.holders)


def subjects_in(manifest: Manifest, subjects: tuple[type[Any], ...], context: Context) -> Iterable[Any]:
    """Return what of an object a rule with these subjects looks at."""
    for subject in subjects:
        part = PARTS.get(subject)
        if part is not None:
            yield from part.find(manifest, context)
        elif isinstance(manifest, subject):
            yield manifest
