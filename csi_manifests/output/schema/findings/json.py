"""The JSON Schema of findings, for programs that read what ``check --format json`` writes."""

from __future__ import annotations

import json
from typing import Any

from csi_manifests.findings import SEVERITIES
from csi_manifests.output.findings.json import VERSION


def emit() -> str:
    """Return the schema as text, the same every time."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """Describe the report as JSON Schema 2020-12."""
    text, count = {"type": "string"}, {"type": "integer", "minimum": 0}
    place = {"type": ["integer", "null"], "minimum": 1}
    key = {"apiVersion": text, "kind": text, "namespace": {"type": ["string", "null"]}, "name": text}
    finding = {
        "code": {"type": "string", "pattern": r"^CSI[0-9]{3}$"},
        "name": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)+$", "description": "That of the rule."},
        "severity": {"enum": list(SEVERITIES)},
        "file": {"type": "string", "description": "As it was named, or found in a folder; <stdin> for -."},
        "line": {**place, "description": "From 1; null where the finding is about no line."},
        "column": {**place, "description": "In characters, from 1."},
        "object": {"anyOf": [_object(key), {"type": "null"}]},
        "pointer": {"type": "string", "description": "Where in the object: a JSON pointer (RFC 6901)."},
        "message": {"type": "string", "description": "What is there."},
        "why": {"type": "string", "description": "Why it matters; empty where the message says it."},
        "fix": {"type": "string", "description": "How to mend it."},
    }
    unchecked = {"kind": {"type": "string", "description": "apiVersion and kind."}, "objects": count}
    texts = {"type": "array", "items": text}
    report = {
        "version": {"const": VERSION, "description": "Of this shape. New fields leave it as it is."},
        "kubernetes": {**text, "description": "The release that was checked for."},
        "kubernetesReason": {**text, "description": "Why that one; empty where it was said."},
        "summary": _object(dict.fromkeys(("objects", *SEVERITIES, "ignored"), count)),
        "findings": {"type": "array", "items": _object(finding), "description": "By file, line, code."},
        "unchecked": {
            "type": "array",
            "items": _object(unchecked),
            "description": "Objects of kinds that have no schema here.",
        },
        "passedOver": {**texts, "description": "What folders hold besides manifests, each with the reason."},
        "unreadable": {**texts, "description": "What could not be checked: with any of these the exit code is 3."},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Report of csi-manifests check"}
    return {**head, **_object(report)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    # What is not named here may be added without a new version.
    return {"type": "object", "required": list(properties), "properties": properties}
