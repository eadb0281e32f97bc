"""The sidecars that register a driver with the kubelet, and where they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.paths import Place, resolve
from csi_manifests.analysis.programs import REGISTRARS, Driver, Sidecar, drivers_of, is_script, sidecars_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest


class Registrar(NamedTuple):
    """A sidecar that makes a driver known to the kubelet, and the directory where it does so."""

    sidecar: Sidecar
    place: Place | None
    """The directory; None where that cannot be known."""
    named: str
    """The part of its path that the kubelet looks for, such as ``plugins_registry``; empty if there is none."""

    @property
    def root(self) -> str:
        """The kubelet's root, as far as the directory tells; empty if it does not."""
        return self.place.path.rpartition(f"/{self.named}")[0] if self.place and self.named else ""


def registrars_of(resource: Manifest, context: Context) -> Iterator[Registrar]:
    """Return the sidecars of an object that register a driver with the kubelet."""
    for sidecar in sidecars_of(resource, context):
        mode = sidecar.flags.get("mode")
        if sidecar.program not in REGISTRARS or mode == "kubernetes-register" or is_script(sidecar.container):
            continue
        if "kubelet-registration-path" not in sidecar.flags:
            continue  # Said by the rule about required flags.
        folder = sidecar.flags.get("plugin-registration-path", "/registration")
        place = resolve(folder, sidecar.container, sidecar.pod)
        named = watched(place.path, context) if place is not None and place.on == "host" else []
        yield Registrar(sidecar, place, named[0] if named else "")


def watched(path: str, context: Context) -> list[str]:
    """Return the parts of a path that are directories which the release's kubelet looks into."""
    known = {name for version in context.release.csi for name in version.registration}
    return [part for part in reversed(path.split("/")) if part in known]


def drivers_beside(registrar: Registrar, context: Context) -> list[Driver]:
    """Return the drivers that a registrar speaks for: those on its socket, or else those in its pod."""
    beside = drivers_of(registrar.sidecar.pod.source, context)
    return [driver for driver in beside if registrar.sidecar.address in driver.sockets] or beside
