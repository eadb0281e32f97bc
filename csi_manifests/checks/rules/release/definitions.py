"""Custom resources, and the definitions that must be there before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import (
    CSI_GROUPS,
    SNAPSHOT_KINDS,
    CustomResource,
    definitions,
)
from csi_manifests.analysis.names import from_server
from csi_manifests.analysis.programs import Sidecar, sidecars
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.well_known import GROUP_SNAPSHOT_GROUP, SNAPSHOT_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.knowledge.releases import Release
    from csi_manifests.models.resource import Key

# external-snapshotter, cmd/csi-snapshotter/create_crd.go up to v1.2; from v2.0 on the definitions are applied by hand.
_MAKES_ITS_DEFINITIONS_BELOW = (2, 0, 0)


@rule(
    "CSI302",
    "missing-definition",
    "a custom resource has a definition",
    CustomResource,
    severity="warning",
    fix="Add its CustomResourceDefinition to the bundle, unless the cluster has it.",
    example="""\
+ apiVersion: apiextensions.k8s.io/v1beta1
+ kind: CustomResourceDefinition
+ metadata: {name: volumesnapshotclasses.snapshot.storage.k8s.io}
+ spec:
+   group: snapshot.storage.k8s.io
+   version: v1alpha1
+   names: {kind: VolumeSnapshotClass, plural: volumesnapshotclasses}
+   scope: Cluster
+ ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
""",
)
def definition_is_brought(found: CustomResource, context: Context) -> Iterator[Problem]:
    """Snapshots are custom resources, on 1.13 CSIDriver too: without a definition kubectl says ``no matches for kind``.

    A csi-snapshotter below 2.0 makes the three of snapshots when it starts, which is later than the first ``kubectl apply``.
    It is reported for the first object of each kind.
    """
    manifest, key = found.manifest, found.manifest.key
    if key.group not in CSI_GROUPS or _undefined(context).get((key.group, key.kind)) is not manifest:
        return
    maker = next((sidecar for sidecar in sidecars(context) if _makes(sidecar, manifest)), None)
    if maker is None:
        message = f"the bundle has no definition of {key.kind} in {key.group}"
        if (key.group, key.api_version.rpartition("/")[2]) == (SNAPSHOT_GROUP, "v1alpha1"):
            message += ", and no csi-snapshotter below 2.0, which would make it"
        yield Problem("/apiVersion", message, severity="info" if _is_of_the_cluster(key, context) else "warning")
    else:
        made_by = f"{maker.pod.where} makes the definition of {key.kind} when it starts: kubectl does not know the kind before"
        fix = "Apply this after that pod runs, or add the CustomResourceDefinition to the bundle."
        yield Problem("/apiVersion", made_by, fix, "info")


def _is_of_the_cluster(key: Key, context: Context) -> bool:
    """Return whether a definition comes with the snapshot-controller, of which a cluster has one, and the bundle has neither."""
    if key.group not in {SNAPSHOT_GROUP, GROUP_SNAPSHOT_GROUP} or key.api_version.endswith("/v1alpha1"):
        return False
    brought = any(group == key.group for group, _ in definitions(context))
    return not brought and all(sidecar.program != "snapshot-controller" for sidecar in sidecars(context))


@fact
def _undefined(context: Context) -> dict[tuple[str, str], Manifest]:
    """Return the first object of each kind of CSI that the bundle does not define."""
    known = definitions(context)
    found: dict[tuple[str, str], Manifest] = {}
    for manifest in context.bundle:
        key = manifest.key
        place = (key.group, key.kind)
        # What later releases alone can have is CSI301's to say.
        if (
            key.group in CSI_GROUPS
            and place not in known
            and not _comes_later(key, context.release)
            and not from_server(manifest)
        ):
            found.setdefault(place, manifest)
    return found


def _comes_later(key: Key, release: Release) -> bool:
    known = kind_of(key.group, key.kind)
    return known is not None and known.state(key.api_version.rpartition("/")[2], release.minor) == "later"


def _makes(sidecar: Sidecar, manifest: Manifest) -> bool:
    """Return whether a sidecar makes the definition of an object's kind when it starts."""
    key = manifest.key
    if key.group == SNAPSHOT_GROUP:
        below = sidecar.version is None or sidecar.version < _MAKES_ITS_DEFINITIONS_BELOW
        return sidecar.program == "csi-snapshotter" and below and key.kind in SNAPSHOT_KINDS
    # driver-registrar v0.4, cmd/driver-registrar/k8s_register.go
    return (
        key.kind == "CSIDriver"
        and sidecar.program == "driver-registrar"
        and sidecar.flags.get("mode") == "kubernetes-register"
    )


