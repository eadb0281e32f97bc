"""The objects that keep pods running, and their pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.kubectl import part
from csi_manifests.knowledge.kinds import kind_of, kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.cluster.kubectl import Kubectl, Object
    from csi_manifests.models.resource import Key

CONTENTS = "volumesnapshotcontents.snapshot.storage.k8s.io"


def keeps_pods(key: Key) -> bool:
    """Return whether an object is one that keeps pods running, as those of a driver are."""
    known = kind_of(*key.type)
    return known is not None and known.keeps_pods


def workload_types() -> str:
    """Return the kinds that keep pods running as kubectl lists them: ``daemonsets.apps,statefulsets.apps,...``."""
    found = (kind for kind in kinds().values() if kind.keeps_pods and kind.moved_to is None)
    return ",".join(f"{kind.name.lower()}s.{kind.group}" for kind in found)


def pods_of(kubectl: Kubectl, namespace: str, workloads: Iterable[Mapping[str, Any]]) -> list[Object]:
    """Return the pods of workloads in one namespace, by their labels."""
    selectors = [labels for each in workloads if (labels := part(each, "spec", "selector", "matchLabels"))]
    if not selectors:
        return []
    pods = kubectl.list("pods", f"--namespace={namespace}", doing="look for pods")
    return [
        pod for pod in pods if any(labels.items() <= part(pod, "metadata", "labels").items() for labels in selectors)
    ]
