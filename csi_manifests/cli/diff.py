"""``csi-manifests diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._cluster import chosen_kubectl
from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.cli._stages import STAGES
from csi_manifests.output import emit, formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.bundle.diff import Difference


@click.command(cls=SetupCommand, short_help="Compare two bundles, or the cluster with one.")
@click.argument("old", required=False, metavar="[A]")
@click.argument("new", required=False, metavar="[B]")
@click.option("--live", is_flag=True, help="Compare the cluster with A, or with the setup.")
@click.option("--stage", "stages", type=STAGES, help="Compare only the objects of these stages, separated by commas.")
@click.option(
    "--kubectl",
    "program",
    default="kubectl",
    show_default=True,
    metavar="PATH",
    help="The kubectl to ask the cluster with.",
)
@click.option("--context", metavar="NAME", help="The kubeconfig's context to use.")
@click.option("--kubeconfig", metavar="FILE", help="The kubeconfig to use.")
@click.option(
    "--format",
    "form",
    type=click.Choice(formats("difference")),
    default="text",
    show_default=True,
    help="How to write the differences.",
)
def command(
    old: str | None,
    new: str | None,
    live: bool,
    stages: tuple[str, ...] | None,
    program: str,
    context: str | None,
    kubeconfig: str | None,
    form: str,
    config: str | None,
    **flags: Any,
) -> int:
    """Compare two bundles, or a cluster with one, by object and JSON pointer.

    \b
      csi-manifests diff old.yaml new.yaml
      csi-manifests diff bundle.yaml --namespace csi      with what the setup renders now
      csi-manifests diff --live --stage crds,rbac,driver,classes
      csi-manifests diff --live bundle.yaml               the cluster with a bundle

    A and B are files or folders of manifests, - for stdin, or setup files: a mapping without apiVersion and kind. What is
    compared is what an API server would take: 1Gi is 1024Mi, no namespace is default, and an item of a list is known by
    its name. Positions in pointers are those of B; of what is gone, those of A.

    With --live, status and all else that the server writes itself do not count, nor does a field that the bundle leaves
    to the server's default and that has it. Other objects of the cluster are not looked at. The stages of the example are
    what 'csi-manifests apply' makes; the rest is 'added' until the demonstration is in the cluster.

    Exit code 0: no difference; 1: some; 2 and above: nothing was compared.
    """
    ctx = click.get_current_context()
    chosen = [name for name in ("config", *flags) if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if (new is not None and live) or (old is not None and chosen and (new is not None or live)):
        what = "--live takes one bundle" if live else "A and B are both given"
        said = f" and --{chosen[0].replace('_', '-')}" if chosen else ""
        raise click.UsageError(f"{what}{said}: there is nothing left to compare with. Leave one out.")
    if old is None and not live:
        raise click.UsageError("Say what to compare: A and B, A with the setup, or --live.")
    if old == "-" and new == "-":
        raise click.UsageError("A and B cannot both be stdin.")
    if live:
        from csi_manifests.bundle.diff import diff_live, key_of

        bundle = _only(_bundle_of(old) if old is not None else _rendered(config, flags), stages)
        cluster = chosen_kubectl(program, context, kubeconfig)
        found = diff_live(bundle, cluster.get(map(key_of, bundle), "compare with the cluster").get)
    else:
        from csi_manifests.bundle.diff import diff

        before = _only(_bundle_of(str(old)), stages)
        bundle = _only(_bundle_of(new) if new is not None else _rendered(config, flags), stages)
        found = diff(before, bundle)
    product(emit("difference", form, found))
    note(_summary(found, len(bundle)))
    return int(bool(found))


def _only(bundle: Bundle, stages: tuple[str, ...] | None) -> Bundle:
    if stages is None:
        return bundle
    from csi_manifests.cluster.plan import staged

    # Objects of files say no stage: their kinds do.
    return staged(bundle).select(*stages)


def _bundle_of(path: str) -> Bundle:
    from csi_manifests.bundle.gathering import gather
    from csi_manifests.setup.reading import is_setup

    if path != "-" and is_setup(path):
        return _rendered(path, {})
    intake = gather([path])
    bundle = intake.required(whole=True)
    for line in intake.passed_over:
        note(f"passed over: {line}")
    return bundle


def _rendered(config: str | None, flags: dict[str, Any]) -> Bundle:
    from csi_manifests.components.plan import build

    return build(chosen_setup(config, flags))


def _summary(found: Sequence[Difference], objects: int) -> str:
    if not found:
        return f"no difference in {objects} {'object' if objects == 1 else 'objects'}"
    differing = len({difference.object for difference in found})
    return f"{len(found)} difference{'s' * (len(found) > 1)} in {differing} object{'s' * (differing > 1)}"
