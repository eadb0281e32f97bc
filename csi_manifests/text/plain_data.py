"""Tell the type checkers what plain data is."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether it is a mapping; what was read has strings as keys."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether it is a list."""
    return isinstance(value, list)


def mapping(value: Any) -> dict[str, Any]:
    """Return a mapping, empty where there is none."""
    return value if is_mapping(value) else {}


def items(value: Any) -> list[Any]:
    """Return the items of a list; none where there is no list."""
    return value if is_list(value) else []
