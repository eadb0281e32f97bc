"""Run the demonstration on a cluster: write, snapshot, write more, restore, and read what was there before."""

from __future__ import annotations

import secrets
import shlex
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.cluster.apply import late_classes, make_namespace
from csi_manifests.cluster.delete import delete_namespace, delete_objects
from csi_manifests.cluster.kubectl import refusal
from csi_manifests.cluster.plan import staged
from csi_manifests.cluster.waits import await_ready
from csi_manifests.components import classes, workload
from csi_manifests.errors import ClusterError, CsiManifestsError
from csi_manifests.knowledge.well_known import CLAIM, WAIT_FOR_FIRST_CONSUMER
from csi_manifests.setup.parts import RestoreSetup, SnapshotSetup

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.cluster.waits import Watch
    from csi_manifests.models.core_v1 import PersistentVolumeClaim, Pod
    from csi_manifests.models.resource import Resource
    from csi_manifests.setup.setup import Setup

Outcome = Literal["passed", "failed", "error", "skipped"]
"""*failed*: the data is not what it has to be; *error*: the cluster refused, or did not answer in time."""
FILE = "csi-manifests-verify"
EXEC_SECONDS = 60
CLEAN_UP = "clean up"


class WrongDataError(Exception):
    """What was read is not what has to be there."""


@dataclass
class StepResult:
    """What came of a step."""

    name: str
    outcome: Outcome = "skipped"
    seconds: float = 0.0
    message: str = ""


@dataclass
class Verification:
    """What came of a demonstration."""

    driver: str
    namespace: str
    clean_up: str
    """The command that takes away what was made."""
    steps: list[StepResult] = field(default_factory=list[StepResult])
    error: ClusterError | None = None
    """What the cluster refused, if it did."""

    @property
    def left(self) -> str:
        """What is left in the cluster and how to clean up, or nothing."""
        last = self.steps[-1] if self.steps else StepResult("")
        if not self.steps or self.steps[0].outcome != "passed" or (last.name == CLEAN_UP and last.outcome == "passed"):
            return ""
        what = "what was not deleted yet" if last.name == CLEAN_UP else "what was made"
        return f"left in namespace {self.namespace}: {what}. To clean up: {self.clean_up}"

    @property
    def passed(self) -> bool:
        """Whether everything was done, and the restored data is that of the snapshot."""
        return all(step.outcome == "passed" for step in self.steps)


@dataclass(frozen=True)
class _Demonstration:
    """The objects of one run, and the two texts that it writes one after the other."""

    setup: Setup
    watch: Watch
    before: str = field(default_factory=lambda: secrets.token_hex(8))
    after: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def claim(self) -> PersistentVolumeClaim:
        return next(workload.claim(self.setup))

    @property
    def pod(self) -> Pod:
        return next(workload.pod(self.setup))

    @property
    def restored_claim(self) -> PersistentVolumeClaim:
        return next(workload.restored_claims(self.setup))

    @property
    def restored_pod(self) -> Pod:
        return next(workload.restored_pods(self.setup))

    @property
    def bundle(self) -> Bundle:
        """All that the run makes, for its end."""
        snapshot = next(workload.snapshots(self.setup))
        return staged(
            Bundle(Item(each) for each in (self.claim, self.pod, snapshot, self.restored_claim, self.restored_pod))
        )

    def look_for_classes(self) -> None:
        """See that the driver's classes are there: the demonstration makes no driver."""
        wanted = [*classes.storage_class(self.setup), *classes.snapshot_class(self.setup)]
        found = self.watch.kubectl.get([each.key for each in wanted], "look for the classes")
        for each in wanted:
            if each.key not in found:
                raise ClusterError(
                    f"{each.key}: is not in the cluster. Make the driver first: 'csi-manifests apply' with the same setup."
                )
            driver = found[each.key].get("provisioner") or found[each.key].get("snapshotter")
            if driver != self.setup.driver_name:
                raise ClusterError(
                    f"{each.key}: is of the driver {driver!r}, and the setup's is {self.setup.driver_name!r}. "
                    "Give the setup that was applied, with the same flags."
                )

    def make(self, resource: Resource) -> None:
        """Apply an object, and wait until it is ready; a claim that is bound with its first pod waits for that."""
        kubectl = self.watch.kubectl
        kubectl.apply([resource.to_dict()], f"make {resource.key}")
        if resource.key.type != CLAIM or not self._is_late():
            await_ready(self.watch, [resource.key])

    def _is_late(self) -> bool:
        return self.setup.storage_class.volume_binding_mode == WAIT_FOR_FIRST_CONSUMER or bool(
            late_classes(self.watch.kubectl, Bundle([self.claim]))
        )

    def write(self, token: str) -> None:
        """Write a text into the volume, through the pod."""
        self._execute(self.pod, 'printf %s "$1" > "$0" && sync', f"{self.setup.pod.mount_path}/{FILE}", token)

    def read(self, pod: Pod, wanted: str) -> None:
        """Read the text that a pod has in its volume, and compare it."""
        path = f"{self.setup.pod.mount_path}/{FILE}"
        found = self._execute(pod, 'cat "$0"', path).strip()
        if found != wanted:
            meanings = {
                self.before: "what was there before the snapshot",
                self.after: "what was written after the snapshot",
            }
            raise WrongDataError(
                f"{pod.key} reads {found!r} from {path} ({meanings.get(found, 'neither text that was written')}), and not {wanted!r}"
            )

    def _execute(self, pod: Pod, script: str, *words: str) -> str:
        kubectl = self.watch.kubectl
        done = kubectl.call(
            "exec", pod.name, f"--namespace={pod.namespace}", "--", "sh", "-c", script, *words, seconds=EXEC_SECONDS
        )
        if done.returncode != 0:
            raise refusal(f"run a command in {pod.key}", done.stderr)
        return done.stdout


