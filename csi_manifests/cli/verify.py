"""``csi-manifests verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._cluster import chosen_kubectl, cluster_options, working
from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.output import emit, formats

if TYPE_CHECKING:
    from csi_manifests.setup.setup import Setup


@click.command(cls=SetupCommand, short_help="Write, snapshot, write, restore, compare.")
@click.option(
    "--image",
    metavar="IMAGE",
    help="The image of the pods, with sh, cat and sync: for clusters that reach no registry.  [default: that of the setup]",
)
@click.option("--keep", is_flag=True, help="Leave what was made, to look at it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(formats("verification")),
    default="text",
    show_default=True,
    help="How to write the report.",
)
@cluster_options
def command(
    image: str | None,
    keep: bool,
    form: str,
    timeout: float,
    program: str,
    context: str | None,
    kubeconfig: str | None,
    config: str | None,
    **flags: Any,
) -> int:
    """Try the driver out: write, snapshot, write more, restore, and read what was there before.

    \b
      csi-manifests verify
      csi-manifests verify --namespace scratch --keep
      csi-manifests verify --image registry.local/busybox:1.30 --format junit > verify.xml

    The driver must be there: 'csi-manifests apply' with the same setup makes it. The claims, pods and the snapshot have
    names of their own and go to a new namespace, which is deleted at the end, unless --namespace is said; the Secrets for
    pulling images must be there. The exit code is 1 when what is read is not what has to be there.
    """
    from csi_manifests.cluster.plan import workloads
    from csi_manifests.cluster.verify import verify
    from csi_manifests.cluster.waits import Watch
    from csi_manifests.components.plan import build

    setup = chosen_setup(config, flags)
    given = click.get_current_context().get_parameter_source("namespace") is ParameterSource.COMMANDLINE
    kubectl = chosen_kubectl(program, context, kubeconfig)
    with working("verify", "A new run begins anew.") as progress:
        watch = Watch(kubectl, progress, timeout, workloads(build(setup)))
        result = verify(
            _with_image(setup, image) if image else setup, watch, setup.namespace if given else None, keep=keep
        )
    product(emit("verification", form, result))
    if result.left:
        note(result.left)
    if result.error is not None:
        raise result.error
    return 0 if result.passed else 1


def _with_image(setup: Setup, image: str) -> Setup:
    from csi_manifests.errors import InvalidError

    # The image is taken as it is said, whatever mirror the driver's own images come from.
    try:
        return setup.replace(pod=setup.pod.model_dump() | {"image": image, "name": setup.pod.name}, registry=None)
    except InvalidError:
        raise click.UsageError(
            f"--image {image!r} is no image. Write it as in a pod, such as registry.local/busybox:1.30."
        ) from None
