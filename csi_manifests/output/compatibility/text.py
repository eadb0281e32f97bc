"""On which releases a bundle works, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.checks.compatibility import spans
from csi_manifests.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.compatibility import Outcome


def emit(outcomes: Sequence[Outcome]) -> str:
    """Return a line for each release, and a sentence that sums them up."""
    return "".join(f"{_line(outcome)}\n" for outcome in outcomes) + f"{summary(outcomes)}\n"


def _line(outcome: Outcome) -> str:
    if not outcome.errors and not outcome.warnings:
        return f"{outcome.kubernetes}  works"
    counts = f"{counted(outcome.errors, 'error')}, {counted(outcome.warnings, 'warning')}"
    return f"{outcome.kubernetes}  {counts}: {reason(outcome)}"


def reason(outcome: Outcome) -> str:
    """Return the rule and message of the worst finding; empty where there is none."""
    return f"{outcome.first.label}: {outcome.first.object}: {outcome.first.message}" if outcome.first else ""


def summary(outcomes: Sequence[Outcome]) -> str:
    """Say in a sentence on which releases the bundle works, and what ends it."""
    found = spans(outcomes)
    if not found:
        return f"Works on no release from {outcomes[0].kubernetes} to {outcomes[-1].kubernetes}."
    works = f"Works on {', '.join(map(str, found))}"
    end = found[-1].end
    return f"{works}; from {end.kubernetes} on: {reason(end)}." if end else f"{works}, the newest known."
