"""Where each scalar of a text begins and ends, and how it is written: what one needs to replace it in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from csi_manifests.events import events

if TYPE_CHECKING:
    from csi_manifests.events import Source
    from csi_manifests.reader import Path


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
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            stack.append(_Frame(stack[-1].next_path() if stack else (), event))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
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
