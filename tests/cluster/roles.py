"""Play what a control plane lacks: the scheduler, a kubelet, csi-provisioner and csi-snapshotter.

Each does through the API what the real one would, and only when the real one could: a pod runs once its claims are Bound,
a claim gets a volume while the provisioner's pod runs, a snapshot of a claim that is not Bound fails for good. The
DaemonSet's and StatefulSets' pods, the binding of claims to volumes and all garbage collection are the work of the real
controllers. Nothing runs and no data is kept.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from csi_manifests.cli import main

from .control_plane import ControlPlane, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PAUSE = 0.1
SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1alpha1"
SELECTED = "volume.kubernetes.io/selected-node"
MERGE = "application/merge-patch+json"
Object = dict[str, Any]
Place = tuple[str, str]


@dataclass
class Roles:
    """The players, the parts they do not play, and what they have seen."""

    cluster: ControlPlane
    node: str
    broken: dict[str, Object] = field(default_factory=dict[str, Object])
    """Images, by a part of their name, whose containers do not come up, each with the state that it has instead."""
    absent: set[str] = field(default_factory=set[str])
    """Of ``kubelet``, ``provisioner`` and ``snapshotter``, those that do nothing, though the sidecars' pods run."""
    order: list[str] = field(default_factory=list[str])
    """What was done, in order, such as ``run csi-hostpathplugin-x7vvd``."""
    copied: Callable[[str, str], None] = lambda source, copy: None  # noqa: ARG005  (nothing keeps data, unless told)
    """Called with two names of volumes or snapshots when one gets the data of the other."""

    def play(self) -> None:
        """Play one round; what changed meanwhile is for the next."""
        pods = self._list("/api/v1/pods")
        claims = {_place(claim): claim for claim in self._list("/api/v1/persistentvolumeclaims")}
        snapshots = {_place(snapshot): snapshot for snapshot in self._list(f"{SNAPSHOTS}/volumesnapshots")}
        for pod in pods:
            self._attempt(partial(self._pod, pod, claims))
        for driver in self._speaking(pods, "provisioner"):
            for claim in claims.values():
                self._attempt(partial(self._provision, claim, driver, snapshots))
            for volume in self._list("/api/v1/persistentvolumes"):
                self._attempt(partial(self._reclaim, volume, driver))
        if self._speaking(pods, "snapshotter"):
            contents = self._list(f"{SNAPSHOTS}/volumesnapshotcontents")
            for snapshot in snapshots.values():
                self._attempt(partial(self._snapshot, snapshot, claims))
            for content in contents:
                self._attempt(partial(self._forget, content, snapshots))

    def _pod(self, pod: Object, claims: dict[Place, Object]) -> None:
        metadata, status = pod["metadata"], pod["status"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if "kubelet" in self.absent:
            return
        if "deletionTimestamp" in metadata:
            self.cluster.request("DELETE", path, {"gracePeriodSeconds": 0})
            self.order.append(f"end {metadata['name']}")
            return
        unbound = [
            claims[place]
            for place in _claims(pod)
            if place in claims and claims[place]["status"].get("phase") != "Bound"
        ]
        if unbound or not claims.keys() >= set(_claims(pod)):
            for claim in unbound:
                self._select(claim)
            return
        if "nodeName" not in pod["spec"]:
            target = {"metadata": {"name": metadata["name"]}, "target": {"kind": "Node", "name": self.node}}
            self.cluster.request("POST", f"{path}/binding", target)
        elif status.get("phase") == "Pending" and not status.get("containerStatuses"):
            self._start(pod, path)

    def _select(self, claim: Object) -> None:
        """Say for which node a volume is wanted, as the scheduler does for claims that wait for their first pod."""
        path = f"/api/v1/namespaces/{claim['metadata']['namespace']}/persistentvolumeclaims/{claim['metadata']['name']}"
        if SELECTED not in claim["metadata"].get("annotations", {}):
            self.cluster.request("PATCH", path, {"metadata": {"annotations": {SELECTED: self.node}}}, MERGE)

    def _start(self, pod: Object, path: str) -> None:
        statuses = [self._container(container) for container in pod["spec"]["containers"]]
        ready = all(status["ready"] for status in statuses)
        conditions = [{"type": kind, "status": str(ready)} for kind in ("Initialized", "Ready", "ContainersReady")]
        status = {"phase": "Running" if ready else "Pending", "conditions": conditions, "containerStatuses": statuses}
        self.cluster.request("PATCH", f"{path}/status", {"status": status}, MERGE)
        self.order.append(f"run {pod['metadata']['name']}")

    def _container(self, container: Object) -> Object:
        state = next((state for part, state in self.broken.items() if part in container["image"]), None)
        named = {"name": container["name"], "image": container["image"], "imageID": "", "restartCount": 0}
        return named | {"ready": state is None, "state": state or {"running": {"startedAt": "2018-12-10T00:00:00Z"}}}

    def _speaking(self, pods: list[Object], role: str) -> list[str]:
        """Return the drivers that a running sidecar speaks for, as its arguments and its class say."""
        if role in self.absent:
            return []
        running = [
            container
            for pod in pods
            for container in pod["spec"]["containers"]
            if pod["status"].get("phase") == "Running" and container["name"] == f"csi-{role}"
        ]
        args = [
            arg.partition("=")[2]
            for container in running
            for arg in container["args"]
            if arg.startswith("--provisioner=")
        ]
        return args if role == "provisioner" else [container["name"] for container in running]

    def _provision(self, claim: Object, driver: str, snapshots: dict[Place, Object]) -> None:
        metadata, spec = claim["metadata"], claim["spec"]
        if claim["status"].get("phase") != "Pending" or "deletionTimestamp" in metadata or "volumeName" in spec:
            return
        if not spec.get("storageClassName"):  # of another test, which has made no default class
            return
        found = self.cluster.request("GET", f"/apis/storage.k8s.io/v1/storageclasses/{spec['storageClassName']}")
        late = found.get("volumeBindingMode") == "WaitForFirstConsumer"
        if found["provisioner"] != driver or (late and SELECTED not in metadata.get("annotations", {})):
            return
        name = f"pvc-{metadata['uid']}"
        source = spec.get("dataSource")
        if source:
            snapshot = snapshots.get((metadata["namespace"], source["name"]))
            if not snapshot or not snapshot.get("status", {}).get("ready"):
                return
            self.copied(snapshot["metadata"]["name"], name)
        volume = {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": driver}},
            "spec": {
                "accessModes": spec["accessModes"],
                "capacity": spec["resources"]["requests"],
                "claimRef": _reference(claim, "v1", "PersistentVolumeClaim"),
                "csi": {"driver": driver, "volumeHandle": metadata["uid"]},
                "persistentVolumeReclaimPolicy": found.get("reclaimPolicy", "Delete"),
                "storageClassName": spec["storageClassName"],
            },
        }
        self.cluster.request("POST", "/api/v1/persistentvolumes", volume)
        self.order.append(f"provision {metadata['name']}")

    def _reclaim(self, volume: Object, driver: str) -> None:
        released = (
            volume["status"].get("phase") == "Released" and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        )
        if (
            released
            and volume["spec"].get("csi", {}).get("driver") == driver
            and "deletionTimestamp" not in volume["metadata"]
        ):
            self.cluster.request("DELETE", f"/api/v1/persistentvolumes/{volume['metadata']['name']}")
            self.order.append(f"delete volume of {volume['spec']['claimRef']['name']}")

    def _snapshot(self, snapshot: Object, claims: dict[Place, Object]) -> None:
        metadata, spec = snapshot["metadata"], snapshot["spec"]
        if snapshot.get("status") or "deletionTimestamp" in metadata or "snapshotClassName" not in spec:
            return
        path = f"{SNAPSHOTS}/namespaces/{metadata['namespace']}/volumesnapshots/{metadata['name']}"
        claim = claims.get((metadata["namespace"], spec["source"]["name"])) or {"status": {}}
        if claim["status"].get("phase") != "Bound":
            error = {"message": f"the PVC {spec['source']['name']} is not yet bound to a PV"}
            self.cluster.request("PATCH", path, {"status": {"ready": False, "error": error}}, MERGE)
            return
        found = self.cluster.request("GET", f"{SNAPSHOTS}/volumesnapshotclasses/{spec['snapshotClassName']}")
        name = f"snapcontent-{metadata['uid']}"
        content = {
            "apiVersion": "snapshot.storage.k8s.io/v1alpha1",
            "kind": "VolumeSnapshotContent",
            "metadata": {"name": name},
            "spec": {
                "csiVolumeSnapshotSource": {"driver": found["snapshotter"], "snapshotHandle": metadata["uid"]},
                "volumeSnapshotRef": _reference(snapshot, snapshot["apiVersion"], "VolumeSnapshot"),
            },
        }
        self.cluster.request("POST", f"{SNAPSHOTS}/volumesnapshotcontents", content)
        self.copied(claim["spec"]["volumeName"], metadata["name"])
        self.cluster.request("PATCH", path, {"spec": {"snapshotContentName": name}, "status": {"ready": True}}, MERGE)
        self.order.append(f"snapshot {metadata['name']}")

    def _forget(self, content: Object, snapshots: dict[Place, Object]) -> None:
        reference = content["spec"]["volumeSnapshotRef"]
        if (reference["namespace"], reference["name"]) not in snapshots:
            self.cluster.request("DELETE", f"{SNAPSHOTS}/volumesnapshotcontents/{content['metadata']['name']}")
            self.order.append(f"delete content of {reference['name']}")

    def _list(self, path: str) -> list[Object]:
        with suppress(RequestError):  # snapshots are not served until their definitions are there
            items: list[Object] = self.cluster.request("GET", path)["items"]
            return items
        return []

    @staticmethod
    def _attempt(act: Callable[[], None]) -> None:
        with suppress(RequestError):  # it changed since the list was made
            act()


class Run(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


def run(cluster: ControlPlane, command: str, *args: str, kubectl: str | None = None) -> Run:
    """Run a command of csi-manifests on the cluster, in this process."""
    out, err = TextIOWrapper(BytesIO(), "utf-8"), StringIO()
    access = (f"--kubectl={kubectl or cluster.kubectl}", f"--kubeconfig={cluster.kubeconfig}")
    # kubectl remembers there, by host and port, what a server serves, and ports come round again.
    home = patch.dict(os.environ, HOME=str(cluster.kubeconfig.parent))
    with home, redirect_stdout(out), redirect_stderr(err):
        code = main([command, *access, *args])
    out.seek(0)
    return Run(code, out.read(), err.getvalue())


@contextmanager
def roles(cluster: ControlPlane, node: str = "node-1") -> Generator[Roles]:
    """Add a Node to the cluster and play while the context lasts."""
    cluster.request("POST", "/api/v1/nodes", {"metadata": {"name": node}})
    cluster.patch_status("node", node, {"conditions": [{"type": "Ready", "status": "True", "reason": "Test"}]})
    # The controller takes the taint away too, some seconds later.
    cluster.request("PATCH", f"/api/v1/nodes/{node}", {"spec": {"taints": None}}, MERGE)
    playing = Roles(cluster, node)
    over = threading.Event()

    def play() -> None:
        while not over.wait(PAUSE):
            playing.play()

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    try:
        yield playing
    finally:
        over.set()
        thread.join()
        cluster.request("DELETE", f"/api/v1/nodes/{node}")


def _place(found: Object) -> Place:
    return found["metadata"]["namespace"], found["metadata"]["name"]


def _claims(pod: Object) -> list[Place]:
    names = (volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod["spec"].get("volumes", ()))
    return [(pod["metadata"]["namespace"], name) for name in names if name]


def _reference(found: Object, api_version: str, kind: str) -> Object:
    metadata = found["metadata"]
    return {"apiVersion": api_version, "kind": kind} | {name: metadata[name] for name in ("namespace", "name", "uid")}
