"""What differs between a cluster and a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.bundle.diff import cluster_key, diff_live

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.bundle.diff import Difference
    from csi_manifests.cluster.kubectl import Kubectl


def diff_cluster(bundle: Bundle, kubectl: Kubectl) -> list[Difference]:
    """Compare a cluster, as the old side, with a bundle; see :func:`~csi_manifests.bundle.diff.diff_live`.

    Raises:
        ClusterError: if the cluster refuses, or does not answer in time.

    """
    return diff_live(bundle, kubectl.get(map(cluster_key, bundle), "compare with the cluster").get)
