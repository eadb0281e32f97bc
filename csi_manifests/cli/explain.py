"""``csi-manifests explain``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product
from csi_manifests.errors import UsageError
from csi_manifests.output import emit


@click.command(short_help="Explain a rule, with examples.")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
def command(codes: tuple[str, ...]) -> None:
    """Explain rules: why each matters, how to mend what it finds, a bad and a good example.

    \b
      csi-manifests explain CSI402
    """
    from csi_manifests.checks.rule import rules
    from csi_manifests.text.words import did_you_mean

    known = {rule.code: rule for rule in rules()}
    for code in codes:
        if code.upper() not in known:
            guess = did_you_mean(code, known) or "'csi-manifests rules' lists them."
            raise UsageError(f"There is no rule {code!r}. {guess}")
    product(emit("explanation", "text", [known[code.upper()] for code in codes]))
