"""Does an object fit the schema of its kind, and do the texts of its values fit their grammar?

The models know the fields and the grammar, and say best what is wrong; the schema engine has the last word on fields
and types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csi_manifests.bundle.objects import without_nulls
from csi_manifests.models.checked import ModelError
from csi_manifests.models.explain import QUOTE_IT, ValueProblem, is_secret
from csi_manifests.models.lookup import model_for
from csi_manifests.models.scalars import GrammarError
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import mapping
from csi_manifests.yaml.reader import text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Item
    from csi_manifests.knowledge.releases import Release
    from csi_manifests.models.resource import Resource
    from csi_manifests.text.pointers import Path


def schema_problems(item: Item, release: Release) -> Iterator[ValueProblem]:
    """Yield what no API server of the release would accept in an object, as far as types and single values go."""
    content = item.resource.to_dict()
    if isinstance(item.resource, Unstructured):
        content = without_nulls(content)
    told: set[Path] = set()
    above: set[Path] = set()
    if isinstance(item.resource, Unstructured):
        for problem in _model_problems(content):
            told.add(problem.path)
            above.update(_prefixes(problem.path))
            yield _as_written(problem, item, content)
    for path, message in release.misfits(content):
        # What the models have said of this value, of one around it or of one in it is enough.
        if path not in above and not any(prefix in told for prefix in _prefixes(path)):
            told.add(path)
            above.update(_prefixes(path))
            said = f"{message} (schema of Kubernetes {release.version})"
            yield ValueProblem("CSI101", path, said, "Correct the value, or leave the field out.")


def _prefixes(path: Path) -> Iterator[Path]:
    return (path[:length] for length in range(len(path) + 1))


def _model_problems(content: dict[str, Any]) -> list[ValueProblem]:
    model = model_for(str(content.get("apiVersion")), str(content.get("kind")))
    if model is None:
        return []
    try:
        model.from_dict(content)
    except ModelError as error:
        return [*error.problems, *_name_problems(model, content, error.problems)]
    return []


def _name_problems(model: type[Resource], content: dict[str, Any], found: list[ValueProblem]) -> Iterator[ValueProblem]:
    """Judge the name as well: a model does so only once all of its fields are right."""
    path = ("metadata", "name")
    name = mapping(content.get("metadata")).get("name")
    if isinstance(name, str) and not any(problem.path == path for problem in found):
        try:
            model.NAME(name)
        except GrammarError as error:
            yield ValueProblem(error.code, path, str(error), "Correct the value.")


def _as_written(problem: ValueProblem, item: Item, content: dict[str, Any]) -> ValueProblem:
    """Show a text that YAML 1.1 takes for something else as its author wrote it."""
    if problem.fix != QUOTE_IT or item.origin is None:
        return problem
    written = text_at(item.origin, problem.path)
    if written is None:
        return problem
    value: Any = content
    for step in problem.path:
        value = value[step]
    kind = "null" if value is None else "a boolean" if isinstance(value, bool) else "a number"
    what = "this" if is_secret(str(content.get("kind")), problem.path) else written or "nothing"
    message = f"{what} is not a string: YAML 1.1, and with it kubectl, takes it for {kind}"
    return ValueProblem("CSI004", problem.path, message, QUOTE_IT)
