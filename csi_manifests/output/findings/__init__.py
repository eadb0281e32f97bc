"""Findings as text, JSON, annotations for GitHub Actions, and SARIF: a module each, with a function ``emit``."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.findings import Finding

FORMATS = ("text", "json", "github", "sarif")


@dataclass(frozen=True)
class Report:
    """The outcome of a check."""

    findings: Sequence[Finding]
    objects: int
    unchecked: dict[str, int]
    """Objects of kinds that have no schema here: how many of each ``apiVersion kind``."""
    passed_over: Sequence[str]
    unreadable: Sequence[str]
    """What could not be checked at all, each with the reason: with any of these the check has failed."""
    suppressed: int
    kubernetes: str

    def count(self, severity: str) -> int:
        """Count the findings of a severity."""
        return sum(1 for finding in self.findings if finding.severity == severity)


def emit(report: Report, form: str, *, color: bool = False) -> str:
    """Write a report in one of :data:`FORMATS`; colour is for text on a terminal."""
    writer = importlib.import_module(f"{__name__}.{form}")
    return cast("str", writer.emit(report, color=color))
