"""Words for messages: values on one line, and the nearest known word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORT = 60


def short(value: Any) -> str:
    """Write a value on one line as YAML has it, cut where it is long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else repr(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Give the sentence that names the nearest known word, or nothing."""
    import difflib  # noqa: PLC0415  (on the way to an error only)

    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(str(word).lower(), by_lower, 1, 0.7)
    return f"Did you mean {by_lower[near[0]]!r}?" if near and by_lower[near[0]] != word else ""