@rule(
    "CSI303",
    "undefined-version",
    "a custom resource's definition serves its version",
    CustomResource,
    fix="Use a version that the definition serves, or take the definition of that version.",
    example="""\
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: volumesnapshotclasses.snapshot.storage.k8s.io}
  spec:
    group: snapshot.storage.k8s.io
-   version: v1beta1
+   version: v1alpha1
    names: {kind: VolumeSnapshotClass, plural: volumesnapshotclasses}
    scope: Cluster
  ---
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
""",
)
def definition_serves_version(found: CustomResource, context: Context) -> Iterator[Problem]:
    """The API server serves a custom resource only in the versions of its definition; of others kubectl says ``no matches for kind``."""
    key = found.manifest.key
    definition = definitions(context).get((key.group, key.kind))
    version = key.api_version.rpartition("/")[2]
    if definition is not None and version not in definition.served and not from_server(found.manifest):
        message = f"{definition.manifest.name} in the bundle serves {', '.join(definition.served) or 'no version'}, not {version}"
        yield Problem("/apiVersion", message)


@rule(
    "CSI304",
    "late-definition",
    "a definition comes before the objects of its kind",
    CustomResource,
    severity="warning",
    fix="Move the CustomResourceDefinition to the top of the file, or apply it before and wait until it is Established.",
    example="""\
- apiVersion: snapshot.storage.k8s.io/v1alpha1
- kind: VolumeSnapshotClass
- metadata: {name: csi-hostpath-snapclass}
- snapshotter: csi-hostpath
- ---
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: volumesnapshotclasses.snapshot.storage.k8s.io}
  spec:
    group: snapshot.storage.k8s.io
    version: v1alpha1
    names: {kind: VolumeSnapshotClass, plural: volumesnapshotclasses}
    scope: Cluster
  ---
+ apiVersion: snapshot.storage.k8s.io/v1alpha1
+ kind: VolumeSnapshotClass
+ metadata: {name: csi-hostpath-snapclass}
+ snapshotter: csi-hostpath
""",
)
def definition_comes_first(found: CustomResource, context: Context) -> Iterator[Problem]:
    """Kubectl applies a file from top to bottom, and fails on a kind that is defined further down; a second run finds it.

    It is reported for the first object of each kind, and only where both are in one file.
    """
    late = _too_early(context).get(id(found.manifest))
    if late:
        yield Problem("/apiVersion", f"{late} comes further down in this file")


@fact
def _too_early(context: Context) -> dict[int, str]:
    """Return the definition of each object that stands before it in the same file."""
    places = {id(found.manifest): place for place, found in definitions(context).items()}
    first: dict[tuple[int, str, str], int] = {}
    found: dict[int, str] = {}
    for item in context.bundle.items:
        if item.origin is None or from_server(item.resource):
            continue
        source, key = id(item.origin.source), item.resource.key
        place = places.get(id(item.resource))
        if place is None:
            first.setdefault((source, key.group, key.kind), id(item.resource))
        elif (source, *place) in first:
            found[first[source, *place]] = f"CustomResourceDefinition {key.name}"
    return found
