"""Which secrets the parameters of a class name, for which call of the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.knowledge.well_known import SNAPSHOT_CLASS, STORAGE_CLASS
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from csi_manifests.analysis.classes import ClassView


PREFIX = "csi.storage.k8s.io/"


class Call(NamedTuple):
    """A call of the driver that takes a secret, and how a class names it."""

    old: str
    """The beginning of the parameters that 0.4 reads, such as ``csiProvisioner``; empty where it knows none."""
    new: str
    """The beginning of those from 1.0 on, after the prefix, such as ``provisioner``."""
    kind: str
    """The kind of the class."""


_VOLUMES, _SNAPSHOTS = STORAGE_CLASS[1], SNAPSHOT_CLASS[1]

CALLS = {
    "provisioner": Call("csiProvisioner", "provisioner", _VOLUMES),
    "publish": Call("csiControllerPublish", "controller-publish", _VOLUMES),
    "stage": Call("csiNodeStage", "node-stage", _VOLUMES),
    "node publish": Call("csiNodePublish", "node-publish", _VOLUMES),
    "expand": Call("", "controller-expand", _VOLUMES),
    "resizer": Call("", "resizer", _VOLUMES),
    "node expand": Call("", "node-expand", _VOLUMES),
    "snapshotter": Call("csiSnapshotter", "snapshotter", _SNAPSHOTS),
    "list snapshots": Call("", "snapshotter-list", _SNAPSHOTS),
}

FOR_CLAIMS = ({"pv.name", "pvc.namespace", "pvc.name", "pvc.annotations"}, {"pv.name", "pvc.namespace"})

FOR_SNAPSHOTS = (
    {"volumesnapshotcontent.name", "volumesnapshot.namespace", "volumesnapshot.name", "volumesnapshot.annotations"},
    {"volumesnapshotcontent.name", "volumesnapshot.namespace"},
)


def secret_namespace(call: str, class_: ClassView, *, old: bool) -> str | None:
    """Return the namespace of the secret that a class names for a call, as written; None if it names none.

    With ``old`` only what 0.4 reads counts.
    """
    parameters = class_.parameters
    pairs = key_pairs(CALLS[call])
    if old:
        pairs = pairs[:1] if CALLS[call].old else []
    given = (parameters[namespace] for name, namespace in pairs if parameters.get(name) and parameters.get(namespace))
    return next(given, None)


def key_pairs(call: Call) -> list[tuple[str, str]]:
    """Return the parameters for name and namespace: those of 0.4, if it knows them, and those from 1.0 on."""
    new = (f"{PREFIX}{call.new}-secret-name", f"{PREFIX}{call.new}-secret-namespace")
    return [(f"{call.old}SecretName", f"{call.old}SecretNamespace"), new] if call.old else [new]


def parameter_pointer(key: str) -> str:
    """Return the JSON pointer of a parameter of a class."""
    return f"/parameters{pointer_of((key,))}"
