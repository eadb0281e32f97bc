"""Pods kept running, as ``apps/v1beta1`` defines it until 1.15: an absent selector means the labels of the template."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.apps_v1 import (
    DeploymentStatus,
    DeploymentStrategy,
    StatefulSetStatus,
    StatefulSetUpdateStrategy,
)
from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import PersistentVolumeClaim
from csi_manifests.models.core_v1.pods import PodTemplateSpec
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Count, Int64, OrBlank


class StatefulSetSpec(Model):
    """The pods of a StatefulSet; only ``replicas``, ``template`` and ``update_strategy`` can be changed."""

    service_name: Annotated[str, Names("Service")]
    """The headless Service that gives the pods their DNS names."""
    replicas: Count | None = None
    """Absent means 1."""
    selector: LabelSelector | None = None
    template: PodTemplateSpec
    volume_claim_templates: list[PersistentVolumeClaim] | None = None
    """A claim of each for every pod, named ``<template>-<pod>``; they outlive the StatefulSet."""
    pod_management_policy: OrBlank[Literal["OrderedReady", "Parallel"]] = None
    """Whether a pod waits until the one before is ready; absent means ``OrderedReady``."""
    update_strategy: StatefulSetUpdateStrategy | None = None
    """Absent means ``OnDelete``."""
    revision_history_limit: Count | None = None
    """How many old templates are kept; absent means 10."""


class StatefulSet(Resource):
    """Numbered pods, at most one of each number at a time."""

    API_VERSION: ClassVar[str] = "apps/v1beta1"

    spec: StatefulSetSpec | None = None
    status: StatefulSetStatus | None = None


class RollbackConfig(Model):
    """An old template to return to."""

    revision: Int64 | None = None
    """Absent or 0 means the last one."""


class DeploymentSpec(Model):
    """The pods of a Deployment."""

    replicas: Count | None = None
    """Absent means 1."""
    selector: LabelSelector | None = None
    template: PodTemplateSpec
    strategy: DeploymentStrategy | None = None
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""
    revision_history_limit: Count | None = None
    """How many old ReplicaSets are kept; absent means 2 here, and all of them in ``extensions/v1beta1``."""
    paused: bool | None = None
    """Whether a new template waits."""
    rollback_to: RollbackConfig | None = None
    """The server returns to that template, and takes the field out."""
    progress_deadline_seconds: Count | None = None
    """How long an update may stand still before it is reported as failed.

    Absent means 600 here, and for ever in ``extensions/v1beta1``.
    """


class Deployment(Resource):
    """Interchangeable pods."""

    API_VERSION: ClassVar[str] = "apps/v1beta1"

    spec: DeploymentSpec | None = None
    status: DeploymentStatus | None = None
