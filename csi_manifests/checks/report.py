"""What a check found, and what could not be checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from csi_manifests.findings import SEVERITIES
from csi_manifests.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.findings import Finding, Severity


@dataclass(frozen=True)
class Report:
    """The outcome of a check."""

    findings: Sequence[Finding]
    """By file, line and code."""
    objects: int
    unchecked: dict[str, int]
    """Objects of kinds that have no schema here: how many of each ``apiVersion kind``."""
    passed_over: Sequence[str]
    """Files and documents of folders that are not manifests, each with the reason."""
    unreadable: Sequence[str]
    """What could not be checked at all, each with the reason: with any of these the check has failed."""
    ignored: int
    """How many findings a comment ignores."""
    kubernetes: str
    reason: str = ""
    """Why for that release; empty where it was said."""

    def count(self, severity: str) -> int:
        """Count the findings of a severity."""
        return sum(1 for finding in self.findings if finding.severity == severity)

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding; None if there is none."""
        return next((severity for severity in SEVERITIES if self.count(severity)), None)

    def only(self, mildest: Severity) -> Report:
        """Return the report with the findings of a severity and those that are worse."""
        shown = _up_to(mildest)
        return replace(self, findings=[finding for finding in self.findings if finding.severity in shown])

    def exit_code(self, fail_on: Severity = "error", *, fail_on_unchecked: bool = False) -> int:
        """Return what the command exits with: 0, 1 if there are findings to fail on, 3 if nothing could be checked."""
        if self.unreadable or not (self.objects or self.findings):
            return 3
        return int(self.worst in _up_to(fail_on) or bool(fail_on_unchecked and self.unchecked))

    def __str__(self) -> str:
        """Write one line that says how much was checked, against what, and what came of it."""
        counts = ", ".join(counted(self.count(severity), severity) for severity in ("error", "warning"))
        checked = f"{counted(self.objects, 'object')} checked against Kubernetes {self.kubernetes}"
        checked += f" ({self.reason})" if self.reason else ""
        parts = [f"{checked}: {counts}, {self.count('info')} info"]
        if self.ignored:
            parts.append(f"{self.ignored} ignored by comments")
        if self.passed_over:
            parts.append(f"{len(self.passed_over)} passed over")
        if self.unchecked:
            named = ", ".join(f"{kind} ({count})" for kind, count in sorted(self.unchecked.items()))
            parts.append(f"{sum(self.unchecked.values())} of kinds without a schema here: {named}")
        if not self.objects:
            parts.append("nothing was checked")
        return "; ".join(parts) + "."


def _up_to(mildest: Severity) -> tuple[Severity, ...]:
    return SEVERITIES[: SEVERITIES.index(mildest) + 1]
