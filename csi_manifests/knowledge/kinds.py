"""The kinds of objects, by API group and kind: what ``kinds.toml`` says of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from csi_manifests.knowledge.versions import Range, range_of


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of objects, in all its versions; ``kinds.toml`` explains each field."""

    group: str
    name: str
    namespaced: bool
    custom: bool
    served: dict[str, Range]
    off: dict[str, Range]
    pod: tuple[str, ...] | None
    """The path to the mapping that holds a pod's metadata and spec; None for a kind without pods."""
    stage: str
    rank: int
    ready: str
    moved_to: str | None
    instead: str

    @property
    def keeps_pods(self) -> bool:
        """Whether it keeps pods running, so that it is ready when they are: the kinds that run a driver."""
        return bool(self.pod and self.ready)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions it has had."""
        return tuple(dict.fromkeys((*self.served, *self.off)))

    def state(self, version: str, release: tuple[int, ...]) -> Literal["on", "off", "later", "gone"] | None:
        """Return what a Kubernetes release makes of a version; None if no release has it.

        ``off`` is served with ``--runtime-config`` only, ``later`` comes with a later release, ``gone`` was there before.
        """
        known = {"on": self.served.get(version), "off": self.off.get(version)}
        ranges = {state: found for state, found in known.items() if found is not None}
        if not ranges:
            return None
        if any(found.has(release) for found in ranges.values()):
            return "on" if "on" in ranges and ranges["on"].has(release) else "off"
        return "later" if all(found.first > release for found in ranges.values()) else "gone"

    def lifetime(self, version: str) -> Range:
        """Return the first and the last Kubernetes release that have a version, be it off."""
        ranges = [found for found in (self.served.get(version), self.off.get(version)) if found is not None]
        lasts = [found.last for found in ranges]
        return Range(min(found.first for found in ranges), max(lasts) if all(lasts) else ())

    def is_in(self, release: tuple[int, ...]) -> bool:
        """Return whether a Kubernetes release has any version of it, be it off."""
        return any(found.has(release) for found in (*self.served.values(), *self.off.values()))

    def api_version(self, version: str) -> str:
        """Return the apiVersion of one of its versions."""
        return f"{self.group}/{version}" if self.group else version


@cache
def kinds() -> dict[tuple[str, str], Kind]:
    """Return every known kind by group and kind."""
    groups = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8"))
    return {
        ("" if group == "core" else group, name): _kind("" if group == "core" else group, name, row)
        for group, rows in groups.items()
        for name, row in rows.items()
    }


@cache
def served(release: tuple[int, ...]) -> dict[str, list[str]]:
    """Return the kinds that a release's API server has unless told otherwise, by apiVersion; custom resources are not among them."""
    found: dict[str, list[str]] = {}
    for kind in kinds().values():
        for version, releases in kind.served.items():
            if not kind.custom and releases.has(release):
                found.setdefault(kind.api_version(version), []).append(kind.name)
    return found


@cache
def groups(release: tuple[int, ...]) -> set[str]:
    """Return the API groups of which a release has a kind."""
    return {kind.group for kind in kinds().values() if not kind.custom and kind.is_in(release)}


def kind_of(group: str, name: str) -> Kind | None:
    """Return what is known of a kind; None if nothing is."""
    return kinds().get((group, name))


def is_namespaced(group: str, name: str) -> bool | None:
    """Return whether objects of a kind are in a namespace; None if the kind is not known."""
    found = kind_of(group, name)
    return found.namespaced if found else None


def _kind(group: str, name: str, row: dict[str, Any]) -> Kind:
    moved = row.get("moved_to")
    return Kind(
        group,
        name,
        row.get("namespaced", False),
        row.get("custom", False),
        {version: range_of(text) for version, text in row.get("served", {}).items()},
        {version: range_of(text) for version, text in row.get("off", {}).items()},
        tuple(row["pod"].split(".")) if row.get("pod") else () if "pod" in row else None,
        row.get("stage", "driver"),
        row.get("rank", 1),
        row.get("ready", ""),
        "" if moved == "core" else moved,
        row.get("instead", ""),
    )
