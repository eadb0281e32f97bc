"""A place in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file that was read; lines and columns count from 1, 0 where there are none."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Write it as compilers do, so that editors can jump there."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
