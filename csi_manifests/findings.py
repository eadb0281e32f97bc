"""What a check has to say: what, where, why, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from csi_manifests.errors import CsiManifestsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.models.resource import Key
    from csi_manifests.text.places import Location

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From the worst to the mildest. *error*: the API server refuses it, or it cannot work; *warning*: it works here and may
not elsewhere; *info*: advice."""


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
    name: str = ""
    """That of the rule; like ``why``, it is there once the finding comes from a check."""

    @property
    def label(self) -> str:
        """The code and the name."""
        return f"{self.code} {self.name}".rstrip()

    def __str__(self) -> str:
        """Write one line that says where and what, and one that says how to mend it."""
        parts = (str(self.object) if self.object else "", self.pointer, self.message)
        said = ": ".join(part for part in parts if part)
        return f"{self.location}: {self.severity} {self.label}: {said}\n    fix: {self.fix}"


class FindingsError(CsiManifestsError):
    """Objects were read or built, and checks found errors in them."""

    exit_code: ClassVar[int] = 1

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
