"""Every format says the same, and keeps to the rules of whoever reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from csi_manifests import output
from csi_manifests.checks.report import Report
from csi_manifests.findings import SEVERITIES, Finding
from csi_manifests.models.resource import Key
from csi_manifests.text.places import Location

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parents[2]
SCHEMA = jsonschema_rs.Draft202012Validator(json.loads((ROOT / "schemas" / "findings.schema.json").read_text()))

# The part of the SARIF 2.1.0 schema that concerns what we write, from its section 3 and its JSON schema.
_TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
    "additionalProperties": False,
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_RULE = closed(
    ["id"],
    id={"type": "string"},
    name={"type": "string"},
    shortDescription=_TEXT,
    fullDescription=_TEXT,
    help=_TEXT,
    defaultConfiguration=closed([], level=_LEVEL),
)
_POSITIVE = {"type": "integer", "minimum": 1}
_PLACE = closed(
    ["physicalLocation"],
    physicalLocation=closed(
        ["artifactLocation"],
        artifactLocation=closed(["uri"], uri={"type": "string", "format": "uri-reference"}),
        region=closed([], startLine=_POSITIVE, startColumn=_POSITIVE),
    ),
)
_RUN = closed(
    ["tool"],
    tool=closed(
        ["driver"], driver=closed(["name"], name={"type": "string"}, version={"type": "string"}, rules=several(_RULE))
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations=several(
        closed(
            ["executionSuccessful"],
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=several(closed(["message"], message=_TEXT, level=_LEVEL)),
        )
    ),
    results=several(
        closed(["message"], ruleId={"type": "string"}, level=_LEVEL, message=_TEXT, locations=several(_PLACE))
    ),
)
SARIF = jsonschema_rs.Draft202012Validator(
    closed(
        ["version", "runs"], **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": several(_RUN)}
    ),
    validate_formats=True,
)

GITLAB = jsonschema_rs.Draft202012Validator(
    several(
        closed(
            ["description", "check_name", "fingerprint", "severity", "location"],
            description={"type": "string"},
            check_name={"type": "string"},
            fingerprint={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
            location=closed(["path", "lines"], path={"type": "string"}, lines=closed(["begin"], begin=_POSITIVE)),
        )
    )
)

WRONG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Wrong_Name, labels: {a/b~c: '-'}}\ndata: {a: 012}\n"


def report(*findings: Finding, **more: Any) -> Report:
    fields: dict[str, Any] = {
        "objects": 2,
        "unchecked": {"example.com/v1 Thing": 1},
        "passed_over": ["a: no"],
        "unreadable": [],
        "ignored": 3,
        "kubernetes": "1.13",
    }
    return Report(findings, **{**fields, **more})


def emit(of: Report, form: str, **options: Any) -> str:
    return output.emit("findings", form, of, **options)


def finding(**more: Any) -> Finding:
    fields: dict[str, Any] = {
        "code": "CSI402",
        "severity": "error",
        "message": "the driver's is /a",
        "fix": "Use one.",
        "location": Location("a b/c%.yaml", 214, 11),
        "object": Key("apps/v1", "StatefulSet", "default", "csi"),
        "pointer": "/spec/a~1b",
        "why": "It hangs.",
        "name": "socket-mismatch",
    }
    return Finding(**{**fields, **more})


def test_text_is_for_people_and_editors() -> None:
    assert emit(report(finding()), "text") == (
        "a b/c%.yaml:214:11: error CSI402 socket-mismatch: StatefulSet default/csi: /spec/a~1b: the driver's is /a\n"
        "    why: It hangs.\n"
        "    fix: Use one.\n"
    )
    bare = finding(object=None, pointer="", why="", severity="info", location=Location("a.yaml"))
    assert emit(report(bare), "text") == "a.yaml: info CSI402 socket-mismatch: the driver's is /a\n    fix: Use one.\n"


@pytest.mark.parametrize("severity", SEVERITIES)
def test_colour_is_on_the_label_alone(severity: str) -> None:
    plain, colored = (emit(report(finding(severity=severity)), "text", color=color) for color in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert re.findall(r"\x1b\[[0-9;]*m([^\x1b]+)\x1b\[0m", colored) == [f"{severity} CSI402 socket-mismatch"]


def test_github_escapes_what_would_end_a_command() -> None:
    odd = finding(message="50%\r\n::error::b", location=Location("a:b,c.yaml"), severity="info", pointer="")
    assert emit(report(odd, unreadable=["b.yaml: 1%\nc"]), "github") == (
        "::notice file=a%3Ab%2Cc.yaml,line=1,col=1,title=CSI402 socket-mismatch::"
        "StatefulSet default/csi: 50%25%0D%0A::error::b%0Afix: Use one.\n"
        "::error ::b.yaml: 1%25%0Ac\n"
    )
    lines = emit(report(finding(), finding(severity="warning")), "github").splitlines()
    assert lines[0].startswith(
        "::error file=a b/c%25.yaml,line=214,col=11,title=CSI402 socket-mismatch::StatefulSet default/csi: /spec"
    )
    assert lines[1].startswith("::warning ")


def test_json_has_all_fields() -> None:
    content = json.loads(emit(report(finding()), "json"))
    SCHEMA.validate(content)
    assert content["summary"] == {"objects": 2, "error": 1, "warning": 0, "info": 0, "ignored": 3}
    assert content["unchecked"] == [{"kind": "example.com/v1 Thing", "objects": 1}]
    assert content["findings"] == [
        {
            "code": "CSI402",
            "name": "socket-mismatch",
            "severity": "error",
            "file": "a b/c%.yaml",
            "line": 214,
            "column": 11,
            "object": {"apiVersion": "apps/v1", "kind": "StatefulSet", "namespace": "default", "name": "csi"},
            "pointer": "/spec/a~1b",
            "message": "the driver's is /a",
            "why": "It hangs.",
            "fix": "Use one.",
        }
    ]


def test_json_without_place_or_object() -> None:
    content = json.loads(emit(report(finding(location=Location("a"), object=None)), "json"))
    SCHEMA.validate(content)
    assert (content["findings"][0]["line"], content["findings"][0]["object"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", None),
        ("version", 2),
        ("findings/0/severity", "fatal"),
        ("findings/0/line", 0),
        ("findings/0/code", "X1"),
        ("findings/0/name", "Socket mismatch"),
        ("findings/0/name", None),
        ("findings/0/why", None),
        ("findings/0/object/name", None),
        ("summary/error", "1"),
        ("unreadable/0", 1),
    ],
)
def test_the_schema_of_json_refuses_another_shape(path: str, value: object) -> None:
    content = json.loads(emit(report(finding(), unreadable=["a"]), "json"))
    SCHEMA.validate(content)
    *above, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    holder: Any = content
    for step in above:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    assert not SCHEMA.is_valid(content)


def test_the_schema_is_printed_by_the_command(run: Run) -> None:
    done = run("schema", "findings")
    assert done.returncode == 0
    assert done.stdout == (ROOT / "schemas" / "findings.schema.json").read_bytes()


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/c%.yaml", "a%20b/c%25.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("/tmp/é.yaml", "file:///tmp/%C3%A9.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("./a.yaml", "a.yaml"),
    ],
)
def test_sarif_names_files_by_uri(file: str, uri: str) -> None:
    content = json.loads(emit(report(finding(location=Location(file))), "sarif"))
    SARIF.validate(content)
    (place,) = content["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": 1, "startColumn": 1},
    }


@pytest.mark.parametrize(("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note")])
def test_sarif_describes_the_rules_of_its_results(severity: str, level: str) -> None:
    content = json.loads(emit(report(finding(severity=severity, code="CSI004"), finding(code="CSI004")), "sarif"))
    SARIF.validate(content)
    (run,) = content["runs"]
    assert run["results"][0]["level"] == level
    assert [(rule["id"], rule["name"]) for rule in run["tool"]["driver"]["rules"]] == [("CSI004", "unquoted-text")]
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_tells_what_was_not_checked() -> None:
    content = json.loads(emit(report(unreadable=["a.yaml: is not YAML"]), "sarif"))
    SARIF.validate(content)
    (invocation,) = content["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a.yaml: is not YAML"


def test_junit_has_a_case_for_each_finding() -> None:
    advice = finding(severity="info", code="CSI701", name="", object=None)
    text = emit(report(finding(why=""), finding(severity="warning", message="<b>\x00"), advice), "junit")
    (suite,) = ET.fromstring(text)
    said = {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")}
    assert said == {"name": "csi-manifests check", "tests": "3", "failures": "2", "errors": "0", "skipped": "0"}
    assert [case.get("classname") for case in suite] == [
        "csi-manifests.check.CSI402 socket-mismatch",
        "csi-manifests.check.CSI402 socket-mismatch",
        "csi-manifests.check.CSI701",
    ]
    assert suite[0].get("name") == "a b/c%.yaml:214:11: StatefulSet default/csi: /spec/a~1b: the driver's is /a"
    assert [[(below.tag, below.get("type"), below.get("message")) for below in case] for case in suite] == [
        [("failure", "error", "the driver's is /a")],
        [("failure", "warning", "<b>?")],
        [("system-out", None, None)],
    ]
    assert [case[0].text for case in suite] == [
        "the driver's is /a\nfix: Use one.",
        "<b>?\nwhy: It hangs.\nfix: Use one.",
        "the driver's is /a\nwhy: It hangs.\nfix: Use one.",
    ]


@pytest.mark.parametrize(("objects", "below"), [(2, []), (0, ["skipped"])])
def test_junit_has_a_case_where_there_is_no_finding(objects: int, below: list[str]) -> None:
    (suite,) = ET.fromstring(emit(report(objects=objects), "junit"))
    (case,) = suite
    assert case.get("name") == f"objects: {objects}"
    assert [part.tag for part in case] == below


def test_junit_tells_what_was_not_checked() -> None:
    (suite,) = ET.fromstring(emit(report(unreadable=["a.yaml: is not YAML"]), "junit"))
    (case,) = suite
    assert (suite.get("errors"), case[0].tag, case[0].get("message")) == ("1", "error", "a.yaml: is not YAML")


def test_gitlab_has_what_its_widget_needs() -> None:
    content = json.loads(emit(report(finding(), unreadable=["b.yaml:7:1: is not YAML", "'' names no file."]), "gitlab"))
    GITLAB.validate(content)
    del content[0]["fingerprint"]
    assert content[0] == {
        "description": "StatefulSet default/csi: /spec/a~1b: the driver's is /a. Use one.",
        "check_name": "CSI402 socket-mismatch",
        "severity": "critical",
        "location": {"path": "a b/c%.yaml", "lines": {"begin": 214}},
    }
    assert [(each["severity"], each["location"]) for each in content[1:]] == [
        ("blocker", {"path": "b.yaml", "lines": {"begin": 7}}),
        ("blocker", {"path": ".", "lines": {"begin": 1}}),
    ]


@pytest.mark.parametrize(("severity", "theirs"), [("error", "critical"), ("warning", "major"), ("info", "info")])
def test_gitlab_has_severities_of_its_own(severity: str, theirs: str) -> None:
    (issue,) = json.loads(emit(report(finding(severity=severity, location=Location("./a.yaml"))), "gitlab"))
    assert (issue["severity"], issue["location"]) == (theirs, {"path": "a.yaml", "lines": {"begin": 1}})


def test_gitlab_knows_a_finding_again_by_its_fingerprint() -> None:
    def fingerprints(*findings: Finding) -> list[str]:
        return [issue["fingerprint"] for issue in json.loads(emit(report(*findings), "gitlab"))]

    (first,) = fingerprints(finding())
    assert fingerprints(finding(location=Location("a b/c%.yaml", 300, 1), fix="Another.")) == [first]
    others: list[dict[str, Any]] = [
        {"code": "CSI403"},
        {"message": "a"},
        {"pointer": "/"},
        {"object": None},
        {"location": Location("b")},
    ]
    assert len({first, *fingerprints(*(finding(**other) for other in others))}) == 6
    twice = fingerprints(finding(), finding())
    assert twice[0] == first
    assert len(set(twice)) == 2


@pytest.mark.parametrize("text", ["", "a: 1\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", WRONG])
@pytest.mark.parametrize("form", output.formats("findings"))
def test_the_command_writes_every_format_whole(run: Run, form: str, text: str) -> None:
    done = run("check", "-", "--format", form, stdin=text.encode())
    said = done.stdout.decode()
    rules = {"CSI004 unquoted-text", "CSI105 invalid-name", "CSI106 invalid-label"} if text == WRONG else set[str]()
    if form == "json":
        content = json.loads(said)
        SCHEMA.validate(content)
        assert rules <= {f"{each['code']} {each['name']}" for each in content["findings"]}
        assert bool(content["unreadable"]) == (done.returncode == 3)
    elif form == "sarif":
        content = json.loads(said)
        SARIF.validate(content)
        described = content["runs"][0]["tool"]["driver"]["rules"]
        assert rules <= {f"{each['id']} {each['name']}" for each in described}
        assert {each["ruleId"] for each in content["runs"][0]["results"]} == {each["id"] for each in described}
        assert content["runs"][0]["invocations"][0]["executionSuccessful"] == (done.returncode != 3)
    elif form == "github":
        assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in said.splitlines())
        assert rules <= set(re.findall(r"title=(CSI\d{3} [-a-z]+)::", said))
        assert bool(said) == (done.returncode != 0)
    elif form == "gitlab":
        content = json.loads(said)
        GITLAB.validate(content)
        assert rules <= {each["check_name"] for each in content}
        assert any(each["severity"] == "blocker" for each in content) == (done.returncode == 3)
    elif form == "junit":
        (suite,) = ET.fromstring(said)
        assert rules <= {str(case.get("classname")).rpartition(".")[2] for case in suite}
        assert int(suite.get("tests", 0)) == len(suite) > 0
    else:
        assert form == "text", f"say above what {form} holds"
        assert rules <= set(re.findall(r": (?:error|warning|info) (CSI\d{3} [-a-z]+): ", said))
        assert bool(said) == bool(rules)
