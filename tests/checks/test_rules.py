"""Every rule: its documentation, its bad example and its good one."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csi_manifests import build, check, check_files, load, release
from csi_manifests.checks.rule import FOLDERS, Rule, declare, rule, rules, rules_by_word
from csi_manifests.findings import SEVERITIES
from csi_manifests.setup.setup import Setup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from csi_manifests.findings import Finding

RELEASE = release("1.13")
ALL = rules()
EXAMPLE = "- a: 1\n+ a: 2\n"
HUNDREDS = "".join(folder.hundreds for folder in FOLDERS.values())
OF_READING = [each for each in ALL if each.folder == "reading"]
OF_OBJECTS = [each for each in ALL if each.folder != "reading"]
OF_ONE_OBJECT = [each for each in ALL if each.folder == "objects"]


def codes(findings: Iterable[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def of_one_object(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if rules_by_word()[finding.code].folder == "objects"]


def described(findings: Iterable[Finding]) -> str:
    return "\n".join(str(finding) for finding in findings)


def read_and_check(text: str, folder: Path) -> Sequence[Finding]:
    file = folder / "manifest.yaml"
    file.write_text(text)
    report = check_files([file], RELEASE)
    assert report.unreadable == []
    return report.findings


@pytest.mark.parametrize("each", OF_OBJECTS, ids=lambda each: each.code)
def test_the_bad_example_trips_its_rule(each: Rule) -> None:
    findings = check(load(each.bad), release(each.kubernetes))
    mine = [finding for finding in findings if finding.code == each.code]
    others = [finding for finding in findings if finding.code != each.code and finding.severity == "error"]
    assert mine, described(findings)
    assert others == [], described(others)


@pytest.mark.parametrize("each", OF_OBJECTS, ids=lambda each: each.code)
def test_the_good_example_has_no_error(each: Rule) -> None:
    findings = check(load(each.good), release(each.kubernetes))
    assert each.code not in codes(findings), described(findings)
    assert [finding for finding in findings if finding.severity == "error"] == [], described(findings)


@pytest.mark.parametrize("each", OF_ONE_OBJECT, ids=lambda each: each.code)
def test_a_mistake_in_one_object_is_told_once(each: Rule) -> None:
    here = release(each.kubernetes)
    found = {(finding.code, finding.severity) for finding in of_one_object(check(load(each.bad), here))}
    assert found == {(each.code, each.severity)}
    assert of_one_object(check(load(each.good), here)) == []


@pytest.mark.parametrize("each", OF_READING, ids=lambda each: each.code)
def test_examples_of_what_reading_finds(each: Rule, tmp_path: Path) -> None:
    bad, good = read_and_check(each.bad, tmp_path), read_and_check(each.good, tmp_path)
    assert [(finding.code, finding.severity) for finding in bad if finding.code.startswith("CSI0")] == [
        (each.code, each.severity)
    ]
    assert each.code not in codes(good), described(good)
    assert [finding for finding in good if finding.severity == "error"] == [], described(good)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.code)
def test_documentation_is_complete(each: Rule) -> None:
    assert re.fullmatch(rf"CSI[{HUNDREDS}]\d\d", each.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+){1,3}", each.name)
    assert each.severity in SEVERITIES
    assert each.title
    assert not each.title.endswith(".")
    assert each.why.endswith(".")
    assert each.fix
    assert each.bad.endswith("\n")
    assert each.good.endswith("\n")
    assert each.bad != each.good


@pytest.mark.parametrize("each", OF_OBJECTS, ids=lambda each: each.code)
def test_a_finding_says_where_and_how_to_mend_it(each: Rule) -> None:
    bundle = load(each.bad)
    for finding in check(bundle, release(each.kubernetes)):
        assert finding.message
        assert finding.fix
        assert finding.pointer == "" or finding.pointer.startswith("/")
        assert finding.location.line > 0
        assert "\n" not in finding.message


def test_a_code_is_never_used_twice() -> None:
    with pytest.raises(ValueError, match="CSI112 is 'missing-name' already"):
        declare("CSI112", "another-one", "another", why="", fix="", example=EXAMPLE)
    with pytest.raises(ValueError, match="CSI112 is 'missing-name' already"):
        rule("CSI112", "another-one", "another", fix="", example=EXAMPLE)(lambda _manifest, _context: iter(()))


def test_a_name_is_never_used_twice() -> None:
    with pytest.raises(ValueError, match="CSI112 is called 'missing-name' already"):
        declare("CSI099", "missing-name", "another", why="", fix="", example=EXAMPLE)
    assert len(rules_by_word()) == 2 * len(ALL)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.code)
def test_a_rule_is_known_by_code_and_name(each: Rule) -> None:
    assert rules_by_word()[each.code] is rules_by_word()[each.name] is each


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("  a: 1\n", "CSI099: the example mends nothing"),
        ("- a: 1\n+ a: 1\n", "CSI099: the example mends nothing"),
        ("- a: 1\na: 2\n", "CSI099: a line of the example begins with neither '- ' nor '\\+ ' nor two spaces"),
        ("- a: 1\n\n+ a: 2\n", "CSI099: a line of the example begins with neither"),
    ],
)
def test_an_example_is_marked_and_mends_something(example: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declare("CSI099", "none-such", "none", why="", fix="", example=example)
    assert "CSI099" not in {each.code for each in rules()}


def test_bad_and_good_follow_from_the_example() -> None:
    each = replace(ALL[0], example="  a:\n-   - 1\n+   - 2\n+   - 3\n  b: -\n")
    assert each.bad == "a:\n  - 1\nb: -\n"
    assert each.good == "a:\n  - 2\n  - 3\nb: -\n"


def test_the_hundred_of_a_code_says_which_folder_its_rule_is_in() -> None:
    folder = Path(rule.__code__.co_filename).parent / "rules"
    homes = {
        node.args[0].value: file.relative_to(folder).parts[0]
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if isinstance(node.func, ast.Name) and node.func.id in {"declare", "rule"}
    }
    assert homes == {each.code: each.folder for each in ALL}
    assert set(homes.values()) == set(FOLDERS)


def test_a_hundred_has_one_folder() -> None:
    assert sorted(HUNDREDS) == sorted(set(HUNDREDS))
    assert [folder.codes for folder in FOLDERS.values()] == ["0xx", "1xx, 6xx", "2xx", "3xx", "4xx", "5xx"]
    assert replace(ALL[0], code="CSI601").folder == "objects"


def test_contributing_says_what_the_hundreds_mean() -> None:
    rows = "".join(f"| `{name}` | {folder.codes} | {folder.about} |\n" for name, folder in FOLDERS.items())
    assert f"|---|---|---|\n{rows}\n" in (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()


def test_the_setup_of_the_project_is_clean() -> None:
    findings = check(build(Setup()), RELEASE)
    assert of_one_object(findings) == [], described(findings)
