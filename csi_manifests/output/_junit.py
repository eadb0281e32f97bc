"""JUnit's XML, which CI servers read: one suite of cases."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence

# XML has no way to write these.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {"passed": "system-out", "failed": "failure", "error": "error"}


class Case(NamedTuple):
    """One test case and what came of it."""

    group: str
    """What CI servers show it under, with dots between the levels."""
    name: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    message: str = ""
    """Its first line is what CI servers list."""
    kind: str = ""
    """Of a failure."""
    seconds: float = 0.0


def document(name: str, cases: Sequence[Case]) -> str:
    """Return a suite of cases as an XML document."""
    counts = Counter(case.outcome for case in cases)
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(counts["failed"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    suite.extend(map(_element, cases))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _element(case: Case) -> ET.Element:
    element = ET.Element(
        "testcase", classname=_printable(case.group), name=_printable(case.name), time=f"{case.seconds:.3f}"
    )
    message = _printable(case.message)
    if case.outcome == "skipped":
        ET.SubElement(element, "skipped")
    elif case.outcome != "passed" or message:
        below = ET.SubElement(element, _TAGS[case.outcome])
        below.text = message
        if case.outcome != "passed":
            below.set("message", message.partition("\n")[0])
        if case.kind:
            below.set("type", case.kind)
    return element


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("?", text)
