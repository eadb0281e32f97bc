"""Names that Kubernetes and CSI have given a meaning, as far as several rooms need them."""

from __future__ import annotations

from typing import Final

SNAPSHOT_GROUP: Final = "snapshot.storage.k8s.io"
GROUP_SNAPSHOT_GROUP: Final = "groupsnapshot.storage.k8s.io"
RBAC_GROUP: Final = "rbac.authorization.k8s.io"

# Types of objects: API group and kind.
NAMESPACE: Final = ("", "Namespace")
POD: Final = ("", "Pod")
CLAIM: Final = ("", "PersistentVolumeClaim")
SECRET: Final = ("", "Secret")
SNAPSHOT: Final = (SNAPSHOT_GROUP, "VolumeSnapshot")
SNAPSHOT_CONTENT: Final = (SNAPSHOT_GROUP, "VolumeSnapshotContent")
SNAPSHOT_CLASS: Final = (SNAPSHOT_GROUP, "VolumeSnapshotClass")
STORAGE_CLASS: Final = ("storage.k8s.io", "StorageClass")
DEFINITION: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
CLUSTER_ROLE: Final = (RBAC_GROUP, "ClusterRole")
CLUSTER_ROLE_BINDING: Final = (RBAC_GROUP, "ClusterRoleBinding")

DEFAULT_STORAGE_CLASS: Final = "storageclass.kubernetes.io/is-default-class"
DEFAULT_SNAPSHOT_CLASS: Final = "snapshot.storage.kubernetes.io/is-default-class"
"""The annotations that make a class the default one."""
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which ``kubectl apply`` keeps what it applied."""

WAIT_FOR_FIRST_CONSUMER: Final = "WaitForFirstConsumer"
"""The volumeBindingMode in which a claim gets its volume with the first pod that uses it."""
LONGEST_SOCKET: Final = 107
"""Bytes of a Unix socket's path at most: ``sun_path`` has 108, the last of them zero (unix(7))."""
