"""The containers of pods: that there are any, their names, images, probes, resources and rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among, given, guess, repeated
from csi_manifests.analysis.pods import ContainerView, PodView
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.scalars import quantity
from csi_manifests.text.images import is_image_reference
from csi_manifests.text.words import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Container, LifecycleHandler, Probe

_HANDLERS = ("exec", "http_get", "tcp_socket")
_SECONDS_AND_COUNTS = (
    ("initialDelaySeconds", "initial_delay_seconds"),
    ("periodSeconds", "period_seconds"),
    ("timeoutSeconds", "timeout_seconds"),
    ("successThreshold", "success_threshold"),
    ("failureThreshold", "failure_threshold"),
)
_AMOUNTS = ("cpu", "memory", "ephemeral-storage")
_HUGE_PAGES = "hugepages-"


@rule(
    "CSI120",
    "missing-container",
    "a pod has a container",
    PodView,
    fix="Give at least one container, below spec.containers.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
-   containers: []
+   containers:
+   - {name: my-frontend, image: "busybox:1.36", command: [sleep, "1000000"]}
""",
)
def pod_has_a_container(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses a pod without a container, and a Deployment or DaemonSet of such pods.

    It accepts a StatefulSet of such pods, and refuses the pods.
    """
    if not pod.spec.containers and not pod.cuts:
        beside = f" (there are {len(pod.spec.init_containers)} init containers)" if pod.spec.init_containers else ""
        yield Problem(f"{pod.pointer}/containers", f"the list of containers is empty{beside}")


@rule(
    "CSI121",
    "duplicate-container-name",
    "the containers of a pod have different names",
    PodView,
    fix="Rename one of the two.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
-   initContainers: [{name: app, image: "busybox:1.36", command: ["true"]}]
+   initContainers: [{name: prepare, image: "busybox:1.36", command: ["true"]}]
    containers: [{name: app, image: "busybox:1.36", command: [sleep, "1000000"]}]
""",
)
def container_names_differ(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses two containers of one name, init containers included: logs and status go by it."""
    for pointer, name, first in repeated((pointer, container.name) for pointer, container in pod.containers()):
        yield Problem(f"{pointer}/name", f"{name!r} is also the name of the container at {first}")


@rule(
    "CSI122",
    "invalid-image",
    "a container's image has a valid name",
    ContainerView,
    fix="Write registry/name:tag, the name in lower case and without spaces.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
-   containers: [{name: my-frontend, image: "BusyBox:1.36"}]
+   containers: [{name: my-frontend, image: "busybox:1.36"}]
""",
)
def image_can_be_pulled(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses a container without an image, and a pod whose image has spaces around it.

    It accepts any other text, and the container then stays at InvalidImageName.
    """
    if not container.spec.image:
        yield Problem(f"{container.pointer}/image", f"the container {container.spec.name!r} has no image")
    elif not is_image_reference(container.spec.image):
        yield Problem(f"{container.pointer}/image", f"{short(container.spec.image)} is not the name of an image")


@rule(
    "CSI131",
    "ambiguous-handler",
    "a probe or hook has exactly one action",
    ContainerView,
    fix="Give one of exec (with a command), httpGet and tcpSocket.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     livenessProbe: {periodSeconds: 10}
+     livenessProbe: {periodSeconds: 10, exec: {command: [test, -d, /data]}}
""",
)
def handlers_do_one_thing(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses a probe or a lifecycle hook that says nothing to do, or more than one thing."""
    for below, handler in _handlers(container.spec):
        found = given(handler, _HANDLERS)
        if len(found) != 1:
            yield Problem(
                f"{container.pointer}/{below}",
                f"one of exec, httpGet and tcpSocket is needed (there is: {among(found)})",
            )
        elif handler.exec is not None and not handler.exec.command:
            yield Problem(f"{container.pointer}/{below}/exec", "exec has no command")


def _probes(container: Container) -> Iterator[tuple[str, Probe]]:
    if container.liveness_probe is not None:
        yield "livenessProbe", container.liveness_probe
    if container.readiness_probe is not None:
        yield "readinessProbe", container.readiness_probe


def _handlers(container: Container) -> Iterator[tuple[str, Probe | LifecycleHandler]]:
    yield from _probes(container)
    hooks = container.lifecycle
    if hooks is not None and hooks.post_start is not None:
        yield "lifecycle/postStart", hooks.post_start
    if hooks is not None and hooks.pre_stop is not None:
        yield "lifecycle/preStop", hooks.pre_stop


@rule(
    "CSI132",
    "invalid-probe-number",
    "the numbers of a probe are valid",
    ContainerView,
    fix="Use 0 or more, and for the successThreshold of a liveness probe 1.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     livenessProbe: {successThreshold: 2, exec: {command: [test, -d, /data]}}
+     livenessProbe: {failureThreshold: 2, exec: {command: [test, -d, /data]}}
""",
)
def probe_numbers_are_possible(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses negative times and counts, and a liveness probe that has to succeed more than once."""
    for below, probe in _probes(container.spec):
        for wire, field in _SECONDS_AND_COUNTS:
            number = getattr(probe, field)
            if number is not None and number < 0:
                yield Problem(f"{container.pointer}/{below}/{wire}", f"{number} is below 0")
    successes = container.spec.liveness_probe.success_threshold if container.spec.liveness_probe else None
    if successes is not None and successes > 1:
        message = f"{successes} is not 1, the only number that a liveness probe may have"
        yield Problem(f"{container.pointer}/livenessProbe/successThreshold", message)


@rule(
    "CSI133",
    "init-container-probe",
    "an init container has no probes or hooks",
    ContainerView,
    fix="Remove it, or make the container one of spec.containers.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
-   initContainers: [{name: prepare, image: "busybox:1.36", readinessProbe: {exec: {command: ["true"]}}}]
-   containers: [{name: my-frontend, image: "busybox:1.36"}]
+   initContainers: [{name: prepare, image: "busybox:1.36"}]
+   containers: [{name: my-frontend, image: "busybox:1.36", readinessProbe: {exec: {command: ["true"]}}}]
""",
)
def init_containers_are_not_asked(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses probes and lifecycle hooks there: an init container runs to its end, and that is the answer."""
    if "/initContainers/" in container.pointer:
        for field in given(container.spec, ("lifecycle", "liveness_probe", "readiness_probe")):
            yield Problem(f"{container.pointer}/{field}", f"the init container {container.spec.name!r} has a {field}")


@rule(
    "CSI134",
    "invalid-resources",
    "a container requests known resources, within its limits",
    ContainerView,
    fix="Correct the amount, or the name of the resource.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     resources: {requests: {memory: 256Mi}, limits: {memory: 128Mi}}
+     resources: {requests: {memory: 128Mi}, limits: {memory: 256Mi}}
""",
)
def requests_fit_limits(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses requests above their limit, negative amounts, and resources it does not know.

    Huge pages and resources of one's own (``example.com/device``) cannot be shared out twice: they need a limit, and a
    request that equals it.
    """
    resources = container.spec.resources
    if resources is None:
        return
    limits = resources.limits or {}
    for field, amounts in (("limits", limits), ("requests", resources.requests or {})):
        for name, amount in amounts.items():
            where = f"{container.pointer}/resources/{field}/{name.replace('/', '~1')}"
            if "/" not in name and name not in _AMOUNTS and not name.startswith(_HUGE_PAGES):
                yield Problem(where, f"containers have no resource {name!r}{guess(name, _AMOUNTS)}")
            elif quantity(amount) < 0:
                yield Problem(where, f"{amount} is below 0")
            elif field == "requests":
                wrong = _beyond_limit(name, amount, limits.get(name))
                if wrong:
                    yield Problem(where, wrong)


def _beyond_limit(name: str, amount: str | float, limit: str | float | None) -> str:
    exact = name.startswith(_HUGE_PAGES) or ("/" in name and "kubernetes.io/" not in name)
    if limit is None:
        return f"{name} is requested without a limit" if exact else ""
    if exact and quantity(amount) != quantity(limit):
        return f"{amount} is requested, and the limit is not the same: {limit}"
    return f"{amount} is requested, and the limit is {limit}" if quantity(amount) > quantity(limit) else ""


@rule(
    "CSI135",
    "escalation-denied",
    "a privileged container may gain privileges",
    ContainerView,
    fix="Remove allowPrivilegeEscalation: false, or the privileges.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpathplugin}
  spec:
    containers:
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v0.4.1
-     securityContext: {privileged: true, allowPrivilegeEscalation: false}
+     securityContext: {privileged: true}
""",
)
def privileged_may_gain_privileges(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses a container that is privileged, or has CAP_SYS_ADMIN by that name, and may not gain privileges."""
    context = container.spec.security_context
    if context is None or context.allow_privilege_escalation is not False:
        return
    added = (context.capabilities and context.capabilities.add) or ()
    if context.privileged or "CAP_SYS_ADMIN" in added:
        what = "is privileged" if context.privileged else "has CAP_SYS_ADMIN"
        where = f"{container.pointer}/securityContext/allowPrivilegeEscalation"
        yield Problem(where, f"the container {container.spec.name!r} {what}, and allowPrivilegeEscalation is false")
