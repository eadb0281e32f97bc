"""Which pods Services and workloads select."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.names import from_server
from csi_manifests.analysis.pods import PodView, pods
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import served
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.core_v1 import Pod, Service
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.meta_v1 import LabelSelector, LabelSelectorRequirement
    from csi_manifests.models.resource import Resource

Controller = StatefulSet | DaemonSet | Deployment
_ALIKE = 0.7
_COMPARED = 200
"""How many pods are searched at most for one that nearly fits."""


class Population(NamedTuple):
    """The pods of a bundle, by what selectors ask for."""

    by_namespace: dict[str, list[PodView]]
    by_label: dict[tuple[str, str, str], list[PodView]]
    """By namespace, key and value."""
    others: set[str]
    """The namespaces of custom resources, whose controllers may make pods that nobody sees here."""

    def selected(self, namespace: str, labels: Mapping[str, str]) -> Iterator[PodView]:
        """Return the pods that have these labels; without any, the first few of the namespace."""
        buckets = [self.by_label.get((namespace, key, value), []) for key, value in labels.items()]
        fewest = min(buckets, key=len) if buckets else self.by_namespace.get(namespace, [])[:_COMPARED]
        return (pod for pod in fewest if labels.items() <= pod.labels.items())


@fact
def population(context: Context) -> Population:
    """Sort the pods of the bundle by their labels."""
    found = Population({}, {}, set())
    for pod in pods(context):
        if pod.resource.metadata.owner_references:
            continue  # The workload that made it stands for it.
        found.by_namespace.setdefault(pod.namespace, []).append(pod)
        for key, value in pod.labels.items():
            found.by_label.setdefault((pod.namespace, key, value), []).append(pod)
    for manifest in context.bundle:
        if isinstance(manifest, Unstructured) and manifest.key.api_version not in served(context.release.minor):
            found.others.add(manifest.namespace or "default")
    return found


def _fulfils(labels: Mapping[str, str], condition: LabelSelectorRequirement) -> bool:
    value = labels.get(condition.key)
    if condition.operator in {"Exists", "DoesNotExist"}:
        return (value is not None) == (condition.operator == "Exists")
    return (value in (condition.values or ())) == (condition.operator == "In")


@rule(
    "CSI211",
    "unselected-stateful-set",
    "a StatefulSet's Service selects its pods",
    StatefulSet,
    severity="warning",
    fix="Let the Service select the labels of the StatefulSet's template, or name the right Service.",
    example="""\
  apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: csi-attacher, namespace: default}
  spec:
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec: {containers: [{name: csi-attacher, image: "example.com/csi-attacher:1.0"}]}
    serviceName: csi-attacher
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: csi-attacher, namespace: default}
- spec: {selector: {app: attacher}, ports: [{name: dummy, port: 12345}]}
+ spec: {selector: {app: csi-attacher}, ports: [{name: dummy, port: 12345}]}
""",
)
def service_selects_stateful_set(workload: StatefulSet, context: Context) -> Iterator[Problem]:
    """The Service that a StatefulSet names gives its pods their DNS names; pods that it does not select have none."""
    service = _services(context).get((workload.namespace, workload.spec.service_name or ""))
    selector = service.spec.selector if service is not None and service.spec else None
    template = workload.spec.template.metadata
    labels = (template.labels if template else None) or {}
    if selector and not selector.items() <= labels.items() and service is not None:
        message = f"Service {service.name!r} selects {_pairs(selector)}; the pods have {_pairs(labels)}"
        yield Problem("/spec/serviceName", message)


@fact
def _services(context: Context) -> dict[tuple[str, str], Service]:
    return {(service.namespace, service.name): service for service in context.bundle.all(Service)}


@rule(
    "CSI212",
    "service-without-pods",
    "a Service selects a pod",
    Service,
    severity="warning",
    fix="Let the selector name labels of the pods that are meant.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath, namespace: default}
- spec: {selector: {app: csi-hostpath}, ports: [{name: dummy, port: 12345}]}
+ spec: {selector: {app: csi-hostpathplugin}, ports: [{name: dummy, port: 12345}]}
  ---
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin, namespace: default}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec: {containers: [{name: csi-hostpathplugin, image: "example.com/csi-hostpathplugin:1.0"}]}
""",
)
def service_selects_pod(service: Service, context: Context) -> Iterator[Problem]:
    """A Service whose selector fits no pod is made like any other; connections to it are refused.

    It is reported only where pods of the bundle nearly fit, or belong to a workload of that name, and where nothing in
    the namespace may make others.
    """
    spec = service.spec
    if spec is None or not spec.selector or spec.type == "ExternalName" or from_server(service):
        return
    known = population(context)
    there = known.by_namespace.get(service.namespace)
    if not there or service.namespace in known.others or any(known.selected(service.namespace, spec.selector)):
        return
    if (service.namespace, service.name) in _governing(context):
        return  # CSI211 says it better.
    selector = spec.selector
    nearest = max(there[:_COMPARED], key=lambda pod: _likeness(service.name, selector, pod))
    if _likeness(service.name, selector, nearest) >= _ALIKE:
        message = f"no pod has {_pairs(selector)}; those of {nearest.where} have {_pairs(nearest.labels)}"
        yield Problem("/spec/selector", message)


