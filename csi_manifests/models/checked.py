"""The base of models and of a setup's parts: what is wrong with one of them is an error of this library."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from csi_manifests.errors import InvalidError

if TYPE_CHECKING:
    from csi_manifests.models.explain import ValueProblem


class ModelError(InvalidError):
    """Values that a model, or a part of a setup, does not take. Its ``__cause__`` is pydantic's own error."""

    def __init__(self, cause: ValidationError, model: type[BaseModel], data: Any, *, python: bool = True) -> None:
        """Keep what is needed to explain it; most who load manifests never ask.

        With ``python``, fields have their names in Python, and those of a manifest otherwise.
        """
        super().__init__()
        self.cause, self.model, self.data, self.python = cause, model, data, python

    @cached_property
    def problems(self) -> list[ValueProblem]:
        """What is wrong, each place once, in the order of the fields."""
        from csi_manifests.models.explain import value_problems  # noqa: PLC0415  (once something is wrong)

        return value_problems(self.cause, self.model, self.data, python=self.python)

    def __reduce__(self) -> tuple[type[InvalidError], tuple[str]]:
        """Give another process the text: what it is made of may not go there."""
        return InvalidError, (str(self),)

    def __str__(self) -> str:
        """Write a line for each value: the object, the field, what is there, how to mend it."""
        from csi_manifests.models.explain import identity, place  # noqa: PLC0415  (as above)

        model = self.model if self.python else None
        lines = (
            (
                identity(self.model, self.data),
                place(problem.path, model),
                f"{problem.message.removesuffix('.')}. {problem.fix}",
            )
            for problem in self.problems
        )
        return "\n".join(": ".join(filter(None, line)) for line in lines)


if TYPE_CHECKING:
    # Type checkers are to see the constructors that pydantic makes, not those below.
    Checked = BaseModel
else:

    class _Construction(type(BaseModel)):
        """Catches what calling a class raises: an ``__init__`` would make pydantic build nested models by it, slowly."""

        def __call__(cls, *args: Any, **data: Any) -> Any:
            try:
                return super().__call__(*args, **data)
            except ValidationError as error:
                raise ModelError(error, cls, data) from error

    class Checked(BaseModel, metaclass=_Construction):
        """Whoever builds, reads or changes one of these gets a :class:`ModelError`; validators within see pydantic's."""

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                raise ModelError(error, type(self), {name: value}) from error

        @classmethod
        def model_validate(cls, obj: Any, **options: Any) -> Any:
            """Do as pydantic does, and raise an error of this library."""
            try:
                return super().model_validate(obj, **options)
            except ValidationError as error:
                raise ModelError(error, cls, obj, python=options.get("by_name") is not False) from error

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Any:
            """Do as pydantic does, and raise an error of this library."""
            try:
                return super().model_validate_json(json_data, **options)
            except ValidationError as error:
                data = None if error.errors()[0]["type"] == "json_invalid" else from_json(json_data)
                raise ModelError(error, cls, data, python=options.get("by_name") is not False) from error
