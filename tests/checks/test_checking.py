"""The library and the command say the same of the same text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from csi_manifests import InputError, Location, Report, UsageError, check, check_files, load
from csi_manifests.checks.rule import rules
from csi_manifests.cli import main

TESTS = Path(__file__).parents[1]
FILES = sorted(file for room in ("article", "bundles", "manifests") for file in (TESTS / room).glob("*.yaml"))
TEXTS = {
    **{str(file.relative_to(TESTS)): file.read_text() for file in FILES},
    **{f"{rule.code}-bad": rule.bad for rule in rules()},
    **{f"{rule.code}-good": rule.good for rule in rules()},
}
OF_TEXTS = {"CSI001", "CSI002"}
EXCUSED = """\
# csi-manifests: ignore CSI440 the mirror has no tags
# csi-manifests: ignore CSI501 nobody reads this account
apiVersion: v1
kind: Pod
metadata: {name: csi-app, namespace: default}
spec:
  containers:
  - {name: app, image: busybox}
"""


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_library_and_command_say_the_same(text: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "manifest.yaml"
    file.write_text(text)
    report = check_files([file])

    assert main(["check", str(file), "--format", "json"]) == report.exit_code()
    told = json.loads(capfdbinary.readouterr().out)["findings"]
    assert [(finding["code"], finding["line"], finding["message"], finding["why"]) for finding in told] == [
        (finding.code, finding.location.line, finding.message, finding.why) for finding in report.findings
    ]
    if report.unreadable or any(finding.code in OF_TEXTS for finding in report.findings):
        # A bundle holds whole objects only: what is wrong with a text is an error here, a finding there.
        with pytest.raises(InputError, match=re.escape(str(file))):
            load(file)
    else:
        assert check(load(file)) == report.findings


def test_a_comment_ignores_a_finding_in_the_library_too() -> None:
    codes = [finding.code for finding in check(load(EXCUSED))]
    assert "CSI440" not in codes
    assert "CSI006" in codes


def test_no_advice_is_no_reason_to_call_its_comment_idle() -> None:
    assert "CSI006" not in [finding.code for finding in check(load(EXCUSED), advice=False)]


def test_why_is_said_of_what_the_schema_finds() -> None:
    (finding,) = check(load("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nscrets: []\n"), advice=False)
    assert (finding.code, bool(finding.why)) == ("CSI102", True)


def test_what_cannot_be_read_is_reported(tmp_path: Path) -> None:
    report = check_files([tmp_path / "missing.yaml"])
    assert "missing.yaml" in report.unreadable[0]
    assert (report.exit_code(), report.worst) == (3, None)


def test_a_folder_of_nothing_is_no_success(tmp_path: Path) -> None:
    report = check_files([tmp_path])
    assert report.exit_code() == 3
    assert "nothing was checked" in str(report)


def test_an_unknown_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1\.99"):
        check_files([tmp_path], "1.99")


def test_exit_code_follows_the_severity_asked_for() -> None:
    (finding,) = check(load("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nscrets: []\n"), advice=False)
    assert finding.location == Location("<text>", 4, 1)
    report = Report([finding], 1, {}, (), (), 0, "1.13")
    assert [report.exit_code(), report.only("error").worst] == [1, "error"]


@pytest.mark.parametrize(
    ("text", "line"), [("apiVersion: v1\nkind: A\nmetadata:\nname: a\n", 3), ("apiVersion: v1\nkind: A\nname: a\n", 1)]
)
def test_lost_indentation_is_all_that_is_said_of_an_object(text: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"{text}---\n{text}")
    report = check_files([file])
    (first, second) = report.findings
    assert (first.code, second.code, first.location) == ("CSI003", "CSI003", Location(str(file), line, 1))
    assert report.objects == 0
