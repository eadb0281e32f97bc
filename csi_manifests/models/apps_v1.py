"""Pods kept running, as ``apps/v1`` defines it."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.claims import PersistentVolumeClaim
from csi_manifests.models.core_v1.pods import PodTemplateSpec
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Count, Int32, Int64, IntOrPercent, OrBlank, Time


class RollingUpdateStatefulSetStrategy(Model):
    """Which pods of a StatefulSet a new template reaches."""

    partition: Count | None = None
    """Pods below this ordinal keep the old template; absent means 0, so all get the new one."""
    max_unavailable: IntOrPercent | None = None
    """How many pods may be down at a time; absent means 1.

    From 1.24, with the gate MaxUnavailableStatefulSet; on from 1.37.
    """


class StatefulSetUpdateStrategy(Model):
    """How the pods of a StatefulSet get a new template: one by one, or when someone deletes them."""

    type: OrBlank[Literal["RollingUpdate", "OnDelete"]] = None
    """Absent means ``RollingUpdate``."""
    rolling_update: RollingUpdateStatefulSetStrategy | None = None
    """Not with ``OnDelete``."""


class StatefulSetPersistentVolumeClaimRetentionPolicy(Model):
    """What becomes of the claims that a StatefulSet made."""

    when_deleted: Literal["Retain", "Delete"] | None = None
    """When the StatefulSet is deleted; absent means that they stay."""
    when_scaled: Literal["Retain", "Delete"] | None = None
    """When their pod is no longer wanted; absent means that they stay."""


class StatefulSetOrdinals(Model):
    """How the pods are numbered."""

    start: Count | None = None
    """The first number; absent means 0."""


class StatefulSetSpec(Model):
    """The pods of a StatefulSet; only ``replicas``, ``template`` and ``update_strategy`` can be changed."""

    service_name: Annotated[str, Names("Service")] | None = None
    """The headless Service that gives the pods their DNS names. Nothing checks that it exists, and pods run without.

    Required before 1.33.
    """
    replicas: Count | None = None
    """Absent means 1. A sidecar without leader election must not have more."""
    selector: LabelSelector
    """Must match the labels of the template, and be different from every other controller's in the namespace."""
    template: PodTemplateSpec
    """Its pods are named after the StatefulSet: ``csi-hostpath-attacher-0``."""
    volume_claim_templates: list[PersistentVolumeClaim] | None = None
    """A claim of each for every pod, named ``<template>-<pod>``; they outlive the StatefulSet."""
    pod_management_policy: OrBlank[Literal["OrderedReady", "Parallel"]] = None
    """Whether a pod waits until the one before is ready; absent means ``OrderedReady``."""
    update_strategy: StatefulSetUpdateStrategy | None = None
    revision_history_limit: Count | None = None
    """How many old templates are kept; absent means 10."""
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0. On from 1.23."""
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = None
    """On from 1.27."""
    ordinals: StatefulSetOrdinals | None = None
    """On from 1.27."""


class StatefulSetCondition(Model):
    """One aspect of how a StatefulSet fares."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


class StatefulSetStatus(Model):
    """How far a StatefulSet has come."""

    observed_generation: Int64 | None = None
    replicas: Int32
    ready_replicas: Int32 | None = None
    current_replicas: Int32 | None = None
    updated_replicas: Int32 | None = None
    current_revision: str | None = None
    update_revision: str | None = None
    collision_count: Int32 | None = None
    conditions: list[StatefulSetCondition] | None = None
    available_replicas: Int32 | None = None


class StatefulSet(Resource):
    """Numbered pods, at most one of each number at a time; what a sidecar that must not run twice needs."""

    API_VERSION: ClassVar[str] = "apps/v1"

    spec: StatefulSetSpec
    status: StatefulSetStatus | None = None


class RollingUpdateDaemonSet(Model):
    """How many pods of a DaemonSet may be down while a new template is rolled out."""

    max_unavailable: IntOrPercent | None = None
    """A count, or a share of the nodes rounded up; absent means 1."""
    max_surge: IntOrPercent | None = None
    """How many nodes may run the new pod beside the old one; absent means 0. One of the two must be more than 0.

    On from 1.22.
    """


class DaemonSetUpdateStrategy(Model):
    """How the pods of a DaemonSet get a new template: node by node, or when someone deletes them."""

    type: OrBlank[Literal["RollingUpdate", "OnDelete"]] = None
    """Absent means ``RollingUpdate``."""
    rolling_update: RollingUpdateDaemonSet | None = None


