"""4xx: classes of storage and of snapshots: defaults, what a driver makes of them, and who serves them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.checks.sidecars import sidecars, sockets
from csi_manifests.checks.workloads import pod_of, pods
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshotClass, VolumeSnapshotContent
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle import Manifest
    from csi_manifests.checks.sidecars import Sidecar
    from csi_manifests.checks.workloads import PodView
    from csi_manifests.models.resource import Resource

R = TypeVar("R", bound="Resource")

DEFAULT_STORAGE_CLASS = "storageclass.kubernetes.io/is-default-class"
DEFAULT_SNAPSHOT_CLASS = "snapshot.storage.kubernetes.io/is-default-class"
_DEFAULTS: dict[type[Resource], tuple[str, ...]] = {
    StorageClass: (DEFAULT_STORAGE_CLASS, "storageclass.beta.kubernetes.io/is-default-class"),
    VolumeSnapshotClass: (DEFAULT_SNAPSHOT_CLASS,),
}
_MEANT_AS_DEFAULT = re.compile(
    r"(?:[-.a-z0-9]*(?:k8s|kubernetes)\.io/)?is-?default-?(?:(?:storage|snapshot)-?)?(?:class)?"
)
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
# The access modes that a driver says it can do; other drivers are not known here.
# Source: kubernetes-csi/drivers pkg/hostpath/hostpath.go up to v0.4.2, AddVolumeCapabilityAccessModes.
_HOSTPATH_MODES = ("ReadWriteOnce",)

_CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-hostpath-sc}
provisioner: csi-hostpath
"""
_DEFAULT_CLASS = _CLASS.replace("-sc}", '-sc, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}')
_SNAPSHOT_CLASS = """\
apiVersion: snapshot.storage.k8s.io/v1alpha1
kind: VolumeSnapshotClass
metadata: {name: csi-hostpath-snapclass}
snapshotter: csi-hostpath
"""
_DEFAULT_SNAPSHOT_CLASS = _SNAPSHOT_CLASS.replace(
    "-snapclass}", '-snapclass, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}'
)
_SNAPSHOTTER = """\
---
apiVersion: v1
kind: Pod
metadata: {name: csi-snapshotter}
spec:
  serviceAccountName: csi-snapshotter
  containers:
  - {name: csi-snapshotter, image: "quay.io/k8scsi/csi-snapshotter:v0.4.1", args: ["--snapshotter=csi-hostpath"]}
"""
_HOSTPATH = """\
---
apiVersion: v1
kind: Pod
metadata: {name: csi-hostpathplugin}
spec:
  containers:
  - name: hostpath
    image: quay.io/k8scsi/hostpathplugin:v0.4.1
    args: ["--endpoint=unix:///csi/csi.sock", --nodeid=node-1]
    securityContext: {privileged: true}
    volumeMounts: [{name: socket-dir, mountPath: /csi}]
  volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath, type: DirectoryOrCreate}}]
"""
_CLAIM = """\
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: csi-pvc}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
  storageClassName: csi-hostpath-sc
"""


@rule(
    "CSI480",
    "a driver has one default VolumeSnapshotClass",
    VolumeSnapshotClass,
    severity="warning",
    fix=f"Take the annotation {DEFAULT_SNAPSHOT_CLASS} off all but one.",
    bad=f"{_DEFAULT_SNAPSHOT_CLASS}---\n{_DEFAULT_SNAPSHOT_CLASS.replace('-snapclass', '-other')}",
    good=f"{_DEFAULT_SNAPSHOT_CLASS}---\n{_SNAPSHOT_CLASS.replace('-snapclass', '-other')}",
)
def one_default_snapshot_class(class_: VolumeSnapshotClass, context: Context) -> Iterator[Problem]:
    """With two defaults for one driver csi-snapshotter does not choose: every snapshot that names no class fails for good."""
    defaults = context.derive(default_snapshot_classes).get(class_.snapshotter, [])
    if is_default(class_) and len(defaults) > 1 and class_ is not defaults[0]:
        pointer = f"/metadata/annotations{pointer_of((DEFAULT_SNAPSHOT_CLASS,))}"
        others = ", ".join(repr(other.name) for other in defaults if other is not class_)
        yield Problem(pointer, f"is a default for driver {class_.snapshotter!r}, and so is {others}")


