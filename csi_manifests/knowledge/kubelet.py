"""The kubelet's directories, and the drivers that it takes: what ``kubelet.toml`` says of them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from csi_manifests.knowledge.versions import range_of


class Kubelet(NamedTuple):
    """The directories of a kubelet, unless it is told otherwise."""

    root: str
    plugins: str
    """Below the root, as are those that follow; for the sockets of drivers."""
    pods: str
    """For the volumes of pods."""
    registration: str
    """For the sockets by which drivers register."""


class CsiVersion(NamedTuple):
    """A major version of CSI that a kubelet speaks."""

    major: int
    registration: tuple[str, ...]
    """The directories, below the root, in which it looks for such drivers; the right one first."""


@cache
def kubelet() -> Kubelet:
    """Return the directories, which are the same in all releases."""
    return Kubelet(**_table()["directories"])


@cache
def csi_versions(release: tuple[int, ...]) -> tuple[CsiVersion, ...]:
    """Return the versions of CSI that the kubelet of a release speaks."""
    return tuple(
        CsiVersion(row["major"], tuple(row["registration"]))
        for row in _table()["csi"]
        if range_of(row["releases"]).has(release)
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("kubelet.toml").read_text(encoding="utf-8"))
