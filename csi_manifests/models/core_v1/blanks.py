"""Fields where an empty text or a zero says nothing, as it does to the API server, which fills in its default."""

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator

_T = TypeVar("_T")


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def _zero_is_none(value: Any) -> Any:
    return None if type(value) is int and value == 0 else value


OrBlank = Annotated[_T | None, BeforeValidator(_blank_is_none)]
"""A text of a grammar, or none; ``""`` is none too."""
OrZero = Annotated[_T | None, BeforeValidator(_zero_is_none)]
"""A number of a range, or none; ``0`` is none too."""
