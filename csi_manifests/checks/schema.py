"""Does an object fit the schema of its kind, and do the texts of its values fit their grammar?

The models know the fields and the grammar, and say best what is wrong; the schema engine has the last word on fields
and types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csi_manifests.analysis.context import fact
from csi_manifests.bundle.objects import without_nulls
from csi_manifests.knowledge.releases import release as release_of
from csi_manifests.knowledge.releases import releases
from csi_manifests.knowledge.versions import numbers
from csi_manifests.models.checked import ModelError
from csi_manifests.models.explain import QUOTE_IT, ValueProblem, is_secret
from csi_manifests.models.lookup import model_for
from csi_manifests.models.scalars import GrammarError
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import mapping
from csi_manifests.text.words import did_you_mean, short
from csi_manifests.yaml.reader import text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Item
    from csi_manifests.knowledge.releases import Release
    from csi_manifests.knowledge.schemas import Misfit
    from csi_manifests.models.resource import Resource
    from csi_manifests.text.pointers import Path


_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}


@fact
def _types(context: Context) -> frozenset[tuple[str, str]]:
    return frozenset((key.api_version, key.kind) for key in (manifest.key for manifest in context.bundle))


def schema_problems(item: Item, context: Context) -> Iterator[ValueProblem]:
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
    for misfit in context.release.schemas.misfits(content, _types(context)):
        for problem in _problems(misfit, content, context.release):
            # What the models have said of this value, of one around it or of one in it is enough.
            if problem.path not in above and not any(prefix in told for prefix in _prefixes(problem.path)):
                told.add(problem.path)
                above.update(_prefixes(problem.path))
                yield _as_written(problem, item, content)


def _problems(misfit: Misfit, content: dict[str, Any], release: Release) -> Iterator[ValueProblem]:
    """Say what the schema engine says as the models would."""
    path, wanted = misfit.path, misfit.wanted
    if misfit.keyword == "additionalProperties":
        for field in wanted:
            yield _no_such_field((*path, field), content, release)
    elif misfit.keyword == "required":
        yield ValueProblem("CSI111", (*path, wanted), "the field is missing", f"Add {wanted!r}.")
    elif misfit.keyword == "type":
        value = value_at(content, path)
        said = "the value" if is_secret(str(content.get("kind")), path) else short(value)
        types = " or ".join(_TYPES[each] for each in wanted)
        a_word = wanted == ["string"] and not isinstance(value, (dict, list))
        yield ValueProblem("CSI101", path, f"{said} is not {types}", QUOTE_IT if a_word else f"Write {types}.")
    else:
        said = f"{misfit.message} (schema of Kubernetes {release.version})"
        yield ValueProblem("CSI101", path, said, "Correct the value, or leave the field out.")


def _no_such_field(path: Path, content: dict[str, Any], release: Release) -> ValueProblem:
    kind = (str(content.get("apiVersion")), str(content.get("kind")))
    field = str(path[-1])
    having = [found for found in releases() if field in release_of(found).schemas.fields_at(kind, path[:-1])]
    if not having:
        known = release.schemas.fields_at(kind, path[:-1])
        fix = did_you_mean(field, known) or (f"The fields are: {', '.join(known)}." if known else "Remove it.")
        return ValueProblem("CSI102", path, f"there is no field {field!r}", fix)
    first, last = having[0], having[-1]
    when = f"comes with {first}" if numbers(first) > release.minor else f"was there until {last}"
    message = f"Kubernetes {release.version} has no field {field!r} here; it {when}"
    return ValueProblem("CSI102", path, message, "Leave it out on this release.")


def value_at(content: Any, path: Path) -> Any:
    """Return the value at a path, which is there."""
    for step in path:
        content = content[step]
    return content


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
    value = value_at(content, problem.path)
    kind = "null" if value is None else "a boolean" if isinstance(value, bool) else "a number"
    what = "this" if is_secret(str(content.get("kind")), problem.path) else written or "nothing"
    message = f"{what} is not a string: YAML 1.1, and with it kubectl, takes it for {kind}"
    return ValueProblem("CSI004", problem.path, message, QUOTE_IT)
