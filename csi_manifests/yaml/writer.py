"""Write YAML that reads the same in YAML 1.1, YAML 1.2 and kubectl: nothing folded, no aliases, quotes where in doubt.

Events go straight to the emitter; the representer of ruamel.yaml would take six times as long and leave ``yes``, ``on``
and ``12:30:45`` bare.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from csi_manifests.errors import InvalidError
from csi_manifests.yaml.engine import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
    emit,
    scalar,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Style = Literal["", "'", '"', "|"]

_PLAIN = "Use texts, numbers, booleans, None, lists, and dicts with texts as keys."

# What some reader takes for a boolean, null, merge key or number when it stands bare.
_WORDS = frozenset(
    [
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "~",
        "=",
        "<<",
        ".inf",
        ".nan",
        "nan",
        "inf",
        "infinity",
    ]
)
# Beginning with a digit, yet surely text: quantities, durations, file modes of no kind.
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:Ki|Mi|Gi|Ti|Pi|Ei|[kMGTPmsh])")
_FLAG = re.compile(r"--?[A-Za-z]")
_UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")
_HALVES = re.compile(r"[\ud800-\udfff]")


def document(content: Mapping[str, Any], comment: str = "") -> str:
    """Write one document; the comment becomes a line over it.

    Raises:
        InvalidError: if a value is not plain data.

    """
    events: list[Any] = [StreamStartEvent(encoding="utf-8"), DocumentStartEvent(explicit=False)]
    _value(events.append, content)
    events += (DocumentEndEvent(explicit=False), StreamEndEvent())
    text = emit(events)
    return f"# {comment}\n{text}" if comment else text


def join(texts: Iterable[str]) -> str:
    """Make one stream of several documents."""
    return "---\n".join(texts)


def _value(add: Callable[[Any], None], value: Any) -> None:
    if isinstance(value, str):
        add(_string(value))
    elif isinstance(value, dict):
        content = cast("dict[str, Any]", value)
        add(_MAP if content else _EMPTY_MAP)
        for key, item in content.items():
            add(_string(key))
            add(_string(item)) if isinstance(item, str) else _value(add, item)
        add(_MAP_END)
    elif isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        add(_SEQUENCE if items else _EMPTY_SEQUENCE)
        for item in items:
            add(_string(item)) if isinstance(item, str) else _value(add, item)
        add(_SEQUENCE_END)
    else:
        add(_scalar(value))


def _scalar(value: Any) -> ScalarEvent:
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int):
        text = str(int(value))
    elif isinstance(value, float):
        text = _float(value)
    else:
        raise InvalidError(f"{value!r}, of type {type(value).__name__}, is not plain data. {_PLAIN}")
    return scalar(text, "")


def _float(value: float) -> str:
    """Write a float so that every reader takes it for one: YAML 1.1 wants a point in the mantissa and a signed exponent."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  (the test for NaN)
        raise InvalidError(f"{value!r} is not a number that JSON has. {_PLAIN}")
    mantissa, letter, exponent = repr(value).partition("e")
    mantissa = mantissa if "." in mantissa else mantissa + ".0"
    return f"{mantissa}e{int(exponent):+03d}" if letter else mantissa


@lru_cache(maxsize=4096)
def _string(text: object) -> ScalarEvent:
    if not isinstance(text, str) or _HALVES.search(text):
        raise InvalidError(f"{text!r} is not a text that YAML can hold. {_PLAIN}")
    return scalar(text, _style(text))


def _style(text: str) -> Style:
    """Choose how to write a string: bare where no reader can mistake it, a block for lines, else in quotes."""
    if _UNPRINTABLE.search(text):
        return '"'
    if "\n" in text:
        # libyaml misplaces blocks that begin or end with space or tabs, and a lone line break needs none.
        lines = text.split("\n")
        clean = text.strip("\n") and not text[0].isspace() and not any(line != line.rstrip() for line in lines)
        return "|" if clean and "\t" not in text else '"'
    if not text or text.lower() in _WORDS or text[0].isspace() or text[-1].isspace() or "\t" in text:
        return '"'
    if text[0] in "0123456789+.-" and not (_AMOUNT.fullmatch(text) or _FLAG.match(text)):
        return '"'
    if text.startswith(("---", "...", "=", "<", "%", "@", "`")):
        return '"'
    return ""


_MAP = MappingStartEvent(None, None, implicit=True, flow_style=False)
_EMPTY_MAP = MappingStartEvent(None, None, implicit=True, flow_style=True)
_MAP_END = MappingEndEvent()
_SEQUENCE = SequenceStartEvent(None, None, implicit=True, flow_style=False)
_EMPTY_SEQUENCE = SequenceStartEvent(None, None, implicit=True, flow_style=True)
_SEQUENCE_END = SequenceEndEvent()
