"""Snapshots in the version that the sidecars read, and the shapes that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.definitions import DEFINITIONS, SNAPSHOT_KINDS, CustomResource, definitions
from csi_manifests.analysis.programs import Sidecar, sidecars
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import SNAPSHOT_GROUP
from csi_manifests.models.apiextensions_v1beta1 import CustomResourceDefinition
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.csi_v1alpha1 import CSINodeInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.knowledge.versions import Version

# From which version of a program on it takes which versions of snapshots, the newest first.
# kubernetes-csi/external-snapshotter: the client that cmd/csi-snapshotter and cmd/snapshot-controller import, and the
# versions that client/config/crd serves; kubernetes-csi/external-provisioner: the client that pkg/controller imports.
_SNAPSHOTTER: tuple[tuple[Version, tuple[str, ...]], ...] = (
    ((6, 0, 0), ("v1",)),
    ((4, 0, 0), ("v1", "v1beta1")),
    ((2, 0, 0), ("v1beta1",)),
    ((0, 4, 0), ("v1alpha1",)),
)
_PROVISIONER: tuple[tuple[Version, tuple[str, ...]], ...] = (
    ((3, 0, 0), ("v1",)),
    ((1, 5, 0), ("v1beta1",)),
    ((0, 4, 0), ("v1alpha1",)),
    ((0, 0, 0), ()),
)
_READERS = {
    "csi-snapshotter": _SNAPSHOTTER,
    "snapshot-controller": _SNAPSHOTTER,
    "csi-provisioner": _PROVISIONER,
}


def _readable(sidecar: Sidecar) -> tuple[str, ...] | None:
    """Return the versions of snapshots that a sidecar takes; None where its own is not known."""
    version = sidecar.version
    if version is None:
        return None
    return next((found for since, found in _READERS[sidecar.program] if version >= since), None)


@fact
def _snapshotters(context: Context) -> dict[str, tuple[str, ...]] | None:
    """Return what each snapshotter of the bundle takes; None where there is none, or one is not known."""
    found = {
        str(sidecar): _readable(sidecar)
        for sidecar in sidecars(context)
        if _READERS.get(sidecar.program) is _SNAPSHOTTER
    }
    known = {name: versions for name, versions in found.items() if versions is not None}
    return known if known and len(known) == len(found) else None


@rule(
    "CSI306",
    "snapshot-version-mismatch",
    "snapshots have the version that csi-snapshotter reads",
    *DEFINITIONS,
    CustomResource,
    fix="Write them in that version, or use the csi-snapshotter and the definitions of their version.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-snapshotter}
  spec:
    containers:
      - name: csi-snapshotter
        image: quay.io/k8scsi/csi-snapshotter:v0.4.1
  ---
  apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: volumesnapshotclasses.snapshot.storage.k8s.io}
  spec:
    group: snapshot.storage.k8s.io
-   version: v1beta1
+   version: v1alpha1
    names: {kind: VolumeSnapshotClass, plural: volumesnapshotclasses}
    scope: Cluster
""",
)
def snapshotter_takes_version(found: CustomResource | CustomResourceDefinition, context: Context) -> Iterator[Problem]:
    """A csi-snapshotter sees the objects of its own version: up to 1.x v1alpha1, 2.x and 3.x v1beta1, from 4.0 on v1.

    It cannot see others, and waits for its own version for ever if the definition does not serve it.
    """
    manifest = found.manifest if isinstance(found, CustomResource) else found
    key = manifest.key
    if isinstance(manifest, DEFINITIONS):
        kind = (manifest.spec.group, manifest.spec.names.kind)
        definition = definitions(context).get(kind)
        if kind[0] != SNAPSHOT_GROUP or kind[1] not in SNAPSHOT_KINDS or definition is None:
            return
        there, pointer = definition.served, "/spec/versions" if manifest.spec.versions else "/spec/version"
    elif key.group == SNAPSHOT_GROUP and key.kind in SNAPSHOT_KINDS:
        there, pointer = (key.api_version.rpartition("/")[2],), "/apiVersion"
    else:
        return
    takers = _snapshotters(context)
    if takers and not any(version in versions for versions in takers.values() for version in there):
        who = ", ".join(f"{name} takes {' and '.join(versions)}" for name, versions in takers.items())
        yield Problem(pointer, f"is {', '.join(there) or 'of no version'}; {who}")


