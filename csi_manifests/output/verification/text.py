"""What came of a demonstration, for people: a line a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi_manifests.cluster.verify import StepResult, Verification


def emit(result: Verification) -> str:
    """Return a line for each step, and one that says what they show."""
    lines = [
        f"{step.outcome:8}{_time(step)}  {step.name}" + (f": {step.message}" if step.message else "")
        for step in result.steps
    ]
    said = "the restored data is that of the snapshot" if result.passed else "not verified"
    total = sum(step.seconds for step in result.steps)
    return "\n".join([*lines, f"driver {result.driver}, namespace {result.namespace}: {said} ({total:.1f} s)"]) + "\n"


def _time(step: StepResult) -> str:
    return " " * 9 if step.outcome == "skipped" else f"{step.seconds:7.1f} s"
