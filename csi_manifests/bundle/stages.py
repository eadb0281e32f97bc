"""The steps of the procedure."""

STAGES = ("crds", "rbac", "driver", "classes", "workload", "snapshot", "restore")
"""Each is to be awaited before the next: CRDs established, pods running, claims bound, snapshots ready."""
