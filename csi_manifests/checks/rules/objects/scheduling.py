"""Where pods may run, and settings of pods that go together or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import ClaimView
from csi_manifests.analysis.pods import PodView
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import POD
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.core_v1 import PersistentVolume
from csi_manifests.models.rbac_v1 import ClusterRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Affinity, NodeSelector, NodeSelectorTerm, PodAffinity, PodAntiAffinity
    from csi_manifests.models.meta_v1 import LabelSelector

    Chooser = PodView | ClaimView | StatefulSet | DaemonSet | Deployment | PersistentVolume | ClusterRole

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_WEIGHTS = range(1, 101)
_MOST_NAMESERVERS = 3


@rule(
    "CSI156",
    "contradictory-toleration",
    "a toleration does not contradict itself",
    PodView,
    fix="Use operator: Exists without a value, and tolerationSeconds only with effect: NoExecute.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
-   tolerations: [{effect: NoSchedule}]
+   tolerations: [{effect: NoSchedule, operator: Exists}]
    containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def tolerations_say_one_thing(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses what contradicts itself: any key and yet a value, a time and yet no eviction."""
    for number, toleration in enumerate(pod.spec.tolerations or ()):
        where = f"{pod.pointer}/tolerations/{number}"
        if not toleration.key and toleration.operator != "Exists":
            yield Problem(where, "it has no key, and its operator is not Exists", "Give a key, or operator: Exists.")
        if toleration.operator == "Exists" and toleration.value:
            yield Problem(
                f"{where}/value", f"the operator is Exists, and the value {toleration.value!r} is given", "Remove it."
            )
        if toleration.toleration_seconds is not None and toleration.effect != "NoExecute":
            there = toleration.effect or "not given"
            yield Problem(
                f"{where}/tolerationSeconds", f"the effect is {there}: only NoExecute ends a pod after a time"
            )


@rule(
    "CSI157",
    "invalid-affinity",
    "the weights and terms of an affinity are valid",
    PodView,
    fix="Use weights from 1 to 100, and at least one term.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher}
  spec:
    affinity:
      podAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
-       - weight: 1000
+       - weight: 100
          podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: csi-hostpathplugin}}}
    containers: [{name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}]
""",
)
def affinities_can_be_fulfilled(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses other weights, and a list of terms with none in it."""
    affinity = pod.spec.affinity
    if affinity is None:
        return
    where = f"{pod.pointer}/affinity"
    weights = [
        (f"{where}/{kind}/{_PREFERRED}/{number}/weight", term.weight)
        for kind, one in _pod_affinities(affinity)
        for number, term in enumerate(one.preferred_during_scheduling_ignored_during_execution or ())
    ]
    nodes = affinity.node_affinity
    if nodes is not None:
        liked = nodes.preferred_during_scheduling_ignored_during_execution or ()
        weights += [
            (f"{where}/nodeAffinity/{_PREFERRED}/{number}/weight", term.weight) for number, term in enumerate(liked)
        ]
        needed = nodes.required_during_scheduling_ignored_during_execution
        if needed is not None and not needed.node_selector_terms:
            yield Problem(f"{where}/nodeAffinity/{_REQUIRED}/nodeSelectorTerms", "the list of terms is empty")
    for pointer, weight in weights:
        if weight not in _WEIGHTS:
            yield Problem(pointer, f"{weight} is not between 1 and 100")


def _pod_affinities(affinity: Affinity) -> Iterator[tuple[str, PodAffinity | PodAntiAffinity]]:
    if affinity.pod_affinity is not None:
        yield "podAffinity", affinity.pod_affinity
    if affinity.pod_anti_affinity is not None:
        yield "podAntiAffinity", affinity.pod_anti_affinity


