"""Read a model's annotations: which models and fields lie below it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from csi_manifests.text.pointers import Path


def options(annotation: Any) -> list[Any]:
    """Take an annotation apart into what a value may be: unions into their members, marks away."""
    if get_origin(annotation) is Annotated:
        return options(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        return [option for part in get_args(annotation) for option in options(part)]
    return [annotation]


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """List the models that a field holds, in lists and maps too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def fields_at(model: type[BaseModel], path: Path, *, python: bool = False) -> list[str]:
    """List the names of the fields that the object at a path may have; empty where that is not known.

    Those are the names in a manifest, or with ``python`` those of attributes.
    """
    return [
        name if python else field.alias or name
        for found in _models(_at(model, path))
        for name, field in found.model_fields.items()
    ]


def in_python(model: type[BaseModel], path: Path) -> str:
    """Return a path as Python has it: ``spec.containers[0].image_pull_policy``."""
    text = ""
    for number, step in enumerate(path):
        found = _at(model, path[:number])
        fields = [
            name for part in _models(found) for name, field in part.model_fields.items() if step in (name, field.alias)
        ]
        if _models(found) and isinstance(step, str):
            text += f".{fields[0] if fields else step}"
        else:
            text += f"[{step}]" if any(get_origin(option) is list for option in found) else f"[{step!r}]"
    return text.removeprefix(".")


def _at(model: type[BaseModel], path: Path) -> list[Any]:
    """List what the value at a path may be."""
    found: list[Any] = [model]
    for step in path:
        found = [option for above in found for below in _below(above, step) for option in options(below)]
    return found


def _models(found: list[Any]) -> list[type[BaseModel]]:
    return [option for option in found if isinstance(option, type) and issubclass(option, BaseModel)]


def _below(option: Any, step: str | int) -> list[Any]:
    if isinstance(option, type) and issubclass(option, BaseModel):
        return [field.annotation for name, field in option.model_fields.items() if step in (name, field.alias)]
    if get_origin(option) is list and str(step).isdigit():
        return [get_args(option)[0]]
    return [get_args(option)[1]] if get_origin(option) is dict else []


def attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """Read the docstrings below a model's fields, by field name, those it takes over included.

    pydantic can do so for every model as it is imported, which takes 20 ms that only help and schemas need.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            for field, below in pairwise(cast("ast.ClassDef", definition).body):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        found[name] = inspect.cleandoc(text)
                    case _:
                        pass
    return found
