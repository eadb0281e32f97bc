"""Recognise the programs of kubernetes-csi and the drivers in a bundle's pods: which, of what version, on which socket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.paths import Place, resolve, socket_path
from csi_manifests.analysis.pods import PodView, expand, pods
from csi_manifests.knowledge.versions import Version, dotted, version_of
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models.core_v1 import Container

# Programs by the last part of their image's name; the same names are given to containers, if often without "csi-".
_PROGRAMS = {
    "csi-provisioner": "csi-provisioner",
    "csi-attacher": "csi-attacher",
    "csi-snapshotter": "csi-snapshotter",
    "csi-resizer": "csi-resizer",
    "csi-external-health-monitor-controller": "csi-external-health-monitor-controller",
    "csi-cluster-driver-registrar": "csi-cluster-driver-registrar",
    "driver-registrar": "driver-registrar",
    "csi-driver-registrar": "driver-registrar",
    "csi-node-driver-registrar": "csi-node-driver-registrar",
    "node-driver-registrar": "csi-node-driver-registrar",
    "snapshot-controller": "snapshot-controller",
    "hostpathplugin": "hostpathplugin",
    "livenessprobe": "livenessprobe",
    "liveness-probe": "livenessprobe",
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
REGISTRARS = frozenset({"driver-registrar", "csi-node-driver-registrar"})
"""The programs that make a driver known to the kubelet."""
CONTROLLERS = frozenset({"csi-provisioner", "csi-attacher", "csi-snapshotter", "csi-resizer", "snapshot-controller"})
"""The programs of which one at a time is to act for the whole cluster."""
_OWN_VERSIONS = frozenset({"csi-resizer", "csi-external-health-monitor-controller", "csi-cluster-driver-registrar"})
"""Programs that came after CSI 1.0 and count their versions from 0.1 all the same."""
DEFAULT_ADDRESS = "/run/csi/socket"
"""Where every sidecar looks for the driver's socket unless ``--csi-address`` says otherwise."""

_RELEASE_TAG = re.compile(r"v?\d+\.\d+\.\d+")
_FLAG = re.compile(r"--?([A-Za-z][-\w]*)(?:=(.*))?", re.DOTALL)
_WRAPPERS = re.compile(
    r"(?:.*/)?(?:sh|bash|ash|dash|dumb-init|tini|catatonit|env|nsenter|chroot|timeout|.*\.(?:sh|py))"
)
_ENDPOINT = re.compile(r"(?:csi[-_]?)?endpoint|csi[-_]?(?:listen|socket|sock)[-_a-z]*", re.IGNORECASE)
_ENDPOINT_VARIABLES = frozenset({"CSI_ENDPOINT", "ENDPOINT"})
_DRIVER_NAME = re.compile(r"(?:csi[-_]?)?driver[-_]?name", re.IGNORECASE)
_SOCKETS_IN_TEXT = re.compile(r"(?:unix:(?://)?)?[-\w./$()]*\.sock\b")
# Sockets that have nothing to do with CSI.
_FOREIGN = frozenset({"docker.sock", "containerd.sock", "dockershim.sock", "crio.sock", "podman.sock", "kubelet.sock"})


class Flag(NamedTuple):
    """A flag that a container's program is started with."""

    pointer: str
    """Where it is, below the container."""
    name: str
    value: str
    """With variables expanded; ``true`` where none is given, as Go reads it."""
    joined: bool = True
    """Whether the value, if any, is in the same argument, after ``=``."""


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
    def given(self) -> list[Flag]:
        """The flags it is started with, in order."""
        return flags_of(self.container)

    @cached_property
    def flags(self) -> dict[str, str]:
        """The flags it is started with, variables expanded; a flag without a value is ``true``, as Go reads it."""
        return {flag.name: flag.value for flag in self.given}

    def pointer_of(self, name: str) -> str:
        """Say where a flag is; the container, where it is not given."""
        return next((self.pointer + flag.pointer for flag in reversed(self.given) if flag.name == name), self.pointer)

    @property
    def is_upstream(self) -> bool:
        """Whether the image's tag is that of a release, with nothing added, as who builds it anew often does."""
        return (
            self.version is not None
            and _RELEASE_TAG.fullmatch(image_reference(self.container.image or "").tag) is not None
        )

    @property
    def is_sure(self) -> bool:
        """Whether the image's name says which program it is, not only what the container is called."""
        return _program_by_image(self.container) == self.program

    @property
    def csi_major(self) -> int | None:
        """The major version of CSI it speaks: 0 up to v0.4.x, 1 from v1.0; None where the version is not known."""
        if self.version is None or self.program == "snapshot-controller":
            return None
        return 1 if self.program in _OWN_VERSIONS else min(self.version[0], 1)

    @cached_property
    def address(self) -> Place | None:
        """The socket where it looks for the driver; None if it looks for none, or where that cannot be known."""
        if self.program in {"hostpathplugin", "snapshot-controller"} or is_script(self.container):
            return None
        if "csi-address" not in self.flags and not self.is_sure:
            return None
        return resolve(self.flags.get("csi-address", DEFAULT_ADDRESS), self.container, self.pod)

    def __str__(self) -> str:
        """Name it with its version."""
        return f"{self.program} v{dotted(self.version)}" if self.version else self.program


