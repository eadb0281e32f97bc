"""On which releases a bundle works, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.compatibility import Outcome


def emit(outcomes: Sequence[Outcome]) -> str:
    """Return an object with the outcome of each release."""
    content = [
        {
            "kubernetes": each.kubernetes,
            "works": not each.errors,
            "errors": each.errors,
            "warnings": each.warnings,
            "first": each.first
            and {
                "code": each.first.code,
                "name": each.first.name,
                "object": str(each.first.object or ""),
                "pointer": each.first.pointer,
                "message": each.first.message,
            },
        }
        for each in outcomes
    ]
    return json.dumps({"version": 1, "releases": content}, indent=2, ensure_ascii=False) + "\n"
