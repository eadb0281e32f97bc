"""The releases of sidecars: with each other, with the driver, and with the release of Kubernetes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from csi_manifests.analysis.classes import DEFAULT_ANNOTATIONS
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.drivers import Group, groups
from csi_manifests.analysis.programs import Sidecar
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.flags import known_program, limits
from csi_manifests.knowledge.gates import turned_on
from csi_manifests.knowledge.versions import dotted
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.text.plain_data import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity

_RESTORES = (0, 4, 0)
"""The first csi-provisioner that heeds a claim's dataSource."""


@rule(
    "CSI435",
    "mixed-csi-versions",
    "a driver and its sidecars speak the same version of CSI",
    Sidecar,
    fix="Use releases of one line: sidecars v0.4.x with CSI 0.3, v1.0 and later with CSI 1.x.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-driver}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v1.0.1
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: livenessprobe
-     image: quay.io/k8scsi/livenessprobe:v0.4.1
+     image: quay.io/k8scsi/livenessprobe:v1.0.2
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, emptyDir: {}}]
""",
)
def all_speak_one_csi(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """CSI 0.x and 1.x share no call: a sidecar of the other line gets "unknown service" for whatever it asks."""
    odd = _odd_ones(context)
    if id(sidecar) in odd:
        other = odd[id(sidecar)]
        message = (
            f"{sidecar} speaks CSI {sidecar.csi_major}.x; {other} on the same socket speaks CSI {other.csi_major}.x"
        )
        yield Problem(f"{sidecar.pointer}/image", message)


@fact
def _odd_ones(context: Context) -> dict[int, Sidecar]:
    """Return, for each program that speaks another CSI than most around it, one of the others."""
    found: dict[int, Sidecar] = {}
    for group in groups(context):
        speakers = _speakers(group)
        majors = Counter(speaker.csi_major for speaker in speakers)
        # Of two that are as many, the driver is right, which comes first.
        for speaker in speakers if len(majors) > 1 else ():
            usual = majors.most_common(1)[0][0]
            if speaker.csi_major != usual:
                found[id(speaker)] = next(other for other in speakers if other.csi_major == usual)
    return found


def _speakers(group: Group) -> list[Sidecar]:
    drivers = [driver.known for driver in group.drivers if driver.known is not None]
    return [speaker for speaker in (*drivers, *group.sidecars) if speaker.csi_major is not None]


@rule(
    "CSI436",
    "incompatible-sidecar",
    "a sidecar works with the release of Kubernetes",
    Sidecar,
    fix="Use a release of the sidecar that was made for this release of Kubernetes.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
-     image: quay.io/k8scsi/csi-attacher:v3.0.0
+     image: quay.io/k8scsi/csi-attacher:v1.0.1
      args: [--csi-address=/csi/csi.sock]
""",
)
def sidecar_fits_kubernetes(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """Sidecars use the APIs of their time, and wait in vain for what the server does not serve yet, or no longer serves."""
    release = context.release.version
    here = context.release.minor
    spoken = {version.major for version in context.release.csi}
    if sidecar.version is None:
        return
    pointer = f"{sidecar.pointer}/image"
    for limit in limits(sidecar.program):
        if limit.releases.has(sidecar.version) and not limit.kubernetes.has(here):
            too_new = here < limit.kubernetes.first
            bound = limit.kubernetes.first if too_new else limit.kubernetes.last
            needs = f"is for Kubernetes {dotted(bound)} and {'later' if too_new else 'earlier'}"
            severity: Severity = "error" if limit.sure else "warning"
            yield Problem(pointer, f"{sidecar} {needs}, not {release}: {limit.reason}", severity=severity)
    if sidecar.csi_major is not None and sidecar.csi_major not in spoken:
        yield Problem(pointer, f"{sidecar} speaks CSI {sidecar.csi_major}.x, the kubelet of {release} does not")


@rule(
    "CSI437",
    "unknown-sidecar-release",
    "the image of a sidecar tells its release",
    Sidecar,
    severity="info",
    fix="Keep the image name and tag of the release, also in a mirror; a digest may follow the tag.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
-     image: quay.io/k8scsi/csi-attacher@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
+     image: quay.io/k8scsi/csi-attacher:v1.0.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      args: [--csi-address=/csi/csi.sock]
""",
)
def release_is_known(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """What a sidecar needs differs from release to release; where that is not known, its flags and its RBAC are not checked."""
    if sidecar.version is None and known_program(sidecar.program) is not None:
        image = sidecar.container.image
        message = (
            f"{image!r} does not say which release of {sidecar.program} this is: its flags and RBAC are not checked"
        )
        yield Problem(f"{sidecar.pointer}/image" if image else sidecar.pointer, message)


@rule(
    "CSI438",
    "unsupported-restore",
    "a claim is restored by a csi-provisioner that supports it",
    PersistentVolumeClaim,
    fix="Use csi-provisioner v0.4.0 or later.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: restored}
  spec:
    storageClassName: csi-rbd
    dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: snapshot}
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
  ---
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-provisioner}
  spec:
    containers:
    - name: csi-provisioner
-     image: quay.io/k8scsi/csi-provisioner:v0.3.0
+     image: quay.io/k8scsi/csi-provisioner:v1.0.1
      args: [--provisioner=csi-rbdplugin, --csi-address=/csi/csi.sock]
""",
)
def provisioner_can_restore(claim: PersistentVolumeClaim, context: Context) -> Iterator[Problem]:
    """A csi-provisioner that does not know dataSource makes an empty volume, and the claim is Bound as if all were well."""
    source = claim.spec.data_source if claim.spec else None
    if source is None or source.kind != "VolumeSnapshot":
        return
    driver = _drivers_of_classes(context).get(claim.spec.storage_class_name if claim.spec else None)
    for sidecar in _provisioners(context).get(driver or "", ()):
        if sidecar.version is not None and sidecar.version < _RESTORES:
            message = f"{sidecar} of {sidecar.pod.where} serves this claim, and does not know dataSource"
            yield Problem("/spec/dataSource", message)


@fact
def _drivers_of_classes(context: Context) -> dict[str | None, str]:
    """Return the drivers by StorageClass; under None that of the default class."""
    found: dict[str | None, str] = {}
    for resource in context.bundle:
        if resource.key.kind == "StorageClass":
            content = resource.to_dict()
            driver = str(content.get("provisioner"))
            found[resource.name] = driver
            annotations = mapping(mapping(content.get("metadata")).get("annotations"))
            if any(annotations.get(name) == "true" for name in DEFAULT_ANNOTATIONS[StorageClass.KIND]):
                found[None] = driver
    return found


@fact
def _provisioners(context: Context) -> dict[str, list[Sidecar]]:
    """Return csi-provisioner by the name of the driver that it is told or finds."""
    found: dict[str, list[Sidecar]] = {}
    for group in groups(context):
        for sidecar in group.sidecars:
            if sidecar.program == "csi-provisioner":
                name = sidecar.flags.get("provisioner") or next(iter(group.own_names), "")
                found.setdefault(name, []).append(sidecar)
    return found


@rule(
    "CSI439",
    "unreadable-topology",
    "topology is turned on only where csi-provisioner can read it",
    Sidecar,
    severity="warning",
    fix="Take Topology=true out, or use csi-provisioner v1.0.x with the CSINodeInfo gate and definition of 1.13.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.1.0
-     args: [--csi-address=/csi/csi.sock, --feature-gates=Topology=true]
+     args: [--csi-address=/csi/csi.sock]
""",
)
def topology_can_be_read(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """The kubelet writes a node's topology into CSINodeInfo as 1.12 or as 1.13 has it, or from 1.14 into CSINode; csi-provisioner reads one."""
    here = context.release.minor
    gates = turned_on(flag.value for flag in sidecar.given if flag.name == "feature-gates")
    if sidecar.program != "csi-provisioner" or sidecar.version is None or "Topology" not in gates:
        return
    read, there = (
        ("CSINodeInfo of 1.12", here == (1, 12))
        if sidecar.csi_major == 0
        else ("CSINodeInfo of 1.13", here == (1, 13))
        if sidecar.version < (1, 1, 0)
        else ("CSINode of 1.14 to 1.21", (1, 14) <= here <= (1, 21))
        if sidecar.version < (2, 0, 0)
        else ("CSINode of 1.17 and later", here >= (1, 17))
    )
    if not there:
        message = f"{sidecar} reads the nodes' topology from {read}; Kubernetes is {context.release.version}"
        yield Problem(sidecar.pointer_of("feature-gates"), message)