@rule(
    "CSI481",
    "a cluster has one default StorageClass",
    StorageClass,
    severity="warning",
    fix=f"Take the annotation {DEFAULT_STORAGE_CLASS} off all but one.",
    bad=f"{_DEFAULT_CLASS}---\n{_DEFAULT_CLASS.replace('-sc,', '-other,')}",
    good=f"{_DEFAULT_CLASS}---\n{_CLASS.replace('-sc}', '-other}')}",
)
def one_default_storage_class(class_: StorageClass, context: Context) -> Iterator[Problem]:
    """With two defaults the API server (up to 1.25) refuses every claim that names no class."""
    defaults = context.derive(default_storage_classes)
    if is_default(class_) and class_ is not defaults[0]:
        others = ", ".join(repr(other.name) for other in defaults if other is not class_)
        refused = context.derive(_claims_without_class)
        message = f"is the default class, and so is {others}"
        if refused:
            message += f"; {refused[0]} names no class and is refused"
        annotation = next(key for key in _DEFAULTS[StorageClass] if key in (class_.metadata.annotations or {}))
        pointer = f"/metadata/annotations{pointer_of((annotation,))}"
        yield Problem(pointer, message, severity="error" if refused else "warning")


@rule(
    "CSI482",
    "the annotation of a default class is one that is read",
    StorageClass,
    VolumeSnapshotClass,
    severity="warning",
    fix='Write the annotation as it is read, with the value "true".',
    bad=_SNAPSHOT_CLASS.replace(
        "-snapclass}", '-snapclass, annotations: {snapshot.storage.k8s.io/is-default-class: "true"}}'
    ),
    good=_DEFAULT_SNAPSHOT_CLASS,
)
def default_is_marked_as_read(class_: Resource, _: Context) -> Iterator[Problem]:
    """Any annotation is taken, and only one is read: with another name or value the class is no default, and nobody says so."""
    known = _DEFAULTS[type(class_)]
    for key, value in (class_.metadata.annotations or {}).items():
        pointer = f"/metadata/annotations{pointer_of((key,))}"
        if key in known and value not in {"true", "false"}:
            yield Problem(pointer, f"{value!r} does not make it the default: only 'true' does", fix='Write "true".')
        elif key not in known and _MEANT_AS_DEFAULT.fullmatch(key.lower()):
            message = f"nobody reads the annotation {key!r} of a {class_.KIND}. Did you mean {known[0]!r}?"
            yield Problem(pointer, message, fix=f"Write {known[0]}.")


@rule(
    "CSI483",
    "a deletion policy is one that csi-snapshotter knows",
    VolumeSnapshotClass,
    VolumeSnapshotContent,
    severity="warning",
    fix="Leave deletionPolicy out, or take csi-snapshotter 1.0 or later with a driver for CSI 1.0.",
    bad=f"{_SNAPSHOT_CLASS}deletionPolicy: Retain\n{_SNAPSHOTTER}",
    good=f"{_SNAPSHOT_CLASS}{_SNAPSHOTTER}",
)
def deletion_policy_is_known(found: VolumeSnapshotClass | VolumeSnapshotContent, context: Context) -> Iterator[Problem]:
    """Before 1.0 csi-snapshotter deletes the snapshot in the backend whatever the policy says; the field is kept and ignored."""
    if isinstance(found, VolumeSnapshotContent):
        source = found.spec.csi_volume_snapshot_source
        pointer, policy, driver = "/spec/deletionPolicy", found.spec.deletion_policy, source.driver if source else None
    else:
        pointer, policy, driver = "/deletionPolicy", found.deletion_policy, found.snapshotter
    if policy is None or driver is None:
        return
    served = serving("csi-snapshotter", driver, context)
    if served and all(sidecar.version is not None and sidecar.version < (1, 0, 0) for sidecar in served):
        same = policy == "Delete"
        instead = "it deletes them anyway" if same else "it deletes the snapshots all the same"
        message = f"{served[0]} in {served[0].pod.where} does not read {policy!r}: {instead}"
        yield Problem(pointer, message, severity="info" if same else "warning")


