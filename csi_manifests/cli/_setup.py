"""The options by which every command takes a setup: a file, variables, flags."""

from __future__ import annotations

import os
import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import click
from click.core import ParameterSource

from csi_manifests.errors import UsageError

if TYPE_CHECKING:
    from csi_manifests.setup.setup import Setup

PREFIX = "CSI_MANIFESTS"


class SetupCommand(click.Command):
    """A command with ``--config``, and a flag and a variable for each scalar field of the setup.

    The flags are read off the model, which is imported when they are needed and not for the help of all commands.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own options, then those of the setup."""
        names = {param.name for param in self.params}
        self.params += [option for option in _options() if option.name not in names]
        return super().get_params(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Return each option the meaning of its field, which is read when somebody asks for it."""
        from csi_manifests.models.annotations import attribute_docs
        from csi_manifests.setup.setup import Setup

        docs = attribute_docs(Setup)
        for option in self.get_params(ctx):
            if isinstance(option, click.Option) and option.name in docs:
                option.help = f"{docs[option.name]}  {option.help}".strip()
        super().format_help(ctx, formatter)


def chosen_setup(config: str | None, flags: dict[str, Any]) -> Setup:
    """Read the setup: the file, then variables, then flags, later over earlier.

    Raises:
        UsageError: if a key is unknown or a value cannot be.
        InputError: if the file cannot be read, or is not YAML.

    """
    from csi_manifests.setup.reading import read_setup

    _refuse_unknown_variables()
    context = click.get_current_context()
    said_by = {
        name: f"{PREFIX}_{name.upper()}"
        if context.get_parameter_source(name) is ParameterSource.ENVIRONMENT
        else "--" + name.replace("_", "-")
        for name in flags
    }
    return read_setup(config, {name: value for name, value in flags.items() if value is not None}, said_by)


def _refuse_unknown_variables() -> None:
    from csi_manifests.text.words import did_you_mean

    known = [f"{PREFIX}_{option.name}".upper() for option in _options()]
    for name in os.environ:
        if name.startswith(f"{PREFIX}_") and name not in known:
            guess = did_you_mean(name, known) or f"The variables are: {', '.join(known[1:])}."
            raise UsageError(f"{name}: there is no such choice. {guess}")


def _options() -> list[click.Option]:
    from csi_manifests.setup.setup import Setup

    help_text = "The setup, as YAML or JSON; - is stdin."
    options = [click.Option(["--config", "-c"], type=click.Path(allow_dash=True), metavar="FILE", help=help_text)]
    for name, field in Setup.model_fields.items():
        scalar = _scalar(field.annotation)
        if scalar is None:
            continue
        flag = name.replace("_", "-")
        spelled = f"--{flag}/--no-{flag}" if scalar is bool else f"--{flag}"
        default = flag if field.default is True else field.default
        text = f"[default: {default}]" if default is not None else ""
        settings: dict[str, Any] = {
            "default": None,
            "envvar": f"{PREFIX}_{name.upper()}",
            "show_envvar": True,
            "help": text,
        }
        if scalar is not bool:
            settings |= {"metavar": "|".join(get_args(scalar)) if get_origin(scalar) is Literal else "TEXT"}
        options.append(click.Option([spelled, name], **settings))
    return options


def _scalar(annotation: Any) -> Any:
    """Return the type of a field that a flag can say, or None."""
    members = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType) and len(members) == 1:
        return _scalar(members[0])
    if hasattr(annotation, "__metadata__"):
        return _scalar(annotation.__origin__)
    return annotation if annotation in (str, bool) or get_origin(annotation) is Literal else None
