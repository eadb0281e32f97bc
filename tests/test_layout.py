"""The house: imports point downwards, modules stay short, the public names are where they are said to be."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import csi_manifests

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "csi_manifests"
MODULES = sorted(PACKAGE.rglob("*.py"))

# The floors, from the ground up; a module may import from its own floor and those below.
FLOORS = (
    {"text", "errors", "_version"},
    {"yaml", "knowledge"},
    {"models", "findings"},
    {"bundle", "setup"},
    {"components", "analysis", "host"},
    {"checks"},
    {"cluster"},
    {"output"},
    {"__init__", "testing"},
    {"cli"},
    {"__main__"},
)


def floor(module: str) -> int:
    room = module.split(".")[1] if "." in module else "__init__"
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def imports(file: Path) -> set[str]:
    """Find what a module imports from the package at run time, wherever in it the import stands."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("csi_manifests")
    }


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_imports_point_downwards(file: Path) -> None:
    here = floor(module_name(file))
    upward = {name for name in imports(file) if floor(name) > here}
    assert not upward


def test_no_rule_module_imports_another() -> None:
    rules = "csi_manifests.checks.rules"
    importing = {
        module_name(file)
        for file in PACKAGE.joinpath("checks", "rules").rglob("*.py")
        if any(name.startswith(rules) for name in imports(file))
    }
    assert not importing


def test_only_the_start_imports_the_command_line() -> None:
    outside = {
        module_name(file)
        for file in MODULES
        if "cli" not in file.relative_to(PACKAGE).parts
        and any(name.startswith("csi_manifests.cli") for name in imports(file))
    }
    assert outside == {"csi_manifests.__main__"}


@pytest.mark.parametrize(
    "file", [*MODULES, *(ROOT / "tests").rglob("*.py")], ids=lambda file: str(file.relative_to(ROOT))
)
def test_no_module_is_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400


@pytest.mark.parametrize("file", sorted((PACKAGE / "cli").glob("*.py")), ids=module_name)
def test_the_command_line_is_options_and_words(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 90


def test_public_names_are_where_they_are_said_to_be() -> None:
    for name, home in vars(csi_manifests)["_HOMES"].items():
        assert getattr(csi_manifests, name) is getattr(import_module(f"csi_manifests.{home}"), name)
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    homes = {name: f"csi_manifests.{home}" for name, home in vars(csi_manifests)["_HOMES"].items()}
    assert typed == homes
    assert set(csi_manifests.__all__) == {*homes, "__version__"}


@pytest.mark.parametrize("package", ["csi_manifests", "csi_manifests.cli", "csi_manifests.models"])
def test_importing_the_package_imports_no_pydantic(package: str) -> None:
    script = f"import sys, {package}; assert 'pydantic' not in sys.modules, 'pydantic'"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_help_imports_no_pydantic() -> None:
    script = "import sys; from csi_manifests.cli import main; main(['--help']); assert 'pydantic' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'bundel'"):
        csi_manifests.bundel  # noqa: B018  # type: ignore[attr-defined]  (what is tested)
