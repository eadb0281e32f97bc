"""Every form, each under a line that says where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.output.gates import apiserver, kubeadm, kubelet_env
from csi_manifests.output.gates._comments import comments

if TYPE_CHECKING:
    from csi_manifests.host.gates import HostGates


def emit(gates: HostGates) -> str:
    """Return all forms in which there is something to say."""
    parts = (
        (
            "/etc/default/kubelet on every node (/etc/sysconfig/kubelet with RPMs); then restart the kubelet.",
            kubelet_env.emit(gates),
        ),
        (
            "/etc/kubernetes/manifests/kube-apiserver.yaml, a line of the container's command; --patch puts it there.",
            comments(gates.apiserver, gates.reasons) + apiserver.emit(gates),
        ),
        ("Instead of both, for a new cluster: a file for kubeadm init --config.", kubeadm.emit(gates)),
    )
    return "\n".join(f"# {where}\n{text}" for where, text in parts if text)
