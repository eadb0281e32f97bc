"""Which pods come first, as ``scheduling.k8s.io/v1beta1`` defines it until 1.21: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import scheduling_v1


class PriorityClass(scheduling_v1.PriorityClass):
    """How important pods are."""

    API_VERSION: ClassVar[str] = "scheduling.k8s.io/v1beta1"
