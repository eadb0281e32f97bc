"""``csi-manifests explain``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product, wants_color
from csi_manifests.errors import UsageError
from csi_manifests.output import emit


@click.command(short_help="Explain a rule, with an example.")
@click.argument("words", nargs=-1, required=True, metavar="RULE...")
def command(words: tuple[str, ...]) -> None:
    """Explain rules, given by code or name: why each matters, how to mend what it finds, and an example.

    In the example, lines with - are wrong and those with + mend them.

    \b
      csi-manifests explain socket-mismatch
    """
    from csi_manifests.checks.rule import Rule, rules_by_word
    from csi_manifests.text.words import did_you_mean

    known = rules_by_word()
    rules: list[Rule] = []
    for word in words:
        rule = known.get(word.upper()) or known.get(word.lower())
        if rule is None:
            guess = did_you_mean(word, known) or "'csi-manifests rules' lists them."
            raise UsageError(f"There is no rule {word!r}. {guess}")
        rules.append(rule)
    product(emit("explanation", "text", rules, color=wants_color()))
