"""Findings that somebody has looked at: ``# csi-manifests: ignore CSI402 why`` on a line of its own, in the object's document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csi_manifests.findings import Finding, Location
from csi_manifests.reader import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from csi_manifests.reader import Source

_COMMENT = re.compile(r"^[ \t]*#[ \t]*csi-manifests:[ \t]*(?P<verb>\S*)[ \t]*(?P<codes>[^\s,]*(?:,[^\s,]+)*)[ \t]*(?P<reason>.*?)[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"CSI\d{3}")


@dataclass
class _Suppression:
    code: str
    location: Location
    lines: range
    used: bool = False

    def covers(self, finding: Finding) -> bool:
        place = finding.location
        return self.code == finding.code and place.file == self.location.file and place.line in self.lines


def suppress(findings: Sequence[Finding], sources: Iterable[Source]) -> tuple[list[Finding], int]:
    """Leave out the findings that a comment in their document excuses; give the rest, and how many were left out.

    A comment without a reason, or one that excuses nothing, is a finding itself.
    """
    suppressions: list[_Suppression] = []
    kept: list[Finding] = []
    for source in sources:
        if "csi-manifests:" in source.text:
            kept += _read(source, suppressions)
    for finding in findings:
        excuses = [entry for entry in suppressions if entry.covers(finding)]
        for entry in excuses:
            entry.used = True
        if not excuses:
            kept.append(finding)
    left_out = len(findings) - sum(1 for finding in kept if finding.code not in {"CSI005", "CSI006"})
    for entry in suppressions:
        if not entry.used:
            message = f"nothing in this document is {entry.code}"
            kept.append(Finding("CSI006", "warning", message, "Remove the comment, or correct its code.", entry.location))
    return kept, left_out


def _read(source: Source, suppressions: list[_Suppression]) -> list[Finding]:
    """Gather a text's comments; give a finding for each that cannot count."""
    starts = [document.origin.line for document in documents(source)]
    problems: list[Finding] = []
    for match in _COMMENT.finditer(source.text):
        line = source.text.count("\n", 0, match.start()) + 1
        where = Location(source.name, line, source.text[match.start() : match.end()].index("#") + 1)
        codes = match["codes"].split(",")
        if match["verb"] != "ignore" or not all(_CODE.fullmatch(code) for code in codes):
            problems.append(_malformed(where, "the comment is not 'csi-manifests: ignore CODE reason'"))
        elif not match["reason"]:
            problems.append(_malformed(where, f"the comment does not say why {match['codes']} is to be ignored"))
        else:
            first = max((start for start in starts[1:] if start <= line), default=1)
            last = min((start for start in starts[1:] if start > line), default=line + source.text.count("\n") + 2)
            suppressions += [_Suppression(code, where, range(first, last)) for code in codes]
    return problems


def _malformed(where: Location, message: str) -> Finding:
    return Finding("CSI005", "error", message, "Write for example: # csi-manifests: ignore CSI459 a mirror without tags", where)