class DaemonSetSpec(Model):
    """The pod that each node runs."""

    selector: LabelSelector
    """Must match the labels of the template; cannot be changed."""
    template: PodTemplateSpec
    """Its node selector, affinity and tolerations decide which nodes run it."""
    update_strategy: DaemonSetUpdateStrategy | None = None
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""
    revision_history_limit: Count | None = None
    """How many old templates are kept; absent means 10."""


class DaemonSetCondition(Model):
    """One aspect of how a DaemonSet fares."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


class DaemonSetStatus(Model):
    """How far a DaemonSet has come, in numbers of nodes."""

    observed_generation: Int64 | None = None
    desired_number_scheduled: Int32
    current_number_scheduled: Int32
    updated_number_scheduled: Int32 | None = None
    number_ready: Int32
    number_available: Int32 | None = None
    number_unavailable: Int32 | None = None
    number_misscheduled: Int32
    """Nodes that run the pod and should not."""
    collision_count: Int32 | None = None
    conditions: list[DaemonSetCondition] | None = None


class DaemonSet(Resource):
    """One pod on each node; where a driver's node part belongs."""

    API_VERSION: ClassVar[str] = "apps/v1"

    spec: DaemonSetSpec
    status: DaemonSetStatus | None = None


class RollingUpdateDeployment(Model):
    """How many pods of a Deployment may be too many or too few during an update; not both limits can be 0."""

    max_surge: IntOrPercent | None = None
    """A count, or a share of the replicas rounded up; absent means 25%."""
    max_unavailable: IntOrPercent | None = None
    """A count, or a share of the replicas rounded down; absent means 25%."""


class DeploymentStrategy(Model):
    """How the pods of a Deployment get a new template: little by little, or all stopped first."""

    type: OrBlank[Literal["RollingUpdate", "Recreate"]] = None
    """Absent means ``RollingUpdate``, which runs old and new pods side by side."""
    rolling_update: RollingUpdateDeployment | None = None
    """Not with ``Recreate``."""


class DeploymentSpec(Model):
    """The pods of a Deployment."""

    replicas: Count | None = None
    """Absent means 1."""
    selector: LabelSelector
    """Must match the labels of the template; cannot be changed."""
    template: PodTemplateSpec
    strategy: DeploymentStrategy | None = None
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""
    revision_history_limit: Count | None = None
    """How many old ReplicaSets are kept; absent means 10."""
    paused: bool | None = None
    """Whether a new template waits."""
    progress_deadline_seconds: Count | None = None
    """How long an update may stand still before it is reported as failed; absent means 600."""


class DeploymentCondition(Model):
    """One aspect of how a Deployment fares."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_update_time: Time | None = None
    last_transition_time: Time | None = None


class DeploymentStatus(Model):
    """How far a Deployment has come."""

    observed_generation: Int64 | None = None
    replicas: Int32 | None = None
    updated_replicas: Int32 | None = None
    ready_replicas: Int32 | None = None
    available_replicas: Int32 | None = None
    unavailable_replicas: Int32 | None = None
    collision_count: Int32 | None = None
    conditions: list[DeploymentCondition] | None = None
    terminating_replicas: Int32 | None = None
    """Pods that are on their way out."""


class Deployment(Resource):
    """Interchangeable pods; during an update, and when a node is lost, more may run than asked for."""

    API_VERSION: ClassVar[str] = "apps/v1"

    spec: DeploymentSpec
    status: DeploymentStatus | None = None


class ReplicaSetSpec(Model):
    """The pods of a ReplicaSet."""

    replicas: Count | None = None
    """Absent means 1."""
    selector: LabelSelector
    """Must match the labels of the template; cannot be changed."""
    template: PodTemplateSpec | None = None
    min_ready_seconds: Count | None = None
    """How long a new pod must be ready before it counts as available; absent means 0."""


class ReplicaSetCondition(Model):
    """One aspect of how a ReplicaSet fares."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


class ReplicaSetStatus(Model):
    """How far a ReplicaSet has come."""

    observed_generation: Int64 | None = None
    replicas: Int32
    fully_labeled_replicas: Int32 | None = None
    """Pods that have all labels of the template."""
    ready_replicas: Int32 | None = None
    available_replicas: Int32 | None = None
    terminating_replicas: Int32 | None = None
    """Pods that are on their way out."""
    conditions: list[ReplicaSetCondition] | None = None


class ReplicaSet(Resource):
    """Interchangeable pods of one template; a Deployment makes one for each of its templates."""

    API_VERSION: ClassVar[str] = "apps/v1"

    spec: ReplicaSetSpec | None = None
    status: ReplicaSetStatus | None = None
