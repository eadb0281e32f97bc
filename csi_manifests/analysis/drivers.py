"""Which driver and which sidecars belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.programs import Driver, Sidecar, sidecars, sockets
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from csi_manifests.analysis.context import Context
    from csi_manifests.analysis.paths import Place


@dataclass(frozen=True, eq=False)
class Group:
    """A driver and the sidecars that speak with it, on one socket or several."""

    drivers: list[Driver] = field(default_factory=list[Driver])
    sidecars: list[Sidecar] = field(default_factory=list[Sidecar])

    @cached_property
    def own_names(self) -> list[str]:
        """What the driver says it is called."""
        return list(dict.fromkeys(driver.name for driver in self.drivers if driver.name))

    @property
    def images(self) -> set[str]:
        """The driver's images, without tags."""
        return {image_reference(driver.container.image or "").name for driver in self.drivers}


@fact
def groups(context: Context) -> tuple[Group, ...]:
    """Return each driver with its sidecars, then the sidecars whose driver is not here."""
    found = sockets(context)
    by_place: dict[Place, Group] = {}
    for driver in found.drivers:
        joined = [by_place[place] for place in driver.sockets if place in by_place]
        group = joined[0] if joined else Group()
        for other in joined[1:]:
            if other is not group:
                group.drivers.extend(other.drivers)
                by_place.update({place: group for place, its in by_place.items() if its is other})
        group.drivers.append(driver)
        by_place.update(dict.fromkeys(driver.sockets, group))
    lonely: list[Group] = []
    for sidecar in sidecars(context):
        if sidecar.program in {"hostpathplugin", "snapshot-controller"}:
            continue
        if sidecar.address is None:
            lonely.append(Group(sidecars=[sidecar]))
        else:
            by_place.setdefault(sidecar.address, Group()).sidecars.append(sidecar)
    distinct = {id(group): group for group in by_place.values()} | {id(group): group for group in lonely}
    # What only mentions a socket, that nobody dials, is no driver.
    return tuple(
        group for group in distinct.values() if group.sidecars or any(driver.listens for driver in group.drivers)
    )


@fact
def group_of(context: Context) -> dict[int, Group]:
    """Return the group of each sidecar, by the sidecar's identity."""
    return {id(sidecar): group for group in groups(context) for sidecar in group.sidecars}
