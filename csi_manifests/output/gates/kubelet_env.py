"""The variable by which the kubelet's packages take flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.host.gates import flag_value
from csi_manifests.knowledge.gates import FLAG
from csi_manifests.output.gates._comments import comments

if TYPE_CHECKING:
    from csi_manifests.host.gates import HostGates


def emit(gates: HostGates) -> str:
    """Return the line that sets the variable, under the reasons; an empty text without gates."""
    if not gates.kubelet:
        return ""
    return f"{comments(gates.kubelet, gates.reasons)}KUBELET_EXTRA_ARGS={FLAG}={flag_value(gates.kubelet)}\n"
