"""kube-apiserver's flag, which goes into a list or onto a command line: a comment there would be one more argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.host.gates import flag_value
from csi_manifests.knowledge.gates import FLAG

if TYPE_CHECKING:
    from csi_manifests.host.gates import HostGates


def emit(gates: HostGates) -> str:
    """Return the flag; an empty text without gates."""
    return f"{FLAG}={flag_value(gates.apiserver)}\n" if gates.apiserver else ""
