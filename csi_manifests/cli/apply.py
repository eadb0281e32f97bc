"""``csi-manifests apply``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from csi_manifests.cli._cluster import bundle_options, chosen_bundle
from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand

if TYPE_CHECKING:
    from csi_manifests.cluster.kubectl import Kubectl


@click.command(cls=SetupCommand, short_help="Apply a setup or a bundle, stage by stage.")
@bundle_options("Apply", stages="crds,rbac,driver,classes")
def command(
    files: tuple[str, ...],
    stages: tuple[str, ...] | None,
    dry_run: bool,
    kubectl: Kubectl,
    timeout: float,
    config: str | None,
    **flags: Any,
) -> None:
    """Check a setup or a bundle, and apply it with kubectl, stage by stage.

    \b
      csi-manifests apply
      csi-manifests apply --namespace csi --context test-cluster
      csi-manifests apply -f bundle.yaml --stage crds,rbac,driver

    Each stage is awaited before the next: the CRDs until they are Established, the plugin until it runs on a node, then
    the sidecars. Objects that use the driver are left out unless --stage names their stage; 'csi-manifests verify' tries
    the driver.

    A second run changes nothing. Objects that somebody else created are adopted, except the bindings of an installation
    in another namespace: with --instance, this installation has names of its own. Objects of -f without a namespace go
    to that of --namespace.
    """
    from csi_manifests.cluster.apply import apply, summary
    from csi_manifests.cluster.bundles import left_out, unfit_for_server
    from csi_manifests.cluster.plan import DEPLOYED, workloads
    from csi_manifests.cluster.progress import working
    from csi_manifests.cluster.waits import Watch

    whole, _ = chosen_bundle(files, config, flags)
    bundle = whole.select(*(stages or DEPLOYED))
    if not len(bundle):
        raise click.UsageError(f"Nothing to apply: there is no object in {', '.join(stages or DEPLOYED)}.")
    if dry_run:
        from csi_manifests.cluster.plan import apply_steps
        from csi_manifests.output import emit

        product(emit("plan", "text", apply_steps(bundle)))
        return
    with working("apply") as progress:
        if unfit := unfit_for_server(whole, kubectl):
            progress.line(unfit)
        counts = apply(bundle, Watch(kubectl, progress, timeout, workloads(whole)))
        progress.line(summary(counts))
    if not stages and (left := left_out(whole)):
        note(
            f"left out: {sum(left.values())} objects that use the driver (--stage {','.join(left)}); "
            "'csi-manifests verify' tries it out"
        )
