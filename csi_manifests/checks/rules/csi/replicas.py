"""Sidecars that run more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.programs import CONTROLLERS, Sidecar, sidecars_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.gates import WORDS
from csi_manifests.models.apps_v1 import DaemonSet, DaemonSetSpec, Deployment, StatefulSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_ELECTING = ("leader-election", "enable-leader-election", "node-deployment")


@rule(
    "CSI406",
    "replicas-without-leader",
    "replicas of a sidecar elect a leader",
    Deployment,
    StatefulSet,
    DaemonSet,
    fix="Set replicas to 1, or turn the sidecar's leader election on.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-provisioner}
  spec:
    replicas: 2
    selector: {matchLabels: {app: csi-provisioner}}
    template:
      metadata: {labels: {app: csi-provisioner}}
      spec:
        containers:
        - name: csi-provisioner
          image: quay.io/k8scsi/csi-provisioner:v1.0.1
-         args: [--csi-address=/csi/csi.sock]
+         args: [--enable-leader-election, --csi-address=/csi/csi.sock]
""",
)
def replicas_elect_a_leader(workload: Deployment | StatefulSet | DaemonSet, context: Context) -> Iterator[Problem]:
    """Each replica answers every claim: volumes and snapshots are made twice, and one of each pair is never deleted."""
    on_each_node = isinstance(workload, DaemonSet)
    replicas = None if isinstance(workload.spec, DaemonSetSpec) else workload.spec.replicas
    if not on_each_node and (replicas or 1) < 2:  # noqa: PLR2004  (more than one)
        return
    for sidecar in sidecars_of(workload, context):
        if sidecar.program in CONTROLLERS and not any(WORDS.get(sidecar.flags.get(name, "")) for name in _ELECTING):
            if on_each_node:
                yield Problem(
                    sidecar.pointer, f"{sidecar} runs on every node without leader election", severity="warning"
                )
            else:
                fix = "Set replicas to 1: this release has no leader election." if _has_no_election(sidecar) else ""
                yield Problem(sidecar.pointer, f"{replicas} replicas of {sidecar} run without leader election", fix)


def _has_no_election(sidecar: Sidecar) -> bool:
    return sidecar.program == "csi-snapshotter" and sidecar.version is not None and sidecar.version < (1, 1, 0)
