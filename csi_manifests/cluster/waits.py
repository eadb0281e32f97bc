"""Wait until objects are what the next step needs, or are gone; and say why they are not."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.cluster.diagnosis import diagnose
from csi_manifests.cluster.kubectl import key_of, part
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.cluster.progress import Progress
    from csi_manifests.models.resource import Key

POLL_SECONDS = 0.5
_LASTING = re.compile(r"forbidden|Forbidden|Unauthorized|must be logged in|context .*(does not exist|not found)")
"""Of refusals, those that do not pass with time."""


class HopelessError(ClusterError):
    """What is awaited will never be."""


class State(NamedTuple):
    """How far an object is."""

    done: bool
    said: str
    hopeless: str = ""
    """Why it will never be done, and what to do; empty while there is hope."""


@dataclass(frozen=True)
class Watch:
    """What a run needs for its waits."""

    kubectl: Kubectl
    progress: Progress
    timeout: float
    speakers: tuple[Key, ...] = ()
    """The driver's workloads, whose logs may say why a claim or a snapshot does not come."""


def await_ready(watch: Watch, keys: Iterable[Key]) -> None:
    """Wait for objects, all at once.

    Raises:
        ClusterError: if one is not ready in time, or never will be; the message says what explains it.

    """
    waiting = [key for key in keys if is_awaited(key)]
    if not waiting:
        return
    found: dict[Key, Object] = {}
    states: dict[Key, State] = {}

    def look() -> str:
        found.clear()
        found.update(watch.kubectl.get(waiting, "wait"))
        for key in waiting:
            states[key] = READY[ready_words(key)](found[key]) if key in found else State(False, "is not there")
            if states[key].hopeless:
                raise HopelessError(f"{key}: {states[key].hopeless}")
        return "; ".join(f"{key} {states[key].said}" for key in waiting if not states[key].done)

    def why() -> list[str]:
        late = [key for key in waiting if not states[key].done]
        return [line for key in late for line in diagnose(watch.kubectl, key, found.get(key), watch.speakers)]

    wait(watch, ", ".join(f"{key} {ready_words(key)}" for key in waiting), look, why)


def await_gone(watch: Watch, what: str, look: Callable[[], Sequence[Object]]) -> None:
    """Wait until nothing is left of what ``look`` finds.

    Raises:
        ClusterError: if something is left in time; the message says what holds it.

    """
    left: list[Object] = []

    def look_again() -> str:
        left[:] = look()
        return f"{len(left)} left: {names(left)}" if left else ""

    wait(watch, what, look_again, lambda: [line for found in left for line in _held(watch, found)])


def wait(watch: Watch, what: str, look: Callable[[], str], why: Callable[[], list[str]]) -> None:
    """Look again and again until there is nothing left to say; a refusal that may pass is looked at again as well.

    Raises:
        ClusterError: if there still is when the time is over.

    """
    said, refused = _looked(look)
    if not said:
        return
    began, start = datetime.now().astimezone(), time.monotonic()
    until = datetime.fromtimestamp(began.timestamp() + watch.timeout).astimezone()
    watch.progress.line(f"waiting for {what}; since {began:%H:%M:%S}, until {until:%H:%M:%S} ({watch.timeout:g} s)")
    while said:
        watch.progress.now(said)
        if time.monotonic() - start > watch.timeout:
            if refused:
                raise ClusterError(f"waited {watch.timeout:g} s for {what}, and the cluster does not say: {refused}")
            lines = "".join(f"\n  {line}" for line in why())
            raise ClusterError(
                f"waited {watch.timeout:g} s for {what}: {said}.{lines}\n"
                "  The same command goes on from here; --timeout gives each wait more time."
            )
        time.sleep(POLL_SECONDS)
        said, refused = _looked(look)
    watch.progress.line(f"  there after {time.monotonic() - start:.1f} s")


def _looked(look: Callable[[], str]) -> tuple[str, ClusterError | None]:
    try:
        return look(), None
    except HopelessError:
        raise
    except ClusterError as error:
        if _LASTING.search(str(error)):
            raise
        return f"the cluster does not say: {str(error).partition(chr(10))[0]}", error


