"""Pods that run to an end, as ``batch/v1`` defines it."""

from typing import Annotated, ClassVar, Literal

from pydantic import JsonValue

from csi_manifests.models.base import Model, Names
from csi_manifests.models.core_v1.pods import PodTemplateSpec
from csi_manifests.models.core_v1.references import ObjectReference
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Count, DnsLabel, Int32, Int64, NonEmpty, OrBlank, QualifiedName, Time


class PodFailurePolicyOnExitCodesRequirement(Model):
    """The exit codes that a rule is for."""

    container_name: str | None = None
    """Absent means any container."""
    operator: Literal["In", "NotIn"]
    values: list[Int32]


class PodFailurePolicyOnPodConditionsPattern(Model):
    """The condition of a pod that a rule is for."""

    type: str
    """Such as ``DisruptionTarget``."""
    status: str | None = None
    """Absent means ``True``."""


class PodFailurePolicyRule(Model):
    """What is done after certain failures of a pod; exactly one of ``on_exit_codes`` and ``on_pod_conditions``."""

    action: Literal["FailJob", "FailIndex", "Ignore", "Count"]
    """``Ignore`` tries again without counting it, ``Count`` is what is done without a rule."""
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = None
    on_pod_conditions: list[PodFailurePolicyOnPodConditionsPattern] | None = None


class PodFailurePolicy(Model):
    """Which failures count how; the first rule that fits counts. Its pods must never be restarted in place."""

    rules: list[PodFailurePolicyRule]


class SuccessPolicyRule(Model):
    """Enough of a Job; if both are there, so many of those."""

    succeeded_indexes: str | None = None
    """Such as ``0,2-5``."""
    succeeded_count: Count | None = None


class SuccessPolicy(Model):
    """When a Job with indexes is done before all of them are; one rule is enough."""

    rules: list[SuccessPolicyRule]


class WorkloadPodGroupResourceClaim(Model):
    """A claim of devices that pods share; exactly one of the two sources."""

    name: DnsLabel
    resource_claim_name: Annotated[str, Names("ResourceClaim", group="resource.k8s.io", required=False)] | None = None
    resource_claim_template_name: (
        Annotated[str, Names("ResourceClaimTemplate", group="resource.k8s.io", required=False)] | None
    ) = None


class WorkloadPodGroupDisruptionMode(Model):
    """Whether pods are stopped one by one or all together, to make room; exactly one of the two, as ``{}``."""

    single: dict[str, JsonValue] | None = None
    all: dict[str, JsonValue] | None = None


class TopologyConstraint(Model):
    """Pods that all run in one part of the cluster."""

    key: QualifiedName
    """The node label whose equal values make a part."""


class WorkloadPodGroupSchedulingConstraints(Model):
    """Where pods that are scheduled together may be."""

    topology: list[TopologyConstraint] | None = None


class WorkloadPodGroupGangSchedulingPolicy(Model):
    """All or none."""

    min_count: Count | None = None
    """How many must fit at once."""


class WorkloadPodGroupSchedulingPolicy(Model):
    """Whether pods are scheduled one by one or together; exactly one of the two."""

    basic: dict[str, JsonValue] | None = None
    """One by one, as ``{}``."""
    gang: WorkloadPodGroupGangSchedulingPolicy | None = None


class JobSchedulingConfiguration(Model):
    """How the pods of a Job are scheduled together."""

    scheduling_policy: WorkloadPodGroupSchedulingPolicy | None = None
    scheduling_constraints: WorkloadPodGroupSchedulingConstraints | None = None
    disruption_mode: WorkloadPodGroupDisruptionMode | None = None
    resource_claims: list[WorkloadPodGroupResourceClaim] | None = None


