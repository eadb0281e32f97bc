"""Read YAML and JSON into documents, as kubectl reads them, and tell where in the text a value stands.

The C parser of ruamel.yaml gives events, plain Python builds the values: that is quick, deep nesting costs no stack, and
duplicate keys, aliases and the words of YAML 1.1 are seen where they stand. Positions are not kept: a text in which
something was found is read once more.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from _ruamel_yaml import CParser  # pyright: ignore[reportUnknownVariableType]  (it has no types)
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from csi_manifests.errors import InputError
from csi_manifests.findings import Location
from csi_manifests.plain import as_key, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The keys and positions that lead from a document to a value in it."""

MAX_DEPTH = 100
"""No manifest is nested deeper; the JSON schemas of CRDs come nearest, with about 40."""
MAX_NODES_BY_ALIAS = 100_000
"""Values that aliases may add to a text: a few lines of them can stand for billions."""
MAX_BYTES = 64 * 2**20
"""The largest text that is read; an API server takes three megabytes at most."""
MAX_PROBLEMS = 100
"""Problems that are kept of one document."""

_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}
_KINDS = {
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:null": type(None),
}
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_NO_TEXT = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JSON = re.compile(r'\s*\{\s*["}]')
_NEXT_JSON = re.compile(r"(?<=\})([ \t\r\n]*\n)\{")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_START = "--- "


class Problem(NamedTuple):
    """Something in a text that parses, and yet is not what its author means; the code is that of the finding."""

    code: str
    message: str
    fix: str
    path: Path
    location: Location


class Comment(NamedTuple):
    """A comment on a line of its own, and the lines of the document it stands in."""

    text: str
    location: Location
    document: range


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text and its name, for messages and for finding positions again."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was read: its document in a text, counted from 0, and its place in that if that is a List."""

    source: Source
    document: int
    line: int
    base: Path = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text; ``content`` is plain data, whatever the document holds."""

    origin: Origin
    content: Any
    problems: tuple[Problem, ...] = ()


def decode(data: bytes, name: str) -> Source:
    """Turn bytes into text: UTF-8, or what a byte order mark says.

    Raises:
        InputError: if the bytes are too many, or no text.

    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: is too large. At most {MAX_BYTES} bytes are read.")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = "is binary" if b"\0" in data else f"is not {encoding.upper().removesuffix('-SIG')}"
        raise InputError(f"{Location(name, line, 1)}: {what} (byte {data[error.start]:#04x}). Save it as UTF-8.") from None
    return Source(name, text)


def documents(source: Source) -> Iterator[Document]:
    """Read the documents of a text, one after the other; empty ones are passed over.

    Raises:
        InputError: where the text is no YAML, nests too deeply, or its aliases grow too large.

    """
    builder = _Builder(source)
    for event in _events(source):
        if isinstance(event, _NODE_EVENTS):
            if builder.take(event) and builder.result is not None:
                origin = Origin(source, builder.number, builder.line)
                yield Document(origin, builder.result, tuple(builder.problems))
        elif isinstance(event, DocumentStartEvent):
            builder.begin(event)


def locate(origin: Origin, path: Path) -> Location:
    """Give the place of a value, or of the nearest thing around it that the text has: its key, if it has one."""
    places, _ = _traced(origin.source)[origin.document]
    full = _spelled(origin.base + path)
    while full and full not in places:
        full = full[:-1]
    return places.get(full) or Location(origin.source.name, origin.line, 1)


def text_at(origin: Origin, path: Path) -> str | None:
    """Give the plain text of a scalar as its author wrote it, or None where there is no plain scalar."""
    _, plain = _traced(origin.source)[origin.document]
    return plain.get(_spelled(origin.base + path))


def comments(source: Source, marker: str) -> Iterator[Comment]:
    """Give the comments with a word in them that stand on a line of their own, in documents that parse."""
    starts: list[int] = []
    within: set[int] = set()
    for event in _events(source):
        if isinstance(event, DocumentStartEvent):
            starts.append(_line(event))
        elif isinstance(event, ScalarEvent):
            end: Any = event.end_mark
            within.update(range(_line(event) + 1, end.line + (1 if end.column else 0) + 1))
    lines = _BREAK.split(source.text)
    for number, line in enumerate(lines, 1):
        text = line.lstrip()
        if text.startswith("#") and marker in text and number not in within:
            first = max((start for start in starts[1:] if start <= number), default=1)
            after = min((start for start in starts[1:] if start > number), default=len(lines) + 1)
            yield Comment(text, Location(source.name, number, len(line) - len(text) + 1), range(first, after))


