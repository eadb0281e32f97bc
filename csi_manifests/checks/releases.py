"""On which releases of Kubernetes a bundle works, and which of them is meant where nobody says one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import Context
from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.programs import sidecars
from csi_manifests.knowledge.flags import limits
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.releases import Release, release, releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Bundle


class Choice(NamedTuple):
    """A release, and why it was chosen."""

    release: Release
    reason: str


def release_for(bundle: Bundle) -> Choice:
    """Return the newest release that serves every object of a bundle and that every sidecar in it is made for.

    Where there is none, because the bundle mixes what no release has together, the one with the fewest obstacles.
    """
    context = Context(bundle, release(releases()[-1]))
    obstacles = {version: list(_obstacles(context, release(version))) for version in reversed(releases())}
    best = min(obstacles, key=lambda version: len(obstacles[version]))  # The first of equals is the newest.
    if obstacles[best]:
        return Choice(release(best), f"none has all of it; here {obstacles[best][0]}")
    newer = list(obstacles)[: list(obstacles).index(best)]
    if not newer:
        return Choice(release(best), "the newest known")
    return Choice(release(best), f"the newest that it is for: on {newer[-1]}, {obstacles[newer[-1]][0]}")


def _obstacles(context: Context, candidate: Release) -> Iterator[str]:
    """Say what of a bundle a release does not serve, and which sidecars are not made for it."""
    defined = definitions(context)
    for key in dict.fromkeys((manifest.key.api_version, manifest.key.kind) for manifest in context.bundle):
        api_version, name = key
        group, _, version = api_version.rpartition("/")
        known = kind_of(group, name)
        state = known.state(version, candidate.minor) if known and (group, name) not in defined else None
        if state in {"later", "gone"}:
            yield f"{api_version} {name} is {'gone' if state == 'gone' else 'not there yet'}"
    for sidecar in sidecars(context):
        for limit in limits(sidecar.program):
            meant = limit.sure and sidecar.version is not None and limit.releases.has(sidecar.version)
            if meant and not limit.kubernetes.has(candidate.minor):
                yield f"{sidecar} does not work"
