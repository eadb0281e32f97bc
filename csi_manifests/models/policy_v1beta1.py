"""How many pods may be missing, as ``policy/v1beta1`` defines it until 1.24: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import policy_v1


class PodDisruptionBudget(policy_v1.PodDisruptionBudget):
    """How many of a set of pods may be evicted at a time, as when a node is drained."""

    API_VERSION: ClassVar[str] = "policy/v1beta1"
