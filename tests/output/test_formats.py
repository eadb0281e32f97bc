"""A format is a module in the folder of its thing, and nothing else lists it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import csi_manifests
from csi_manifests.output import emit, formats, things

PACKAGE = Path(csi_manifests.__file__).parent
THINGS = [*(thing for thing in things("") if thing != "schema"), *(f"schema.{name}" for name in things("schema"))]


@pytest.mark.parametrize("thing", THINGS)
def test_every_format_has_emit(thing: str) -> None:
    assert formats(thing)
    for form in formats(thing):
        assert callable(importlib.import_module(f"csi_manifests.output.{thing}.{form.replace('-', '_')}").emit)


def test_a_thing_of_things_has_no_formats_itself() -> None:
    assert (formats("schema"), things("schema")) == ([], ["findings", "setup"])


def test_text_comes_first() -> None:
    found = formats("findings")
    assert found[0] == "text"
    assert found[1:] == sorted(found[1:])


def test_a_thing_that_is_not_written_has_no_formats() -> None:
    assert formats("nonsense") == []
    with pytest.raises(ModuleNotFoundError):
        emit("findings", "nonsense", None)


def test_asking_for_formats_imports_none() -> None:
    script = (
        "import sys; from csi_manifests.output import formats; formats('findings'); "
        "assert not [name for name in sys.modules if name.startswith('csi_manifests.output.')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("command", "thing"),
    [
        ("check", "findings"),
        ("diff", "difference"),
        ("gates", "gates"),
        ("images", "images"),
        ("render", "bundle"),
        ("rules", "rules"),
        ("verify", "verification"),
    ],
)
def test_help_lists_what_is_there_and_imports_no_pydantic(command: str, thing: str) -> None:
    script = f"import sys; from csi_manifests.cli import main; main(['{command}', '--help']); assert 'pydantic' not in sys.modules"
    # Those that take a setup list its choices, which are a model's.
    script = script if command in {"check", "gates", "rules"} else script.partition("; assert")[0]
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert f"[{'|'.join(formats(thing))}]".encode() in done.stdout


def test_a_module_dropped_into_the_folder_is_a_choice(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "csi_manifests", ignore=shutil.ignore_patterns("models", "__pycache__"))
    folder = tmp_path / "csi_manifests" / "output" / "findings"
    folder.joinpath("shout.py").write_text("def emit(value, *, mark='!'):\n    return value.upper() + mark\n")
    folder.joinpath("_helper.py").write_text("")

    def said(script: str) -> str:
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path)
        return done.stdout

    choices = "|".join(sorted([*formats("findings"), "shout"], key=lambda form: (form != "text", form)))
    start = "import sys; sys.path.insert(0, ''); "
    assert f"[{choices}]" in said(f"{start}from csi_manifests.cli import main; main(['check', '--help'])")
    assert (
        said(f"{start}from csi_manifests.output import emit; print(emit('findings', 'shout', 'a', mark='?'))") == "A?\n"
    )
