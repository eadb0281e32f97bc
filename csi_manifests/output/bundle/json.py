"""A bundle as one v1 List, which kubectl takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle


def emit(bundle: Bundle) -> str:
    """Return a bundle as JSON.

    Raises:
        TypeError: if an Unstructured object holds something that is not plain data.
        ValueError: if it holds a number that JSON does not have.

    """
    content = {"apiVersion": "v1", "kind": "List", "items": [resource.to_dict() for resource in bundle]}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
