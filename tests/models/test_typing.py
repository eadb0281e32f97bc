"""Type checkers see the models as they are: strict, and without pydantic's plugin."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((Path(__file__).parent / "typing").glob("*.py"))


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Copy the files without the comments that keep their errors out of the project's own checks."""
    for file in FILES:
        text = re.sub(r"^# (mypy|pyright): .*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    return tmp_path


def expected() -> dict[tuple[str, int], str]:
    """Return each line that says it is wrong."""
    return {
        (file.name, number): line
        for file in FILES
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if "  # error: " in line
    }


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def compare(found: set[tuple[str, int]]) -> None:
    assert len(expected()) > 20
    assert found - set(expected()) == set()
    assert {text for line, text in expected().items() if line not in found} == set()


def test_mypy(copies: Path) -> None:
    (copies / "mypy.ini").write_text("[mypy]\nstrict = True\ncache_dir = .cache\n", encoding="utf-8")
    lines = run(copies, "mypy", "--no-error-summary", "--hide-error-context", *(file.name for file in FILES))
    found = re.findall(r"^(\S+?):(\d+): error: ", lines, flags=re.MULTILINE)
    compare({(file, int(line)) for file, line in found})


def test_pyright(copies: Path) -> None:
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (copies / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    report = json.loads(run(copies, "pyright", "--outputjson", "--pythonpath", sys.executable))
    found = report["generalDiagnostics"]
    compare({(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in found})
