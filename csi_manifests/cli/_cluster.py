"""The options of the commands that work with a cluster."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._output import note_passed_over
from csi_manifests.cli._setup import chosen_setup
from csi_manifests.cli._stages import stage_option
from csi_manifests.text.durations import seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.setup.setup import Setup

_BESIDE_FILES = {"kubernetes", "namespace", "snapshot_crds"}
"""The choices of a setup that mean something for objects from files."""
_KUBECTL = "The kubectl to use, 1.13 or later."
_PLAN = "Print the plan, and change nothing; needs no cluster."

timeout_option = click.option(
    "--timeout", type=seconds, default="180s", show_default=True, metavar="TIME", help="How long each wait may take."
)


def kubectl_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which kubectl and which cluster; the command gets both as ``kubectl``."""

    @click.option("--kubectl", "program", default="kubectl", show_default=True, metavar="PATH", help=_KUBECTL)
    @click.option("--context", metavar="NAME", help="The context of the kubeconfig, for kubectl.")
    @click.option("--kubeconfig", type=click.Path(), metavar="FILE", help="The kubeconfig, for kubectl.")
    @wraps(command)
    def with_kubectl(program: str, context: str | None, kubeconfig: str | None, **options: Any) -> Any:
        from csi_manifests.cluster.kubectl import kubectl_for

        return command(kubectl=kubectl_for(program, context, kubeconfig), **options)

    return with_kubectl


def bundle_options(verb: str, stages: str = "all") -> Callable[..., Any]:
    """Return what adds the options that say which objects, on which cluster, and how."""
    files = f"{verb} the objects of these files instead of a setup's; may be repeated."
    options = (
        click.option("--filename", "-f", "files", multiple=True, metavar="FILE|DIR|-", help=files),
        stage_option(verb, stages),
        click.option("--dry-run", is_flag=True, help=_PLAN),
        kubectl_options,
        timeout_option,
    )

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def chosen_bundle(files: tuple[str, ...], config: str | None, flags: dict[str, Any]) -> tuple[Bundle, Setup]:
    """Return the bundle that is meant, that of the setup or that of files, and the setup that goes with it."""
    from csi_manifests.bundle.gathering import gather
    from csi_manifests.cluster.bundles import file_bundle, setup_bundle
    from csi_manifests.knowledge.releases import AUTO

    if not files:
        setup = chosen_setup(config, flags)
        return setup_bundle(setup), setup
    given = click.get_current_context().get_parameter_source
    said = [name for name in ("config", *flags) if given(name) is ParameterSource.COMMANDLINE]
    for name in said:
        if name not in _BESIDE_FILES:
            raise click.UsageError(
                f"--filename takes objects as they are: leave --{name.replace('_', '-')} out, "
                "or give it to 'csi-manifests render'."
            )
    release = flags.get("kubernetes") or AUTO
    setup = chosen_setup(None, {name: flags[name] for name in flags.keys() & _BESIDE_FILES - {"kubernetes"}})
    intake = gather(files)
    note_passed_over(intake.passed_over)
    return file_bundle(intake, setup.namespace, release), setup
