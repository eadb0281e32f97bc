"""The options by which commands take a setup: a file, variables, flags."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, get_args

import click
from click.core import ParameterSource

from csi_manifests.knowledge.releases import DEFAULT_RELEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.setup.setup import Setup

_METAVARS = {"kubernetes": "RELEASE", "kubelet_root": "DIR", "registry": "HOST[/PATH]"}  # others take a NAME


class SetupCommand(click.Command):
    """A command with ``--config``, and a flag and a variable for each choice of the setup that one word can say.

    The flags are read off the model, which is imported when they are needed and not for the help of all commands.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own options, then those of the setup."""
        names = {param.name for param in self.params}
        self.params += [option for option in _options() if option.name not in names]
        return super().get_params(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help; the meaning of each choice is read only now, as reading it takes time."""
        from csi_manifests.models.annotations import attribute_docs
        from csi_manifests.setup.setup import Setup

        docs = attribute_docs(Setup)
        for option in self.get_params(ctx):
            if isinstance(option, click.Option) and option.name in docs:
                option.help = f"{docs[option.name]}  {option.help}".strip()
        super().format_help(ctx, formatter)


def release_option(meaning: str, default: str = DEFAULT_RELEASE) -> Callable[..., Any]:
    """Return the option that chooses a release, for commands without a setup."""
    return click.option(
        "--kubernetes",
        default=default,
        show_default=True,
        envvar="CSI_MANIFESTS_KUBERNETES",
        show_envvar=True,
        metavar="RELEASE",
        help=meaning,
    )


def chosen_setup(config: str | None, flags: dict[str, Any]) -> Setup:
    """Read the setup: the file, then variables, then flags, later over earlier."""
    from csi_manifests.setup.reading import read_setup, refuse_unknown_variables, variable_of

    refuse_unknown_variables(os.environ)
    source = click.get_current_context().get_parameter_source
    said_by = {
        name: variable_of(name) if source(name) is ParameterSource.ENVIRONMENT else "--" + name.replace("_", "-")
        for name in flags
    }
    return read_setup(config, {name: value for name, value in flags.items() if value is not None}, said_by)


def _options() -> list[click.Option]:
    from csi_manifests.setup.reading import single_choices, variable_of
    from csi_manifests.setup.setup import Setup

    text = "The setup, as YAML or JSON; - is stdin."
    found = [click.Option(["--config", "-c"], type=click.Path(), metavar="FILE", help=text)]
    for name, kind in single_choices().items():
        flag = name.replace("_", "-")
        default = Setup.model_fields[name].default
        found.append(
            click.Option(
                [f"--{flag}/--no-{flag}" if kind is bool else f"--{flag}", name],
                default=None,
                envvar=variable_of(name),
                show_envvar=True,
                help=f"[default: {flag if default is True else default}]" if default is not None else "",
                metavar=None if kind is bool else "|".join(get_args(kind)) or _METAVARS.get(name, "NAME"),
            )
        )
    return found
