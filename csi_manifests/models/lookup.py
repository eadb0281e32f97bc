"""Which kinds have a model, and in which module: what can be said without importing any of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from csi_manifests.models.resource import Resource

KINDS: Final = {
    "v1": (
        "ConfigMap",
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "Secret",
        "Service",
        "ServiceAccount",
    ),
    "apps/v1": ("DaemonSet", "Deployment", "StatefulSet"),
    "rbac.authorization.k8s.io/v1": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "storage.k8s.io/v1": ("StorageClass", "VolumeAttachment"),
    "apiextensions.k8s.io/v1beta1": ("CustomResourceDefinition",),
    "csi.storage.k8s.io/v1alpha1": ("CSIDriver", "CSINodeInfo"),
    "snapshot.storage.k8s.io/v1alpha1": ("VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent"),
}
"""The kinds that have a model, by apiVersion."""


_POD_KINDS = {"Pod", "DaemonSet", "Deployment", "StatefulSet"}


@cache
def model_for(api_version: str, kind: str) -> type[Resource] | None:
    """Return the class of a kind, or nothing if there is none; imports the module of its API group and version."""
    if kind not in KINDS.get(api_version, ()):
        return None
    if kind in _POD_KINDS:
        # Built by itself first, it is taken over by each kind that holds one, instead of built anew for each.
        import_module("csi_manifests.models.core_v1").PodSpec.model_rebuild()
    group, _, version = api_version.rpartition("/")
    module = import_module(f"csi_manifests.models.{group.partition('.')[0] or 'core'}_{version}")
    return cast("type[Resource]", getattr(module, kind))


def is_namespaced(group: str, kind: str) -> bool | None:
    """Return whether objects of a kind are in a namespace; nothing if it has no model."""
    for api_version in KINDS:
        if api_version.rpartition("/")[0] == group and (model := model_for(api_version, kind)):
            return model.NAMESPACED
    return None
