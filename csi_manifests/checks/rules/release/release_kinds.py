"""Kinds that the release does not serve."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.names import from_server, slip
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import Kind, groups, kind_of, kinds, served
from csi_manifests.knowledge.versions import dotted
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.knowledge.releases import Release

# What is asked, not stored; and kubectl's own configuration, which calls itself v1.
_NOT_OBJECTS = {
    "APIGroup", "Config", "DeleteOptions", "DeploymentRollback", "Eviction", "Scale", "Status", "WatchEvent",
}  # fmt: skip


@rule(
    "CSI301",
    "unserved-api-version",
    "the release serves the apiVersion of an object",
    Resource,
    Unstructured,
    fix="Use an apiVersion that the release serves.",
    example="""\
- apiVersion: storage.k8s.io/v1
+ apiVersion: csi.storage.k8s.io/v1alpha1
  kind: CSIDriver
  metadata: {name: csi-hostpath}
  spec: {attachRequired: false}
""",
)
def kind_is_served(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """Kubectl finds no such kind in the cluster and applies nothing of the object: ``no matches for kind``.

    A version that is off unless ``--runtime-config`` turns it on is a warning. Custom resources of groups that
    Kubernetes itself does not have are not judged here.
    """
    key, release = manifest.key, context.release
    if (key.group, key.kind) in definitions(context):
        return
    known = kind_of(key.group, key.kind)
    said, version = f"{key.api_version} {key.kind}", key.api_version.rpartition("/")[2]
    state = known.state(version, release.minor) if known else None
    if known is None or state is None:
        if key.kind not in _NOT_OBJECTS and not key.kind.endswith("List"):
            yield from _unknown(manifest, release)
    elif state == "off":
        fix = "".join(f"Use apiVersion: {found}, or " for found in _api_versions(key.kind, release)[:1])
        turn_on = f"start kube-apiserver with --runtime-config={key.api_version}=true."
        message = f"Kubernetes {release.version} has {said} turned off unless --runtime-config says otherwise"
        yield Problem("/apiVersion", message, fix + turn_on if fix else turn_on.capitalize(), "warning")
    elif state != "on":
        first, last = known.lifetime(version)
        message = (
            f"{said} exists from Kubernetes {dotted(first)} on, not in {release.version}"
            if state == "later"
            else f"{said} is gone: Kubernetes {dotted(last)} was the last to have it"
        )
        yield Problem("/apiVersion", message, _instead(known, release))


def _instead(kind: Kind, release: Release) -> str:
    """Return what to use in a release instead of a kind's version that it does not have."""
    there = sorted(_api_versions(kind.name, release), key=lambda found: found.rpartition("/")[0] != kind.group)
    custom = (
        other.api_version(version)
        for other in kinds().values()
        if other.custom and other.name == kind.name
        for version in other.served
        if other.state(version, release.minor) == "on"
    )
    api_version = next(chain(there, custom), "")
    if not api_version and not kind.is_in(release.minor):
        api_version, _, other_kind = kind.instead.partition(" ")
        if api_version and other_kind != kind.name:
            return f"Use kind {other_kind} of {api_version}; its fields differ."
    if api_version:
        return f"Use apiVersion: {api_version} for the {kind.name}; some of its fields differ."
    return "Leave it out: this release has nothing of the kind."


def _api_versions(kind: str, release: Release) -> list[str]:
    """Return the apiVersions that a default server has a kind in, the stable ones first."""
    found = [api_version for api_version, there in served(release.minor).items() if kind in there]
    return sorted(found, key=lambda api_version: ("alpha" in api_version, "beta" in api_version))


def _unknown(manifest: Manifest, release: Release) -> Iterator[Problem]:
    """Judge an object that no list has: only the groups of Kubernetes itself are known completely."""
    key, known = manifest.key, groups(release.minor)
    group = key.group
    if group not in known:
        group = slip(group, sorted(known))
        if not group:
            return
    there = _api_versions(key.kind, release)
    if there:
        best = next((found for found in there if found.rpartition("/")[0] == group), there[0])
        message = (
            f"Kubernetes {release.version} has no {key.kind} in {key.api_version!r}; it has one in {', '.join(there)}"
        )
        yield Problem("/apiVersion", message, f"Write apiVersion: {best}.")
        return
    kinds_there = served(release.minor).get(key.api_version, [])
    near = next((kind for kind in kinds_there if kind.lower() == key.kind.lower()), slip(key.kind, kinds_there))
    if near:
        yield Problem(
            "/kind", f"{key.api_version} has no kind {key.kind!r}. Did you mean {near!r}?", "Correct the kind."
        )


@rule(
    "CSI316",
    "ending-api-version",
    "later releases serve the apiVersion of an object too",
    Resource,
    Unstructured,
    severity="info",
    fix="Use an apiVersion that stays.",
    example="""\
- apiVersion: rbac.authorization.k8s.io/v1beta1
+ apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get]}]
""",
)
def kind_stays(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """What a later release no longer serves cannot be applied there, and often can be said in another version already.

    It is reported for the first object of each kind, where the release has a version that stays longer.
    """
    key, release = manifest.key, context.release
    known = kind_of(key.group, key.kind)
    if known is None or _first_of_kinds(context).get((key.api_version, key.kind)) is not manifest:
        return
    version = key.api_version.rpartition("/")[2]
    last = known.lifetime(version).last if known.state(version, release.minor) == "on" else None
    instead = next(_outliving(known, last, release), "") if last else ""
    if last and instead:
        message = f"Kubernetes {dotted(last)} is the last to have {key.api_version} {key.kind}"
        fix = f"Use apiVersion: {instead}, which {release.version} serves too; some fields may differ."
        yield Problem("/apiVersion", message, fix)


@fact
def _first_of_kinds(context: Context) -> dict[tuple[str, str], Manifest]:
    found: dict[tuple[str, str], Manifest] = {}
    for manifest in context.bundle:
        if not from_server(manifest):
            found.setdefault((manifest.key.api_version, manifest.key.kind), manifest)
    return found


def _outliving(kind: Kind, last: tuple[int, ...], release: Release) -> Iterator[str]:
    """Yield the apiVersions of a kind that a release has and that later ones have after ``last`` as well."""
    moved = kind_of(kind.moved_to, kind.name) if kind.moved_to is not None else None
    for each in (kind, moved) if moved else (kind,):
        for version in each.served:
            end = each.lifetime(version).last
            if each.state(version, release.minor) == "on" and (not end or end > last):
                yield each.api_version(version)
