"""How many pods may be missing, as ``policy/v1`` defines it from 1.21 on."""

from typing import ClassVar

from csi_manifests.models.base import Model
from csi_manifests.models.meta_v1 import Condition, LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Int32, Int64, IntOrPercent, Time


class PodDisruptionBudgetSpec(Model):
    """How many of which pods may be missing; at most one of the two amounts."""

    min_available: IntOrPercent | None = None
    """A count, or a share of the pods rounded up."""
    selector: LabelSelector | None = None
    """Absent selects none; an empty one all pods of the namespace, but none in ``policy/v1beta1``."""
    max_unavailable: IntOrPercent | None = None
    """A count, or a share of the pods rounded up."""
    unhealthy_pod_eviction_policy: str | None = None
    """Whether running pods that are not ready may always be evicted (``AlwaysAllow``); absent: ``IfHealthyBudget``."""


class PodDisruptionBudgetStatus(Model):
    """How many pods there are, and how many may go."""

    observed_generation: Int64 | None = None
    disrupted_pods: dict[str, Time] | None = None
    """Pods whose eviction was allowed, until they are gone."""
    disruptions_allowed: Int32 | None = None
    current_healthy: Int32 | None = None
    desired_healthy: Int32 | None = None
    expected_pods: Int32 | None = None
    conditions: list[Condition] | None = None


class PodDisruptionBudget(Resource):
    """How many of a set of pods may be evicted at a time, as when a node is drained."""

    API_VERSION: ClassVar[str] = "policy/v1"

    spec: PodDisruptionBudgetSpec | None = None
    status: PodDisruptionBudgetStatus | None = None
