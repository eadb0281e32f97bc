"""``csi-manifests explain``."""

from __future__ import annotations

import click

from csi_manifests.cli._output import product, wants_color
from csi_manifests.errors import UsageError
from csi_manifests.output import emit


@click.command(short_help="Say more about a rule, with examples.")
@click.argument("words", nargs=-1, required=True, metavar="RULE...")
def command(words: tuple[str, ...]) -> None:
    """Say why a rule, given by code or name, matters and how to mend it, with an example: lines with - are wrong, those with + mend them."""
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