class JobSpec(Model):
    """The pods of a Job, and when it is done; little of it can be changed."""

    parallelism: Count | None = None
    """How many pods run at once; absent means 1."""
    completions: Count | None = None
    """How many must succeed; absent means that one success is enough, and no more pods start after it."""
    active_deadline_seconds: Int64 | None = None
    """Seconds after which it is stopped and counts as failed; absent means never."""
    pod_failure_policy: PodFailurePolicy | None = None
    """On from 1.26."""
    success_policy: SuccessPolicy | None = None
    """On from 1.31."""
    backoff_limit: Count | None = None
    """How many failures it takes before it counts as failed; absent means 6."""
    backoff_limit_per_index: Count | None = None
    """The same for each index."""
    max_failed_indexes: Count | None = None
    """How many indexes may fail; absent means all."""
    selector: LabelSelector | None = None
    """The server fills it in; written by hand it needs ``manual_selector``."""
    manual_selector: bool | None = None
    """Whether selector and labels are one's own, and then one's own to keep apart from others'."""
    template: PodTemplateSpec
    """Its pods must say ``OnFailure`` or ``Never`` as ``restart_policy``."""
    ttl_seconds_after_finished: Count | None = None
    """Seconds after its end until it is deleted; absent means never. On from 1.21."""
    completion_mode: Literal["NonIndexed", "Indexed"] | None = None
    """Whether each pod has a number of its own, from 0; absent means no."""
    suspend: bool | None = None
    """Whether it has no pods for now; absent means no."""
    pod_replacement_policy: Literal["TerminatingOrFailed", "Failed"] | None = None
    """Whether a new pod starts while the old one is still on its way out."""
    managed_by: QualifiedName | None = None
    """The controller that looks after it; absent means Kubernetes' own."""
    scheduling: JobSchedulingConfiguration | None = None
    """From 1.37."""


class JobCondition(Model):
    """One aspect of how a Job fares: ``Complete``, ``Failed`` or ``Suspended``."""

    type: str
    status: str
    last_probe_time: Time | None = None
    last_transition_time: Time | None = None
    reason: str | None = None
    message: str | None = None


class UncountedTerminatedPods(Model):
    """Pods that have ended and are yet to be counted, by their uid."""

    succeeded: list[str] | None = None
    failed: list[str] | None = None


class JobStatus(Model):
    """How far a Job has come."""

    conditions: list[JobCondition] | None = None
    start_time: Time | None = None
    completion_time: Time | None = None
    """When it succeeded; absent if it failed."""
    active: Int32 | None = None
    ready: Int32 | None = None
    terminating: Int32 | None = None
    succeeded: Int32 | None = None
    failed: Int32 | None = None
    completed_indexes: str | None = None
    """Such as ``0,2-5``."""
    failed_indexes: str | None = None
    uncounted_terminated_pods: UncountedTerminatedPods | None = None


class Job(Resource):
    """Pods that run to an end, and are tried again if they fail."""

    API_VERSION: ClassVar[str] = "batch/v1"

    spec: JobSpec | None = None
    status: JobStatus | None = None


class JobTemplateSpec(Model):
    """What the Jobs of a CronJob look like."""

    metadata: ObjectMeta | None = None
    """Labels and annotations for the Jobs; a name is ignored."""
    spec: JobSpec | None = None


class CronJobSpec(Model):
    """When which Jobs are started."""

    schedule: NonEmpty
    """Minute, hour, day, month and day of the week, as in ``0 3 * * *``, or ``@daily``."""
    time_zone: NonEmpty | None = None
    """Such as ``Etc/UTC``; absent means that of the controller manager. On from 1.25."""
    starting_deadline_seconds: Int64 | None = None
    """Seconds by which a Job may start late; absent means any number."""
    concurrency_policy: OrBlank[Literal["Allow", "Forbid", "Replace"]] = None
    """What becomes of a Job whose predecessor still runs; absent means ``Allow``: both run."""
    suspend: bool | None = None
    """Whether no Jobs start for now; absent means no."""
    job_template: JobTemplateSpec
    successful_jobs_history_limit: Count | None = None
    """How many Jobs that succeeded are kept; absent means 3."""
    failed_jobs_history_limit: Count | None = None
    """How many Jobs that failed are kept; absent means 1."""


class CronJobStatus(Model):
    """Which Jobs run, and when the last ones did."""

    active: list[ObjectReference] | None = None
    last_schedule_time: Time | None = None
    last_successful_time: Time | None = None


class CronJob(Resource):
    """Jobs by the clock."""

    API_VERSION: ClassVar[str] = "batch/v1"

    spec: CronJobSpec | None = None
    status: CronJobStatus | None = None
