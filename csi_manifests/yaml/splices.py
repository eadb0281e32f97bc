"""Where each scalar of a text begins and ends, how it is written, and how to put another in its place or beside it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.yaml.engine import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from csi_manifests.yaml.events import events

if TYPE_CHECKING:
    from csi_manifests.yaml.events import Source
    from csi_manifests.yaml.reader import Path

Splice = tuple[int, int, str]
"""From which character to which is to be replaced, and by what."""
_BREAK = re.compile(r"\r\n?|\n")


class Scalar(NamedTuple):
    """A scalar in a text: from which character to which, on how many lines, in what style of quotes."""

    start: int
    end: int
    lines: int
    style: str
    in_flow: bool
    column: int
    """Of the sequence or mapping around it; in block style, where its dashes or keys stand."""

    @property
    def replaceable(self) -> bool:
        """Whether it stands on one line, with neither anchor nor tag, so that other text can take its place."""
        return self.lines == 1 and self.style in ("", "'", '"')


class _Frame:
    """A mapping or sequence that is still being read."""

    def __init__(self, path: Path, event: Any) -> None:
        self.path = path
        self.is_mapping = isinstance(event, MappingStartEvent)
        self.in_flow = bool(event.flow_style)
        self.column = event.start_mark.column
        self.key: str | None = None
        self.count = 0

    def next_path(self) -> Path:
        """Say where the next value will stand."""
        return (*self.path, self.key or "") if self.is_mapping else (*self.path, self.count)

    def passed(self) -> None:
        """Go on to the next key or item."""
        self.key = None
        self.count += 1


def scalars(source: Source) -> list[dict[Path, Scalar]]:
    """Give, for each document of a text, the values that are scalars, by their path.

    Neither keys nor what stands behind an alias is among them. In JSON of several objects, or with escaped surrogates,
    positions are not those of the text.
    """
    found: list[dict[Path, Scalar]] = []
    stack: list[_Frame] = []
    for event in events(source):
        if isinstance(event, DocumentStartEvent):
            found.append({})
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            stack.append(_Frame(stack[-1].next_path() if stack else (), event))
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            stack.pop()
            if stack:
                stack[-1].passed()
        elif stack and stack[-1].is_mapping and stack[-1].key is None and isinstance(event, ScalarEvent):
            stack[-1].key = _text(event)
        elif isinstance(event, ScalarEvent) and stack:
            found[-1][stack[-1].next_path()] = _scalar(event, stack[-1])
            stack[-1].passed()
        elif isinstance(event, AliasEvent) and stack:
            stack[-1].passed()
        elif isinstance(event, DocumentEndEvent):
            stack.clear()
    return found


def _text(event: Any) -> str:
    return str(event.value)


def _scalar(event: Any, frame: _Frame) -> Scalar:
    start, end = event.start_mark, event.end_mark
    # An anchor or tag stands before the text, and belongs to the event.
    style = "&" if event.anchor else "!" if event.tag else event.style or ""
    return Scalar(start.index, end.index, end.line - start.line + 1, style, frame.in_flow, frame.column)


def quoted(text: str, like: Scalar) -> str:
    """Write a text in the quotes that a scalar has."""
    if like.style == "'":
        return "'" + text.replace("'", "''") + "'"
    # A comma ends a plain text in brackets.
    return json.dumps(text, ensure_ascii=False) if like.style == '"' or (like.in_flow and "," in text) else text


def before_item(text: str, item: Scalar, new: str) -> Splice:
    """Return what inserts an item before one of the same list."""
    start = _line_start(text, item.start)
    if item.in_flow:
        before = text[start : item.start]
        alone = not before.strip() and start > 0
        gap = f"{_line_break(text, item.end) or _break_before(text, start)}{before}" if alone else " "
        return item.start, item.start, f"{quoted(new, item)},{gap}"
    return (
        start,
        start,
        f"{' ' * item.column}- {quoted(new, item)}{_line_break(text, item.end) or _break_before(text, start)}",
    )


def after_item(text: str, item: Scalar, following: Scalar | None, new: str) -> Splice:
    """Return what inserts an item after one of the same list; ``following`` is what comes next, if that is a scalar."""
    if item.in_flow:
        if following is not None:
            return before_item(text, following._replace(style=item.style), new)
        return item.end, item.end, f", {quoted(new, item)}"
    line = f"{' ' * item.column}- {quoted(new, item)}"
    found = _BREAK.search(text, item.end)
    if found is None:
        return len(text), len(text), _break_before(text, _line_start(text, item.start)) + line
    return found.end(), found.end(), line + found[0]


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _line_break(text: str, index: int) -> str:
    found = _BREAK.search(text, index)
    return found[0] if found else ""


def _break_before(text: str, line_start: int) -> str:
    return "\r\n" if text.endswith("\r\n", 0, line_start) else text[line_start - 1]
