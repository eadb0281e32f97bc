"""On which releases of Kubernetes does a bundle work?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.checks.checking import check_gathered
from csi_manifests.knowledge.releases import releases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.bundle.gathering import Intake
    from csi_manifests.findings import Finding


class Outcome(NamedTuple):
    """What a check for one release found."""

    kubernetes: str
    errors: int
    warnings: int
    first: Finding | None
    """The first error, or else the first warning."""


class Span(NamedTuple):
    """Neighbouring releases on which a bundle works, and what ends it."""

    first: str
    last: str
    end: Outcome | None
    """What the release after them found; None where the newest is among them."""

    def __str__(self) -> str:
        """Write the releases: ``1.13 to 1.16``, ``1.13``."""
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


def compatibility(intake: Intake) -> list[Outcome]:
    """Check what was gathered for every known release, advice left out."""
    found: list[Outcome] = []
    for version in releases():
        report = check_gathered(intake, version, advice=False)
        first = next((each for each in report.findings if each.severity == report.worst), None)
        first = first if first and first.severity != "info" else None
        found.append(Outcome(version, report.count("error"), report.count("warning"), first))
    return found


def spans(outcomes: Sequence[Outcome]) -> list[Span]:
    """Return the runs of releases without an error."""
    found: list[Span] = []
    run: list[Outcome] = []
    for outcome in (*outcomes, None):
        if outcome is not None and not outcome.errors:
            run.append(outcome)
        elif run:
            found.append(Span(run[0].kubernetes, run[-1].kubernetes, outcome))
            run = []
    return found
