"""Kinds that the release does not serve."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.analysis.definitions import definitions
from csi_manifests.analysis.names import slip
from csi_manifests.checks.rule import Problem, rule
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


class Kinds(NamedTuple):
    """What a release serves and does not."""

    served: dict[tuple[str, str], str]
    """By apiVersion and kind: as a default server has it, or ``off`` where it is off unless turned on."""
    later: dict[tuple[str, str], dict[str, Any]]
    """By apiVersion and kind: since when, and what to use instead."""
    by_kind: dict[str, list[str]]
    """The apiVersions that a default server has each kind in, the stable ones first."""
    by_api_version: dict[str, list[str]]
    groups: set[str]


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
    key = manifest.key
    known = kinds(context.release)
    state = known.served.get((key.api_version, key.kind))
    if state == "on" or (key.group, key.kind) in definitions(context):
        return
    said, version = f"{key.api_version} {key.kind}", context.release.version
    if state == "off":
        fix = f"Use apiVersion: {known.by_kind[key.kind][0]}." if key.kind in known.by_kind else ""
        turn_on = f"start kube-apiserver with --runtime-config={key.api_version}=true"
        fix = f"{fix.removesuffix('.')}, or {turn_on}." if fix else f"{turn_on.capitalize()}."
        message = f"Kubernetes {version} has {said} turned off unless --runtime-config says otherwise"
        yield Problem("/apiVersion", message, fix, "warning")
    elif (key.api_version, key.kind) in known.later:
        entry = known.later[key.api_version, key.kind]
        yield Problem(
            "/apiVersion",
            f"{said} exists from Kubernetes {entry['since']} on, not in {version}",
            _instead(entry, key.kind),
        )
    elif key.kind not in _NOT_OBJECTS and not key.kind.endswith("List"):
        yield from _unknown(manifest, known, version)


def _instead(entry: dict[str, Any], kind: str) -> str:
    if "instead" not in entry:
        return "Leave it out: this release has nothing of the kind."
    if "instead_kind" in entry:
        return f"Use kind {entry['instead_kind']} of {entry['instead']}; its fields differ."
    return f"Use apiVersion: {entry['instead']} for the {kind}; some of its fields differ."


def _unknown(manifest: Manifest, known: Kinds, version: str) -> Iterator[Problem]:
    """Judge an object that no list has: only the groups of Kubernetes itself are known completely."""
    key = manifest.key
    group = key.group
    if group not in known.groups:
        group = slip(group, sorted(known.groups))
        if not group:
            return
    there = known.by_kind.get(key.kind)
    if there:
        best = next((found for found in there if found.rpartition("/")[0] == group), there[0])
        message = f"Kubernetes {version} has no {key.kind} in {key.api_version!r}; it has one in {', '.join(there)}"
        yield Problem("/apiVersion", message, f"Write apiVersion: {best}.")
        return
    kinds_there = known.by_api_version.get(key.api_version, [])
    near = next((kind for kind in kinds_there if kind.lower() == key.kind.lower()), slip(key.kind, kinds_there))
    if near:
        yield Problem(
            "/kind", f"{key.api_version} has no kind {key.kind!r}. Did you mean {near!r}?", "Correct the kind."
        )


@cache
def kinds(release: Release) -> Kinds:
    """Sort what a release serves."""
    facts = release.facts
    known = Kinds({}, {}, {}, {}, set())
    for state, table in (("on", facts["served"]), ("off", facts.get("off_by_default", {}))):
        for api_version, scopes in table.items():
            known.groups.add(api_version.rpartition("/")[0])
            for kind in (*scopes.get("namespaced", ()), *scopes.get("cluster", ())):
                known.served[api_version, kind] = state
                if state == "on":
                    known.by_kind.setdefault(kind, []).append(api_version)
                    known.by_api_version.setdefault(api_version, []).append(kind)
    for found in known.by_kind.values():
        found.sort(key=lambda api_version: ("alpha" in api_version, "beta" in api_version))
    for entry in facts.get("not_served", ()):
        for kind in entry["kinds"]:
            known.later[entry["api_version"], kind] = entry
    return known
