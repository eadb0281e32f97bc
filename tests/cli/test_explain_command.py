"""``explain`` and ``rules`` say all there is to say of each rule, offline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import csi_manifests
from csi_manifests.checks.rule import rules
from csi_manifests.cli import main

if TYPE_CHECKING:
    from conftest import Run

CODES = [rule.code for rule in rules()]


@pytest.mark.parametrize("code", CODES)
def test_every_rule_is_explained(code: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["explain", code]) == 0
    said = capsysbinary.readouterr().out.decode()
    (rule,) = [each for each in rules() if each.code == code]
    assert said.startswith(f"{code} ({rule.severity}): {rule.title}\n\n")
    words = " ".join(said.split())
    for part in (rule.why, f"Fix: {rule.fix}", "Bad:", "Good:"):
        assert " ".join(part.split()) in words
    for example in (rule.bad, rule.good):
        assert example
        assert all(f"    {line}\n" in said for line in example.splitlines() if line)
    assert len(rule.why) > 20
    assert not re.search(r"[ \t]\n", said)


def test_the_real_command(run: Run) -> None:
    done = run("explain", "csi201")
    assert done.returncode == 0
    assert done.stdout.startswith(b"CSI201 (error): ")
    both = run("explain", "CSI201", "CSI004").stdout
    assert both.index(b"CSI201 (error)") < both.index(b"CSI004 (error)")


@pytest.mark.parametrize(
    ("code", "hint"), [("CSI2011", b"Did you mean 'CSI2"), ("nonsense", b"'csi-manifests rules' lists them.")]
)
def test_a_code_that_there_is_not(run: Run, code: str, hint: bytes) -> None:
    done = run("explain", code)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"There is no rule {code!r}.".encode() in done.stderr
    assert hint in done.stderr


def test_no_code_is_wrong_usage(run: Run) -> None:
    assert run("explain").returncode == 2


def test_rules_are_listed_by_code(run: Run) -> None:
    lines = run("rules").stdout.decode().splitlines()
    assert [line[:6] for line in lines] == CODES == sorted(CODES)
    assert all(re.fullmatch(r"CSI\d{3}  (error  |warning|info   )  \S.*", line) for line in lines)


def test_rules_as_json(run: Run) -> None:
    content = json.loads(run("rules", "--format", "json").stdout)
    assert [rule["code"] for rule in content] == CODES
    assert all(set(rule) == {"code", "severity", "title", "why", "fix", "bad", "good"} for rule in content)


def test_rules_as_a_page(run: Run) -> None:
    page = run("rules", "--format", "markdown").stdout.decode()
    assert page.startswith("# Rules\n")
    assert re.findall(r"^## (CSI\d{3})$", page, re.MULTILINE) == CODES
    assert re.findall(r"^\| \[(CSI\d{3})\]\(#csi\d{3}\) \|", page, re.MULTILINE) == CODES
    # A bar in a title would begin another column.
    assert all(line.count("|") == 4 for line in page.splitlines() if line.startswith("| ["))
    assert page.count("```") == 4 * len(CODES)


def test_every_code_that_a_check_gives_is_explained() -> None:
    """Codes stand as literals where findings are made; none is without a rule."""
    package = Path(csi_manifests.__file__).parent
    used = {code for file in package.rglob("*.py") for code in re.findall(r'"(CSI\d{3})"', file.read_text())}
    # What another validator says is in its own words.
    assert used - set(CODES) == set()