def verify(setup: Setup, watch: Watch, namespace: str | None = None, *, keep: bool = False) -> Verification:
    """Run the demonstration with the driver of a setup, in a namespace or in one of its own, and clean up.

    What is made has names that no other run has. What fails is in the result, and ends the run.
    """
    token = secrets.token_hex(3)
    place = namespace or f"csi-verify-{token}"
    demonstration = _Demonstration(_demonstrated(setup, place, f"csi-verify-{token}"), watch)
    result = Verification(setup.driver_name, place, _clean_up_line(demonstration, namespace))
    steps = _steps(demonstration)
    if not namespace:
        steps.insert(1, ("make the namespace", lambda: _ignore(make_namespace(watch, place))))
    try:
        _run(steps, result, watch)
        if not keep and result.steps[0].outcome == "passed":
            _run([(CLEAN_UP, lambda: _clean_up(demonstration, watch, None if namespace else place))], result, watch)
    except (KeyboardInterrupt, CsiManifestsError):
        if result.left:
            watch.progress.line(result.left)
        raise
    return result


def _steps(run: _Demonstration) -> list[tuple[str, Callable[[], None]]]:
    (snapshot,) = workload.snapshots(run.setup)
    return [
        ("look for the classes", run.look_for_classes),
        ("claim a volume", lambda: run.make(run.claim)),
        ("start a pod", lambda: run.make(run.pod)),
        ("write", lambda: run.write(run.before)),
        ("take a snapshot", lambda: run.make(snapshot)),
        ("write more", lambda: run.write(run.after)),
        ("restore the snapshot", lambda: run.make(run.restored_claim)),
        ("start a second pod", lambda: run.make(run.restored_pod)),
        ("read what was restored", lambda: run.read(run.restored_pod, run.before)),
        ("read what was written last", lambda: run.read(run.pod, run.after)),
    ]


def _run(steps: list[tuple[str, Callable[[], None]]], result: Verification, watch: Watch) -> None:
    """Run steps until one does not pass; the rest is skipped."""
    going = True
    for name, act in steps:
        step = StepResult(name)
        result.steps.append(step)
        if not going:
            continue
        watch.progress.now(name, lasting=False)
        began = time.monotonic()
        try:
            act()
        except WrongDataError as error:
            step.outcome, step.message = "failed", str(error)
        except ClusterError as error:
            step.outcome, step.message = "error", str(error)
            result.error = result.error or error
        else:
            step.outcome = "passed"
        step.seconds = time.monotonic() - began
        going = step.outcome == "passed"
        watch.progress.finish(name, f"{name}: {step.outcome}")


def _clean_up(run: _Demonstration, watch: Watch, namespace: str | None) -> None:
    delete_objects(run.bundle, watch, {run.setup.driver_name})
    if namespace:
        delete_namespace(namespace, watch)


def _clean_up_line(run: _Demonstration, namespace: str | None) -> str:
    kubectl = shlex.join(run.watch.kubectl.words)
    if not namespace:
        return f"{kubectl} delete namespace --ignore-not-found {run.setup.namespace}"
    names = " ".join(
        f"{key.kind.lower()}{'.' if key.group else ''}{key.group}/{key.name}"
        for key in (item.key for item in run.bundle)
    )
    return f"{kubectl} delete --namespace={namespace} --ignore-not-found {names}"


def _demonstrated(setup: Setup, namespace: str, name: str) -> Setup:
    """Return the setup whose claim, pods and snapshot are those of one run."""
    return setup.replace(
        namespace=namespace,
        claim=setup.claim.model_copy(update={"name": name}),
        pod=setup.pod.model_copy(update={"name": name}),
        snapshots=[SnapshotSetup(name=name)],
        restores=[RestoreSetup(name=f"{name}-restored", snapshot=name, pod=f"{name}-restored")],
        series=[],
    )


def _ignore(_: object) -> None:
    """Let a step be a lambda that gives something."""
