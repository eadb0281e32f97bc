"""The feature gates of each Kubernetes release: what ``gates.toml`` says of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from csi_manifests.knowledge.versions import Range, dotted, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class FeatureGates(Mapping[str, FeatureGate]):
    """The gates that a release knows, by name. A row of the table is read when somebody asks for it: there are hundreds."""

    def __init__(self, release: tuple[int, ...]) -> None:
        """Know the gates of a Kubernetes release."""
        self.release = release

    def __getitem__(self, name: str) -> FeatureGate:
        """Return a gate as the release knows it."""
        for period in _periods(name):
            if period.releases.has(self.release):
                return period.gate
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return (name for name in _table()["gates"] if name in self)

    def __len__(self) -> int:
        """Count the gates."""
        return sum(1 for _ in self)


def removed_in(name: str, release: tuple[int, ...]) -> str:
    """Return the release that removed a gate, if that was this release or an earlier one; else an empty text."""
    periods = _periods(name)
    last = periods[-1].releases.last if periods else ()
    return dotted((*last[:-1], last[-1] + 1)) if last and release > last else ""


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("gates.toml").read_text(encoding="utf-8"))


@cache
def _periods(name: str) -> list[_Period]:
    """Return how a gate was through the releases, oldest first; nothing for an unknown name."""
    row: str = _table()["gates"].get(name, "")
    known = _table()["volumes"].get(name, {})
    return [_period(text, known) for text in row.split(", ")] if row else []


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
