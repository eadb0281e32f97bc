"""Findings that somebody has looked at: ``# csi-manifests: ignore socket-mismatch why`` on a line of its own, in the object's document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.checks.rule import Rule, rules_by_word
from csi_manifests.findings import Finding
from csi_manifests.text.places import Location
from csi_manifests.text.words import did_you_mean
from csi_manifests.yaml.engine import BREAK, DocumentStartEvent, ScalarEvent
from csi_manifests.yaml.events import events, starting_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from csi_manifests.yaml.reader import Source

_MARKER = "csi-manifests:"


class _Comment(NamedTuple):
    """What stands behind the marker, where, and the lines of the document it stands in."""

    text: str
    location: Location
    lines: range


@dataclass
class _Ignored:
    word: str
    """The code or name of the rule, as it is written."""
    rule: Rule
    location: Location
    lines: range
    used: bool = False


def leave_out_ignored(
    findings: Sequence[Finding], sources: Iterable[Source], *, advice: bool = True
) -> tuple[list[Finding], int]:
    """Leave out the findings that a comment in their document ignores; return the rest, and how many were left out.

    A comment without a reason, or one that ignores nothing, is a finding itself. Without ``advice`` nobody looked for
    any, so a comment about it may stand idle.
    """
    comments: dict[tuple[str, str], list[_Ignored]] = {}
    complaints: list[Finding] = []
    for source in sources:
        if _MARKER in source.text:
            for entry in _read(source):
                if isinstance(entry, Finding):
                    complaints.append(entry)
                else:
                    comments.setdefault((source.name, entry.rule.code), []).append(entry)
    kept: list[Finding] = []
    for finding in findings:
        place = finding.location
        ignoring = [entry for entry in comments.get((place.file, finding.code), ()) if place.line in entry.lines]
        for entry in ignoring:
            entry.used = True
        if not ignoring:
            kept.append(finding)
    for entries in comments.values():
        complaints += [
            _unused(entry) for entry in entries if not entry.used and (advice or entry.rule.folder != "advice")
        ]
    return kept + complaints, len(findings) - len(kept)


def _read(source: Source) -> Iterator[_Ignored | Finding]:
    """Return a text's comments that ignore findings, and a finding for each comment that cannot be one."""
    known = rules_by_word()
    for text, where, lines in _comments(source):
        words = text.split()
        named = words[1].split(",") if len(words) > 1 else []
        unknown = next((word for word in named if word not in known), None)
        if not all(named) or not named or words[0] != "ignore":
            yield _malformed(where, "the comment is not 'csi-manifests: ignore RULE reason'")
        elif unknown is not None:
            yield _malformed(where, f"there is no rule {unknown!r}. {did_you_mean(unknown, known)}".rstrip(". "))
        elif len(words) == 2:  # noqa: PLR2004  (the verb and the rules)
            yield _malformed(where, f"the comment does not say why {words[1]} is to be ignored")
        else:
            yield from (_Ignored(word, known[word], where, lines) for word in named)


def _comments(source: Source) -> Iterator[_Comment]:
    """Return the comments for us: those on a line of their own, and no part of a text such as a ConfigMap's."""
    starts: list[int] = []
    within: set[int] = set()
    for event in events(source):
        if event.__class__ is DocumentStartEvent:
            starts.append(starting_line(event))
        elif event.__class__ is ScalarEvent:
            end: Any = event.end_mark
            within.update(range(starting_line(event) + 1, end.line + 1 + bool(end.column)))
    lines = BREAK.split(source.text)
    for number, line in enumerate(lines, 1):
        text = line.lstrip()
        if text.startswith("#") and number not in within and text[1:].lstrip().startswith(_MARKER):
            # What stands before the first document belongs to it.
            first = max((start for start in starts[1:] if start <= number), default=1)
            after = min((start for start in starts[1:] if start > number), default=len(lines) + 1)
            said = text[1:].lstrip().removeprefix(_MARKER)
            yield _Comment(said, Location(source.name, number, len(line) - len(text) + 1), range(first, after))


def _malformed(where: Location, message: str) -> Finding:
    return Finding(
        "CSI005",
        "error",
        message,
        "Write for example: # csi-manifests: ignore moving-image-tag the mirror has no tags",
        where,
    )


def _unused(entry: _Ignored) -> Finding:
    message = f"nothing in this document is {entry.word}"
    return Finding("CSI006", "warning", message, "Remove the comment, or correct the rule it names.", entry.location)
