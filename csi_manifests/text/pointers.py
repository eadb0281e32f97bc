"""Places in an object: as steps, and as JSON pointers (RFC 6901)."""

from __future__ import annotations

Path = tuple[str | int, ...]
"""The keys and positions that lead from an object to a value in it."""


def pointer_of(path: Path) -> str:
    """Write a path as a pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def path_of(pointer: str) -> tuple[str, ...]:
    """Read a pointer; positions in lists stay texts, as only the object knows which steps are."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
