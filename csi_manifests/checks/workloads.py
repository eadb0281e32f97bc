"""The pods that a bundle makes, whatever makes them, and their containers with variables expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.core_v1 import Container, Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.checks.registry import Context
    from csi_manifests.models.resource import Resource

POD_KINDS = (Pod, StatefulSet, DaemonSet, Deployment)
"""The kinds whose objects are pods, or make pods from a template."""

_VARIABLE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class PodView:
    """A pod of an object: itself, or what its template says."""

    resource: Resource
    spec: PodSpec
    labels: dict[str, str]
    pointer: str
    """Where the pod's spec is in the object."""

    def containers(self) -> Iterator[tuple[str, Container]]:
        """Give each container with its JSON pointer, the init containers first."""
        for field, containers in (("initContainers", self.spec.init_containers), ("containers", self.spec.containers)):
            for number, container in enumerate(containers or ()):
                yield f"{self.pointer}/{field}/{number}", container


def pod_of(resource: Resource) -> PodView | None:
    """Give the pod that an object is or makes, if it has one."""
    if isinstance(resource, Pod):
        return PodView(resource, resource.spec, resource.metadata.labels or {}, "/spec") if resource.spec else None
    if isinstance(resource, (StatefulSet, DaemonSet, Deployment)):
        template = resource.spec.template if resource.spec else None
        if template is not None and template.spec is not None:
            labels = (template.metadata.labels if template.metadata else None) or {}
            return PodView(resource, template.spec, labels, "/spec/template/spec")
    return None


def pods(context: Context) -> tuple[PodView, ...]:
    """Give every pod of the bundle; to be called through ``context.derive``."""
    found = (pod_of(resource) for kind in POD_KINDS for resource in context.bundle.all(kind))
    return tuple(pod for pod in found if pod is not None)


def expand(text: str, container: Container) -> str:
    """Put the values of a container's variables where ``$(NAME)`` stands; what has no value known here stays as it is."""
    values = variables(container)

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        found = values.get(match[1])
        return match[0] if found is None else found

    return _VARIABLE.sub(value, text)


def variables(container: Container) -> dict[str, str | None]:
    """Give the variables of a container; None for those whose value only the cluster knows."""
    found: dict[str, str | None] = {}
    for variable in container.env or ():
        text = None if variable.value_from else variable.value or ""
        known = found
        found[variable.name] = text and _VARIABLE.sub(
            lambda match, known=known: "$" if match[0] == "$$" else known.get(match[1]) or match[0], text
        )
    return found
