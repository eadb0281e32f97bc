"""The feature gates of each Kubernetes release: what ``gates.toml`` says of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from csi_manifests.knowledge.versions import Range, dotted, range_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Stage = Literal["alpha", "beta", "GA", "deprecated"]


@dataclass(frozen=True, slots=True)
class FeatureGate:
    """A feature gate as one Kubernetes release knows it."""

    stage: Stage
    default: bool
    """Whether it is on unless told otherwise."""
    locked: bool
    """Whether it can be set to nothing but the default."""
    components: tuple[str, ...]
    """The components that read it; empty where that is not known."""
    reason: str
    """What it does, in a sentence; empty where that is not known."""

    def takes(self, value: bool) -> bool:  # noqa: FBT001  (the value is what is set)
        """Return whether a component starts with the gate set to a value."""
        return value == self.default or not self.locked


class _Period(NamedTuple):
    """The releases in which a gate is the same."""

    releases: Range
    gate: FeatureGate


@cache
def feature_gates(release: tuple[int, ...]) -> Mapping[str, FeatureGate]:
    """Return the gates that a release knows, by name."""
    return {
        name: period.gate for name, periods in _history().items() for period in periods if period.releases.has(release)
    }


def removed_in(name: str, release: tuple[int, ...]) -> str:
    """Return the release that removed a gate, if that was this release or an earlier one; else an empty text."""
    periods = _history().get(name)
    last = periods[-1].releases.last if periods else ()
    return dotted((*last[:-1], last[-1] + 1)) if last and release > last else ""


@cache
def _history() -> dict[str, list[_Period]]:
    table = tomllib.loads(Path(__file__).with_name("gates.toml").read_text(encoding="utf-8"))
    return {
        name: [_period(text, table["volumes"].get(name, {})) for text in row.split(", ")]
        for name, row in table["gates"].items()
    }


def _period(text: str, known: dict[str, Any]) -> _Period:
    """Read a part of a row, such as ``1.18-1.23 alpha off`` or ``1.24- GA on locked``."""
    releases, stage, default, *locked = text.split()
    gate = FeatureGate(
        cast("Stage", stage),
        default == "on",
        locked == ["locked"],
        tuple(known.get("components", ())),
        known.get("reason", ""),
    )
    return _Period(range_of(releases), gate)
