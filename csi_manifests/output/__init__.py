"""What is written: a folder for each thing, a module for each format, found by being there.

Each module has a function ``emit`` from the thing to text. Modules whose names begin with ``_`` are no formats. A thing
of things, such as ``schema.setup``, is a folder in a folder; ``folder`` writes many files, and is no format.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def formats(thing: str) -> list[str]:
    """Return the formats of a thing: text first, the others by name. None of their modules is imported."""
    names = [name.replace("_", "-") for name, is_folder in _modules(thing) if not is_folder]
    return sorted(names, key=lambda name: (name != "text", name))


def things(thing: str) -> list[str]:
    """Return the things that a thing of things consists of."""
    return [name for name, is_folder in _modules(thing) if is_folder]


def emit(thing: str, form: str, *values: Any, **options: Any) -> str:
    """Return a thing in one of its formats; values and options are those of the format's own ``emit``."""
    module = importlib.import_module(f"{__name__}.{thing}.{form.replace('-', '_')}")
    text: str = module.emit(*values, **options)
    return text


def _modules(thing: str) -> list[tuple[str, bool]]:
    folders = [f"{folder}/{thing.replace('.', '/')}" for folder in __path__]
    found = pkgutil.iter_modules(folders)
    return [(module.name, module.ispkg) for module in found if not module.name.startswith("_")]
