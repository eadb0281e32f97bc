"""A file for ``kubeadm init --config``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from csi_manifests.host.gates import flag_value
from csi_manifests.knowledge.gates import FLAG
from csi_manifests.output.gates._comments import comments
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from csi_manifests.host.gates import Gates, HostGates

KUBEADM: Final = "kubeadm.k8s.io/v1beta1"
"""Since kubeadm 1.13 (``cmd/kubeadm/app/apis/kubeadm/v1beta1``)."""
KUBELET: Final = "kubelet.config.k8s.io/v1beta1"


def emit(gates: HostGates) -> str:
    """Return a document for each of the two components that has gates, each under the reasons."""
    documents = ((gates.apiserver, _cluster_configuration), (gates.kubelet, _kubelet_configuration))
    return writer.join(
        comments(named, gates.reasons) + writer.document(content(named)) for named, content in documents if named
    )


def _cluster_configuration(gates: Gates) -> dict[str, Any]:
    args = {FLAG.removeprefix("--"): flag_value(gates)}
    return {"apiVersion": KUBEADM, "kind": "ClusterConfiguration", "apiServer": {"extraArgs": args}}


def _kubelet_configuration(gates: Gates) -> dict[str, Any]:
    return {"apiVersion": KUBELET, "kind": "KubeletConfiguration", "featureGates": dict(gates)}
