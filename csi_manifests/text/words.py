"""Words for messages: values on one line, and the nearest known word."""

from __future__ import annotations

import json
import re
from functools import lru_cache
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


def printable(text: str) -> str:
    """Write a text on one line that a terminal shows and does nothing else: other characters become escapes."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def counted(number: int, noun: str) -> str:
    """Write how many there are: ``1 error``, ``2 errors``."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Write a noun, or a kind, as of many."""
    if noun.lower() == "endpoints":
        return noun
    if re.search(r"[^aeiou]y\Z", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)\Z", noun) else "s")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return the sentence that names the nearest known word, or nothing."""
    near = _nearest(str(word), tuple(known))
    return f"Did you mean {near!r}?" if near and near != word else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    import difflib  # noqa: PLC0415  (on the way to an error only)

    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.lower(), by_lower, 1, 0.7)
    return by_lower[near[0]] if near else ""
