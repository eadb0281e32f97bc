"""``csi-manifests delete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from csi_manifests.cli._cluster import chosen_bundle, chosen_kubectl, cluster_options, working
from csi_manifests.cli._output import product
from csi_manifests.cli._setup import SetupCommand
from csi_manifests.cli._stages import STAGES

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.setup.setup import Setup


@click.command(cls=SetupCommand, short_help="Delete what apply made, in reverse.")
@click.option(
    "--filename",
    "-f",
    "files",
    multiple=True,
    metavar="FILE|DIR|-",
    help="Delete these objects, and not those of a setup; may be given several times.",
)
@click.option("--stage", "stages", type=STAGES, help="Delete only these stages, separated by commas.  [default: all]")
@click.option(
    "--force",
    is_flag=True,
    help="Delete also what others still need: the driver of their volumes, definitions of their objects, rights of their accounts.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing; needs no cluster.")
@cluster_options
def command(
    files: tuple[str, ...],
    stages: tuple[str, ...] | None,
    force: bool,
    dry_run: bool,
    timeout: float,
    program: str,
    context: str | None,
    kubeconfig: str | None,
    config: str | None,
    **flags: Any,
) -> None:
    """Delete what 'apply' made, in reverse, each stage awaited; also what is left of an earlier, interrupted run.

    \b
      csi-manifests delete
      csi-manifests delete -f bundle.yaml
      csi-manifests delete --stage workload,snapshot,restore

    Pods, claims with their volumes and snapshots with their contents go before the driver: without it nobody unmounts or
    deletes them. Definitions go last, and only if nothing else in the cluster needs them; --snapshot-crds takes the three
    of snapshots along also where the bundle has none and csi-snapshotter made them. Roles, bindings and classes that an
    installation in another namespace needs are kept as well.

    On the nodes the driver leaves its folder, and the annotation csi.volume.kubernetes.io/nodeid.
    """
    whole, setup = chosen_bundle(files, config, flags)
    if files and flags.get("snapshot_crds"):
        whole = _with_snapshot_definitions(whole, setup)
    bundle = whole.select(*stages) if stages else whole
    if not len(bundle):
        raise click.UsageError(f"Nothing to delete: there is no object in {', '.join(stages or ())}.")
    kubectl = chosen_kubectl(program, context, kubeconfig)
    if dry_run:
        from csi_manifests.cluster.plan import delete_phases
        from csi_manifests.output import emit

        product(emit("plan", "text", delete_phases(bundle)))
        return
    from csi_manifests.cluster.delete import delete, summary
    from csi_manifests.cluster.plan import workloads
    from csi_manifests.cluster.waits import Watch

    with working("delete") as progress:
        counts = delete(bundle, Watch(kubectl, progress, timeout, workloads(bundle)), whole, force=force)
        progress.line(summary(counts, len(bundle)))


def _with_snapshot_definitions(bundle: Bundle, setup: Setup) -> Bundle:
    from csi_manifests.components.crds import snapshot_crds

    missing = [crd for crd in snapshot_crds(setup) if not bundle.has("apiextensions.k8s.io", crd.KIND, crd.name)]
    return bundle.with_(*missing, stage="crds", file="snapshot-crds.yaml")
