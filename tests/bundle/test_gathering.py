"""Files, folders and stdin become objects, findings, and an account of everything else."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from csi_manifests.bundle.gathering import Intake, gather

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def told(intake: Intake) -> dict[str, list[str]]:
    return {
        "objects": [item.resource.name for item in intake.items],
        "findings": [f"{finding.code} {finding.location} {finding.pointer}".strip() for finding in intake.findings],
        "passed over": intake.passed_over,
        "unreadable": intake.unreadable,
    }


def take(folder: Path, text: str, name: str = "a.yaml", *, named: bool = True) -> dict[str, list[str]]:
    file = folder / name
    file.write_bytes(text.encode())
    result = told(gather([str(file) if named else str(folder)]))
    return {what: [line.replace(f"{folder}{os.sep}", "") for line in lines] for what, lines in result.items() if lines}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONFIG, {"objects": ["a"]}),
        (f"a: 1\n---\n{CONFIG}", "a.yaml:1: a document without apiVersion and kind is no Kubernetes object"),
        ("- 1\n", "a.yaml:1: a list without apiVersion and kind is no Kubernetes object"),
        ("hunter2\n", "a.yaml:1: a single value without apiVersion and kind is no Kubernetes object"),
        ("apiVersion: v2\nname: a\n", "a.yaml:1: a document without apiVersion and kind is no Kubernetes object"),
        ("---\n# nothing\n", "a.yaml: holds no Kubernetes objects."),
        ("", "a.yaml: holds no Kubernetes objects."),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "a.yaml:1: is a Kustomization, input for kustomize",
        ),
        (f"# {{{{ .Values.a }}}}\n{CONFIG}", "a.yaml: is a template of Helm. Render it first."),
        (f"{{{{- if .Values.a }}}}\n{CONFIG}", "a.yaml: is a template. Render it first."),
        ("{% if a %}\n", "a.yaml: is a template. Render it first."),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
def test_what_is_no_manifest_is_an_error_if_named_and_passed_over_if_found(
    tmp_path: Path, text: str, expected: dict[str, list[str]] | str, *, named: bool
) -> None:
    found = take(tmp_path, text, named=named)
    if not isinstance(expected, str):
        assert found == expected
        return
    where = "unreadable" if named else "passed over"
    objects = {"objects": ["a"]} if "\n---\n" in text and "Values" not in text and "nothing" not in text else {}
    # An empty file in a folder is nothing to speak of.
    silent = not named and "holds no" in expected
    assert found == objects | ({} if silent else {where: [expected]})


@pytest.mark.parametrize(
    "line", ['{a: "{{ $labels.instance }} is down"}', '{a: "{{ .GroupLabels.x }}"}', '{a: "{{inputs.parameters.b}}"}']
)
def test_braces_of_others_are_no_template(tmp_path: Path, line: str) -> None:
    assert take(tmp_path, f"{CONFIG}data: {line}\n", named=False) == {"objects": ["a"]}


def test_broken_yaml_is_an_error_where_it_might_be_a_manifest(tmp_path: Path) -> None:
    (line,) = take(tmp_path, f"{CONFIG}data: [\n", named=False)["unreadable"]
    assert line.startswith("a.yaml:5:1: is not YAML")
    assert take(tmp_path, "a: [\n", named=False) == {
        "passed over": ["a.yaml: is not YAML, and has no apiVersion in it"]
    }
    assert "unreadable" in take(tmp_path, "a: [\n")


def test_nothing_of_a_broken_file_is_checked(tmp_path: Path) -> None:
    found = take(tmp_path, f"{CONFIG}data: {{a: b, a: c}}\n---\na: [\n")
    assert list(found) == ["unreadable"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("kind: ConfigMap\nmetadata: {name: a}\n", "CSI002 a.yaml:1:1"),
        ("metadata: {name: a}\nkind: ConfigMap\napiVersion: 1\n", "CSI002 a.yaml:3:1"),
        ("apiVersion: v1\nkind:\nmetadata: {name: a}\n", "CSI002 a.yaml:2:1"),
    ],
)
def test_objects_that_are_almost_some_are_findings(tmp_path: Path, text: str, finding: str) -> None:
    assert take(tmp_path, text) == {"findings": [finding]}
    assert take(tmp_path, text, named=False) == {"findings": [finding]}


def test_problems_of_the_text_belong_to_the_object_they_are_in(tmp_path: Path) -> None:
    items = "items:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: b, name: a}\n  data: {yes: a}\n"
    found = take(tmp_path, f"apiVersion: v1\nkind: List\n{items}")
    assert found["findings"] == ["CSI001 a.yaml:6:23 /metadata/name", "CSI004 a.yaml:7:10 /data/true"]
    found = take(tmp_path, f"apiVersion: v1\nkind: List\nitems: []\n{items}")
    assert found["findings"][-1] == "CSI001 a.yaml:4:1 /items"
    intake = gather([str(tmp_path / "a.yaml")])
    assert [str(finding.object) for finding in intake.findings] == ["ConfigMap default/a"] * 2 + ["None"]


def test_each_file_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [\n")
    (tmp_path / "b.yaml").write_text("# empty\n")
    intake = gather([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), str(tmp_path / "c.yaml"), ""])
    assert [line.partition(str(tmp_path))[2].partition(":")[0] for line in intake.unreadable[:3]] == [
        "/a.yaml",
        "/b.yaml",
        "/c.yaml",
    ]
    assert intake.unreadable[3] == "'' names no file. Is a variable empty?"


def test_folders_are_read_to_the_bottom_in_order(tmp_path: Path) -> None:
    names = [
        "b.yaml",
        "a.yml",
        "c/d/e.json",
        "c/a.yaml",
        "f.txt",
        ".git/g.yaml",
        ".h.yaml",
        "c/README.md",
        "i.YAML.bak",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CONFIG.replace("name: a", f"name: '{name}'"))
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    found = told(gather([str(tmp_path)]))
    assert found["objects"] == ["a.yml", "b.yaml", "c/a.yaml", "c/d/e.json"]
    assert not found["unreadable"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ((), ["a.yaml", "tests/a.yaml", "tests/deep/b.yaml"]),
        (("tests",), ["a.yaml"]),
        (("tests/",), ["a.yaml"]),
        (("tests/*",), ["a.yaml"]),
        (("a.yaml",), ["tests/deep/b.yaml"]),
        (("tests/a.yaml",), ["a.yaml", "tests/deep/b.yaml"]),
        (("deep", "[a]*"), []),
        (("nothing",), ["a.yaml", "tests/a.yaml", "tests/deep/b.yaml"]),
    ],
)
def test_excluded_files_and_folders(tmp_path: Path, patterns: tuple[str, ...], left: list[str]) -> None:
    for name in ("a.yaml", "tests/a.yaml", "tests/deep/b.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CONFIG.replace("name: a", f"name: {name}"))
    assert told(gather([str(tmp_path)], patterns))["objects"] == left
    named = str(tmp_path / "a.yaml")
    assert told(gather([named], patterns))["objects"] == ["a.yaml"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(CONFIG)
    (tmp_path / "link.yaml").symlink_to(file)
    monkeypatch.chdir(tmp_path)
    assert told(gather(["a.yaml", ".", "./a.yaml", str(file)]))["objects"] == ["a"]


def test_stdin_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CONFIG.encode())))
    intake = gather(["-", "-"])
    assert told(intake)["objects"] == ["a"]
    assert intake.sources[0].name == "<stdin>"
    assert not intake.unreadable


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG)
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def scandir(path: str) -> Any:
        # Root, who may run these tests, reads everything.
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = told(gather([str(tmp_path)]))
    assert found["objects"] == ["a"]
    assert found["unreadable"] == [f"{tmp_path / 'closed'}: cannot be read (Permission denied)."]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_a_file_without_an_end_is_too_large() -> None:
    (line,) = gather(["/dev/zero"]).unreadable
    assert line.startswith("/dev/zero: is too large.")


def test_a_name_that_is_no_text_can_be_told(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")
    Path(name).write_text("a: 1\n")
    (line,) = gather([name]).unreadable
    assert line.encode().endswith(
        "/\N{REPLACEMENT CHARACTER}.yaml:1: a document without apiVersion and kind is no Kubernetes object".encode()
    )