@rule(
    "CSI307",
    "restore-version-mismatch",
    "csi-provisioner reads the version that snapshots have",
    Sidecar,
    severity="warning",
    fix="Take a csi-provisioner and a csi-snapshotter of the same time: 0.4 to 1.4 read v1alpha1, 1.5 to 2.2 v1beta1, from 3.0 on v1.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-snapshotter}
  spec:
    containers:
      - name: csi-snapshotter
        image: quay.io/k8scsi/csi-snapshotter:v1.2.0
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-provisioner}
  spec:
    containers:
      - name: csi-provisioner
-       image: quay.io/k8scsi/csi-provisioner:v1.6.0
+       image: quay.io/k8scsi/csi-provisioner:v1.3.0
""",
)
def provisioner_reads_version(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """To restore a snapshot the csi-provisioner reads it, in one version only, and fails if the cluster serves another.

    It is an error where the bundle has a claim that is to be restored.
    """
    if sidecar.program != "csi-provisioner":
        return
    readable, there = _readable(sidecar), _there(context)
    if readable is None or not there or not there.isdisjoint(readable):
        return
    restores = _restored(context)
    reads = f"reads snapshots as {' and '.join(readable)}" if readable else "cannot restore snapshots"
    message = f"{sidecar} {reads}; the bundle has {', '.join(sorted(there))}"
    if restores:
        message += f", and PersistentVolumeClaim {restores[0]!r} is to be restored"
    yield Problem(f"{sidecar.pointer}/image", message, severity="error" if restores else "warning")


@fact
def _there(context: Context) -> set[str]:
    """Return the versions of snapshots that are in use: those of the snapshotters, or else of the objects."""
    takers = _snapshotters(context)
    if takers:
        return {version for versions in takers.values() for version in versions}
    keys = (manifest.key for manifest in context.bundle)
    return {
        key.api_version.rpartition("/")[2] for key in keys if key.group == SNAPSHOT_GROUP and key.kind in SNAPSHOT_KINDS
    }


@fact
def _restored(context: Context) -> list[str]:
    claims = context.bundle.all(PersistentVolumeClaim)
    sources = ((claim.name, claim.spec.data_source) for claim in claims if claim.spec and claim.spec.data_source)
    return [name for name, source in sources if source.kind == "VolumeSnapshot"]


@rule(
    "CSI308",
    "wrong-node-info-shape",
    "a CSINodeInfo has the shape that the release uses",
    CSINodeInfo,
    CustomResourceDefinition,
    severity="warning",
    fix="Use spec.drivers and status.drivers, with name and nodeID for each.",
    example="""\
  apiVersion: csi.storage.k8s.io/v1alpha1
  kind: CSINodeInfo
  metadata: {name: node-1}
- csiDrivers: [{driver: csi-hostpath, nodeID: node-1}]
+ spec: {drivers: [{name: csi-hostpath, nodeID: node-1}]}
""",
)
def node_info_has_shape_of_release(
    resource: CSINodeInfo | CustomResourceDefinition, context: Context
) -> Iterator[Problem]:
    """Kubernetes 1.12 keeps the drivers of a node in ``csiDrivers``, 1.13 in ``spec.drivers`` and ``status.drivers``.

    The kubelet of 1.13 neither reads nor writes ``csiDrivers``. A definition that describes it does no harm, as the
    server keeps fields that no schema names, but one that requires it keeps all drivers from registering.
    """
    if context.release.version == "1.12":
        return
    if isinstance(resource, CSINodeInfo):
        if resource.csi_drivers is not None:
            yield Problem(
                "/csiDrivers", f"is the shape of 1.12; the kubelet of {context.release.version} does not look there"
            )
        return
    spec = resource.spec
    schema = spec.validation.open_api_v3_schema if spec.validation else None
    if (spec.group, spec.names.kind) != ("csi.storage.k8s.io", "CSINodeInfo") or schema is None:
        return
    properties = schema.properties or {}
    pointer = "/spec/validation/openAPIV3Schema"
    if "csiDrivers" in (schema.required or ()):
        message = f"requires csiDrivers, which the kubelet of {context.release.version} does not write"
        yield Problem(f"{pointer}/required", message, "Take the definition of 1.13.", "error")
    elif "csiDrivers" in properties and not properties.keys() & {"spec", "status"}:
        message = f"describes the shape of 1.12; the kubelet of {context.release.version} writes spec and status, which it lets pass"
        yield Problem(f"{pointer}/properties/csiDrivers", message, "Take the definition of 1.13.", "info")
