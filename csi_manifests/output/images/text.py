"""Images for people and pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def emit(images: Iterable[str]) -> str:
    """Return a line for each image."""
    return "".join(f"{image}\n" for image in images)