@rule(
    "CSI484",
    "a claim asks for access modes that its driver has",
    PersistentVolumeClaim,
    StatefulSet,
    severity="warning",
    fix="Ask for ReadWriteOnce.",
    bad=f"{_CLASS}{_CLAIM.replace('ReadWriteOnce', 'ReadWriteMany')}{_HOSTPATH}",
    good=f"{_CLASS}{_CLAIM}{_HOSTPATH}",
)
def access_modes_fit_driver(resource: PersistentVolumeClaim | StatefulSet, context: Context) -> Iterator[Problem]:
    """A volume of hostpathplugin is a folder on one node, and 0.4 says it can do SINGLE_NODE_WRITER only.

    A pod on another node does not get the data of a claim for many.
    """
    for pointer, claim in claims_of(resource):
        modes = claim.spec.access_modes if claim.spec else None
        if modes and context.derive(_old_hostpath_names).intersection({driver_of(claim, context)}):
            for number, mode in enumerate(modes):
                if mode not in _HOSTPATH_MODES:
                    message = f"hostpathplugin 0.4 does not offer {mode}, only {', '.join(_HOSTPATH_MODES)}"
                    yield Problem(f"{pointer}/spec/accessModes/{number}", message)


def is_default(class_: StorageClass | VolumeSnapshotClass) -> bool:
    """Say whether a class is marked as the default."""
    annotations = class_.metadata.annotations or {}
    return any(annotations.get(key) == "true" for key in _DEFAULTS[type(class_)])


def default_storage_classes(context: Context) -> list[StorageClass]:
    """Give the classes of the bundle that are marked as the default; for ``context.derive``."""
    return [class_ for class_ in context.bundle.all(StorageClass) if is_default(class_)]


def default_snapshot_classes(context: Context) -> dict[str, list[VolumeSnapshotClass]]:
    """Give the snapshot classes that are marked as the default, by driver; for ``context.derive``."""
    found: dict[str, list[VolumeSnapshotClass]] = {}
    for class_ in context.bundle.all(VolumeSnapshotClass):
        if is_default(class_):
            found.setdefault(class_.snapshotter, []).append(class_)
    return found


def claims_of(resource: Resource) -> Iterator[tuple[str, PersistentVolumeClaim]]:
    """Give the claims that an object is or makes, with their JSON pointers."""
    if isinstance(resource, PersistentVolumeClaim):
        yield "", resource
    elif isinstance(resource, StatefulSet) and resource.spec is not None:
        for number, claim in enumerate(resource.spec.volume_claim_templates or ()):
            yield f"/spec/volumeClaimTemplates/{number}", claim


def class_name_of(claim: PersistentVolumeClaim) -> str | None:
    """Give the name of a claim's class, the annotation of old included; None where it names none."""
    beta = (claim.metadata.annotations or {}).get(_BETA_CLASS)
    return beta if beta is not None else claim.spec.storage_class_name if claim.spec else None


def driver_of(claim: PersistentVolumeClaim, context: Context) -> str | None:
    """Give the driver that makes, or made, a claim's volume; None where that is not in the bundle."""
    if claim.spec is not None and claim.spec.volume_name:
        volume = lookup(PersistentVolume, claim.spec.volume_name, context)
        if volume is not None and volume.spec is not None:
            return volume.spec.csi.driver if volume.spec.csi else None
    name = class_name_of(claim)
    class_ = lookup(StorageClass, name, context) if name else None
    return class_.provisioner if class_ else None


