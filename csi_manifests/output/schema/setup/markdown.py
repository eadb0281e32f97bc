"""The choices of a setup as a list in Markdown, for people: the README's chapter is made by this."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined

from csi_manifests.models.annotations import attribute_docs, models_in
from csi_manifests.models.base import wire_name
from csi_manifests.setup.parts import Choice, Image
from csi_manifests.setup.setup import Setup
from csi_manifests.text.plain_data import is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo


def emit() -> str:
    """Return a line for each choice: its name, its default, its meaning. What several parts share stands at the first."""
    return "".join(f"{line}\n" for line in _lines(Setup, "", set()))


def _lines(model: type[Choice], prefix: str, told: set[tuple[type, str]]) -> Iterator[str]:
    docs = attribute_docs(model)
    for name, field in model.model_fields.items():
        parts = [part for part in models_in(field.annotation) if issubclass(part, Choice) and part is not Image]
        path = prefix + wire_name(name) + ("[]" if parts and _is_list(field) else "")
        home = next(base for base in model.__mro__ if name in inspect.get_annotations(base))
        if (home, name) not in told:
            told.add((home, name))
            yield f"- `{path}`{_default(field)}: {_one_line(docs[name])}"
        for part in parts:
            yield from _lines(part, f"{path}.", told)


def _is_list(field: FieldInfo) -> bool:
    return "list[" in str(field.annotation)


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    # Parts have choices of their own, and say their defaults there.
    if default in (None, PydanticUndefined, {}, []) or (is_list(default) and is_mapping(default[0])):
        return ""
    return f" (`{default if isinstance(default, str) else json.dumps(default)}`)"


def _one_line(text: str) -> str:
    return " ".join(text.split())
