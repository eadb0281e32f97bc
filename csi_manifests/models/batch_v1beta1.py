"""Jobs by the clock, as ``batch/v1beta1`` defines it until 1.24: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import batch_v1


class CronJob(batch_v1.CronJob):
    """Jobs by the clock."""

    API_VERSION: ClassVar[str] = "batch/v1beta1"
