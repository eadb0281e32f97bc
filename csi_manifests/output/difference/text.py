"""What differs, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.bundle.diff import Difference


def emit(differences: Sequence[Difference]) -> str:
    """Return a line a difference."""
    return "".join(f"{difference}\n" for difference in differences)
