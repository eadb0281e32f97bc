"""``csi-manifests verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._cluster import kubectl_options, timeout_option
from csi_manifests.cli._output import format_option, note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.output import emit

if TYPE_CHECKING:
    from csi_manifests.cluster.kubectl import Kubectl


@click.command(cls=SetupCommand, short_help="Test the driver: write, snapshot, restore, compare.")
@click.option(
    "--image",
    metavar="IMAGE",
    help="The image of the pods, with sh, cat and sync, for clusters without a registry.  [default: the setup's]",
)
@click.option("--keep", is_flag=True, help="Leave what was made in the cluster, to look at it.")
@format_option("verification", "How to write the report.")
@kubectl_options
@timeout_option
def command(
    image: str | None,
    keep: bool,
    form: str,
    kubectl: Kubectl,
    timeout: float,
    config: str | None,
    **flags: Any,
) -> int:
    """Test the driver: write to a volume, take a snapshot, write again, restore, and compare what is read.

    \b
      csi-manifests verify
      csi-manifests verify --namespace scratch --keep
      csi-manifests verify --image registry.local/busybox:1.30 --format junit > verify.xml

    Run 'csi-manifests apply' with the same setup first. The claims, pods and the snapshot get names that no other run
    has. They go to the namespace given with --namespace, or else to a new one, which is deleted at the end. The Secrets
    for pulling images must exist in that namespace.

    Exit code 1: the data that was read is wrong.
    """
    from csi_manifests.cluster.plan import workloads
    from csi_manifests.cluster.progress import working
    from csi_manifests.cluster.verify import verify
    from csi_manifests.cluster.waits import Watch
    from csi_manifests.components.plan import build
    from csi_manifests.setup.reading import setup_with_image

    setup = chosen_setup(config, flags)
    given = click.get_current_context().get_parameter_source("namespace") is ParameterSource.COMMANDLINE
    tried = setup_with_image(setup, image) if image else setup
    with working("verify", "A new run begins anew.") as progress:
        watch = Watch(kubectl, progress, timeout, workloads(build(setup)))
        result = verify(tried, watch, setup.namespace if given else None, keep=keep)
    product(emit("verification", form, result))
    if result.left:
        note(result.left)
    if result.error is not None:
        raise result.error
    return 0 if result.passed else 1
