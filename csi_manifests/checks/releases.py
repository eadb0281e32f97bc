"""On which releases of Kubernetes a bundle works, and which of them is meant where nobody says one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import Context
from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.programs import sidecars
from csi_manifests.knowledge.flags import limits
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.releases import Release, release, releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.knowledge.flags import Limit
    from csi_manifests.knowledge.kinds import Kind


class Choice(NamedTuple):
    """A release, and why it was chosen."""

    release: Release
    reason: str


def release_for(bundle: Bundle) -> Choice:
    """Return the newest release that serves every object of a bundle and that every sidecar in it is made for.

    Where there is none, because the bundle mixes what no release has together, the one with the fewest obstacles.
    """
    conditions = list(_conditions(Context(bundle, release(releases()[-1]))))
    obstacles = {
        version: [said for condition in conditions if (said := condition(release(version).minor))]
        for version in reversed(releases())
    }
    best = min(obstacles, key=lambda version: len(obstacles[version]))  # The first of equals is the newest.
    if obstacles[best]:
        return Choice(release(best), f"none has all of it; here {obstacles[best][0]}")
    newer = list(obstacles)[: list(obstacles).index(best)]
    if not newer:
        return Choice(release(best), "the newest known")
    return Choice(release(best), f"the newest that it is for: on {newer[-1]}, {obstacles[newer[-1]][0]}")


def _conditions(context: Context) -> Iterator[Callable[[tuple[int, ...]], str]]:
    """Yield functions that say what of a bundle a release does not serve, and which sidecars are not made for it."""
    defined = definitions(context)
    for api_version, name in dict.fromkeys((found.key.api_version, found.key.kind) for found in context.bundle):
        group, _, version = api_version.rpartition("/")
        known = kind_of(group, name)
        if known is not None and (group, name) not in defined:
            yield partial(_unserved, known, version)
    for sidecar in sidecars(context):
        for limit in limits(sidecar.program):
            if limit.sure and sidecar.version is not None and limit.releases.has(sidecar.version):
                yield partial(_outdated, str(sidecar), limit)


def _unserved(kind: Kind, version: str, minor: tuple[int, ...]) -> str:
    state = kind.state(version, minor)
    if state not in {"later", "gone"}:
        return ""
    return f"{kind.api_version(version)} {kind.name} is {'gone' if state == 'gone' else 'not there yet'}"


def _outdated(sidecar: str, limit: Limit, minor: tuple[int, ...]) -> str:
    return "" if limit.kubernetes.has(minor) else f"{sidecar} does not work"
