"""Which nodes pods may and should run on, and in which topology volumes are made."""

from typing import Literal

from csi_manifests.models.base import Model
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.scalars import DnsLabel, Int32, Int64, OrBlank, QualifiedName


class NodeSelectorRequirement(Model):
    """One condition on a label or a field of a node."""

    key: QualifiedName
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    values: list[str] | None = None
    """None for Exists and DoesNotExist; for Gt and Lt exactly one, an integer written as a text."""


class NodeSelectorTerm(Model):
    """Conditions that must all hold; a term without any fits no node."""

    match_expressions: list[NodeSelectorRequirement] | None = None
    """On the node's labels."""
    match_fields: list[NodeSelectorRequirement] | None = None
    """On the node's fields, of which only ``metadata.name`` is known."""


class NodeSelector(Model):
    """The nodes that fit at least one of several terms."""

    node_selector_terms: list[NodeSelectorTerm]


class PreferredSchedulingTerm(Model):
    """Nodes that are liked better."""

    weight: Int32
    """1 to 100; added up over the terms that a node fits."""
    preference: NodeSelectorTerm


class NodeAffinity(Model):
    """Which nodes a pod needs, and which it likes better."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    preferred_during_scheduling_ignored_during_execution: list[PreferredSchedulingTerm] | None = None


class PodAffinityTerm(Model):
    """Other pods to be near to, or away from."""

    label_selector: LabelSelector | None = None
    namespaces: list[DnsLabel] | None = None
    """Where those pods are; absent or empty means the pod's own namespace."""
    namespace_selector: LabelSelector | None = None
    """Namespaces to look in as well, by their labels; an empty selector means all."""
    topology_key: QualifiedName
    """The node label whose equal values mean near, such as ``kubernetes.io/hostname`` for the same node."""
    match_label_keys: list[QualifiedName] | None = None
    """Labels whose values those pods must share with this one, such as ``pod-template-hash``."""
    mismatch_label_keys: list[QualifiedName] | None = None
    """Labels whose values those pods must not share with this one."""


class WeightedPodAffinityTerm(Model):
    """Other pods that one likes to be near to, or away from."""

    weight: Int32
    """1 to 100; added up over the terms that a node fits."""
    pod_affinity_term: PodAffinityTerm


class PodAffinity(Model):
    """Pods to be near to: so a sidecar's StatefulSet follows the driver whose socket it opens."""

    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None


class PodAntiAffinity(Model):
    """Pods to be away from."""

    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None


class Affinity(Model):
    """What draws a pod to nodes and to other pods, and what keeps it away."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAntiAffinity | None = None


class Toleration(Model):
    """A taint of nodes that does not keep the pod away; ``operator="Exists"`` alone stands for every taint."""

    key: OrBlank[QualifiedName] = None
    """The taint's key; absent means any, and then the operator must be Exists."""
    operator: OrBlank[Literal["Exists", "Equal", "Lt", "Gt"]] = None
    """Absent means Equal: the taint's value must be ``value``. From 1.35, Lt and Gt compare integers."""
    value: str | None = None
    effect: OrBlank[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]] = None
    """Absent means all three."""
    toleration_seconds: Int64 | None = None
    """How long the pod stays once the taint is there, in seconds; only with NoExecute. Absent means for good."""


class TopologySpreadConstraint(Model):
    """How evenly pods are spread over the parts of the cluster that a node label makes."""

    max_skew: Int32
    """How many pods more than the emptiest part any may have; at least 1."""
    topology_key: QualifiedName
    """The label, such as ``topology.kubernetes.io/zone``."""
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    label_selector: LabelSelector | None = None
    """The pods to count, in the pod's own namespace; it should select the pod itself."""
    min_domains: Int32 | None = None
    """While there are fewer parts, the emptiest counts as having no pod; absent means 1."""
    node_affinity_policy: Literal["Honor", "Ignore"] | None = None
    """Whether only nodes count that the pod may be on; absent means ``Honor``."""
    node_taints_policy: Literal["Honor", "Ignore"] | None = None
    """Whether only nodes count whose taints the pod tolerates; absent means ``Ignore``."""
    match_label_keys: list[QualifiedName] | None = None
    """Labels whose values a pod must share with this one to count, such as ``pod-template-hash``."""


class TopologySelectorLabelRequirement(Model):
    """A label of the topology, and the values it may have."""

    key: QualifiedName
    values: list[str]


class TopologySelectorTerm(Model):
    """A part of the cluster in which volumes may be made: all of its labels must fit."""

    match_label_expressions: list[TopologySelectorLabelRequirement] | None = None
