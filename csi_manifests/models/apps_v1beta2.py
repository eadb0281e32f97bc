"""Pods kept running, as ``apps/v1beta2`` defines it until 1.15: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import apps_v1


class StatefulSet(apps_v1.StatefulSet):
    """Numbered pods, at most one of each number at a time."""

    API_VERSION: ClassVar[str] = "apps/v1beta2"


class DaemonSet(apps_v1.DaemonSet):
    """One pod on each node."""

    API_VERSION: ClassVar[str] = "apps/v1beta2"


class Deployment(apps_v1.Deployment):
    """Interchangeable pods."""

    API_VERSION: ClassVar[str] = "apps/v1beta2"


class ReplicaSet(apps_v1.ReplicaSet):
    """Interchangeable pods of one template."""

    API_VERSION: ClassVar[str] = "apps/v1beta2"