def is_awaited(key: Key) -> bool:
    """Return whether objects of this kind are waited for."""
    return bool(ready_words(key))


def ready_words(key: Key) -> str:
    """Say what is awaited of an object: ``Bound``; empty where nothing is."""
    known = kind_of(*key.type)
    return known.ready if known else ""


def names(objects: Sequence[Object], most: int = 5) -> str:
    """Name objects, the first few of many."""
    said = [str(key_of(found)) for found in objects[:most]]
    return ", ".join(said) + (f" and {len(objects) - most} more" if len(objects) > most else "")


def _held(watch: Watch, found: Object) -> list[str]:
    finalizers = ", ".join(found["metadata"].get("finalizers", ()))
    held = [f"{key_of(found)} is held by {finalizers}"] if finalizers else []
    return held + diagnose(watch.kubectl, key_of(found), found, watch.speakers)


def condition(found: Object, kind: str) -> dict[str, Any]:
    """Return a condition of an object's status, empty if it has none of that kind."""
    conditions: list[Object] = part(found, "status").get("conditions") or []
    none: Object = {}
    return next((each for each in conditions if each["type"] == kind), none)


def _established(found: Object) -> State:
    accepted = condition(found, "NamesAccepted")
    if accepted.get("status") == "False":
        return State(False, "", f"its names are taken: {accepted.get('message')}. Another definition has them.")
    return State(condition(found, "Established").get("status") == "True", "is not Established")


def _on_nodes(found: Object) -> State:
    status = part(found, "status")
    wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return State(False, "has not been looked at by its controller")
    # With no node to run on, a rollout is complete and nothing runs.
    if not wanted:
        return State(False, "is for no node: none is there, or its nodeSelector and tolerations fit none")
    updated = status.get("updatedNumberScheduled", 0)
    return State(ready == updated == wanted, f"has {ready} of {wanted} pods ready, {updated} of this version")


def _replicas(found: Object) -> State:
    status, spec = part(found, "status"), found["spec"]
    wanted = spec.get("replicas", 1)
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return State(False, "has not been looked at by its controller")
    strategy = part(spec, "updateStrategy")
    partition = part(strategy, "rollingUpdate").get("partition", 0)
    new = 0 if strategy.get("type") == "OnDelete" else wanted - partition
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    return State(ready >= wanted and updated >= new, f"has {ready} of {wanted} pods ready, {updated} of this version")


def _bound(found: Object) -> State:
    phase = part(found, "status").get("phase", "Pending")
    if phase == "Lost":
        return State(False, "", "its PersistentVolume is gone, and its data. Delete the claim and make it anew.")
    return State(phase == "Bound", f"is {phase}")


def _restorable(found: Object) -> State:
    status = part(found, "status")
    if status.get("ready") or status.get("readyToUse"):
        return State(True, "is ready")
    if status.get("error"):
        said = part(status, "error").get("message") or "no reason given"
        if found.get("apiVersion", "").endswith(("/v1beta1", "/v1")):
            return State(False, f"failed, and is tried again: {said}")
        return State(
            False,
            "",
            f"failed: {said}. csi-snapshotter 0.4 never tries again: delete it, see that its claim is "
            "Bound, and create it anew.",
        )
    return State(False, "is not ready")


def _running(found: Object) -> State:
    phase = part(found, "status").get("phase", "Pending")
    if phase == "Failed":
        return State(
            False,
            "",
            f"failed: {found['status'].get('message') or found['status'].get('reason') or 'no reason given'}.",
        )
    ready = condition(found, "Ready").get("status") == "True"
    return State(
        phase == "Succeeded" or (phase == "Running" and ready),
        f"is {phase}" + (", not ready" if phase == "Running" else ""),
    )


READY: dict[str, Callable[[Object], State]] = {
    "Established": _established,
    "ready on all its nodes, and at least one": _on_nodes,
    "ready": _replicas,
    "Bound": _bound,
    "ready to restore from": _restorable,
    "Running and Ready": _running,
}
"""How far an object is, by what is awaited of its kind (``ready`` in ``kinds.toml``)."""
