"""The YAML library: a text becomes events with marks, and events become text.

No other module imports ruamel.yaml. Its public API takes the C parser and emitter where they are installed, and plain
Python, which takes longer, where they are not.
"""

from __future__ import annotations

import re
from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.tag import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "BREAK",
    "AliasEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "StreamStartEvent",
    "YAMLError",
    "emit",
    "parse",
    "scalar",
]

BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_NO_WIDTH = 2**31 - 1
_HALF = re.compile(r"\\(?:\\|(u(?=[dD][89a-fA-F])|U(?=0000[dD][89a-fA-F])))")
_STRING = Tag(suffix="tag:yaml.org,2002:str")
_TEMPLATE = cast("Any", YAML(typ="safe"))


def parse(text: str) -> Iterator[Any]:
    """Return the events of a text, one after the other, each with the marks where it begins and ends.

    Raises:
        YAMLError: where the text is no YAML; a MarkedYAMLError says where that is.

    """
    found = cast("Iterator[Any]", _yaml().parse(text))
    return found if _HALF.search(text) is None else _without_halves(found, text)


def emit(events: Iterable[Any]) -> str:
    """Return the text of a stream of events, without folding lines.

    Strange texts, such as those with an emoji or with a quote at the beginning, look different where no C emitter is,
    and read the same.
    """
    yaml = _yaml()
    yaml.width = _NO_WIDTH
    stream = BytesIO()
    yaml.emit(events, stream)
    return stream.getvalue().decode()


def scalar(text: str, style: str) -> ScalarEvent:
    """Return the event that writes a text bare, in quotes or as a block; its tag is never written."""
    # The emitter in plain Python asks an empty text for its tag; elsewhere one would only count as part of the key.
    return ScalarEvent(None, None if text else _STRING, (not style, True), text, style=style or None)


def _without_halves(events: Iterator[Any], text: str) -> Iterator[Any]:
    """Refuse the escape of half a character, as the C parser does; the one in plain Python lets it pass."""
    for event in events:
        if event.__class__ is ScalarEvent and event.style == '"':
            start = event.start_mark
            for escape in _HALF.finditer(text, start.index, event.end_mark.index):
                if escape[1]:
                    # Where the C parser says it is: behind the letter.
                    index = escape.end(1)
                    before = BREAK.split(text[start.index : index])
                    column = len(before[-1]) + (0 if len(before) > 1 else start.column)
                    mark = StringMark(start.name, index, start.line + len(before) - 1, column, None, 0)
                    problem = "found invalid Unicode character escape code"
                    raise MarkedYAMLError("while parsing a quoted scalar", start, problem, mark)
        yield event


def _yaml() -> Any:
    """Return an engine of its own for each text: one that is used again keeps what it read before."""
    # A copy, for making one looks for plug-ins in the file system, which takes longer than a small object does.
    yaml = copy(_TEMPLATE)
    yaml.doc_infos = []
    return yaml