@rule(
    "CSI158",
    "contradictory-pod-settings",
    "the settings of a pod do not contradict each other",
    PodView,
    fix="Keep one of the two, or add what is missing.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    hostPID: true
-   shareProcessNamespace: true
    containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def settings_do_not_contradict(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses two process namespaces for one pod, a resolver without a server, and a deadline at once."""
    spec = pod.spec
    if spec.host_pid and spec.share_process_namespace:
        message = "hostPID gives the containers the node's processes, and shareProcessNamespace the pod's"
        yield Problem(f"{pod.pointer}/shareProcessNamespace", message)
    servers = (spec.dns_config and spec.dns_config.nameservers) or ()
    if spec.dns_policy == "None" and not servers:
        yield Problem(f"{pod.pointer}/dnsPolicy", "dnsPolicy is None, and dnsConfig names no server")
    if len(servers) > _MOST_NAMESERVERS:
        message = f"there are {len(servers)} servers, and {_MOST_NAMESERVERS} are asked at most"
        yield Problem(f"{pod.pointer}/dnsConfig/nameservers", message, "Name fewer.")
    deadline = spec.active_deadline_seconds
    if pod.source.key.type == POD and deadline is not None and deadline < 1:
        yield Problem(
            f"{pod.pointer}/activeDeadlineSeconds", f"{deadline} is less than a second", "Give more, or leave it out."
        )


@rule(
    "CSI162",
    "invalid-selector-values",
    "a selector's condition has the values that its operator needs",
    PodView,
    ClaimView,
    StatefulSet,
    DaemonSet,
    Deployment,
    PersistentVolume,
    ClusterRole,
    fix="In and NotIn need values, Gt and Lt one, Exists and DoesNotExist none.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
-   selector: {matchExpressions: [{key: disk, operator: Exists, values: [ssd]}]}
+   selector: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}
""",
)
def conditions_have_their_values(found: Chooser, _: Context) -> Iterator[Problem]:
    """The API server refuses a condition with values it has no use for, or without those it needs."""
    for pointer, selector in _selectors(found):
        for number, condition in enumerate(selector.match_expressions or ()):
            where = f"{pointer}/matchExpressions/{number}"
            yield from _misfit(where, condition.operator, len(condition.values or ()))
    for pointer, term in _node_terms(found):
        for number, asked in enumerate(term.match_expressions or ()):
            yield from _misfit(f"{pointer}/matchExpressions/{number}", asked.operator, len(asked.values or ()))
        for number, asked in enumerate(term.match_fields or ()):
            where, values = f"{pointer}/matchFields/{number}", len(asked.values or ())
            if asked.key != "metadata.name":
                message = f"nodes cannot be chosen by the field {asked.key!r}, only by metadata.name"
                yield Problem(f"{where}/key", message, "Use matchExpressions for labels.")
            elif asked.operator not in {"In", "NotIn"} or values != 1:
                message = f"a field is compared by In or NotIn with one value, not by {asked.operator} with {values or 'none'}"
                yield Problem(where, message, "Give one value.")


def _misfit(where: str, operator: str, values: int) -> Iterator[Problem]:
    if operator in {"Exists", "DoesNotExist"}:
        wrong = values > 0
    else:
        wrong = values == 0 if operator in {"In", "NotIn"} else values != 1
    if wrong:
        yield Problem(f"{where}/values", f"{operator} has {values or 'no'} value{'s' if values != 1 else ''}")


def _selectors(found: Chooser) -> Iterator[tuple[str, LabelSelector]]:
    if isinstance(found, ClusterRole) and found.aggregation_rule is not None:
        for number, selector in enumerate(found.aggregation_rule.cluster_role_selectors or ()):
            yield f"/aggregationRule/clusterRoleSelectors/{number}", selector
    if isinstance(found, (StatefulSet, DaemonSet, Deployment)):
        yield "/spec/selector", found.spec.selector
    if isinstance(found, ClaimView) and found.claim.spec is not None and found.claim.spec.selector is not None:
        yield f"{found.pointer}/spec/selector", found.claim.spec.selector
    if isinstance(found, PodView) and found.spec.affinity is not None:
        yield from _pod_selectors(found.spec.affinity, f"{found.pointer}/affinity")


def _pod_selectors(affinity: Affinity, pointer: str) -> Iterator[tuple[str, LabelSelector]]:
    for kind, one in _pod_affinities(affinity):
        for number, term in enumerate(one.required_during_scheduling_ignored_during_execution or ()):
            if term.label_selector is not None:
                yield f"{pointer}/{kind}/{_REQUIRED}/{number}/labelSelector", term.label_selector
        for number, weighted in enumerate(one.preferred_during_scheduling_ignored_during_execution or ()):
            selector = weighted.pod_affinity_term.label_selector
            if selector is not None:
                yield f"{pointer}/{kind}/{_PREFERRED}/{number}/podAffinityTerm/labelSelector", selector


def _node_terms(found: Chooser) -> Iterator[tuple[str, NodeSelectorTerm]]:
    needed: tuple[str, NodeSelector | None] = ("", None)
    if isinstance(found, PersistentVolume):
        affinity = found.spec and found.spec.node_affinity
        needed = ("/spec/nodeAffinity/required", affinity.required if affinity else None)
    nodes = found.spec.affinity and found.spec.affinity.node_affinity if isinstance(found, PodView) else None
    if isinstance(found, PodView) and nodes:
        where = f"{found.pointer}/affinity/nodeAffinity"
        needed = (f"{where}/{_REQUIRED}", nodes.required_during_scheduling_ignored_during_execution)
        for number, liked in enumerate(nodes.preferred_during_scheduling_ignored_during_execution or ()):
            yield f"{where}/{_PREFERRED}/{number}/preference", liked.preference
    pointer, selector = needed
    if selector is not None:
        for number, term in enumerate(selector.node_selector_terms):
            yield f"{pointer}/nodeSelectorTerms/{number}", term
