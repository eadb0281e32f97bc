"""Read YAML and JSON into documents, as kubectl reads them, and tell where in the text a value stands.

The C parser of ruamel.yaml gives events, plain Python builds the values: that is quick, deep nesting costs no stack, and
duplicate keys, aliases and the words of YAML 1.1 are seen where they stand. Positions are not kept: a text in which
something was found is read once more. Plain words are resolved as go-yaml v2 does, which kubectl reads with
(``resolve.go``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from _ruamel_yaml import CParser
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

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The keys and positions that lead from a document to a value in it."""

MAX_DEPTH = 100
"""No manifest is nested deeper; the JSON schemas of CRDs come nearest, with about 40."""
MAX_NODES_BY_ALIAS = 100_000
"""Values that aliases may add to one document: a few lines of them can stand for billions."""
MAX_BYTES = 64 * 2**20
"""The largest text that is read; an API server takes three megabytes at most."""

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys("y Y yes Yes YES true True TRUE on On ON".split(), True),
    **dict.fromkeys("n N no No NO false False FALSE off Off OFF".split(), False),
}
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}
_LONGEST_NUMBER = 400


class Problem(NamedTuple):
    """Something in a text that parses, and yet is not what its author means; the code is that of the finding."""

    code: str
    message: str
    fix: str
    path: Path
    location: Location


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
        raise InputError(f"{name}: is too large ({len(data)} bytes). At most {MAX_BYTES} bytes are read.")
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
    number = -1
    for event in _events(source):
        if isinstance(event, DocumentStartEvent):
            number += 1
            builder = _Builder(source)
            origin = Origin(source, number, event.start_mark.line + 1)
        elif isinstance(event, _NODE_EVENTS) and builder.take(event) and builder.result is not None:
            yield Document(origin, builder.result, tuple(builder.problems))


def locate(origin: Origin, path: Path) -> Location:
    """Give the place of a value, or of the nearest thing around it that the text has: its key, if it has one."""
    places = _places(origin.source)[origin.document]
    full = origin.base + path
    while full and full not in places:
        full = full[:-1]
    return places.get(full) or Location(origin.source.name, origin.line, 1)


def text_at(origin: Origin, path: Path) -> str | None:
    """Give the plain text of a scalar as its author wrote it, or None where there is no plain scalar."""
    return _plain_texts(origin.source)[origin.document].get(origin.base + path)


