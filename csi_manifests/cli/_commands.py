"""Commands are found by being here; a module whose name begins with ``_`` is none."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import cast

import click


class Commands(click.Group):
    """Finds each command in the module of its name, and imports it when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """List the commands."""
        found = pkgutil.iter_modules([str(Path(__file__).parent)])
        return sorted(module.name for module in found if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, or say which is near."""
        known = self.list_commands(ctx)
        if cmd_name in known:
            return cast("click.Command", importlib.import_module(f"{__package__}.{cmd_name}").command)
        if ctx.resilient_parsing:  # for the completion of a line that is wrong
            return None
        raise click.NoSuchCommand(cmd_name, possibilities=known, ctx=ctx)
