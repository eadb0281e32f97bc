"""The pods that a bundle makes, whatever makes them, and their containers with variables expanded."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from csi_manifests.analysis.context import fact
from csi_manifests.knowledge.kinds import Kind, kind_of
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.base import Model, wire_name
from csi_manifests.models.checked import ModelError
from csi_manifests.models.core_v1 import Container, Pod, PodSpec
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import items, mapping
from csi_manifests.text.pointers import Path, path_of, pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models.core_v1 import Volume
    from csi_manifests.models.resource import Resource

POD_KINDS = (Pod, StatefulSet, DaemonSet, Deployment)
"""The models of kinds whose objects are pods, or make pods from a template."""

M = TypeVar("M", bound=Model)

_VARIABLE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_ROUNDS = 50
"""How many wrong parts of a pod are left out before it is given up."""


@dataclass(eq=False, slots=True)
class ContainerView:
    """A container of a pod, wherever the pod is."""

    spec: Container
    pointer: str
    """Where it is in the object."""
    pod: PodView

    @property
    def is_init(self) -> bool:
        """Whether it is an init container."""
        return self.pointer.startswith(f"{self.pod.pointer}/initContainers/")


@dataclass(eq=False, slots=True)
class PodView:
    """A pod of an object: itself, or what its template says."""

    resource: Resource
    spec: PodSpec
    labels: dict[str, str]
    pointer: str
    """Where the pod's spec is in the object."""
    source: Manifest
    """The object in the bundle: ``resource`` itself, unless no model takes it."""
    cuts: tuple[Path, ...] = ()
    """What could not be read and was left out, in this order, as paths below ``spec``."""

    @property
    def namespace(self) -> str:
        """The namespace it runs in."""
        return self.resource.namespace

    @property
    def where(self) -> str:
        """The object's kind and name, as messages say it."""
        return f"{self.source.key.kind} {self.resource.name!r}"

    @property
    def is_on_every_node(self) -> bool:
        """Whether every node that its selector allows has one."""
        return self.source.key.kind == "DaemonSet"

    def volumes(self) -> Iterator[tuple[str, Volume]]:
        """Return each volume with its JSON pointer."""
        for number, volume in enumerate(self.spec.volumes or ()):
            yield f"{self.pointer}/volumes/{number}", volume

    def volume(self, name: str) -> Volume | None:
        """Return the volume of that name, if there is one."""
        return next((volume for volume in self.spec.volumes or () if volume.name == name), None)

    def volume_pointer(self, name: str) -> str:
        """Say where the volume of that name is in the object."""
        return next((pointer for pointer, volume in self.volumes() if volume.name == name), f"{self.pointer}/volumes/0")

    def containers(self) -> Iterator[tuple[str, Container]]:
        """Return each container with its JSON pointer, the init containers first."""
        for field, containers in (("initContainers", self.spec.init_containers), ("containers", self.spec.containers)):
            for number, container in enumerate(containers or ()):
                yield f"{self.pointer}/{field}/{number}", container

    def as_written(self, pointer: str) -> str:
        """Return the pointer into the object as it was written of one that counts without what was left out."""
        path = list(path_of(pointer))
        for cut in reversed(self.cuts):
            if not isinstance(cut[-1], int):
                continue
            *parent, number = [*path_of(self.pointer), *map(str, cut)]
            at = len(parent)
            if len(path) > at and path[:at] == parent and int(path[at]) >= int(number):
                path[at] = str(int(path[at]) + 1)
        return pointer_of(tuple(path))


def pod_of(resource: Resource) -> PodView | None:
    """Return the pod that an object is or makes, if it has one."""
    known = kind_of(*resource.key.type)
    if known is None or known.pod is None:
        return None
    holder: Any = resource
    for step in known.pod:
        model: type[Model] = holder.__class__
        holder = next(getattr(holder, field) for field in model.model_fields if wire_name(field) == step)
        if holder is None:
            return None
    labels: dict[str, str] = (holder.metadata.labels if holder.metadata else None) or {}
    return PodView(resource, holder.spec, labels, _pointer(known), resource)


@fact
def _views(context: Context) -> dict[int, PodView]:
    """Return the pod of each object that has one, by the object's identity."""
    found: dict[int, PodView] = {}
    for manifest in context.bundle:
        view = unread_pod_of(manifest) if isinstance(manifest, Unstructured) else pod_of(manifest)
        if view is not None:
            found[id(manifest)] = view
    return found


