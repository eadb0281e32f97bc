"""Recognise the programs of kubernetes-csi in a bundle's pods: which, of what version, with which flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from csi_manifests.checks.workloads import PodView, expand, pods

if TYPE_CHECKING:
    from csi_manifests.checks.registry import Context
    from csi_manifests.models.core_v1 import Container

Version = tuple[int, int, int]

# Programs by the last part of their image's name; the same names are given to containers, if often without "csi-".
_PROGRAMS = {
    "csi-provisioner": "csi-provisioner",
    "csi-attacher": "csi-attacher",
    "csi-snapshotter": "csi-snapshotter",
    "csi-resizer": "csi-resizer",
    "driver-registrar": "driver-registrar",
    "csi-driver-registrar": "driver-registrar",
    "csi-node-driver-registrar": "csi-node-driver-registrar",
    "node-driver-registrar": "csi-node-driver-registrar",
    "snapshot-controller": "snapshot-controller",
    "hostpathplugin": "hostpathplugin",
    "livenessprobe": "livenessprobe",
}
# Flags that one program has and no other, for images that say nothing.
_TELLING_FLAGS = {
    "provisioner": "csi-provisioner",
    "enable-leader-election": "csi-provisioner",
    "snapshotter": "csi-snapshotter",
    "create-snapshotcontent-retrycount": "csi-snapshotter",
    "snapshot-name-prefix": "csi-snapshotter",
    "kubelet-registration-path": "driver-registrar",
}
_TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?")
_FLAG = re.compile(r"--?([A-Za-z][-\w]*)(?:=(.*))?", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Sidecar:
    """A container that runs a known program."""

    program: str
    """Its upstream name, such as ``csi-provisioner``."""
    version: Version | None
    """From the image's tag; None where that does not say."""
    pod: PodView
    container: Container
    pointer: str
    """Where the container is in its object."""

    @cached_property
    def flags(self) -> dict[str, str]:
        """The flags it is started with, variables expanded; a flag without a value is ``true``, as Go reads it."""
        return {name: value for _, name, value in flags_of(self.container)}

    @property
    def csi_major(self) -> int | None:
        """The major version of CSI it speaks: 0 up to v0.4.x, 1 from v1.0; None where the version is not known."""
        return None if self.version is None else min(self.version[0], 1)

    def __str__(self) -> str:
        """Name it with its version."""
        return f"{self.program} v{'.'.join(map(str, self.version))}" if self.version else self.program


def sidecars(context: Context) -> tuple[Sidecar, ...]:
    """Give every recognised container of the bundle; to be called through ``context.derive``."""
    return tuple(
        Sidecar(program, version_of(container.image or ""), pod, container, pointer)
        for pod in context.derive(pods)
        for pointer, container in pod.containers()
        if (program := program_of(container)) is not None
    )


def program_of(container: Container) -> str | None:
    """Say which program a container runs: by its image's name, or else by its own name or its flags."""
    repository = (container.image or "").partition("@")[0]
    last = repository.rpartition("/")[2].partition(":")[0]
    if last in _PROGRAMS:
        return _PROGRAMS[last]
    for name in (container.name, f"csi-{container.name}"):
        if name in _PROGRAMS:
            return _PROGRAMS[name]
    return next((_TELLING_FLAGS[name] for _, name, _ in flags_of(container) if name in _TELLING_FLAGS), None)


def version_of(image: str) -> Version | None:
    """Read the version off an image's tag; a digest says nothing."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    found = _TAG.fullmatch(tag)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def flags_of(container: Container) -> list[tuple[int, str, str]]:
    """Give the flags among a container's arguments: position in ``args``, name, value with variables expanded.

    Go's flag package takes ``-name``, ``--name``, ``--name=value`` and ``--name value``, and stops at what is no flag.
    """
    found: list[tuple[int, str, str]] = []
    args = container.args or []
    number = 0
    while number < len(args):
        match = _FLAG.fullmatch(args[number])
        if match is None:
            break
        value, step = match[2], 1
        if value is None:
            beside = args[number + 1] if number + 1 < len(args) else "-"
            value, step = ("true", 1) if beside.startswith("-") else (beside, 2)
        found.append((number, match[1], expand(value, container)))
        number += step
    return found
