"""``explain`` and ``rules`` say all there is to say of each rule, offline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import csi_manifests
from csi_manifests.checks.rule import FOLDERS, rules
from csi_manifests.cli import main

if TYPE_CHECKING:
    from conftest import Run

    from csi_manifests.checks.rule import Rule

CODES = [rule.code for rule in rules()]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_rule_is_explained(rule: Rule, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["explain", rule.code]) == 0
    said = capsysbinary.readouterr().out.decode()
    assert said.startswith(f"{rule.code} {rule.name} ({rule.severity}): {rule.title}\n\n")
    words = " ".join(said.split())
    for part in (rule.why, f"Fix: {rule.fix}"):
        assert " ".join(part.split()) in words
    assert said.endswith(f"\n\n{textwrap.indent(rule.example, '    ')}")
    assert len(rule.why) > 20
    assert not re.search(r"[ \t]\n", said)


def test_the_real_command(run: Run) -> None:
    done = run("explain", "csi201")
    assert run("explain", "dangling-reference").stdout == run("explain", "Dangling-Reference").stdout == done.stdout
    assert done.returncode == 0
    assert done.stdout.startswith(b"CSI201 dangling-reference (error): ")
    both = run("explain", "CSI201", "CSI004").stdout
    assert both.index(b"CSI201 dangling-reference (error)") < both.index(b"CSI004 unquoted-text (error)")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("CSI2011", b"Did you mean 'CSI2"),
        ("socket-mismach", b"Did you mean 'socket-mismatch'?"),
        ("nonsense", b"'csi-manifests rules' lists them."),
    ],
)
def test_a_rule_that_there_is_not(run: Run, code: str, hint: bytes) -> None:
    done = run("explain", code)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"There is no rule {code!r}.".encode() in done.stderr
    assert hint in done.stderr


def test_no_code_is_wrong_usage(run: Run) -> None:
    assert run("explain").returncode == 2


def test_rules_are_listed_by_code(run: Run) -> None:
    lines = run("rules").stdout.decode().splitlines()
    assert [line[:6] for line in lines] == CODES == sorted(CODES)
    assert all(re.fullmatch(r"CSI\d{3}  [-a-z]+ +(error  |warning|info   )  \S.*", line) for line in lines)
    assert [line.split()[1] for line in lines] == [rule.name for rule in rules()]


def test_rules_as_json(run: Run) -> None:
    content = json.loads(run("rules", "--format", "json").stdout)
    assert [rule["code"] for rule in content] == CODES
    assert all(set(rule) == {"code", "name", "severity", "title", "why", "fix", "bad", "good"} for rule in content)


def test_rules_as_a_page(run: Run) -> None:
    page = run("rules", "--format", "markdown").stdout.decode()
    assert page.startswith("# Rules\n")
    for folder in FOLDERS.values():
        assert f"\n| {folder.codes} | {folder.about} |\n" in page
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings == [f"{rule.code} {rule.name}" for rule in rules()]
    links = re.findall(r"^\| \[CSI\d{3}\]\(#(\S+)\) \|", page, re.MULTILINE)
    assert links == [heading.lower().replace(" ", "-") for heading in headings]
    # A bar in a title would begin another column.
    assert all(line.count("|") == 5 for line in page.splitlines() if line.startswith("| ["))
    assert re.findall(r"^```diff\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) == [rule.example for rule in rules()]
    assert page.count("```") == 2 * len(CODES)


def test_every_code_that_a_check_gives_is_explained() -> None:
    """Codes stand as literals where findings are made; none is without a rule."""
    package = Path(csi_manifests.__file__).parent
    used = {code for file in package.rglob("*.py") for code in re.findall(r'"(CSI\d{3})"', file.read_text())}
    # What another validator says is in its own words.
    assert used - set(CODES) == set()


@pytest.mark.parametrize(("variables", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_an_example_is_coloured_on_a_terminal(variables: dict[str, str], *, colored: bool) -> None:
    here, there = os.openpty()
    command = [sys.executable, "-m", "csi_manifests", "explain", "CSI001"]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(command, stdout=there, env={**environment, **variables}, check=True)
    os.close(there)
    said = os.read(here, 100_000).decode()
    os.close(here)
    assert ("    \x1b[31m-   name: csi-attacher\x1b[0m" in said) == colored
    assert ("    \x1b[32m+   name: csi-provisioner\x1b[0m" in said) == colored
    assert ("    -   name: csi-attacher" in said) != colored
