"""On which releases a bundle works, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.output.compatibility.text import reason, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.checks.compatibility import Outcome


def emit(outcomes: Sequence[Outcome]) -> str:
    """Return a sentence, and a row for each release."""
    rows = "".join(
        f"| {each.kubernetes} | {each.errors} | {each.warnings} | {reason(each).replace('|', '&#124;')} |\n"
        for each in outcomes
    )
    return f"{summary(outcomes)}\n\n| Kubernetes | errors | warnings | first |\n|---|---|---|---|\n{rows}"
