"""The option that chooses stages."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from csi_manifests.bundle.stages import STAGES as NAMES


class StageList(click.ParamType[tuple[str, ...]]):
    """Stages, separated by commas, given back in their canonical order."""

    name = "stages"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  (click's signature)
        """Show the stages in the help."""
        return f"{'|'.join(NAMES)}[,...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split and check."""
        given = [word.strip() for word in str(value).split(",")]
        for word in given:
            if word not in NAMES:
                from csi_manifests.text.words import did_you_mean

                guess = did_you_mean(word, NAMES)
                self.fail(
                    f"{word!r} is not a stage. {guess + ' ' if guess else ''}The stages are: {', '.join(NAMES)}.",
                    param,
                    ctx,
                )
        return tuple(name for name in NAMES if name in given)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002  (click's signature)
        """Complete the last of the stages given."""
        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in NAMES if name.startswith(last)]


STAGES = StageList()
