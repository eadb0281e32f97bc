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
    from collections.abc import Sequence


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


def fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """List the wire names of the fields that the object at a path may have; empty where that is not known."""
    annotations: list[Any] = [model]
    for step in path:
        annotations = [below for annotation in annotations for below in _below(annotation, step)]
    return [
        field.alias or name
        for annotation in annotations
        for option in options(annotation)
        if isinstance(option, type) and issubclass(option, BaseModel)
        for name, field in option.model_fields.items()
    ]


def _below(annotation: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    for option in options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            found += [field.annotation for name, field in option.model_fields.items() if step in (name, field.alias)]
        elif get_origin(option) is list and isinstance(step, int):
            found.append(get_args(option)[0])
        elif get_origin(option) is dict:
            found.append(get_args(option)[1])
    return found


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
