"""What is written: a folder for each thing, a module for each format, found by being there.

Each module has a function ``emit`` from the thing to text. Modules whose names begin with ``_`` are no formats.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def formats(thing: str) -> list[str]:
    """Return the formats of a thing: text first, the others by name. None of their modules is imported."""
    folders = [f"{folder}/{thing}" for folder in __path__]
    names = {module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_")}
    return sorted(names, key=lambda name: (name != "text", name))


def emit(thing: str, form: str, value: Any, **options: Any) -> str:
    """Return a thing in one of its formats; options are those of the format's own ``emit``."""
    text: str = importlib.import_module(f"{__name__}.{thing}.{form}").emit(value, **options)
    return text
