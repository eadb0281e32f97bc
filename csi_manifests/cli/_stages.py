"""The option that chooses stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from csi_manifests.bundle.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable


class StageList(click.ParamType[tuple[str, ...]]):
    """Stages, separated by commas, put into their canonical order."""

    name = "stages"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  (click's signature)
        """Show the stages in the help."""
        return f"{'|'.join(STAGES)}[,...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split and check."""
        given = [word.strip() for word in str(value).split(",")]
        for word in given:
            if word not in STAGES:
                from csi_manifests.text.words import did_you_mean

                guess = did_you_mean(word, STAGES) or f"The stages are: {', '.join(STAGES)}."
                self.fail(f"{word!r} is not a stage. {guess}", param, ctx)
        return tuple(name for name in STAGES if name in given)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002  (click's signature)
        """Complete the last of the stages given."""
        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in STAGES if name.startswith(last)]


def stage_option(verb: str, default: str = "all") -> Callable[..., Any]:
    """Return the option that limits a command to stages."""
    text = f"{verb} only these stages, separated by commas.  [default: {default}]"
    return click.option("--stage", "stages", type=StageList(), help=text)
