"""``csi-manifests delete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from csi_manifests.cli._cluster import bundle_options, chosen_bundle
from csi_manifests.cli._output import product
from csi_manifests.cli._setup import SetupCommand

if TYPE_CHECKING:
    from csi_manifests.cluster.kubectl import Kubectl


@click.command(cls=SetupCommand, short_help="Delete what 'apply' made, in reverse order.")
@bundle_options("Delete")
@click.option(
    "--force",
    is_flag=True,
    help="Also delete what others still need: the driver of their volumes, the CRDs of their objects, the rights of their accounts.",
)
def command(
    files: tuple[str, ...],
    stages: tuple[str, ...] | None,
    force: bool,
    dry_run: bool,
    kubectl: Kubectl,
    timeout: float,
    config: str | None,
    **flags: Any,
) -> None:
    """Delete what 'apply' made, in reverse order; also what an interrupted run has left.

    \b
      csi-manifests delete
      csi-manifests delete -f bundle.yaml
      csi-manifests delete --stage workload,snapshot,restore

    Pods, then claims with their volumes and snapshots with their contents go before the driver: only the driver can
    unmount and delete them. CRDs go last. CRDs, roles, bindings and classes that something else in the cluster needs are
    kept.

    csi-snapshotter makes the three snapshot CRDs if they are missing. With -f, --snapshot-crds deletes these too, even
    if the files do not have them.

    On the nodes, the driver's folder stays, and so does the annotation csi.volume.kubernetes.io/nodeid.
    """
    from csi_manifests.cluster.delete import delete, summary
    from csi_manifests.cluster.plan import workloads
    from csi_manifests.cluster.progress import working
    from csi_manifests.cluster.waits import Watch

    whole, setup = chosen_bundle(files, config, flags)
    if files and flags.get("snapshot_crds"):
        from csi_manifests.components.crds import with_snapshot_crds

        whole = with_snapshot_crds(whole, setup)
    bundle = whole.select(*stages) if stages else whole
    if not len(bundle):
        raise click.UsageError(f"Nothing to delete: there is no object in {', '.join(stages or ())}.")
    if dry_run:
        from csi_manifests.cluster.plan import delete_phases
        from csi_manifests.output import emit

        product(emit("plan", "text", delete_phases(bundle)))
        return
    with working("delete") as progress:
        counts = delete(bundle, Watch(kubectl, progress, timeout, workloads(bundle)), whole, force=force)
        progress.line(summary(counts, len(bundle)))
