"""What the sidecars ask of the API server, by release: what ``rbac.toml`` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

Version = tuple[int, int, int]
Where = Literal["everywhere", "lock", "secret", "any"]


@dataclass(frozen=True)
class Need:
    """Verbs on a resource that a program uses, in some of its releases and on some conditions."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    when: str
    """What must be so for it to be needed; empty for always."""
    where: Where
    mild: bool
    """Whether the program works without it, or it is not sure that it asks for it."""
    first: tuple[int, ...]
    last: tuple[int, ...]

    def is_of(self, version: Version) -> bool:
        """Say whether a release of the program needs it."""
        return _within(version, self.first, self.last)

    @property
    def full_name(self) -> str:
        """The resource as kubectl takes it: ``volumesnapshots.snapshot.storage.k8s.io``."""
        name, slash, part = self.resource.partition("/")
        return f"{name}.{self.group}{slash}{part}" if self.group else self.resource


@dataclass(frozen=True)
class Program:
    """A program of kubernetes-csi and all that it needs in any of its releases."""

    needs: tuple[Need, ...]
    read: tuple[tuple[int, ...], tuple[int, ...]] | None
    """The first and last release whose source was read, if any was."""

    def is_read(self, version: Version) -> bool:
        """Say whether what a release needs is known from its source, not only from what upstream allows it."""
        return self.read is not None and _within(version, *self.read)

    def needs_of(self, version: Version) -> tuple[Need, ...]:
        """Give what a release needs, whatever the conditions."""
        return tuple(need for need in self.needs if need.is_of(version))


@lru_cache
def program(name: str) -> Program | None:
    """Give what is known of a program by its upstream name."""
    table = _data().get(name)
    if table is None:
        return None
    read = table.get("read")
    return Program(
        tuple(_need(entry) for entry in table["rules"]),
        (_numbers(read["from"]), _numbers(read["to"])) if read else None,
    )


@lru_cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("rbac.toml").read_text(encoding="utf-8"))


def _need(entry: dict[str, Any]) -> Need:
    return Need(
        entry.get("group", ""),
        entry["resource"],
        tuple(entry["verbs"].split()),
        entry.get("when", ""),
        entry.get("where", "everywhere"),
        entry.get("mild", False),
        _numbers(entry.get("from", "")),
        _numbers(entry.get("to", "")),
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")) if text else ()


def _within(version: Version, first: tuple[int, ...], last: tuple[int, ...]) -> bool:
    return version >= first and (not last or version[: len(last)] <= last)
