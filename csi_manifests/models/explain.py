"""Say in people's words what pydantic found wrong with a value: where, what is there, what may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from csi_manifests.models.annotations import fields_at, in_python
from csi_manifests.models.scalars import GrammarError
from csi_manifests.text.plain_data import is_list, is_mapping, mapping
from csi_manifests.text.pointers import Path, path_of, pointer_of
from csi_manifests.text.words import did_you_mean, short

if TYPE_CHECKING:
    from pydantic import ValidationError
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


def value_problems(
    error: ValidationError, model: type[BaseModel], data: Any, *, python: bool = False
) -> list[ValueProblem]:
    """List what is wrong with the data, each place once, in the order of the fields.

    With ``python``, messages call fields as Python does, and those of a manifest otherwise.
    """
    by_path: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        by_path.setdefault(_path(details, data), []).append(details)
    return [_problem(path, details, model, python=python) for path, details in by_path.items()]


def identity(model: type[BaseModel], data: Any) -> str:
    """Return what a value was to be: the model, with the name that the value says it has."""
    metadata = mapping(data).get("metadata", data)
    said = metadata if is_mapping(metadata) else getattr(metadata, "__dict__", {})
    names = [said.get("namespace"), said.get("name")] if "name" in said else []
    return f"{model.__name__} {'/'.join(name for name in names if isinstance(name, str))}".rstrip()


def place(path: Path, model: type[BaseModel] | None = None) -> str:
    """Return a path as Python has it, below a model, or without one as a pointer into a manifest."""
    return pointer_of(path) if model is None else in_python(model, path)


def is_secret(kind: str, path: Path) -> bool:
    """Return whether a value may be one that no message must show."""
    return kind == "Secret" and path[:1] in {("data",), ("stringData",), ("string_data",)}


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


def _problem(path: Path, errors: list[ErrorDetails], model: type[BaseModel], *, python: bool) -> ValueProblem:
    first = errors[0]
    kind, value, cause = first["type"], first["input"], _cause(first)
    said = "the value" if is_secret(getattr(model, "KIND", ""), path) else _shown(value, python=python)
    if cause is not None:
        message = str(cause).replace(repr(value), said) if said == "the value" else str(cause)
        return ValueProblem(cause.code or "CSI101", path, message, "Correct the value.")
    if kind == "missing":
        return ValueProblem("CSI111", path, "the field is missing", _addition(path, model, python=python))
    if kind in {"extra_forbidden", "no_such_attribute"}:
        known = fields_at(model, path[:-1], python=python)
        fix = did_you_mean(path[-1], known) or (f"The fields are: {', '.join(known)}." if known else "Remove it.")
        return ValueProblem("CSI102", path, f"there is no field {str(path[-1])!r}", fix)
    if kind == "literal_error":
        allowed = str(first.get("ctx", {}).get("expected", ""))
        fix = did_you_mean(value, _QUOTED.findall(allowed)) or "Take one of those, in this spelling."
        return ValueProblem("CSI103", path, f"{said} is not one of {allowed}", fix)
    wanted = list(dict.fromkeys(filter(None, (_wanted(details, python=python) for details in errors))))
    if wanted:
        a_word = wanted == ["a string"] and not isinstance(value, (dict, list)) and not python
        fix = QUOTE_IT if a_word else f"Write {' or '.join(wanted)}."
        return ValueProblem("CSI101", path, f"{said} is not {' or '.join(wanted)}", fix)
    return ValueProblem("CSI101", path, *_complaint(first, said))


def _complaint(details: ErrorDetails, said: str) -> tuple[str, str]:
    """Return what is wrong with a value of the right type, and how to mend it."""
    if details["type"] == "value_error":
        return details["msg"].removeprefix("Value error, "), "Correct the value."
    if details["type"] == "frozen_instance":
        return "a setup and its parts never change", "Make another with replace()."
    if details["type"] in _BOUNDS:
        name, beyond, word = _BOUNDS[details["type"]]
        bound = details.get("ctx", {}).get(name)
        return f"{said} is {beyond} than {bound}", f"Write {bound} at {word}."
    return f"{said}: {details['msg']}", "Correct the value."


def _one(noun: str) -> str:
    return f"an {noun}" if noun[0] in "AEIOU" else f"a {noun}"


def _shown(value: Any, *, python: bool) -> str:
    if isinstance(value, BaseModel):
        return _one(type(value).__name__)
    return repr(value) if python and (value is None or isinstance(value, bool)) else short(value)


def _addition(path: Path, model: type[BaseModel], *, python: bool) -> str:
    if not path:
        return "Add it."
    name = in_python(model, path).rpartition(".")[2] if python else str(path[-1])
    return f"Add {name!r}."


def _wanted(details: ErrorDetails, *, python: bool) -> str | None:
    if python and details["type"] == "model_type":
        return _one(str(details.get("ctx", {}).get("class_name")))
    return _WANTED.get(details["type"])
