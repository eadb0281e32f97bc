"""Say in people's words what pydantic found wrong with a value: where, what is there, what may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from csi_manifests.models.scalars import GrammarError
from csi_manifests.models.shape import fields_at
from csi_manifests.models.words import did_you_mean, short

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

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


def _path(details: ErrorDetails, data: Any) -> Path:
    """Keep the steps that are in the data: pydantic also names the branches of unions."""
    path: list[str | int] = []
    here = data
    for number, step in enumerate(details["loc"]):
        last = number == len(details["loc"]) - 1
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            path.append(step)
            here = cast("Any", here)[step]
        elif last and details["type"] == "missing":
            path.append(step)
    cause = _cause(details)
    if cause is not None and cause.pointer:
        path += [int(step) if step.isdigit() else step for step in cause.pointer[1:].split("/")]
    return tuple(path)


def _cause(details: ErrorDetails) -> GrammarError | None:
    cause = details.get("ctx", {}).get("error")
    return cause if isinstance(cause, GrammarError) else None


def _problem(path: Path, errors: list[ErrorDetails], model: type[BaseModel]) -> ValueProblem:
    first = errors[0]
    kind, value, cause = first["type"], first["input"], _cause(first)
    if cause is not None:
        return ValueProblem(cause.code or "CSI101", path, str(cause), "Write it as the rule says.")
    if kind == "missing":
        return ValueProblem("CSI111", path, "the field is missing", f"Add {path[-1] if path else 'it'!r}.")
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1])
        guess = did_you_mean(path[-1], known)
        message = f"there is no field {str(path[-1])!r}" + (f". {guess}" if guess else "")
        return ValueProblem("CSI102", path, message, f"The fields are: {', '.join(known)}." if known else "Remove it.")
    if kind == "literal_error":
        wanted = str(first.get("ctx", {}).get("expected", ""))
        guess = did_you_mean(value, [word.strip("'") for word in wanted.replace(" or ", ", ").split(", ")])
        message = f"{short(value)} is not one of {wanted}" + (f". {guess}" if guess else "")
        return ValueProblem("CSI103", path, message, "Take one of those, in this spelling.")
    wanted = list(dict.fromkeys(_WANTED[details["type"]] for details in errors if details["type"] in _WANTED))
    if wanted:
        fix = "Quote it." if wanted == ["a string"] and not isinstance(value, dict | list) else "Write one."
        return ValueProblem("CSI101", path, f"{short(value)} is not {' or '.join(wanted)}", fix)
    return ValueProblem("CSI101", path, f"{short(value)}: {first['msg'].removeprefix('Value error, ')}", "Correct the value.")
