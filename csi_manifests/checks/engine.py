"""Run the rules over a bundle and gather what they find."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from csi_manifests.analysis.context import Context
from csi_manifests.checks.rule import Rule, rules
from csi_manifests.checks.schema import schema_problems
from csi_manifests.findings import Finding
from csi_manifests.knowledge.releases import release as release_of
from csi_manifests.text.places import Location
from csi_manifests.text.pointers import path_of, pointer_of
from csi_manifests.yaml.reader import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Bundle, Item
    from csi_manifests.knowledge.releases import Release


def check(
    bundle: Bundle, release: Release | str = "1.13", *, advice: bool = True, complete: bool = False
) -> list[Finding]:
    """Return all findings, in the order of the objects.

    Without ``advice``, not those that are only good practice (5xx). A bundle that is ``complete`` has all that it names.

    Raises:
        UsageError: if the release is not known.

    """
    context = Context(bundle, release_of(release) if isinstance(release, str) else release, complete)
    return [finding for item in bundle.items for finding in _item_findings(item, context, advice=advice)]


@cache
def _rules_for(kind: type[object], *, advice: bool) -> tuple[Rule, ...]:
    return tuple(
        rule for rule in rules() if issubclass(kind, rule.kinds) and (advice or not rule.code.startswith("CSI5"))
    )


def _item_findings(item: Item, context: Context, *, advice: bool) -> Iterator[Finding]:
    resource = item.resource
    kind: Any = type(resource)
    for problem in schema_problems(item, context.release):
        yield Finding(
            problem.code,
            "error",
            problem.message,
            problem.fix,
            _location(item, problem.path),
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
                _location(item, path_of(found.pointer)),
                resource.key,
                found.pointer,
                rule.why,
            )


def _location(item: Item, path: tuple[str | int, ...]) -> Location:
    return locate(item.origin, path) if item.origin else Location(item.file or "bundle")