@dataclass(frozen=True, eq=False)
class Driver:
    """A container that, for all that can be seen, is a CSI driver: it listens on a socket."""

    pod: PodView
    container: Container
    pointer: str
    sockets: tuple[Place, ...]
    """The sockets that its arguments and variables name."""
    paths: tuple[str, ...]
    """The same as the container has them."""
    listens: bool
    """Whether one of them is surely its own: given as its endpoint, not just mentioned."""
    name: str | None
    """What it says it is called, if that can be seen."""
    known: Sidecar | None
    """Itself as a known program, if it is one."""


@dataclass(frozen=True)
class Sockets:
    """Who listens, and who dials where."""

    drivers: tuple[Driver, ...]
    listeners: dict[Place, list[Driver]]
    """By socket, those that may listen there."""
    dialers: dict[Place, list[Sidecar]]
    strangers: frozenset[Place]
    """Sockets that programs dial which are not known here."""


@fact
def sidecars(context: Context) -> tuple[Sidecar, ...]:
    """Return every recognised container of the bundle."""
    found: list[Sidecar] = []
    for pod in pods(context):
        for pointer, container in pod.containers():
            program, by_image = _recognise(container)
            if program is not None:
                version = version_of(image_reference(container.image or "").tag) if by_image else None
                found.append(Sidecar(program, version, pod, container, pointer))
    return tuple(found)


@fact
def sidecars_by_object(context: Context) -> dict[int, list[Sidecar]]:
    """Return the recognised containers by the identity of their object."""
    found: dict[int, list[Sidecar]] = {}
    for sidecar in sidecars(context):
        found.setdefault(id(sidecar.pod.source), []).append(sidecar)
    return found


def sidecars_of(resource: Manifest, context: Context) -> list[Sidecar]:
    """Return the recognised containers of one object."""
    return sidecars_by_object(context).get(id(resource), [])


@fact
def sockets(context: Context) -> Sockets:
    """Return the drivers of the bundle and the sockets between them and their sidecars."""
    known = {id(sidecar.container): sidecar for sidecar in sidecars(context)}
    busy = {id(sidecar.pod) for sidecar in known.values()}
    drivers: list[Driver] = []
    listeners: dict[Place, list[Driver]] = {}
    dialers: dict[Place, list[Sidecar]] = {}
    strangers: set[Place] = set()
    for pod in pods(context):
        for pointer, container in pod.containers():
            if "/initContainers/" in pointer:
                continue
            sidecar = known.get(id(container))
            if sidecar is not None and sidecar.program != "hostpathplugin":
                if sidecar.address is not None:
                    dialers.setdefault(sidecar.address, []).append(sidecar)
                continue
            if _mentions_address(container):
                address = next((flag.value for flag in flags_of(container) if flag.name == "csi-address"), "")
                place = resolve(address, container, pod)
                strangers |= {place} if place else set()
                continue
            driver = _driver(pod, container, pointer, sidecar)
            if driver is not None and (driver.listens or id(pod) in busy):
                drivers.append(driver)
            if driver is not None:
                for place in driver.sockets:
                    listeners.setdefault(place, []).append(driver)
    return Sockets(tuple(drivers), listeners, dialers, frozenset(strangers))


def drivers_of(resource: Manifest, context: Context) -> list[Driver]:
    """Return the drivers of one object."""
    return _drivers_by_object(context).get(id(resource), [])


@fact
def _drivers_by_object(context: Context) -> dict[int, list[Driver]]:
    found: dict[int, list[Driver]] = {}
    for driver in sockets(context).drivers:
        found.setdefault(id(driver.pod.source), []).append(driver)
    return found


def program_in(container: Container) -> str | None:
    """Say which program a container runs: by its image's name, or else by its own name or its flags."""
    return _recognise(container)[0]


