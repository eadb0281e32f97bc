"""The pods that a bundle makes, whatever makes them, and their containers with variables expanded."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from csi_manifests.analysis.context import fact
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.checked import ModelError
from csi_manifests.models.core_v1 import Container, Pod, PodSpec
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models.core_v1 import Volume
    from csi_manifests.models.resource import Resource

POD_KINDS = (Pod, StatefulSet, DaemonSet, Deployment)
"""The kinds whose objects are pods, or make pods from a template."""
POD_SOURCES = (*POD_KINDS, Unstructured)
"""The same, and what may be one of them that no model takes, as the beta versions of the workloads."""

_VARIABLE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_IN_TEMPLATE = ("spec", "template")
# Kinds without a model here that make pods all the same, and where in them the pod is.
_UNREAD = {
    "Pod": (),
    "StatefulSet": _IN_TEMPLATE,
    "DaemonSet": _IN_TEMPLATE,
    "Deployment": _IN_TEMPLATE,
    "ReplicaSet": _IN_TEMPLATE,
    "ReplicationController": _IN_TEMPLATE,
    "Job": _IN_TEMPLATE,
    "CronJob": ("spec", "jobTemplate", *_IN_TEMPLATE),
}
_GROUPS = {"", "apps", "extensions", "batch"}
_ROUNDS = 50
"""How many wrong parts of a pod are left out before it is given up."""


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

    @property
    def namespace(self) -> str:
        """The namespace it runs in."""
        return self.resource.namespace

    @property
    def where(self) -> str:
        """The object's kind and name, as messages say it."""
        return f"{self.resource.KIND} {self.resource.name!r}"

    def volume(self, name: str) -> Volume | None:
        """Return the volume of that name, if there is one."""
        return next((volume for volume in self.spec.volumes or () if volume.name == name), None)

    def volume_pointer(self, name: str) -> str:
        """Say where the volume of that name is in the object."""
        numbers = (number for number, volume in enumerate(self.spec.volumes or ()) if volume.name == name)
        return f"{self.pointer}/volumes/{next(numbers, 0)}"

    def containers(self) -> Iterator[tuple[str, Container]]:
        """Return each container with its JSON pointer, the init containers first."""
        for field, containers in (("initContainers", self.spec.init_containers), ("containers", self.spec.containers)):
            for number, container in enumerate(containers or ()):
                yield f"{self.pointer}/{field}/{number}", container


def pod_of(resource: Resource) -> PodView | None:
    """Return the pod that an object is or makes, if it has one."""
    if isinstance(resource, Pod):
        return PodView(resource, resource.spec, resource.metadata.labels or {}, "/spec", resource)
    if isinstance(resource, (StatefulSet, DaemonSet, Deployment)):
        template = resource.spec.template
        labels = (template.metadata.labels if template.metadata else None) or {}
        return PodView(resource, template.spec, labels, "/spec/template/spec", resource)
    return None


@fact
def pods(context: Context) -> tuple[PodView, ...]:
    """Return every pod of the bundle.

    Those of objects that no model takes, as beta versions of the workloads are, come last, without what cannot be read.
    What another object of the bundle has made, as a dump of a cluster has it, is left out: it says the same again.
    """
    typed = [resource for kind in POD_KINDS for resource in context.bundle.all(kind)]
    found = [pod_of(resource) for resource in typed if not _is_made(resource, context)]
    others = (resource for resource in context.bundle if isinstance(resource, Unstructured))
    found += [unread_pod_of(resource) for resource in others if not _is_made(resource, context)]
    return tuple(pod for pod in found if pod is not None)


def _is_made(resource: Manifest, context: Context) -> bool:
    if isinstance(resource, Unstructured):
        owners: Any = resource.metadata.get("ownerReferences")
        given = cast("Sequence[Any]", owners) if isinstance(owners, list) else ()
        names = [
            (str(mapping(owner).get("apiVersion")), mapping(owner).get("kind"), mapping(owner).get("name"))
            for owner in given
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
    kind = str(found.content.get("kind"))
    if kind not in _UNREAD or found.key.group not in _GROUPS:
        return None
    holder = found.content
    for step in _UNREAD[kind]:
        holder = mapping(holder.get(step))
    spec = _readable(holder.get("spec"))
    if spec is None:
        return None
    model: type[Resource] = {made.KIND: made for made in POD_KINDS}.get(kind, Pod)
    metadata = ObjectMeta.model_construct(name=found.name, namespace=found.namespace or None)
    labels = {key: str(value) for key, value in mapping(mapping(holder.get("metadata")).get("labels")).items()}
    pointer = "".join(f"/{step}" for step in (*_UNREAD[kind], "spec"))
    return PodView(model.model_construct(metadata=metadata), spec, labels, pointer, found)


def mapping(value: Any) -> dict[str, Any]:
    """Return what should be a mapping, empty where it is something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _readable(content: Any) -> PodSpec | None:
    """Return a pod's spec without the parts that no model takes."""
    spec = deepcopy(content)
    for _ in range(_ROUNDS):
        try:
            return PodSpec.from_dict(spec)
        except ModelError as error:
            problems = error.problems
        # One at a time: what is cut out of a list changes the numbers of the rest.
        if not problems or not _cut(spec, problems[0].path):
            return None
    return None


def _cut(content: Any, path: Sequence[str | int]) -> bool:
    """Take out the value at a path, or the innermost item around it that is there; say whether there was any."""
    holder: Any = None
    last: Any = None
    here = content
    for step in path:
        try:
            inner = here[step]
        except (KeyError, IndexError, TypeError):
            break
        holder, last, here = here, step, inner
    if holder is None:
        return False
    del holder[last]
    return True


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
