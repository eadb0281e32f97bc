"""What came of a demonstration, for a CI server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.output._junit import Case, document

if TYPE_CHECKING:
    from csi_manifests.cluster.verify import Verification


def emit(result: Verification) -> str:
    """Return a case for each step."""
    group = f"csi-manifests.verify.{result.driver}"
    cases = [Case(group, step.name, step.outcome, step.message, seconds=step.seconds) for step in result.steps]
    return document("csi-manifests verify", cases)
