"""Kinds that several modules know, and the pods of those that have pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.kubectl import part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.cluster.kubectl import Kubectl, Object

SETS = ("DaemonSet", "StatefulSet", "Deployment")
"""The kinds that run pods."""
CONTENTS = "volumesnapshotcontents.snapshot.storage.k8s.io"


def pods_of(kubectl: Kubectl, namespace: str, workloads: Iterable[Mapping[str, Any]]) -> list[Object]:
    """Return the pods of workloads in one namespace, by their labels."""
    selectors = [labels for each in workloads if (labels := part(each, "spec", "selector", "matchLabels"))]
    if not selectors:
        return []
    pods = kubectl.list("pods", f"--namespace={namespace}", doing="look for pods")
    return [
        pod for pod in pods if any(labels.items() <= part(pod, "metadata", "labels").items() for labels in selectors)
    ]