_NODE_EVENTS = (AliasEvent, ScalarEvent, MappingStartEvent, MappingEndEvent, SequenceStartEvent, SequenceEndEvent)
_MERGE = object()
_NO_KEY = object()


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is still being read."""

    value: Any
    path: Path
    anchor: str | None
    nodes_before: int
    key: Any = _NO_KEY
    merged: list[dict[str, Any]] = field(default_factory=list)


class _Builder:
    """Builds one document's value from its events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.result: Any = None
        self.problems: list[Problem] = []
        self.places: dict[Path, Location] = {}
        self.plain: dict[Path, str] = {}
        self.tracing = False
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._by_alias = 0

    def take(self, event: Any) -> bool:
        """Take one event; say whether the document is complete."""
        if isinstance(event, ScalarEvent):
            return self._take_scalar(event)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._open(event)
            return False
        if isinstance(event, AliasEvent):
            return self._add(self._aliased(event), event)
        frame = self._stack.pop()
        for other in frame.merged:
            frame.value.update({key: value for key, value in other.items() if key not in frame.value})
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, self._nodes - frame.nodes_before)
        return self._close(frame.value)

    def _take_scalar(self, event: Any) -> bool:
        plain = event.style is None or event.style == ""
        at_key = bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is _NO_KEY
        if at_key and plain and event.value == "<<":
            value: Any = _MERGE
        elif event.tag is None or (event.tag == "!" and not plain):
            value = resolve(event.value) if plain and event.implicit[0] else event.value
        else:
            value = self._tagged(event)
        if isinstance(value, float) and not math.isfinite(value):
            message = f"{event.value} is a number that JSON does not have"
            self._problem("CSI004", message, "Quote it, or give a finite number.", event)
            value = event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        if self.tracing and plain and not at_key:
            self.plain[self._path()] = event.value
        return self._add(value, event)

    def _tagged(self, event: Any) -> Any:
        tag = str(event.tag)
        if tag in _TAGS:
            return event.value
        value = resolve(event.value)
        kinds = {"bool": bool, "int": int, "float": (int, float), "null": type(None)}
        wanted = kinds.get(tag.removeprefix("tag:yaml.org,2002:"))
        if wanted is None or not isinstance(value, wanted):
            self._fail(event, f"the tag {tag!r} is not read here. Leave it out.")
        return value

    def _open(self, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._fail(event, f"the text nests deeper than {MAX_DEPTH} levels. No manifest does.")
        if event.tag is not None and str(event.tag) not in _TAGS:
            self._fail(event, f"the tag {str(event.tag)!r} is not read here. Leave it out.")
        self._mark(event)
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is _NO_KEY:
            self._fail(event, "a mapping or sequence cannot be a key. Did you forget to quote a '{' or '['?")
        self._stack.append(_Frame(value, self._path(), event.anchor, self._nodes))
        self._nodes += 1

    def _aliased(self, event: Any) -> Any:
        found = self._anchors.get(event.anchor)
        if found is None:
            self._fail(event, f"the alias *{event.anchor} stands for nothing complete. Write the value out.")
        value, nodes = found
        self._by_alias += nodes
        self._nodes += nodes - 1
        if self._by_alias > MAX_NODES_BY_ALIAS:
            self._fail(event, f"aliases stand for more than {MAX_NODES_BY_ALIAS} values. Write them out.")
        return value

    def _path(self) -> Path:
        """Say where the value that comes next will stand."""
        if not self._stack:
            return ()
        frame = self._stack[-1]
        return (*frame.path, frame.key if isinstance(frame.value, dict) else len(frame.value))

    def _mark(self, event: Any) -> None:
        if self.tracing and not (self._stack and isinstance(self._stack[-1].value, dict)):
            self.places.setdefault(self._path(), self._location(event))

    def _add(self, value: Any, event: Any) -> bool:
        """Add a value that is complete: a key, a value, an item, or the whole document."""
        self._nodes += 1
        if not self._stack or not isinstance(self._stack[-1].value, dict):
            self._mark(event)
            return self._close(value)
        frame = self._stack[-1]
        if frame.key is not _NO_KEY:
            return self._close(value)
        frame.key = value if value is _MERGE else self._as_key(value, event)
        if self.tracing and value is not _MERGE:
            self.places.setdefault((*frame.path, frame.key), self._location(event))
        if frame.key in frame.value:
            fix = "Keep one of the two: kubectl takes the last and drops the other without a word."
            self._problem("CSI001", f"the key {frame.key!r} is given twice", fix, event, (*frame.path, frame.key))
        if isinstance(value, bool) and event.value != frame.key:
            message = f"the key {event.value} is read as {frame.key!r}: YAML 1.1 takes it for a boolean"
            self._problem("CSI004", message, "Quote it.", event, (*frame.path, frame.key))
        return False

    def _close(self, value: Any) -> bool:
        """Put a complete value where it belongs; say whether it is the whole document."""
        if not self._stack:
            self.result = value
            return True
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is _MERGE:
            frame.merged.extend(part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict))
        else:
            frame.value[frame.key] = value
        frame.key = _NO_KEY
        return False

    def _as_key(self, value: Any, event: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list):
            self._fail(event, "a mapping or sequence cannot be a key. Did you forget to quote a '{' or '['?")
        return event.value if isinstance(event, ScalarEvent) and value is None else _json_word(value)

    def _location(self, event: Any) -> Location:
        return Location(self.source.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _problem(self, code: str, message: str, fix: str, event: Any, path: Path | None = None) -> None:
        where = self._path() if path is None else path
        self.problems.append(Problem(code, message, fix, where, self._location(event)))

    def _fail(self, event: Any, message: str) -> Any:
        raise InputError(f"{self._location(event)}: {message}")


def resolve(text: str) -> Any:
    """Give the value that a plain scalar has for kubectl: ``yes`` is true, ``012`` is ten."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-." or len(text) > _LONGEST_NUMBER:
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        unsigned = digits.lstrip("+-")
        # Python writes octal numbers with 0o, YAML 1.1 with a mere 0.
        octal = len(unsigned) > 1 and unsigned[0] == "0" and unsigned[1].isdigit()
        number = int(unsigned, 8) if octal else int(unsigned, 0)
        return -number if digits[0] == "-" else number
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        return int(number) if number.is_integer() and digits.lstrip("+-").isdigit() else number
    return {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}.get(text.lower(), text)


def _json_word(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _events(source: Source) -> Iterator[Any]:
    try:
        parser = CParser(source.text)
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Location(source.name, mark.line + 1, mark.column + 1) if mark else Location(source.name)
        context = f" {error.context}" if error.context else ""
        hint = _hint(source, where)
        raise InputError(f"{where}: is not YAML: {error.problem}{context}. {hint}") from None
    except (YAMLError, UnicodeError, ValueError) as error:
        raise InputError(f"{source.name}: is not YAML: {' '.join(str(error).split())}. Is it a text file?") from None


def _hint(source: Source, where: Location) -> str:
    lines = source.text.splitlines()
    line = lines[where.line - 1] if 0 < where.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces: YAML does not allow tabs there."
    if "{{" in line:
        return "This looks like a template: render it first."
    return "Look at the indentation and the quotes there."


@lru_cache(maxsize=8)
def _traced(source: Source) -> tuple[tuple[dict[Path, Location], dict[Path, str]], ...]:
    """Read a text again, this time with the place of every value."""
    found: list[tuple[dict[Path, Location], dict[Path, str]]] = []
    for event in _events(source):
        if isinstance(event, DocumentStartEvent):
            builder = _Builder(source)
            builder.tracing = True
            found.append((builder.places, builder.plain))
        elif isinstance(event, _NODE_EVENTS):
            builder.take(event)
    return tuple(found)


def _places(source: Source) -> list[dict[Path, Location]]:
    return [places for places, _ in _traced(source)]


def _plain_texts(source: Source) -> list[dict[Path, str]]:
    return [plain for _, plain in _traced(source)]
