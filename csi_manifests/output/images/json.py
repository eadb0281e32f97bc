"""Images for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def emit(images: Mapping[str, Sequence[str]]) -> str:
    """Return each image with the containers that run it."""
    content = [{"image": image, "usedBy": used_by} for image, used_by in images.items()]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
