"""Say in people's words what pydantic found wrong with a value: where, what is there, what may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.models.annotations import fields_at
from csi_manifests.models.scalars import GrammarError
from csi_manifests.text.plain_data import is_list, is_mapping
from csi_manifests.text.pointers import Path, path_of
from csi_manifests.text.words import did_you_mean, short

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


# How pydantic lists the values of a Literal.
_QUOTED = re.compile(r"'([^']*)'")
_BOUNDS = {"less_than_equal": ("le", "more", "most"), "greater_than_equal": ("ge", "less", "least")}
_WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "date_type": "a date",
}
QUOTE_IT = "Quote it."
"""What to do about a number or word where a text belongs."""


class ValueProblem(NamedTuple):
    """One wrong value: the code of the finding, where it is, what is wrong and how to mend it."""

    code: str
    path: Path
    message: str
    fix: str


def explain(error: ValidationError, model: type[BaseModel], data: Any) -> list[ValueProblem]:
    """List what is wrong with the data, each place once, in the order of the fields."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        by_path.setdefault(_path(details, data), []).append(details)
    return [_problem(path, details, model) for path, details in by_path.items()]


def is_secret(kind: str, path: Path) -> bool:
    """Return whether a value may be one that no message must show."""
    return kind == "Secret" and path[:1] in {("data",), ("stringData",)}


def _path(details: ErrorDetails, data: Any) -> Path:
    """Keep the steps that are in the data: pydantic also names the branches of unions."""
    cause = _cause(details)
    pointed = path_of(cause.pointer) if cause is not None else ()
    steps = [*details["loc"], *pointed]
    path: list[str | int] = []
    here = data
    for number, step in enumerate(steps):
        if is_mapping(here) and step in here:
            path.append(step)
            here = here[str(step)]
        elif is_list(here) and str(step).isascii() and str(step).isdigit() and int(step) < len(here):
            path.append(int(step))
            here = here[int(step)]
        elif number >= len(details["loc"]) or (number == len(steps) - 1 and details["type"] == "missing"):
            # Not in the data: what is missing, or what a default has.
            path.append(step)
            here = None
    return tuple(path)


def _cause(details: ErrorDetails) -> GrammarError | None:
    cause = details.get("ctx", {}).get("error")
    return cause if isinstance(cause, GrammarError) else None


def _problem(path: Path, errors: list[ErrorDetails], model: type[BaseModel]) -> ValueProblem:
    first = errors[0]
    kind, value, cause = first["type"], first["input"], _cause(first)
    said = "the value" if is_secret(getattr(model, "KIND", ""), path) else short(value)
    if cause is not None:
        message = str(cause).replace(repr(value), said) if said == "the value" else str(cause)
        return ValueProblem(cause.code or "CSI101", path, message, "Correct the value.")
    if kind == "missing":
        return ValueProblem("CSI111", path, "the field is missing", f"Add {str(path[-1])!r}." if path else "Add it.")
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1])
        fix = did_you_mean(path[-1], known) or (f"The fields are: {', '.join(known)}." if known else "Remove it.")
        return ValueProblem("CSI102", path, f"there is no field {str(path[-1])!r}", fix)
    if kind == "literal_error":
        allowed = str(first.get("ctx", {}).get("expected", ""))
        fix = did_you_mean(value, _QUOTED.findall(allowed)) or "Take one of those, in this spelling."
        return ValueProblem("CSI103", path, f"{said} is not one of {allowed}", fix)
    wanted = list(dict.fromkeys(_WANTED[details["type"]] for details in errors if details["type"] in _WANTED))
    if wanted:
        a_word = wanted == ["a string"] and not isinstance(value, (dict, list))
        fix = QUOTE_IT if a_word else f"Write {' or '.join(wanted)}."
        return ValueProblem("CSI101", path, f"{said} is not {' or '.join(wanted)}", fix)
    if kind == "value_error":
        return ValueProblem("CSI101", path, first["msg"].removeprefix("Value error, "), "Correct the value.")
    if kind in _BOUNDS:
        name, beyond, word = _BOUNDS[kind]
        bound = first.get("ctx", {}).get(name)
        return ValueProblem("CSI101", path, f"{said} is {beyond} than {bound}", f"Write {bound} at {word}.")
    return ValueProblem("CSI101", path, f"{said}: {first['msg']}", "Correct the value.")
