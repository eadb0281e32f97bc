"""What differs, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.bundle.diff import Difference


def emit(differences: Sequence[Difference]) -> str:
    """Return the differences as one JSON object."""
    return json.dumps({"differences": [_content(one) for one in differences]}, indent=2, ensure_ascii=False) + "\n"


def _content(difference: Difference) -> dict[str, Any]:
    key = difference.object
    place = {"namespace": key.namespace} if key.namespace else {}
    identity = {"apiVersion": key.api_version, "kind": key.kind, **place, "name": key.name}
    said: dict[str, Any] = {"object": identity, "change": difference.change}
    if difference.pointer:
        said["pointer"] = difference.pointer
        said |= {"old": difference.old} if difference.change != "added" else {}
        said |= {"new": difference.new} if difference.change != "removed" else {}
    return said
