"""Run the schemas and the rules over a bundle, and make findings of what they say."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from csi_manifests.checks.rule import Rule, rules
from csi_manifests.checks.schema import schema_problems
from csi_manifests.findings import Finding
from csi_manifests.text.places import Location
from csi_manifests.text.pointers import path_of, pointer_of
from csi_manifests.yaml.reader import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Item


def findings_of(context: Context, *, advice: bool) -> Iterator[Finding]:
    """Yield what the schemas and the rules find, in the order of the objects; without ``advice``, none of it."""
    for item in context.bundle.items:
        yield from _item_findings(item, context, advice=advice)


@cache
def _rules_for(kind: type[object], *, advice: bool) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules() if issubclass(kind, rule.kinds) and (advice or rule.folder != "advice"))


def _item_findings(item: Item, context: Context, *, advice: bool) -> Iterator[Finding]:
    resource = item.resource
    kind: Any = type(resource)
    for problem in schema_problems(item, context.release):
        yield Finding(
            problem.code,
            "error",
            problem.message,
            problem.fix,
            location_of(item, problem.path),
            resource.key,
            pointer_of(problem.path),
        )
    for rule in _rules_for(kind, advice=advice):
        for found in rule.run(resource, context):
            yield Finding(
                rule.code,
                found.severity or rule.severity,
                found.message,
                found.fix or rule.fix,
                location_of(item, path_of(found.pointer)),
                resource.key,
                found.pointer,
            )


def location_of(item: Item, path: tuple[str | int, ...]) -> Location:
    """Return the place of a value of an object in the text it was read from, or the file it will be written to."""
    return locate(item.origin, path) if item.origin else Location(item.file or "bundle")
