"""Find out why an object is not what it should be: its events, its pods' containers, the sidecars' logs."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from csi_manifests.cluster.advice import advised
from csi_manifests.cluster.kubectl import hidden, part
from csi_manifests.cluster.objects import keeps_pods, pods_of
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.well_known import CLAIM, POD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.models.resource import Key

_EVENTS = 4
_LOG_LINES = 60
_LONGEST = 400
_LOG_SECONDS = 15


def diagnose(kubectl: Kubectl, key: Key, found: Object | None, speakers: Iterable[Key] = ()) -> list[str]:
    """Return the lines that explain an object, and then what to do about them; what cannot be asked is left out."""
    lines = list(dict.fromkeys(_told(kubectl, key, found, speakers)))
    return lines + [f"fix: {line}" for line in advised("\n".join(lines))]


def _told(kubectl: Kubectl, key: Key, found: Object | None, speakers: Iterable[Key]) -> Iterator[str]:
    pods = _pods(kubectl, key, found)
    namespace = key.namespace or "default"
    about = {(key.kind, key.name), *(("Pod", pod["metadata"]["name"]) for pod in pods)}
    if key.kind == "Deployment":
        about |= {
            (owner["kind"], owner["name"]) for pod in pods for owner in pod["metadata"].get("ownerReferences", ())
        }
    for pod in pods:
        yield from _containers(kubectl, pod)
    yield from _events(kubectl, namespace, about)
    if key.type == CLAIM and found is not None:
        yield from _users(kubectl, key, found)
    if not keeps_pods(key):
        for speaker in speakers:
            yield from _complaints(kubectl, speaker)


def _pods(kubectl: Kubectl, key: Key, found: Object | None) -> list[Object]:
    if found is None:
        return []
    if key.type == POD:
        return [found]
    return _pods_of(kubectl, key.namespace, found) if keeps_pods(key) else []


def _pods_of(kubectl: Kubectl, namespace: str, workload: Object) -> list[Object]:
    """Return the pods of a workload; nothing if they cannot be listed."""
    try:
        return pods_of(kubectl, namespace, [workload])
    except ClusterError:
        return []


def _containers(kubectl: Kubectl, pod: Object) -> Iterator[str]:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"Pod {name} is not scheduled: {condition.get('message') or condition.get('reason')}"
    for container in chain(status.get("initContainerStatuses") or (), status.get("containerStatuses") or ()):
        waiting = container.get("state", {}).get("waiting")
        ended = container.get("state", {}).get("terminated") or container.get("lastState", {}).get("terminated")
        where = f"Pod {name}, container {container['name']}"
        if waiting:
            yield _cut(
                f"{where}: {waiting.get('reason', 'waiting')}"
                + (f": {waiting['message']}" if waiting.get("message") else "")
            )
        if ended and ended.get("exitCode"):
            yield f"{where}: ended with exit code {ended['exitCode']}, {container.get('restartCount', 0)} restarts"
            last = _log(kubectl, pod["metadata"]["namespace"], name, container["name"], 1, "--previous")
            yield from (_cut(f"{where}: last line of its log: {line}") for line in last)


def _events(kubectl: Kubectl, namespace: str, about: set[tuple[str, str]]) -> Iterator[str]:
    found = [
        event
        for event in _asked(kubectl, "events", f"--namespace={namespace}")
        if (event["involvedObject"].get("kind"), event["involvedObject"].get("name")) in about
    ]
    found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
    said: dict[str, None] = {}
    for event in found:
        regarding = event["involvedObject"]
        text = " ".join(str(event.get("message", "")).split())
        said[
            _cut(
                f"event of {regarding['kind']} {regarding['name']}: {event.get('type', '')} {event.get('reason', '')}: {text}"
            )
        ] = None
    yield from list(said)[-_EVENTS:]


def _users(kubectl: Kubectl, key: Key, found: Object) -> Iterator[str]:
    """Name the pods that keep a claim that is to go."""
    if "deletionTimestamp" not in found["metadata"]:
        return
    for pod in _asked(kubectl, "pods", f"--namespace={key.namespace}"):
        volumes = pod["spec"].get("volumes") or ()
        if any(part(volume, "persistentVolumeClaim").get("claimName") == key.name for volume in volumes):
            yield f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']} still uses it"


def _complaints(kubectl: Kubectl, speaker: Key) -> Iterator[str]:
    """Return what a workload of the driver says, as far as it is known what it means."""
    for workload in kubectl_get(kubectl, speaker):
        pods = _pods_of(kubectl, speaker.namespace, workload)
        if not pods and workload["spec"].get("replicas", 1):
            yield f"{speaker} has no pods"
        for pod in pods:
            name = pod["metadata"]["name"]
            for container in pod["spec"]["containers"]:
                lines = _log(kubectl, speaker.namespace, name, container["name"], _LOG_LINES)
                telling = [line for line in lines if advised(line)]
                yield from (_cut(f"log of {name}, {container['name']}: {line}") for line in telling[-1:])


def kubectl_get(kubectl: Kubectl, key: Key) -> list[Object]:
    """Return an object as a list; nothing if there is none, or it may not be read."""
    try:
        return list(kubectl.get([key]).values())
    except ClusterError:
        return []


def _log(kubectl: Kubectl, namespace: str, pod: str, container: str, lines: int, *flags: str) -> list[str]:
    args = (
        "logs",
        pod,
        f"--container={container}",
        f"--namespace={namespace}",
        f"--tail={lines}",
        "--request-timeout=10s",
    )
    for more in (flags, ()) if flags else ((),):
        try:
            done = kubectl.call(*args, *more, seconds=_LOG_SECONDS)
        except ClusterError:
            return []
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip().splitlines()
    return []


def _asked(kubectl: Kubectl, *args: str) -> list[Object]:
    """List objects for an explanation, which is not to fail because of them."""
    try:
        return kubectl.list(*args)
    except ClusterError:
        return []


def _cut(text: str) -> str:
    shown = hidden(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."
