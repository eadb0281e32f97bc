"""What a cluster still has that needs a definition or a namespace, so that it is not to be deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.cluster.kubectl import part
from csi_manifests.cluster.objects import workload_types
from csi_manifests.cluster.plan import spec
from csi_manifests.cluster.waits import names
from csi_manifests.errors import ClusterError
from csi_manifests.knowledge.well_known import SNAPSHOT_GROUP
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from csi_manifests.bundle.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.models.resource import Key

CSI = "csi.storage.k8s.io"
NODE_INFOS = f"csinodeinfos.{CSI}"
_SIDECARS = {
    SNAPSHOT_GROUP: re.compile(r"csi-snapshotter|snapshot-controller"),
    CSI: re.compile(r"driver-registrar|csi-provisioner|csi-attacher|csi-snapshotter"),
}
"""The programs that need the definitions of a group, by the end of their image's name."""
_OF_EVERY_NAMESPACE = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
_PASSING = {"Event", "Endpoints", "EndpointSlice", "PodMetrics", "LocalSubjectAccessReview"}


def kept_definitions(
    definitions: Sequence[Manifest], bundle: Bundle, drivers: set[str], kubectl: Kubectl
) -> dict[Key, str]:
    """Return the definitions that something besides a bundle and its drivers still needs, each with the reason.

    Those of one group go together or not at all: a snapshotter needs all three.
    """
    reasons: dict[str, str] = {}
    for group in dict.fromkeys(spec(item).get("group", "") for item in definitions):
        of_group = [item for item in definitions if spec(item).get("group") == group]
        found = next(_reasons(group, of_group, bundle, drivers, kubectl), "")
        if found:
            reasons[group] = found
    return {item.key: reasons[group] for item in definitions if (group := spec(item).get("group", "")) in reasons}


def _reasons(
    group: str, definitions: Iterable[Manifest], bundle: Bundle, drivers: set[str], kubectl: Kubectl
) -> Iterator[str]:
    for item in definitions:
        objects = kubectl.list(item.name, "--all-namespaces", doing=f"look for objects of {item.name}")
        if item.name == NODE_INFOS:
            # The kubelet writes these for the drivers that it knows, ours included, and keeps them up to date.
            others = sorted(_registered(objects) - drivers)
            if others:
                yield f"the kubelet lists the driver {', '.join(others)} there"
        elif objects:
            yield f"there are objects of its group: {names(objects)}"
    program = _SIDECARS.get(group)
    own = {item.key for item in bundle}
    users = list(_running(kubectl, program)) if program else []
    others_running = [workload for workload in users if not any(_same(workload, key) for key in own)]
    if others_running:
        yield f"{names(others_running)} needs it"


def _registered(node_infos: Iterable[Object]) -> set[str]:
    """Return the drivers that CSINodeInfo objects list, in the shape of 1.12 and in that of 1.13."""
    found: set[str] = set()
    for info in node_infos:
        found |= {each.get("driver", "") for each in info.get("csiDrivers") or ()}
        found |= {each.get("name", "") for each in part(info, "spec").get("drivers") or ()}
    return found - {""}


def _running(kubectl: Kubectl, program: re.Pattern[str]) -> Iterator[Object]:
    """Return the workloads that run a program."""
    for workload in kubectl.list(workload_types(), "--all-namespaces", doing="look for sidecars"):
        containers = workload["spec"]["template"]["spec"]["containers"]
        if any(program.search(image_reference(container["image"]).last) for container in containers):
            yield workload


def _same(found: Object, key: Key) -> bool:
    metadata = found["metadata"]
    return (found["kind"], metadata.get("namespace", ""), metadata["name"]) == (key.kind, key.namespace, key.name)


def others_in(namespace: str, kubectl: Kubectl) -> str:
    """Name what a namespace holds besides what every namespace has; empty if there is nothing."""
    types = kubectl.run(
        "api-resources", "--namespaced=true", "--verbs=list,delete", "--output=name", doing="list the kinds"
    ).split()
    found, unlisted = _held(types, namespace, kubectl)
    held = names([each for each in found if not _of_every_namespace(each)])
    unknown = f"{', '.join(unlisted)}, which could not be listed" if unlisted else ""
    return " and maybe ".join(said for said in (held, unknown) if said)


def _held(types: Sequence[str], namespace: str, kubectl: Kubectl) -> tuple[list[Object], list[str]]:
    """Return what a namespace holds of these types, and the types of which nobody could say."""
    doing = f"look what namespace {namespace} holds"
    try:
        # Where one type is refused, kubectl gives none of the others.
        return kubectl.list(",".join(types), f"--namespace={namespace}", doing=doing, missing_ok=False), []
    except ClusterError:
        found: list[Object] = []
        unlisted: list[str] = []
    for each in types:
        try:
            found += kubectl.list(each, f"--namespace={namespace}", doing=doing)
        except ClusterError:
            unlisted.append(each)
    return found, unlisted


def _of_every_namespace(found: Object) -> bool:
    token = found["kind"] == "Secret" and found.get("type") == "kubernetes.io/service-account-token"
    return token or found["kind"] in _PASSING or (found["kind"], found["metadata"]["name"]) in _OF_EVERY_NAMESPACE
