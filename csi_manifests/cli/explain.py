"""``csi-manifests explain``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product, wants_color
from csi_manifests.errors import UsageError
from csi_manifests.output import emit


@click.command(short_help="Say more about a rule, with examples.")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
def command(codes: tuple[str, ...]) -> None:
    """Say why a rule matters, how to mend it, with an example: lines with - are wrong, those with + mend them."""
    from csi_manifests.checks.rule import rules
    from csi_manifests.text.words import did_you_mean

    known = {rule.code: rule for rule in rules()}
    for code in codes:
        if code.upper() not in known:
            guess = did_you_mean(code, known) or "'csi-manifests rules' lists them."
            raise UsageError(f"There is no rule {code!r}. {guess}")
    product(emit("explanation", "text", [known[code.upper()] for code in codes], color=wants_color()))