def lookup(kind: type[R], name: str, context: Context, namespace: str = "") -> R | None:
    """Give an object itself, if the bundle has it in a form that a model takes."""
    group = kind.API_VERSION.rpartition("/")[0]
    item = context.bundle.index.get((group, kind.KIND, namespace, name))
    return item.resource if item is not None and isinstance(item.resource, kind) else None


def pod_view(manifest: Manifest, context: Context) -> PodView | None:
    """Give the pod that an object is or makes, those of beta kinds included, which no model takes."""
    return (
        context.derive(_unread_pods).get(place_of(manifest)) if isinstance(manifest, Unstructured) else pod_of(manifest)
    )


def place_of(manifest: Manifest) -> tuple[str, str, str]:
    """Give an object's kind, namespace and name, whatever its version."""
    return (manifest.key.kind, manifest.namespace or "default", manifest.name)


def _unread_pods(context: Context) -> dict[tuple[str, str, str], PodView]:
    read = {id(resource) for resource in context.bundle}
    return {place_of(pod.resource): pod for pod in context.derive(pods) if id(pod.resource) not in read}


def names_served(sidecar: Sidecar, context: Context) -> frozenset[str] | None:
    """Give the names of the drivers that a sidecar works for; None where that cannot be seen."""
    return context.derive(_names_served).get(id(sidecar))


def classes_served(sidecar: Sidecar, context: Context) -> list[StorageClass | VolumeSnapshotClass]:
    """Give the classes of the drivers that a sidecar works for, or all where those cannot be seen."""
    names = names_served(sidecar, context)
    known = context.derive(_classes_by_driver)
    return [class_ for name in (known if names is None else names) for class_ in known.get(name, ())]


def serving(program: str, driver: str, context: Context) -> list[Sidecar]:
    """Give the sidecars of a program that work for a driver: those that surely do, or else those that may."""
    sure: list[Sidecar] = []
    maybe: list[Sidecar] = []
    for sidecar, names in context.derive(_served).get(program, ()):
        if names is None:
            maybe.append(sidecar)
        elif driver in names:
            sure.append(sidecar)
    return sure or maybe


def _served(context: Context) -> dict[str, list[tuple[Sidecar, frozenset[str] | None]]]:
    found: dict[str, list[tuple[Sidecar, frozenset[str] | None]]] = {}
    for sidecar in context.derive(sidecars):
        found.setdefault(sidecar.program, []).append((sidecar, names_served(sidecar, context)))
    return found


def _names_served(context: Context) -> dict[int, frozenset[str]]:
    known = context.derive(sockets).listeners
    found: dict[int, frozenset[str]] = {}
    for sidecar in context.derive(sidecars):
        # From 1.1 on both flags are ignored, and the driver is asked for its name.
        flags = sidecar.flags if sidecar.version is None or sidecar.version < (1, 1, 0) else {}
        said = flags.get("provisioner") or flags.get("snapshotter")
        names = (
            {said}
            if said
            else {driver.name for driver in known.get(sidecar.address, ())}
            if sidecar.address
            else {None}
        )
        if names and not any(name is None or "$(" in name for name in names):
            found[id(sidecar)] = frozenset(name for name in names if name)
    return found


def _classes_by_driver(context: Context) -> dict[str, list[StorageClass | VolumeSnapshotClass]]:
    found: dict[str, list[StorageClass | VolumeSnapshotClass]] = {}
    for class_ in context.bundle.all(StorageClass):
        found.setdefault(class_.provisioner, []).append(class_)
    for other in context.bundle.all(VolumeSnapshotClass):
        found.setdefault(other.snapshotter, []).append(other)
    return found


def _claims_without_class(context: Context) -> list[str]:
    return [
        f"{resource.KIND} {resource.name!r}"
        for kind in (PersistentVolumeClaim, StatefulSet)
        for resource in context.bundle.all(kind)
        if any(class_name_of(claim) is None for _, claim in claims_of(resource))
    ]


def _old_hostpath_names(context: Context) -> set[str | None]:
    known = ((driver.name, driver.known) for driver in context.derive(sockets).drivers if driver.known is not None)
    return {name for name, sidecar in known if name and sidecar.csi_major == 0}
