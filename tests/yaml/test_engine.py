"""The YAML library with its C extension and without: the same bundle, the same text, the same places of mistakes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HIDE = "import sys; sys.modules.update(dict.fromkeys(['_ruamel_yaml', '_ruamel_yaml_clibz', 'ruamel.yaml.cyaml']))"
EXTENSION = (
    "import sys; print(*sorted({'_ruamel_yaml', '_ruamel_yaml_clibz'} & {n for n, m in sys.modules.items() if m}))"
)
ARTICLE = """
from pathlib import Path
from csi_manifests import check, emit, load, release
from csi_manifests.yaml.reader import decode, documents, locate
for file in sorted(Path("tests/article").glob("*.yaml")):
    for document in documents(decode(file.read_bytes(), file.name)):
        print(document, locate(document.origin, ("spec",)))
        bundle = load(file.read_text())
        print(emit(bundle), *check(bundle, release("1.13")), sep="\\n")
"""
MISTAKES = r"""
from csi_manifests.errors import InputError
from csi_manifests.yaml.reader import Source, documents
for text in TEXTS:
    try:
        print(*documents(Source("a.yaml", text)))
    except InputError as error:
        print(str(error).partition(" ")[0])
"""
TEXTS = (
    "a: b: c", "\ta: 1", "a: {{ x }}\nb: @c", 'a: "x', "- a\nb: c", "{a: b, c}}", "a: |\n  x\n y\n", "a: &", "a: \x01", "a: *x",
    '{"a": "é\\\\ \\ud83d"}', '{"a":\n "\\ud83d"}', 'a: "\n\n  x\n\\U0000dE3d"', 'a: "\\\\ud83d"', "a: '\\ud83d'", "a: \\ud83d",
    '{"a": "\\ud83d\\ude00"}', 'a: "\\u0000d83d"',
)  # fmt: skip
EMPTY = """
from csi_manifests.yaml.writer import document
print(document({"": "", "a": ["", {"b": None, "c": {}, "d": [], "e": "x\\ny\\n"}]}))
"""


def done(script: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return ran.stdout


@pytest.mark.parametrize(
    "script", [ARTICLE, MISTAKES.replace("TEXTS", ascii(TEXTS)), EMPTY], ids=["article", "mistakes", "empty"]
)
def test_without_the_c_extension_all_is_the_same(script: str) -> None:
    with_extension, without = done(f"{script}\n{EXTENSION}"), done(f"{HIDE}\n{script}\n{EXTENSION}")
    result, _, extension = with_extension.removesuffix("\n").rpartition("\n")
    assert extension
    assert without == f"{result}\n\n"
    assert len(result) > 50


def test_only_the_engine_imports_the_library() -> None:
    importing = {
        file.name
        for file in ROOT.joinpath("csi_manifests").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.ImportFrom) and "ruamel" in (node.module or ""))
        or (isinstance(node, ast.Import) and any("ruamel" in alias.name for alias in node.names))
    }
    assert importing == {"engine.py"}
