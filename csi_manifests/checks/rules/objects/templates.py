"""What StatefulSets, DaemonSets and Deployments say beside their containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among
from csi_manifests.analysis.pods import pod_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.apps_v1 import DeploymentSpec
    from csi_manifests.models.meta_v1 import LabelSelector

Controller = StatefulSet | DaemonSet | Deployment
_ZERO = (0, "0%")
_ALL = 100
_PROGRESS_SECONDS = 600
"""What the server takes where a Deployment does not say how long an update may stand still."""


@rule(
    "CSI160",
    "empty-selector",
    "a workload's selector is not empty",
    StatefulSet,
    DaemonSet,
    Deployment,
    fix="Give selector.matchLabels, with labels that the template has.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
-   selector: {}
+   selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec:
        containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def selector_is_not_empty(found: Controller, _: Context) -> Iterator[Problem]:
    """The API server refuses it: an empty selector would make every pod of the namespace the workload's own."""
    if _is_empty(found.spec.selector):
        yield Problem("/spec/selector", "the selector is empty")


@rule(
    "CSI161",
    "selector-mismatch",
    "a workload's selector matches the labels of its template",
    StatefulSet,
    DaemonSet,
    Deployment,
    fix="Make selector.matchLabels and the labels of the template the same.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
-     metadata: {labels: {app: hostpathplugin}}
+     metadata: {labels: {app: csi-hostpathplugin}}
      spec:
        containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def selector_selects_the_template(found: Controller, _: Context) -> Iterator[Problem]:
    """The API server refuses it: the workload would make pods, not find them, and make more."""
    if _is_empty(found.spec.selector):
        return
    metadata = found.spec.template.metadata
    labels = (metadata.labels if metadata else None) or {}
    unmet = [*_unmet(found.spec.selector, labels)]
    if unmet:
        has = among(f"{key}: {value}" for key, value in labels.items())
        yield Problem("/spec/selector", f"the template's labels do not fulfil {', '.join(unmet)} (they are: {has})")


def _is_empty(selector: LabelSelector) -> bool:
    return not (selector.match_labels or selector.match_expressions)


def _unmet(selector: LabelSelector, labels: dict[str, str]) -> Iterator[str]:
    """Return the conditions of a selector that labels do not fulfil."""
    for key, value in (selector.match_labels or {}).items():
        if labels.get(key) != value:
            yield f"'{key}: {value}'"
    for condition in selector.match_expressions or ():
        there = labels.get(condition.key)
        if condition.operator in {"Exists", "DoesNotExist"}:
            met = (there is not None) == (condition.operator == "Exists")
        else:
            met = (there in (condition.values or ())) == (condition.operator == "In")
        if not met:
            yield f"'{condition.key} {condition.operator} {' '.join(condition.values or ())}'".replace(" '", "'")


@rule(
    "CSI155",
    "ending-pods",
    "the pods of a workload are always restarted and have no deadline",
    StatefulSet,
    DaemonSet,
    Deployment,
    fix="Remove it, or use a Job for pods that end.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec:
-       restartPolicy: OnFailure
        containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def pods_run_for_good(found: Controller, _: Context) -> Iterator[Problem]:
    """The API server refuses a template whose pods are not always restarted, or have a deadline."""
    pod = pod_of(found)
    if pod is None:
        return
    policy, deadline = pod.spec.restart_policy, pod.spec.active_deadline_seconds
    if policy is not None and policy != "Always":
        message = f"{policy!r} is not 'Always', the only one that a {found.KIND} takes"
        yield Problem(f"{pod.pointer}/restartPolicy", message)
    if deadline is not None:
        yield Problem(
            f"{pod.pointer}/activeDeadlineSeconds", f"a {found.KIND} takes no deadline (here: {deadline} seconds)"
        )


@rule(
    "CSI163",
    "stuck-update-strategy",
    "the update strategy can make progress",
    StatefulSet,
    DaemonSet,
    Deployment,
    fix="Leave rollingUpdate out, or let at least one pod be unavailable.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
-   updateStrategy: {rollingUpdate: {maxUnavailable: 0}}
+   updateStrategy: {rollingUpdate: {maxUnavailable: 1}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec:
        containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
def updates_move(found: Controller, _: Context) -> Iterator[Problem]:
    """The API server refuses an update that may neither remove nor add a pod, or may remove more than 100% of them.

    Settings of a rolling update beside another type are refused too; only a DaemonSet ignores them.
    """
    if isinstance(found, StatefulSet):
        wanted = found.spec.update_strategy
        if wanted is not None and wanted.type == "OnDelete" and wanted.rolling_update is not None:
            yield Problem("/spec/updateStrategy/rollingUpdate", "the type is OnDelete, and rollingUpdate is given")
    elif isinstance(found, DaemonSet):
        strategy = found.spec.update_strategy
        if strategy is not None and strategy.type != "OnDelete" and strategy.rolling_update is not None:
            unavailable = strategy.rolling_update.max_unavailable
            if unavailable in _ZERO or _is_beyond_all(unavailable):
                where = "/spec/updateStrategy/rollingUpdate/maxUnavailable"
                yield Problem(where, f"{unavailable} is not between 1 and all of the pods")
    else:
        yield from _deployment_moves(found.spec)


def _deployment_moves(spec: DeploymentSpec) -> Iterator[Problem]:
    deadline = _PROGRESS_SECONDS if spec.progress_deadline_seconds is None else spec.progress_deadline_seconds
    if deadline <= (spec.min_ready_seconds or 0):
        message = f"{deadline} seconds are not more than minReadySeconds, {spec.min_ready_seconds or 0}"
        yield Problem("/spec/progressDeadlineSeconds", message, "Make it longer.")
    rolling = spec.strategy.rolling_update if spec.strategy else None
    if spec.strategy is None or rolling is None:
        return
    if spec.strategy.type == "Recreate":
        yield Problem("/spec/strategy/rollingUpdate", "the type is Recreate, and rollingUpdate is given")
    elif rolling.max_surge in _ZERO and rolling.max_unavailable in _ZERO:
        yield Problem("/spec/strategy/rollingUpdate", "both maxSurge and maxUnavailable are 0")
    elif _is_beyond_all(rolling.max_unavailable):
        where = "/spec/strategy/rollingUpdate/maxUnavailable"
        yield Problem(where, f"{rolling.max_unavailable} is more than all of the pods")


def _is_beyond_all(share: int | str | None) -> bool:
    if not isinstance(share, str):
        return False
    digits = share[:-1].lstrip("0")
    return len(digits) > len(str(_ALL)) or int(digits or "0") > _ALL
