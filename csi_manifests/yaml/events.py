"""A text, and the events that the parser gives for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from csi_manifests.errors import InputError
from csi_manifests.text.places import Location
from csi_manifests.yaml.engine import BREAK, MarkedYAMLError, YAMLError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64 * 2**20
"""The largest text that is read; an API server takes three megabytes at most."""

_NO_TEXT: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JSON: Final = re.compile(r'\s*\{\s*["}]')
_NEXT_JSON: Final = re.compile(r"(?<=\})([ \t\r\n]*\n)\{")
_SURROGATES: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
START: Final = "--- "
"""What is put before the second and every further object of a JSON text."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text and its name, for messages and for finding positions again."""

    name: str
    text: str


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
        raise InputError(
            f"{Location(name, line, 1)}: {what} (byte {data[error.start]:#04x}). Save it as UTF-8."
        ) from None
    # The parser passes over one that is left, and does not count it.
    return Source(name, text.lstrip("\ufeff"))


def events(source: Source, span: tuple[int, int] | None = None) -> Iterator[Any]:
    """Return the parser's events, one after the other; with a span, those of the text between two of its marks.

    Raises:
        InputError: where the text is no YAML.

    """
    try:
        yield from parse(_as_yaml(source)[slice(*span) if span else slice(None)])
    except MarkedYAMLError as error:
        said = cast("Any", error)
        mark = said.problem_mark or said.context_mark
        where = Location(source.name, mark.line + 1, mark.column + 1) if mark else Location(source.name)
        context = f" {said.context}" if said.context else ""
        begun = said.context_mark.line + 1 if said.context_mark else where.line
        hint = _hint(line_of(source, where), line_of(source, Location(source.name, begun)))
        raise InputError(f"{where}: is not YAML: {said.problem}{context}. {hint}") from None
    except (YAMLError, UnicodeError, ValueError):
        strange = _NO_TEXT.search(source.text)
        at = strange.start() if strange else 0
        before = BREAK.split(source.text[:at])
        where = Location(source.name, len(before), len(before[-1]) + 1)
        raise InputError(f"{where}: is no text ({source.text[at : at + 1]!a}). Is it the right file?") from None


def is_json(text: str) -> bool:
    """Return whether a text begins as a JSON object does."""
    return _JSON.match(text) is not None


@lru_cache(maxsize=8)
def _as_yaml(source: Source) -> str:
    r"""Mend the two places where JSON is not YAML, keeping lines: objects one after the other, and ``\ud83d\ude00``."""
    if not is_json(source.text):
        return source.text
    return _SURROGATES.sub(_joined, _NEXT_JSON.sub(rf"\1{START}{{", source.text))


def _joined(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[2], 16) - 0xD800) << 10) + int(pair[3], 16) - 0xDC00
    return f"{pair[1]}\\U{code:08x}"


def _hint(line: str, begun: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces: YAML does not allow tabs there."
    if "{{" in line + begun:
        return "This looks like a template: render it first."
    return "Look at the indentation and the quotes there."


def starting_line(event: Any) -> int:
    """Return the line an event begins in, counted from 1."""
    return cast("int", event.start_mark.line) + 1


def line_of(source: Source, where: Location) -> str:
    """Return the text of the line that a place is in."""
    lines = BREAK.split(source.text)
    return lines[where.line - 1] if 0 < where.line <= len(lines) else ""
