"""Versions of programs and of Kubernetes, and ranges of them, as the data files write them."""

from __future__ import annotations

import re
from typing import NamedTuple

Version = tuple[int, int, int]

_MINOR = re.compile(r"v?(\d+\.\d+)(?:\.\d+)?(?:[-+].*)?")
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?")


def numbers(text: str) -> tuple[int, ...]:
    """Read a version or the beginning of one: ``0.4`` is (0, 4), an empty text ()."""
    return tuple(int(part) for part in text.split(".")) if text else ()


def version_of(text: str) -> Version | None:
    """Read a version of three numbers, ``v1.2.3`` or ``1.2.3-rc1``; None if the text is something else."""
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def dotted(found: tuple[int, ...]) -> str:
    """Write a version with dots."""
    return ".".join(map(str, found))


def minor_of(text: str) -> str:
    """Read the first two numbers off a version, ``1.13`` off ``v1.13.0``; empty if the text is something else."""
    found = _MINOR.fullmatch(text)
    return found[1] if found else ""


class Range(NamedTuple):
    """Versions from ``first`` to ``last``, both included. A last ``(0, 4)`` includes 0.4.1; an empty one means no end."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()

    def has(self, found: tuple[int, ...]) -> bool:
        """Return whether a version is in the range."""
        return found >= self.first and (not self.last or found[: len(self.last)] <= self.last)


def range_of(text: str) -> Range:
    """Read a range: ``1.16-1.21``, ``-1.21`` (up to), ``1.16-`` (from), ``-`` (all), ``1.34`` (that one)."""
    first, dash, last = text.partition("-")
    return Range(numbers(first), numbers(last if dash else first))
