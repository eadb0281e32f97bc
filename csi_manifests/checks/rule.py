"""Rules: what each looks at, what it says, and how it is found."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.knowledge.releases import DEFAULT_RELEASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity


class Folder(NamedTuple):
    """A folder of ``rules/``: the hundreds of its codes, and what its rules are about."""

    hundreds: str
    about: str

    @property
    def codes(self) -> str:
        """The codes of its rules, such as ``1xx, 6xx``."""
        return ", ".join(f"{hundred}xx" for hundred in self.hundreds)


FOLDERS = {
    "reading": Folder("0", "what can be wrong before there is an object"),
    "objects": Folder("16", "what can be wrong with one object by itself"),
    "bundle": Folder("2", "what can be wrong between the objects of a bundle"),
    "release": Folder("3", "what a release of Kubernetes does not serve, or needs"),
    "csi": Folder("4", "what keeps a CSI driver, its sidecars and its snapshots from working"),
    "advice": Folder("5", "what works and could be better"),
}


class Problem(NamedTuple):
    """What a rule found: where in the object, what is there, and, where the rule's own do not fit, fix and severity."""

    pointer: str
    message: str
    fix: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong with an object."""

    code: str
    name: str
    """What is wrong, in two to four words, such as ``socket-mismatch``; it may stand wherever the code may."""
    title: str
    """What should be, in a sentence."""
    severity: Severity
    subjects: tuple[type[Any], ...]
    """What it looks at: models of kinds, ``Unstructured`` for the objects that no model takes, or parts of objects wherever
    they are (``checks/subjects.py``)."""
    why: str
    fix: str
    example: str
    """The smallest YAML that trips the rule, and how to mend it: a line begins with ``- `` where it is wrong, with ``+ ``
    where it mends, with two spaces where it stays."""
    run: Callable[[Any, Context], Iterable[Problem]]
    kubernetes: str = DEFAULT_RELEASE
    """The release that the example is for."""

    @property
    def folder(self) -> str:
        """The name of its folder, which its code tells."""
        return next(name for name, folder in FOLDERS.items() if self.code[3] in folder.hundreds)

    @property
    def bad(self) -> str:
        """The YAML that trips the rule."""
        return _lines(self.example, "  ", "- ")

    @property
    def good(self) -> str:
        """The same, mended."""
        return _lines(self.example, "  ", "+ ")


_rules: dict[str, Rule] = {}


def rule(
    code: str,
    name: str,
    title: str,
    *subjects: type[Any],
    fix: str,
    example: str,
    severity: Severity = "error",
    kubernetes: str = DEFAULT_RELEASE,
) -> Callable[[Callable[[Any, Context], Iterator[Problem]]], Callable[[Any, Context], Iterator[Problem]]]:
    """Make a rule of a function from a subject and the context to problems; its docstring says why it matters.

    The pointers of problems count from the object that the subject is in.
    """

    def register(run: Callable[[Any, Context], Iterator[Problem]]) -> Callable[[Any, Context], Iterator[Problem]]:
        _add(
            Rule(
                code,
                name,
                title,
                severity,
                subjects,
                " ".join((run.__doc__ or "").split()).replace("``", "'"),
                fix,
                example,
                run,
                kubernetes,
            )
        )
        return run

    return register


def declare(
    code: str, name: str, title: str, *, why: str, fix: str, example: str, severity: Severity = "error"
) -> None:
    """Document a code that reading or the schema check reports, so that it is listed and explained like a rule's."""
    _add(Rule(code, name, title, severity, (), why, fix, example, _nothing))


def _nothing(_manifest: Any, _context: Context) -> Iterable[Problem]:
    return ()


def _add(rule: Rule) -> None:
    if rule.code in _rules:
        raise ValueError(f"{rule.code} is {_rules[rule.code].name!r} already: a code is never used twice")
    if namesake := next((known for known in _rules.values() if known.name == rule.name), None):
        raise ValueError(f"{namesake.code} is called {rule.name!r} already: a name is never used twice")
    if not all(line.startswith(("  ", "- ", "+ ")) for line in rule.example.splitlines()):
        raise ValueError(f"{rule.code}: a line of the example begins with neither '- ' nor '+ ' nor two spaces")
    if rule.bad == rule.good:
        raise ValueError(f"{rule.code}: the example mends nothing")
    _rules[rule.code] = rule


def _lines(example: str, *marks: str) -> str:
    return "".join(line[2:] for line in example.splitlines(keepends=True) if line.startswith(marks))


@lru_cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, by code."""
    package = importlib.import_module("csi_manifests.checks.rules")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return tuple(_rules[code] for code in sorted(_rules))


@lru_cache
def rules_by_word() -> dict[str, Rule]:
    """Return every rule by its code and by its name."""
    return {word: rule for rule in rules() for word in (rule.code, rule.name)}
