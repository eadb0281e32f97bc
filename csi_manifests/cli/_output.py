"""stdout carries the product and nothing else; all else goes to stderr."""

from __future__ import annotations

import sys

import click


def product(text: str) -> None:
    """Write the product to stdout, in UTF-8 wherever it goes."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """Say something beside the product."""
    click.echo(text, err=True)
