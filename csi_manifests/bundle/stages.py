"""The stages in which a bundle is applied."""

from csi_manifests.errors import UsageError
from csi_manifests.text.words import did_you_mean

STAGES = ("crds", "rbac", "driver", "classes", "workload", "snapshot", "restore")
"""Each is to be awaited before the next: CRDs established, pods running, claims bound, snapshots ready."""


def require_stage(name: str) -> None:
    """Raise for a name that no stage has.

    Raises:
        UsageError: says what the stages are.

    """
    if name not in STAGES:
        said = (f"{name!r} is not a stage.", did_you_mean(name, STAGES), f"The stages are: {', '.join(STAGES)}.")
        raise UsageError(" ".join(filter(None, said)))
