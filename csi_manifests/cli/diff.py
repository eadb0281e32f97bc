"""``csi-manifests diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._cluster import kubectl_options
from csi_manifests.cli._output import format_option, note, note_passed_over, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.cli._stages import stage_option
from csi_manifests.output import emit

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.cluster.kubectl import Kubectl


@click.command(cls=SetupCommand, short_help="Compare two bundles, or a cluster with one.")
@click.argument("old", required=False, metavar="[A]")
@click.argument("new", required=False, metavar="[B]")
@click.option("--live", is_flag=True, help="Compare the cluster with A, or with the setup.")
@stage_option("Compare")
@kubectl_options
@format_option("difference", "How to write the differences.")
def command(
    old: str | None,
    new: str | None,
    live: bool,
    stages: tuple[str, ...] | None,
    kubectl: Kubectl,
    form: str,
    config: str | None,
    **flags: Any,
) -> int:
    """Compare two bundles, or a cluster with a bundle. Each difference has an object and a JSON pointer.

    \b
      csi-manifests diff old.yaml new.yaml
      csi-manifests diff bundle.yaml --namespace csi      a bundle with the setup
      csi-manifests diff --live bundle.yaml               the cluster with a bundle
      csi-manifests diff --live --stage crds,rbac,driver,classes

    A and B are manifests (files, folders, or - for stdin) or setup files; without B, A is compared with the setup. Two
    texts that mean the same to an API server do not differ: 1Gi is 1024Mi, no namespace is default, and an item of a
    list is known by its name. A pointer counts positions in B, or in A for what was removed.

    --live ignores status, other fields that only the server writes, defaults that the server fills in, and objects that
    the bundle does not have. The stages of the example are those that 'csi-manifests apply' makes.

    Exit code 0: no difference; 1: some; 2 or more: nothing was compared.
    """
    from csi_manifests.bundle.diff import diff, summary
    from csi_manifests.cluster.plan import staged
    from csi_manifests.components.plan import build, gather_or_build

    given = click.get_current_context().get_parameter_source
    chosen = [name for name in ("config", *flags) if given(name) is ParameterSource.COMMANDLINE]
    if (new is not None and live) or (old is not None and chosen and (new is not None or live)):
        what = "--live takes one bundle" if live else "A and B are both given"
        said = f" and --{chosen[0].replace('_', '-')}" if chosen else ""
        raise click.UsageError(f"{what}{said}: there is nothing left to compare with. Leave one out.")
    if old is None and not live:
        raise click.UsageError("Say what to compare: A and B, A with the setup, or --live.")
    if old == "-" and new == "-":
        raise click.UsageError("A and B cannot both be stdin.")

    def side(path: str | None) -> Bundle:
        if path is None:
            bundle = build(chosen_setup(config, flags))
        else:
            intake = gather_or_build(path)
            note_passed_over(intake.passed_over)
            bundle = intake.required(whole=True)
        return staged(bundle).select(*stages) if stages else bundle

    if live:
        from csi_manifests.cluster.diff import diff_cluster

        bundle = side(old)
        found = diff_cluster(bundle, kubectl)
    else:
        before, bundle = side(old), side(new)
        found = diff(before, bundle)
    product(emit("difference", form, found))
    note(summary(found, len(bundle)))
    return int(bool(found))
