"""Read YAML and JSON into documents, as kubectl reads them, and tell where in the text a value stands.

The parser gives events, plain Python builds the values: that is quick, deep nesting costs no stack, and
duplicate keys, aliases and the words of YAML 1.1 are seen where they stand. Positions are not kept: a text in which
something was found is read once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from csi_manifests.errors import InputError
from csi_manifests.text.places import Location
from csi_manifests.text.pointers import Path
from csi_manifests.yaml.engine import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from csi_manifests.yaml.events import START, Source, decode, events, is_json, line_of, starting_line
from csi_manifests.yaml.scalars import as_key, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "Origin", "Path", "ReadingProblem", "Source", "decode", "documents", "locate", "text_at"]


MAX_DEPTH = 100
"""No manifest is nested deeper; the JSON schemas of CRDs come nearest, with about 40."""
MAX_NODES_BY_ALIAS = 100_000
"""Values that aliases may add to a text: a few lines of them can stand for billions."""
MAX_PROBLEMS = 100
"""Problems that are kept of one document."""

_LONGEST_INDEX = 10

_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}
_KINDS: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:null": (type(None),),
}


class ReadingProblem(NamedTuple):
    """Something in a text that parses, and yet is not what its author means; the code is that of the finding."""

    code: str
    message: str
    fix: str
    path: Path
    location: Location


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was read: its document in a text, counted from 0, and its place in that if that is a List."""

    source: Source
    document: int
    line: int
    base: Path = ()
    span: tuple[int, int] = (0, 0)
    """The characters of the document, from the beginning of its first line."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text; ``content`` is plain data, whatever the document holds."""

    origin: Origin
    content: Any
    problems: tuple[ReadingProblem, ...] = ()


def documents(source: Source) -> Iterator[Document]:
    """Read the documents of a text, one after the other; empty ones are passed over.

    Raises:
        InputError: where the text is no YAML, nests too deeply, or its aliases grow too large.

    """
    builder = _Builder(source)
    for event in events(source):
        if builder.take(event) and builder.result is not None:
            span = (builder.start, event.end_mark.index)
            origin = Origin(source, builder.number, builder.line, (), span)
            yield Document(origin, builder.result, tuple(builder.problems))


def locate(origin: Origin, path: Path) -> Location:
    """Return the place of a value, or of the nearest thing around it that the text has: its key, if it has one."""
    traced = _traced(origin.source, origin.line, origin.span)
    event = traced.places.get(())
    here: Path = ()
    for step in origin.base + path:
        here = next((deeper for each in _readings(step) if (deeper := (*here, each)) in traced.places), ())
        if not here:
            break
        event = traced.places[here]
    return traced.location(event)


def text_at(origin: Origin, path: Path) -> str | None:
    """Return the plain text of a scalar as its author wrote it, or None where there is no plain scalar."""
    return _traced(origin.source, origin.line, origin.span).plain.get(origin.base + path)


