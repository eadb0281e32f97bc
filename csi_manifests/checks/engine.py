"""Run the schemas and the rules over a bundle, and make findings of what they say."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from csi_manifests.analysis.pods import pod_view
from csi_manifests.checks.rule import Rule, rules
from csi_manifests.checks.schema import schema_problems
from csi_manifests.checks.subjects import holds, subjects_in
from csi_manifests.findings import Finding
from csi_manifests.models.unstructured import Unstructured
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
def _rules_for(kind: Any, *, advice: bool) -> tuple[Rule, ...]:
    wanted = (rule for rule in rules() if advice or rule.folder != "advice")
    return tuple(rule for rule in wanted if any(holds(kind, subject) for subject in rule.subjects))


def _item_findings(item: Item, context: Context, *, advice: bool) -> Iterator[Finding]:
    resource = item.resource
    for problem in schema_problems(item, context):
        yield Finding(
            problem.code,
            "error",
            problem.message,
            problem.fix,
            location_of(item, problem.path),
            resource.key,
            pointer_of(problem.path),
        )
    pod = pod_view(resource, context) if isinstance(resource, Unstructured) else None
    kind: Any = type(resource)
    for rule in _rules_for(kind, advice=advice):
        if pod is not None and pod.cuts and rule.folder == "objects" and not isinstance(resource, rule.subjects):
            continue  # What was left out would be missed. It is told by now, and the rest is judged when it is mended.
        for subject in subjects_in(resource, rule.subjects, context):
            for found in rule.run(subject, context):
                pointer = pod.as_written(found.pointer) if pod is not None else found.pointer
                yield Finding(
                    rule.code,
                    found.severity or rule.severity,
                    found.message,
                    found.fix or rule.fix,
                    location_of(item, path_of(pointer)),
                    resource.key,
                    pointer,
                )


def location_of(item: Item, path: tuple[str | int, ...]) -> Location:
    """Return the place of a value of an object in the text it was read from, or the file it will be written to."""
    return locate(item.origin, path) if item.origin else Location(item.file or "bundle")