@fact
def _governing(context: Context) -> set[tuple[str, str]]:
    return {(found.namespace, found.spec.service_name or "") for found in context.bundle.all(StatefulSet)}


def _likeness(name: str, selector: Mapping[str, str], pod: PodView) -> float:
    """Return how nearly a selector fits a pod, from 0 to 1: by the labels that fit, by their values, or by the names."""
    from difflib import SequenceMatcher  # noqa: PLC0415  (on the way to a finding only)

    if name == pod.resource.name:
        return 1
    shared = selector.keys() & pod.labels.keys()
    if any(selector[key] == pod.labels[key] for key in shared):
        return 1
    return max((SequenceMatcher(None, selector[key], pod.labels[key]).ratio() for key in shared), default=0)


@rule(
    "CSI213",
    "overlapping-selectors",
    "a workload selects only its own pods",
    StatefulSet,
    DaemonSet,
    Deployment,
    severity="warning",
    fix="Give each workload of a namespace a label of its own, in its selector and its template.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin, namespace: default}
  spec:
-   selector: {matchLabels: {app: csi}}
+   selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
-     metadata: {labels: {app: csi}}
+     metadata: {labels: {app: csi-hostpathplugin}}
      spec: {containers: [{name: csi-hostpathplugin, image: "example.com/csi-hostpathplugin:1.0"}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-provisioner, namespace: default}
  spec:
-   selector: {matchLabels: {app: csi}}
+   selector: {matchLabels: {app: csi-provisioner}}
    template:
-     metadata: {labels: {app: csi}}
+     metadata: {labels: {app: csi-provisioner}}
      spec: {containers: [{name: csi-provisioner, image: "example.com/csi-provisioner:1.0"}]}
""",
)
def selectors_do_not_overlap(workload: Controller, context: Context) -> Iterator[Problem]:
    """Two workloads that select the same pods may each count the other's, and adopt pods that nobody owns.

    Services and disruption budgets with that selector then mean both.
    """
    labels = workload.spec.selector.match_labels or {}
    order = _order(context)
    for pod in population(context).selected(workload.namespace, labels):
        other = pod.resource
        if id(other) not in order or other.key == workload.key or not _fits(workload.spec.selector, pod.labels):
            continue
        if isinstance(workload, Deployment) and pod.source.key.kind == "ReplicaSet":
            continue  # It adopts what it would make.
        # If each selects the other's pods, the later one says so.
        if order[id(other)] < order[id(workload)] or not _selects(other, workload):
            whose = pod.where if isinstance(other, Pod) else f"the pods of {pod.where}"
            yield Problem("/spec/selector", f"{_pairs(labels)} also fits {whose}")
            return


@fact
def _order(context: Context) -> dict[int, int]:
    return {id(resource): number for number, resource in enumerate(context.bundle)}


def _selects(resource: Resource, other: Controller) -> bool:
    if not isinstance(resource, (StatefulSet, DaemonSet, Deployment)):
        return False
    template = other.spec.template.metadata
    return _fits(resource.spec.selector, (template.labels if template else None) or {})


def _fits(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    return (selector.match_labels or {}).items() <= labels.items() and all(
        _fulfils(labels, condition) for condition in selector.match_expressions or ()
    )


@rule(
    "CSI214",
    "service-mixes-workloads",
    "a Service selects pods that serve one purpose",
    Service,
    severity="info",
    fix="Let the Service select a label that only one of them has, unless both are meant.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi, namespace: default}
- spec: {selector: {app: csi}, ports: [{name: dummy, port: 12345}]}
+ spec: {selector: {app: csi-hostpathplugin}, ports: [{name: dummy, port: 12345}]}
  ---
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin, namespace: default}
  spec:
-   selector: {matchLabels: {app: csi}}
+   selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
-     metadata: {labels: {app: csi}}
+     metadata: {labels: {app: csi-hostpathplugin}}
      spec: {containers: [{name: csi-hostpathplugin, image: "example.com/csi-hostpathplugin:1.0"}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-provisioner, namespace: default}
  spec:
-   selector: {matchLabels: {app: csi}}
+   selector: {matchLabels: {app: csi-provisioner}}
    template:
-     metadata: {labels: {app: csi}}
+     metadata: {labels: {app: csi-provisioner}}
      spec: {containers: [{name: csi-provisioner, image: "example.com/csi-provisioner:1.0"}]}
""",
)
def service_leads_to_one_kind_of_pod(service: Service, context: Context) -> Iterator[Problem]:
    """A Service spreads connections over all pods that it selects.

    Pods of two workloads that share no image hardly serve the same purpose.
    """
    if service.spec is None or not service.spec.selector or from_server(service):
        return
    found = population(context).selected(service.namespace, service.spec.selector)
    first = next(found, None)
    for pod in islice(found, _COMPARED):
        if first is not None and _images(first).isdisjoint(_images(pod)):
            yield Problem(
                "/spec/selector", f"{_pairs(service.spec.selector)} fits the pods of {first.where} and of {pod.where}"
            )
            return


def _images(pod: PodView) -> set[str]:
    """Return the images of a pod's containers, without tag and registry."""
    return {image_reference(container.image or "").last for _, container in pod.containers()}


def _pairs(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in labels.items()) or "no labels"