_MERGE: Any = object()
_NO_KEY: Any = object()


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is still being read."""

    value: Any
    path: Path
    anchor: str | None
    nodes_before: int
    is_mapping: bool
    key: Any = _NO_KEY
    height: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list["dict[str, Any]"])


class _Builder:
    """Builds the values of a text's documents from its events."""

    def __init__(self, source: Source, *, tracing: bool = False, above: int = 0) -> None:
        self.source = source
        self.number = -1
        self.line = 0
        self.start = 0
        self.result: Any = None
        self.problems: list[ReadingProblem] = []
        self.places: dict[Path, Any] = {}
        self.plain: dict[Path, str] = {}
        self._tracing = tracing
        self._above = above
        self._shifted = -1
        self._is_json = is_json(source.text)
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._nodes = 0
        self._by_alias = 0

    def location(self, event: Any) -> Location:
        """Say where in the text an event begins."""
        line, column = starting_line(event), event.start_mark.column + 1
        column -= len(START) if line == self._shifted else 0
        return Location(self.source.name, line + self._above, column)

    def _begin(self, event: Any) -> None:
        self.number += 1
        self.line = starting_line(event)
        self.start = event.start_mark.index - event.start_mark.column
        # What was put before the brace of a further JSON object is no part of the text.
        self._shifted = self.line if self._is_json and (self.number or self._above) else -1
        self.result, self.problems, self.places, self.plain, self._anchors = None, [], {}, {}, {}

    def take(self, event: Any) -> bool:
        """Take one event; say whether it completes a document."""
        kind = event.__class__
        if kind is ScalarEvent:
            return self._take_scalar(event)
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            self._open(event, is_mapping=kind is MappingStartEvent)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            return self._end()
        elif kind is AliasEvent:
            return self._add(self._aliased(event), event)
        elif kind is DocumentStartEvent:
            self._begin(event)
        return False

    def _end(self) -> bool:
        frame = self._stack.pop()
        for other in frame.merged:
            for key, value in other.items():
                frame.value.setdefault(key, value)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, self._nodes - frame.nodes_before, frame.height)
        self._grow(frame.height)
        return self._close(frame.value)

    def _take_scalar(self, event: Any) -> bool:
        plain = not event.style
        at_key = bool(self._stack) and self._stack[-1].is_mapping and self._stack[-1].key is _NO_KEY
        if at_key and plain and event.value == "<<":
            value = _MERGE
        elif event.tag is None:
            value = plain_value(event.value) if plain else event.value
        else:
            value = self._tagged(event)
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(
                "CSI004", "this number is one that JSON does not have", "Quote it, or give a finite one.", event
            )
            value = event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        if self._tracing and plain and not at_key:
            self.plain[self._path()] = event.value
        return self._add(value, event)

    def _tagged(self, event: Any) -> Any:
        tag = str(event.tag)
        if tag in _TAGS:
            return event.value
        value = plain_value(event.value)
        if not isinstance(value, _KINDS.get(tag, ())):
            self._fail(event, f"the tag {tag!r} is not read here. Leave it out.")
        return value

    def _open(self, event: Any, *, is_mapping: bool) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._fail(event, f"the text nests deeper than {MAX_DEPTH} levels. No manifest does.")
        if event.tag is not None and str(event.tag) not in _TAGS:
            self._fail(event, f"the tag {str(event.tag)!r} is not read here. Leave it out.")
        if self._stack and self._stack[-1].is_mapping:
            if self._stack[-1].key is _NO_KEY:
                self._fail_at_key(event)
        else:
            self._mark(event)
        self._stack.append(_Frame({} if is_mapping else [], self._path(), event.anchor, self._nodes, is_mapping))
        self._nodes += 1

    def _aliased(self, event: Any) -> Any:
        found = self._anchors.get(event.anchor)
        if found is None:
            self._fail(event, f"the alias *{event.anchor} stands for nothing complete. Write the value out.")
        value, nodes, height = found
        self._by_alias += nodes
        self._nodes += nodes - 1
        if self._by_alias > MAX_NODES_BY_ALIAS:
            self._fail(event, f"aliases stand for more than {MAX_NODES_BY_ALIAS} values. Write them out.")
        if len(self._stack) + height > MAX_DEPTH:
            self._fail(event, f"the text nests deeper than {MAX_DEPTH} levels, with this alias. No manifest does.")
        self._grow(height)
        return value

    def _grow(self, height: int) -> None:
        if self._stack and self._stack[-1].height <= height:
            self._stack[-1].height = height + 1

    def _path(self) -> Path:
        """Say where the value that comes next will stand."""
        if not self._stack:
            return ()
        frame = self._stack[-1]
        if not frame.is_mapping:
            return (*frame.path, len(frame.value))
        return (*frame.path, "<<") if frame.key is _MERGE else (*frame.path, frame.key)

    def _mark(self, event: Any, path: Path | None = None) -> None:
        if self._tracing:
            self.places.setdefault(self._path() if path is None else path, event)

    def _add(self, value: Any, event: Any) -> bool:
        """Add a value that is complete: a key, a value, an item, or the whole document."""
        self._nodes += 1
        if not self._stack or not self._stack[-1].is_mapping:
            self._mark(event)
            return self._close(value)
        if self._stack[-1].key is not _NO_KEY:
            return self._close(value)
        self._take_key(self._stack[-1], value, event)
        return False

    def _take_key(self, frame: _Frame, value: Any, event: Any) -> None:
        if value is _MERGE:
            frame.key = _MERGE
            return
        if isinstance(value, (dict, list)):
            self._fail_at_key(event)
        written: str | None = getattr(event, "value", None)
        frame.key = key = as_key(value, "null" if written is None else written)
        path = (*frame.path, key)
        self._mark(event, path)
        if key in frame.value:
            fix = "Keep one of the two: kubectl takes the last and drops the other without a word."
            self._problem("CSI001", f"the key {key!r} is given twice", fix, event, path)
        if written is not None and written != key:
            what = "a boolean" if isinstance(value, bool) else "a number"
            message = f"the key {written} is read as {key!r}: YAML 1.1 takes it for {what}"
            self._problem("CSI004", message, "Quote it.", event, path)

    def _close(self, value: Any) -> bool:
        """Put a complete value where it belongs; say whether it is the whole document."""
        if not self._stack:
            self.result = value
            return True
        frame = self._stack[-1]
        if not frame.is_mapping:
            frame.value.append(value)
        elif frame.key is _MERGE:
            self._merge(frame, cast("Any", value) if isinstance(value, list) else [value])
        else:
            frame.value[frame.key] = value
        frame.key = _NO_KEY
        return False

    def _merge(self, frame: _Frame, parts: list[Any]) -> None:
        for part in parts:
            if isinstance(part, dict):
                frame.merged.append(cast("dict[str, Any]", part))
            else:
                at = "".join(f"/{step}" for step in frame.path)
                raise InputError(
                    f"{self.source.name}: '<<' at {at or 'the top'} merges what is no mapping. Write it out."
                )

    def _problem(self, code: str, message: str, fix: str, event: Any, path: Path | None = None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            where = self._path() if path is None else path
            self.problems.append(ReadingProblem(code, message, fix, where, self.location(event)))

    def _fail(self, event: Any, message: str) -> NoReturn:
        raise InputError(f"{self.location(event)}: {message}")

    def _fail_at_key(self, event: Any) -> NoReturn:
        where = self.location(event)
        template = "{{" in line_of(self.source, where)
        hint = "This looks like a template: render it first." if template else "Did you forget to quote a '{' or '['?"
        self._fail(event, f"a mapping or sequence cannot be a key. {hint}")


def _readings(step: str | int) -> tuple[str | int, ...]:
    """Return what a step may mean: a JSON pointer does not tell the key ``1`` from the second item."""
    if isinstance(step, int):
        return (step,)
    return (step, int(step)) if step.isascii() and step.isdigit() and len(step) < _LONGEST_INDEX else (step,)


@lru_cache(maxsize=8)
def _traced(source: Source, line: int, span: tuple[int, int]) -> _Builder:
    """Read a document again, this time with the place of every value, and what is written plainly."""
    builder = _Builder(source, tracing=True, above=line - 1)
    for event in events(source, span):
        if builder.take(event):
            break
    return builder
