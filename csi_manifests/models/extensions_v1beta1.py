"""Pods kept running, as ``extensions/v1beta1`` defines it until 1.15: an absent selector means the template's labels."""

from typing import ClassVar

from csi_manifests.models import apps_v1beta1
from csi_manifests.models.apps_v1 import DaemonSetStatus, DaemonSetUpdateStrategy, ReplicaSetStatus
from csi_manifests.models.base import Model
from csi_manifests.models.core_v1.pods import PodTemplateSpec
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Count, Int64


class DaemonSetSpec(Model):
    """The pod that each node runs."""

    selector: LabelSelector | None = None
    template: PodTemplateSpec
    update_strategy: DaemonSetUpdateStrategy | None = None
    """Absent means ``OnDelete``."""
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""
    template_generation: Int64 | None = None
    """Counts the changes of the template; the server fills it in."""
    revision_history_limit: Count | None = None
    """How many old templates are kept; absent means 10."""


class DaemonSet(Resource):
    """One pod on each node."""

    API_VERSION: ClassVar[str] = "extensions/v1beta1"

    spec: DaemonSetSpec | None = None
    status: DaemonSetStatus | None = None


class Deployment(apps_v1beta1.Deployment):
    """Interchangeable pods."""

    API_VERSION: ClassVar[str] = "extensions/v1beta1"


class ReplicaSetSpec(Model):
    """The pods of a ReplicaSet."""

    replicas: Count | None = None
    """Absent means 1."""
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""
    selector: LabelSelector | None = None
    template: PodTemplateSpec | None = None


class ReplicaSet(Resource):
    """Interchangeable pods of one template."""

    API_VERSION: ClassVar[str] = "extensions/v1beta1"

    spec: ReplicaSetSpec | None = None
    status: ReplicaSetStatus | None = None
