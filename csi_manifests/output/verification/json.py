"""What came of a demonstration, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi_manifests.cluster.verify import Verification


def emit(result: Verification) -> str:
    """Return it as one JSON object."""
    steps = [asdict(step) | {"seconds": round(step.seconds, 3)} for step in result.steps]
    content = {"driver": result.driver, "namespace": result.namespace, "passed": result.passed, "steps": steps}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
