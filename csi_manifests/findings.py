"""What a check has to say: what, where, why, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from csi_manifests.models.resource import Key

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From the worst to the mildest. *error*: the API server refuses it, or it cannot work; *warning*: it works here and may
not elsewhere; *info*: advice."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file that was read; lines and columns count from 1, 0 where there are none."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Write it as compilers do, so that editors can jump there."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one object."""

    code: str
    severity: Severity
    message: str
    fix: str
    location: Location
    object: Key | None = None
    pointer: str = ""
    why: str = ""

    def __str__(self) -> str:
        """Write one line that says where and what, and one that says how to mend it."""
        parts = (str(self.object) if self.object else "", self.pointer, self.message)
        said = ": ".join(part for part in parts if part)
        return f"{self.location}: {self.severity} {self.code}: {said}\n    fix: {self.fix}"
