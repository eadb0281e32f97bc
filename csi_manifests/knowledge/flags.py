"""The flags of the sidecars by release, and the Kubernetes releases they work with: what ``flags.toml`` says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from csi_manifests.knowledge.versions import Range, Version, numbers

_LINE = re.compile(r"(?P<type>\S+) from (?P<first>\S+?)(?: to (?P<last>\S+?))?(?:, ignored from (?P<ignored>\S+))?")
_FIRST_KLOG = (1, 0, 0)


class KnownFlag(NamedTuple):
    """A flag of a program: its type and the releases that have it."""

    type: str
    releases: Range
    ignored: Version | None
    """The first release that takes it and does nothing with it."""

    def is_in(self, version: Version) -> bool:
        """Return whether a release has the flag; minor releases decide, as patch releases bring no flags."""
        first, last = self.releases
        return Range(first[:2], last[:2]).has(version)

    def is_ignored_in(self, version: Version) -> bool:
        """Return whether a release takes the flag and does nothing with it."""
        return self.ignored is not None and self.ignored <= version


@dataclass(frozen=True)
class Program:
    """A program of kubernetes-csi and the flags it has had."""

    name: str
    first: Version
    last: Version
    flags: dict[str, KnownFlag]

    def covers(self, version: Version) -> bool:
        """Return whether a release is among those that were looked at."""
        return self.first[:2] <= version[:2] and version <= self.last

    def flags_in(self, version: Version) -> dict[str, str]:
        """Return the flags of a release with their types, those of its logging library included."""
        own = {name: flag.type for name, flag in self.flags.items() if flag.is_in(version)}
        return {**logging_flags(modern=version >= _FIRST_KLOG or self.name == "csi-resizer"), **own}


class Limit(NamedTuple):
    """Kubernetes releases beyond which some releases of a program do not work."""

    releases: Range
    """The releases of the program that are meant."""
    kubernetes: Range
    sure: bool
    """Whether it cannot work, or merely nobody tried."""
    reason: str


@lru_cache
def known_program(name: str) -> Program | None:
    """Return what is known of a program by its upstream name."""
    table = _data().get(name)
    if table is None:
        return None
    flags = {flag: _known_flag(line) for flag, line in table["flags"].items()}
    return Program(name, _version(table["first"]), _version(table["last"]), flags)


@lru_cache
def limits(name: str) -> tuple[Limit, ...]:
    """Return the Kubernetes releases that a program is limited to."""
    return tuple(
        Limit(
            Range(numbers(entry.get("from", "")), numbers(entry.get("to", ""))),
            Range(numbers(entry.get("kubernetes", "")), numbers(entry.get("kubernetes_to", ""))),
            entry["sure"],
            entry["reason"],
        )
        for entry in _data()["limits"]
        if entry["program"] == name
    )


@lru_cache
def logging_flags(*, modern: bool) -> dict[str, str]:
    """Return the flags that glog, or with ``modern`` klog, adds to every program, with their types."""
    tables = _data()["logging"]
    return {**tables["glog"], **(tables["klog"] if modern else {})}


def _version(text: str) -> Version:
    major, minor, patch = numbers(text)
    return (major, minor, patch)


@lru_cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("flags.toml").read_text(encoding="utf-8"))


def _known_flag(line: str) -> KnownFlag:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"flags.toml: cannot read {line!r}")
    releases = Range(numbers(found["first"]), numbers(found["last"] or ""))
    return KnownFlag(found["type"], releases, _version(found["ignored"]) if found["ignored"] else None)
