"""Rules: what each looks at, what it says, and how it is found."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from csi_manifests.bundle import Bundle, Manifest
    from csi_manifests.findings import Severity
    from csi_manifests.releases import Release

T = TypeVar("T")


class Problem(NamedTuple):
    """What a rule found: where in the object, what is there, and, where the rule's own do not fit, fix and severity."""

    pointer: str
    message: str
    fix: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides the object: the whole bundle, and the release it is meant for."""

    bundle: Bundle
    release: Release
    complete: bool = False
    """Whether the bundle is all there will be, so that what it names and does not have is nowhere."""

    @cached_property
    def _derived(self) -> dict[Any, Any]:
        return {}

    def derive(self, function: Callable[[Context], T]) -> T:
        """Give what a function makes of this context, computed once for all rules."""
        try:
            found: T = self._derived[function]
        except KeyError:
            found = self._derived[function] = function(self)
        return found


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong with an object."""

    code: str
    title: str
    severity: Severity
    kinds: tuple[type[Manifest], ...]
    """What it looks at; ``Unstructured`` stands for the objects that no model takes."""
    why: str
    fix: str
    bad: str
    """The smallest YAML that trips the rule."""
    good: str
    """The same, mended."""
    run: Callable[[Any, Context], Iterable[Problem]]


_rules: dict[str, Rule] = {}


def rule(
    code: str, title: str, *kinds: type[Manifest], fix: str, bad: str, good: str, severity: Severity = "error"
) -> Callable[[Callable[[Any, Context], Iterator[Problem]]], Callable[[Any, Context], Iterator[Problem]]]:
    """Make a rule of a function from an object and the context to problems; its docstring says why it matters."""

    def register(run: Callable[[Any, Context], Iterator[Problem]]) -> Callable[[Any, Context], Iterator[Problem]]:
        _add(
            Rule(
                code,
                title,
                severity,
                kinds,
                " ".join((run.__doc__ or "").split()).replace("``", "'"),
                fix,
                bad,
                good,
                run,
            )
        )
        return run

    return register


def declare(code: str, title: str, *, why: str, fix: str, bad: str, good: str, severity: Severity = "error") -> None:
    """Document a code that reading or the schema check reports, so that it is listed and explained like a rule's."""
    _add(Rule(code, title, severity, (), why, fix, bad, good, _nothing))


def _nothing(_manifest: Any, _context: Context) -> Iterable[Problem]:
    return ()


def _add(rule: Rule) -> None:
    if rule.code in _rules:
        raise ValueError(f"{rule.code} is {_rules[rule.code].title!r} already: a code is never used twice")
    _rules[rule.code] = rule


@lru_cache
def rules() -> tuple[Rule, ...]:
    """Give every rule, by code."""
    package = importlib.import_module("csi_manifests.checks.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(_rules[code] for code in sorted(_rules))
