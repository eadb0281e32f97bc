"""What the sidecars ask of the API server, by release: what ``rbac.toml`` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from csi_manifests.knowledge.versions import Range, Version, numbers

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
    releases: Range
    """The releases of the program that need it."""

    @property
    def full_name(self) -> str:
        """The resource as kubectl takes it: ``volumesnapshots.snapshot.storage.k8s.io``."""
        name, slash, part = self.resource.partition("/")
        return f"{name}.{self.group}{slash}{part}" if self.group else self.resource


@dataclass(frozen=True)
class Needs:
    """All that a program of kubernetes-csi needs, in any of its releases."""

    needs: tuple[Need, ...]
    read: Range | None
    """The releases whose source was read, if any was."""

    def is_read(self, version: Version) -> bool:
        """Return whether what a release needs is known from its source, not only from what upstream allows it."""
        return self.read is not None and self.read.has(version)

    def needs_of(self, version: Version) -> tuple[Need, ...]:
        """Return what a release needs, whatever the conditions."""
        return tuple(need for need in self.needs if need.releases.has(version))


@lru_cache
def known_needs(name: str) -> Needs | None:
    """Return what is known of a program by its upstream name."""
    table = _data().get(name)
    if table is None:
        return None
    read = table.get("read")
    return Needs(
        tuple(_need(entry) for entry in table["rules"]),
        Range(numbers(read["from"]), numbers(read["to"])) if read else None,
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
        Range(numbers(entry.get("from", "")), numbers(entry.get("to", ""))),
    )