def flags_of(container: Container) -> list[Flag]:
    """Return the flags among a container's arguments.

    Go's flag package takes ``-name``, ``--name``, ``--name=value`` and ``--name value``. It stops at what is no flag; here
    the flags after that are given too, as they were meant, and a rule says that they are not read.
    """
    found: list[Flag] = []
    words = [] if is_script(container) else list(words_of(container))
    number = 0
    while number < len(words):
        pointer, word = words[number]
        match = _FLAG.fullmatch(word)
        if match is None:
            number += 1
            continue
        name, value, step, joined = match[1], match[2], 1, True
        if value is None:
            beside = words[number + 1][1] if number + 1 < len(words) else "-"
            value, step, joined = ("true", 1, True) if beside.startswith("-") else (beside, 2, False)
        found.append(Flag(pointer, name, expand(value, container), joined))
        number += step
    return found


def words_of(container: Container) -> Iterator[tuple[str, str]]:
    """Return the arguments of a container's program with their JSON pointers below the container."""
    for number, word in enumerate(container.command or ()):
        if number:
            yield f"/command/{number}", word
    for number, word in enumerate(container.args or ()):
        yield f"/args/{number}", word


def is_script(container: Container) -> bool:
    """Return whether a shell or the like starts the program, so that its flags cannot be told from the rest."""
    return container.command is not None and any(_WRAPPERS.fullmatch(word) for word in container.command[:1])


def _program_by_image(container: Container) -> str | None:
    return _PROGRAMS.get(image_reference(container.image or "").last)


def _mentions_address(container: Container) -> bool:
    return any("-csi-address" in word for _, word in words_of(container))


def _recognise(container: Container) -> tuple[str | None, bool]:
    """Say which program a container runs, and whether its image's name says so; only then does the tag mean anything."""
    by_image = _program_by_image(container)
    if by_image is not None:
        return by_image, True
    if container.name in _PROGRAMS and (container.name.startswith("csi-") or "driver" in container.name):
        return _PROGRAMS[container.name], False
    # All other names are those of many things: only what dials a CSI socket is meant.
    if not _mentions_address(container):
        return None, False
    flags = {flag.name for flag in flags_of(container)}
    image = image_reference(container.image or "").last
    for name in (container.name, f"csi-{container.name}"):
        if name in _PROGRAMS:
            return _PROGRAMS[name], False
    by_suffix = (program for name, program in _PROGRAMS.items() if image.endswith(f"-{name}"))
    return next(
        by_suffix, next((_TELLING_FLAGS[name] for name in sorted(flags) if name in _TELLING_FLAGS), None)
    ), False


def _driver(pod: PodView, container: Container, pointer: str, known: Sidecar | None) -> Driver | None:
    """Return the container as a driver, if it names a socket."""
    mentioned: list[tuple[str, bool]] = []
    name: str | None = None
    before = ""
    for _, word in words_of(container):
        match = _FLAG.fullmatch(word)
        flag, value = (match[1], match[2] or "") if match else (before, word)
        before = flag if match and match[2] is None else ""
        if _DRIVER_NAME.fullmatch(flag):
            name = expand(value, container)
        mentioned.append((value, _ENDPOINT.fullmatch(flag) is not None))
    # A driver that is told its endpoint as a flag does not read a variable for it.
    if not any(is_endpoint and value for value, is_endpoint in mentioned):
        mentioned += [(variable.value or "", variable.name in _ENDPOINT_VARIABLES) for variable in container.env or ()]
    if known is not None and "endpoint" not in known.flags:
        mentioned.append(("unix:///tmp/csi.sock", True))
    places: dict[Place, str] = {}
    listens = False
    for text, is_endpoint in mentioned:
        for path, place in _sockets_in(text, container, pod):
            listens = listens or is_endpoint
            places.setdefault(place, path)
    if not places:
        return None
    if known is not None and name is None:
        name = hostpath_name(known.version)
    name = None if name and "$(" in name else name
    return Driver(pod, container, pointer, tuple(places), tuple(places.values()), listens, name, known)


def _sockets_in(text: str, container: Container, pod: PodView) -> Iterator[tuple[str, Place]]:
    text = expand(text, container) if "$" in text else text
    if "unix:" not in text and ".sock" not in text:
        return
    for found in (text,) if not re.search(r"\s", text) else _SOCKETS_IN_TEXT.findall(text):
        place = resolve(found, container, pod)
        if place is not None and place.name not in _FOREIGN:
            yield socket_path(found) or found, place


def hostpath_name(version: Version | None) -> str | None:
    """Say what hostpathplugin calls itself unless ``--drivername`` says otherwise; it was renamed in v1.2.0.

    Sources: ``cmd/hostpathplugin/main.go`` of kubernetes-csi/drivers (up to v1.0.2) and csi-driver-host-path.
    """
    if version is None:
        return None
    return "csi-hostpath" if version < (1, 2, 0) else "hostpath.csi.k8s.io"
