"""The reasons for gates, as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.host.gates import reason_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from csi_manifests.host.gates import Gates


def comments(gates: Gates, reasons: Mapping[str, str]) -> str:
    """Return a comment for each gate that has a reason."""
    return "".join(f"# {line}\n" for line in reason_lines(gates, reasons))
