"""``csi-manifests apply``."""

from __future__ import annotations

from typing import Any

import click

from csi_manifests.bundle.stages import STAGES as NAMES
from csi_manifests.cli._cluster import chosen_bundle, chosen_kubectl, cluster_options, working
from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand
from csi_manifests.cli._stages import STAGES


@click.command(cls=SetupCommand, short_help="Apply the setup or a bundle, stage by stage.")
@click.option(
    "--filename",
    "-f",
    "files",
    multiple=True,
    metavar="FILE|DIR|-",
    help="Apply these objects, and not those of a setup; may be given several times.",
)
@click.option(
    "--stage",
    "stages",
    type=STAGES,
    help="Apply only these stages, separated by commas.  [default: crds,rbac,driver,classes]",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing; needs no cluster.")
@cluster_options
def command(
    files: tuple[str, ...],
    stages: tuple[str, ...] | None,
    dry_run: bool,
    timeout: float,
    program: str,
    context: str | None,
    kubeconfig: str | None,
    config: str | None,
    **flags: Any,
) -> None:
    """Apply the setup, or a bundle, with kubectl: checked first, then stage by stage, each awaited.

    \b
      csi-manifests apply
      csi-manifests apply --namespace csi --context test-cluster
      csi-manifests apply -f bundle.yaml --stage crds,rbac,driver

    Definitions are awaited until they are Established, the plugin until it runs on a node, and then the sidecars. What
    uses the driver is left out unless --stage names it; 'csi-manifests verify' tries the driver out.

    A second run changes nothing. Objects that others created are adopted, but for the bindings of an installation in
    another namespace: --instance gives this one names of its own. Objects of -f that say no namespace go to that
    of --namespace.
    """
    from csi_manifests.cluster.plan import DEPLOYED, workloads

    whole, _ = chosen_bundle(files, config, flags)
    bundle = whole.select(*(stages or DEPLOYED))
    if not len(bundle):
        raise click.UsageError(f"Nothing to apply: there is no object in {', '.join(stages or DEPLOYED)}.")
    kubectl = chosen_kubectl(program, context, kubeconfig)
    if dry_run:
        from csi_manifests.cluster.plan import apply_steps
        from csi_manifests.output import emit

        product(emit("plan", "text", apply_steps(bundle)))
        return
    from csi_manifests.cluster.apply import apply, summary
    from csi_manifests.cluster.waits import Watch

    with working("apply") as progress:
        counts = apply(bundle, Watch(kubectl, progress, timeout, workloads(whole)))
        progress.line(summary(counts))
    left = [] if stages else [item for item in whole.items if item.stage not in DEPLOYED]
    if left:
        names = [name for name in NAMES if any(item.stage == name for item in left)]
        note(
            f"left out: {len(left)} objects that use the driver (--stage {','.join(names)}); 'csi-manifests verify' tries it out"
        )