def pod_view(manifest: Manifest, context: Context) -> PodView | None:
    """Return the pod that an object of the bundle is or makes.

    Of an object that no model takes, as those of kinds without one, it has what could be read.
    """
    return _views(context).get(id(manifest))


def containers_of(manifest: Manifest, context: Context) -> Iterator[ContainerView]:
    """Return the containers of the pod that an object of the bundle is or makes."""
    pod = pod_view(manifest, context)
    if pod is not None:
        for pointer, container in pod.containers():
            yield ContainerView(container, pointer, pod)


@fact
def pods(context: Context) -> tuple[PodView, ...]:
    """Return every pod of the bundle, those of objects that no model takes last.

    What another object of the bundle has made, as a dump of a cluster has it, is left out: it says the same again.
    """
    found = [pod for pod in _views(context).values() if not _is_made(pod.source, context)]
    return tuple(sorted(found, key=lambda pod: isinstance(pod.source, Unstructured)))


def _is_made(resource: Manifest, context: Context) -> bool:
    if isinstance(resource, Unstructured):
        owners: Any = resource.metadata.get("ownerReferences")
        names = [
            (str(mapping(owner).get("apiVersion")), mapping(owner).get("kind"), mapping(owner).get("name"))
            for owner in items(owners)
        ]
    else:
        names = [(owner.api_version, owner.kind, owner.name) for owner in resource.metadata.owner_references or ()]
    where = resource.namespace or "default"
    return any(
        context.bundle.has(version.rpartition("/")[0], str(kind), str(name), where) for version, kind, name in names
    )


def unread_pod_of(found: Unstructured) -> PodView | None:
    """Return the pod that an object without a model is or makes, as far as it can be understood.

    Its ``resource`` has the object's name and namespace only, and is not itself in any bundle.
    """
    known = kind_of(*found.key.type)
    if known is None or known.pod is None:
        return None
    holder = found.content
    for step in known.pod:
        holder = mapping(holder.get(step))
    spec, cuts = readable(PodSpec, holder.get("spec"))
    if spec is None:
        return None
    model: type[Resource] = {made.KIND: made for made in POD_KINDS}.get(known.name, Pod)
    metadata = ObjectMeta.model_construct(name=found.name, namespace=found.namespace or None)
    labels = {key: str(value) for key, value in mapping(mapping(holder.get("metadata")).get("labels")).items()}
    return PodView(model.model_construct(metadata=metadata), spec, labels, _pointer(known), found, tuple(cuts))


def _pointer(kind: Kind) -> str:
    return pointer_of((*(kind.pod or ()), "spec"))


def readable(model: type[M], content: Any) -> tuple[M | None, list[Path]]:
    """Return a part of an object without what its model does not take, and the paths of what was left out, in this order."""
    rest, cuts = deepcopy(content), list[Path]()
    for _ in range(_ROUNDS):
        try:
            return model.from_dict(rest), cuts
        except ModelError as error:
            problems = error.problems
        # One at a time: what is cut out of a list changes the numbers of the rest.
        cut = _cut(rest, problems[0].path) if problems else None
        if cut is None:
            break
        cuts.append(cut)
    return None, cuts


def _cut(content: Any, path: Path) -> Path | None:
    """Take out the value at a path, or the innermost item around it that is there, and return its path."""
    holder: Any = None
    here, depth = content, 0
    for step in path:
        try:
            inner = here[step]
        except (KeyError, IndexError, TypeError):
            break
        holder, here, depth = here, inner, depth + 1
    if holder is None:
        return None
    del holder[path[depth - 1]]
    return path[:depth]


def expand(text: str, container: Container) -> str:
    """Put the values of a container's variables where ``$(NAME)`` stands; what has no value known here stays as it is."""
    return _expanded(text, variables(container)) if "$" in text else text


def variables(container: Container) -> dict[str, str | None]:
    """Return the variables of a container; None for those whose value only the cluster knows."""
    found: dict[str, str | None] = {}
    for variable in container.env or ():
        found[variable.name] = None if variable.value_from else _expanded(variable.value or "", found)
    return found


def _expanded(text: str, values: dict[str, str | None]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        found = values.get(match[1])
        return match[0] if found is None else found

    return _VARIABLE.sub(value, text)
