"""Write what came of a demonstration: for people, for programs, for a CI server."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from csi_manifests.cluster.verify import StepResult, Verification

FORMATS = ("text", "json", "junit")
# XML has no way to write these.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def emit(result: Verification, form: str) -> str:
    """Write it in one of ``FORMATS``."""
    return {"text": _text, "json": _json, "junit": _junit}[form](result)


def _text(result: Verification) -> str:
    lines = [
        f"{step.outcome:8}{_time(step)}  {step.name}" + (f": {step.message}" if step.message else "")
        for step in result.steps
    ]
    said = "the restored data is that of the snapshot" if result.passed else "not verified"
    total = sum(step.seconds for step in result.steps)
    return "\n".join([*lines, f"driver {result.driver}, namespace {result.namespace}: {said} ({total:.1f} s)"]) + "\n"


def _time(step: StepResult) -> str:
    return " " * 9 if step.outcome == "skipped" else f"{step.seconds:7.1f} s"


def _json(result: Verification) -> str:
    steps = [asdict(step) | {"seconds": round(step.seconds, 3)} for step in result.steps]
    content = {"driver": result.driver, "namespace": result.namespace, "passed": result.passed, "steps": steps}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _junit(result: Verification) -> str:
    counted = {
        outcome: sum(step.outcome == outcome for step in result.steps) for outcome in ("failed", "error", "skipped")
    }
    suite = ET.Element(
        "testsuite",
        name="csi-manifests verify",
        tests=str(len(result.steps)),
        failures=str(counted["failed"]),
        errors=str(counted["error"]),
        skipped=str(counted["skipped"]),
        time=f"{sum(step.seconds for step in result.steps):.3f}",
    )
    for step in result.steps:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"csi-manifests.verify.{result.driver}",
            name=step.name,
            time=f"{step.seconds:.3f}",
        )
        message = _UNPRINTABLE.sub("?", step.message)
        if step.outcome == "skipped":
            ET.SubElement(case, "skipped")
        elif step.outcome != "passed":
            tag = "failure" if step.outcome == "failed" else "error"
            ET.SubElement(case, tag, message=message.partition("\n")[0]).text = message
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"
