"""The README is true: its Python runs, its commands exist, its list of choices is the model's."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests import Bundle, Setup, build, check, emit, load, output
from csi_manifests.bundle.stages import STAGES
from csi_manifests.cli import cli, main
from csi_manifests.setup.reading import read_setup

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
SETUPS = [text for language, text in BLOCKS if language == "yaml" and text.startswith("# ")]
COMMANDS = sorted(set(re.findall(r"csi-manifests ([a-z]+[^|>`\n#]*)", README)))


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_runs_and_makes_a_bundle_without_errors(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deploy").mkdir()
    Path("deploy/bundle.yaml").write_text(emit(build()))
    names: dict[str, Any] = {}
    exec(compile(PYTHON[number], "README.md", "exec"), names)
    bundles = [value for value in names.values() if isinstance(value, Bundle)]
    if "test_bundle" in names:
        text = emit(build(Setup(namespace="storage")))
        names["test_bundle"](load(text))
    else:
        assert bundles
    for bundle in bundles:
        assert len(bundle) > 20
        assert [str(finding) for finding in check(bundle) if finding.severity == "error"] == []


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the README's Python, and an interpreter that has the package installed."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / "venv")
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    (packages / "csi_manifests").symlink_to(ROOT / "csi_manifests")
    installed = [path for path in sys.path if Path(path).name == "site-packages"]
    (packages / "others.pth").write_text("\n".join(installed))
    for number, text in enumerate(PYTHON):
        (folder / f"example{number}.py").write_text(text)
    return folder


def checked(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a type checker that finds the package where users have it, and nowhere else."""
    ours = {"PYTHONPATH", "MYPYPATH"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("mode", ["basic", "strict"])
def test_python_is_clean_to_pyright(mode: str, user: Path) -> None:
    (user / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": mode, "include": ["*.py"]}))
    done = checked(user, "pyright", "--outputjson", "--pythonpath", str(user / "venv/bin/python"))
    report = json.loads(done.stdout)
    assert report["generalDiagnostics"] == []
    assert report["summary"]["filesAnalyzed"] == len(PYTHON)


def test_python_is_clean_to_mypy(user: Path) -> None:
    files = [f"example{number}.py" for number in range(len(PYTHON))]
    done = checked(user, "mypy", "--strict", "--python-executable", "venv/bin/python", "--cache-dir", ".mypy", *files)
    assert done.stdout == f"Success: no issues found in {len(PYTHON)} source files\n"


def test_first_example_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PYTHON[0], "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "image: registry.example.com/csi-attacher:v0.4.2\n" in printed
    assert "namespace: storage\n" in printed


@pytest.mark.parametrize("text", SETUPS)
def test_setups_render(text: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "setup.yaml").write_text(text)
    read_setup(tmp_path / "setup.yaml")
    done = run("render", "--config", tmp_path / "setup.yaml")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist_with_their_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *args = shlex.split(command)
    assert main([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert name in cli.list_commands(None)  # type: ignore[arg-type]  # the context is not looked at
    for option in (arg for arg in args if arg.startswith("-") and arg != "-"):
        assert re.search(rf"{re.escape(option)}\b", said), option


def rows(head: str) -> str:
    """Return the rows of the table with this head."""
    table = README.partition(f"{head}\n")[2].partition("\n\n")[0]
    return table.partition("\n")[2]


def test_every_command_has_its_functions_in_python() -> None:
    cells = [row.strip("|").split("|") for row in rows("| command | functions |").splitlines()]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cell[0] for cell in cells))) == cli.list_commands(None)  # type: ignore[arg-type]  # as above
    for name in re.findall(r"`([\w.]+)`", " ".join(cell[1] for cell in cells)):
        assert callable(resolve_name(f"csi_manifests.{name}")), name


def test_stages_are_those_there_are() -> None:
    assert re.findall(r"^\| `(\w+)` \|", rows("| stage | what | await |"), re.MULTILINE) == list(STAGES)


def test_list_of_choices_is_the_model_s() -> None:
    begin, end = "<!-- begin choices: csi-manifests schema setup --format markdown -->\n", "<!-- end choices -->"
    assert README.partition(begin)[2].partition(end)[0] == output.emit("schema.setup", "markdown"), (
        "run that command, and put its output there"
    )


def test_fits_a_narrow_screen() -> None:
    wide = [line for line in README.splitlines() if len(line) > 100 and not line.startswith(("- `", "    python3 "))]
    assert not wide
