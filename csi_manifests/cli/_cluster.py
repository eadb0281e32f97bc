"""The options and the manners of the commands that work with a cluster."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._output import note
from csi_manifests.cli._setup import chosen_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.cluster.kubectl import Kubectl
    from csi_manifests.cluster.progress import Progress
    from csi_manifests.setup.setup import Setup

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST = 24 * 3600
_BESIDE_FILES = {"kubernetes", "namespace", "snapshot_crds"}
"""The choices of a setup that mean something for a bundle from files."""


class Seconds(click.ParamType[float]):
    """A time, such as ``180``, ``180s`` or ``3m``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return it in seconds."""
        if isinstance(value, (int, float)):
            return float(value)
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|)", str(value))
        if found is None or not float(found[1]):
            self.fail(f"{value!r} is no time. Write seconds, or a number with s, m or h, such as 3m.", param, ctx)
        seconds = float(found[1]) * _UNITS[found[2]]
        if seconds > _LONGEST:
            self.fail(f"{value!r} is more than a day. Write 24h at most.", param, ctx)
        return seconds


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which kubectl, which cluster, and how long to wait."""
    for option in (
        click.option(
            "--timeout",
            type=Seconds(),
            default="180s",
            show_default=True,
            metavar="TIME",
            help="How long each wait may take.",
        ),
        click.option(
            "--kubeconfig",
            type=click.Path(),
            metavar="FILE",
            help="For kubectl: the file that says how to reach clusters.",
        ),
        click.option("--context", metavar="NAME", help="For kubectl: the context of the kubeconfig to use."),
        click.option(
            "--kubectl",
            "program",
            default="kubectl",
            show_default=True,
            metavar="PATH",
            help="The kubectl to use, 1.13 or later.",
        ),
    ):
        command = option(command)
    return command


def chosen_kubectl(program: str, context: str | None, kubeconfig: str | None) -> Kubectl:
    """Return the user's kubectl, for the cluster that is meant."""
    from csi_manifests.cluster.kubectl import Kubectl

    options = [f"--context={context}"] if context else []
    return Kubectl(program, (*options, *([f"--kubeconfig={kubeconfig}"] if kubeconfig else [])))


def chosen_bundle(files: tuple[str, ...], config: str | None, flags: dict[str, Any]) -> tuple[Bundle, Setup]:
    """Return the bundle that is meant, checked and with a stage for every object: that of the setup, or that of files.

    Raises:
        FindingsError: if there is an error in it.
        InputError: if a file cannot be read.

    """
    from csi_manifests.checks.checking import build_checked
    from csi_manifests.cluster.plan import staged, with_namespace

    if not files:
        setup = chosen_setup(config, flags)
        return staged(build_checked(setup)), setup
    given = click.get_current_context().get_parameter_source
    foreign = [name for name in flags if name not in _BESIDE_FILES and given(name) is ParameterSource.COMMANDLINE]
    if config or foreign:
        said = "--config" if config else "--" + foreign[0].replace("_", "-")
        raise click.UsageError(
            f"--filename takes objects as they are: leave {said} out, or give it to 'csi-manifests render'."
        )
    setup = chosen_setup(None, {name: value for name, value in flags.items() if name in _BESIDE_FILES})
    return staged(with_namespace(_read(files, setup), setup.namespace)), setup


def _read(files: tuple[str, ...], setup: Setup) -> Bundle:
    from csi_manifests.bundle.gathering import gather
    from csi_manifests.checks.checking import check_gathered, require_no_errors

    intake = gather(files)
    bundle = intake.required()
    for line in intake.passed_over:
        note(f"passed over: {line}")
    require_no_errors(check_gathered(intake, setup.kubernetes, advice=False).findings)
    return bundle


@contextmanager
def working(what: str, hint: str = "The same command goes on from here.") -> Generator[Progress]:
    """Return the progress of a run that says, when it is interrupted, what was done and how to go on."""
    from csi_manifests.cluster.progress import Progress

    progress = Progress()
    try:
        with progress.live():
            yield progress
    except KeyboardInterrupt:
        done = ", ".join(dict.fromkeys(progress.done)) or "nothing"
        note(f"{what} was interrupted. Done so far: {done}. {hint}")
        raise