_NODE_EVENTS = (ScalarEvent, MappingStartEvent, MappingEndEvent, SequenceStartEvent, SequenceEndEvent, AliasEvent)
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

    def __init__(self, source: Source, *, tracing: bool = False) -> None:
        self.source = source
        self.number = -1
        self.line = 0
        self.result: Any = None
        self.problems: list[Problem] = []
        self.places: dict[tuple[str, ...], Location] = {}
        self.plain: dict[tuple[str, ...], str] = {}
        self._tracing = tracing
        self._shifted = -1
        self._is_json = bool(_JSON.match(source.text))
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._nodes = 0
        self._by_alias = 0

    def begin(self, event: Any) -> None:
        """Begin the next document."""
        self.number += 1
        self.line = _line(event)
        # What was put before its brace is no part of the text.
        self._shifted = self.line if self._is_json and self.number else -1
        self.result, self.problems, self.places, self.plain, self._anchors = None, [], {}, {}, {}

    def take(self, event: Any) -> bool:
        """Take one event; say whether the document is complete."""
        if isinstance(event, ScalarEvent):
            return self._take_scalar(event)
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._open(event)
            return False
        if isinstance(event, AliasEvent):
            return self._add(self._aliased(event), event)
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
            value = resolve(event.value) if plain else event.value
        else:
            value = self._tagged(event)
        if isinstance(value, float) and not math.isfinite(value):
            self._problem("CSI004", "this number is one that JSON does not have", "Quote it, or give a finite one.", event)
            value = event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        if self._tracing and plain and not at_key:
            self.plain[_spelled(self._path())] = event.value
        return self._add(value, event)

    def _tagged(self, event: Any) -> Any:
        tag = str(event.tag)
        if tag in _TAGS:
            return event.value
        value = resolve(event.value)
        if not isinstance(value, _KINDS.get(tag, ())):
            self._fail(event, f"the tag {tag!r} is not read here. Leave it out.")
        return value

    def _open(self, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._fail(event, f"the text nests deeper than {MAX_DEPTH} levels. No manifest does.")
        if event.tag is not None and str(event.tag) not in _TAGS:
            self._fail(event, f"the tag {str(event.tag)!r} is not read here. Leave it out.")
        is_mapping = isinstance(event, MappingStartEvent)
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
            self.places.setdefault(_spelled(self._path() if path is None else path), self._location(event))

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
        if isinstance(value, dict | list):
            self._fail_at_key(event)
        frame.key = key = as_key(value, event.value if isinstance(event, ScalarEvent) else "null")
        path = (*frame.path, key)
        self._mark(event, path)
        if key in frame.value:
            fix = "Keep one of the two: kubectl takes the last and drops the other without a word."
            self._problem("CSI001", f"the key {key!r} is given twice", fix, event, path)
        if isinstance(event, ScalarEvent) and event.value != key:
            what = "a boolean" if isinstance(value, bool) else "a number"
            message = f"the key {event.value} is read as {key!r}: YAML 1.1 takes it for {what}"
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
            self._merge(frame, cast("list[Any]", value) if isinstance(value, list) else [value])
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
                raise InputError(f"{self.source.name}: '<<' at {at or 'the top'} merges what is no mapping. Write it out.")

    def _location(self, event: Any) -> Location:
        line, column = _line(event), event.start_mark.column + 1
        return Location(self.source.name, line, column - len(_START) if line == self._shifted else column)

    def _problem(self, code: str, message: str, fix: str, event: Any, path: Path | None = None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            where = self._path() if path is None else path
            self.problems.append(Problem(code, message, fix, where, self._location(event)))

    def _fail(self, event: Any, message: str) -> NoReturn:
        raise InputError(f"{self._location(event)}: {message}")

    def _fail_at_key(self, event: Any) -> NoReturn:
        where = self._location(event)
        template = "{{" in _line_of(self.source, where)
        hint = "This looks like a template: render it first." if template else "Did you forget to quote a '{' or '['?"
        self._fail(event, f"a mapping or sequence cannot be a key. {hint}")


def _events(source: Source) -> Iterator[Any]:
    try:
        parser: Any = CParser(_as_yaml(source.text))
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        where = Location(source.name, mark.line + 1, mark.column + 1) if mark else Location(source.name)
        context = f" {error.context}" if error.context else ""
        raise InputError(f"{where}: is not YAML: {error.problem}{context}. {_hint(source, where)}") from None
    except (YAMLError, UnicodeError, ValueError):
        strange = _NO_TEXT.search(source.text)
        at = strange.start() if strange else 0
        before = _BREAK.split(source.text[:at])
        where = Location(source.name, len(before), len(before[-1]) + 1)
        raise InputError(f"{where}: is no text ({ascii(source.text[at : at + 1])}). Is it the right file?") from None


def _as_yaml(text: str) -> str:
    r"""Mend the two places where JSON is not YAML, keeping lines: objects one after the other, and ``\ud83d\ude00``."""
    if not _JSON.match(text):
        return text
    return _SURROGATES.sub(_joined, _NEXT_JSON.sub(rf"\1{_START}{{", text))


def _joined(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[2], 16) - 0xD800) << 10) + int(pair[3], 16) - 0xDC00
    return f"{pair[1]}\\U{code:08x}"


def _hint(source: Source, where: Location) -> str:
    line = _line_of(source, where)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces: YAML does not allow tabs there."
    if "{{" in line:
        return "This looks like a template: render it first."
    return "Look at the indentation and the quotes there."


def _line(event: Any) -> int:
    return cast("int", event.start_mark.line) + 1


def _line_of(source: Source, where: Location) -> str:
    lines = _BREAK.split(source.text)
    return lines[where.line - 1] if 0 < where.line <= len(lines) else ""


def _spelled(path: Path) -> tuple[str, ...]:
    return tuple(map(str, path))


@lru_cache(maxsize=8)
def _traced(source: Source) -> tuple[tuple[dict[tuple[str, ...], Location], dict[tuple[str, ...], str]], ...]:
    """Read a text again, this time with the place of every value, and what is written plainly."""
    found: list[tuple[dict[tuple[str, ...], Location], dict[tuple[str, ...], str]]] = []
    builder = _Builder(source, tracing=True)
    for event in _events(source):
        if isinstance(event, _NODE_EVENTS):
            builder.take(event)
        elif isinstance(event, DocumentStartEvent):
            builder.begin(event)
            found.append((builder.places, builder.plain))
    return tuple(found)
