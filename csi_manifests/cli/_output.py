"""stdout carries the product and nothing else; all else goes to stderr."""

from __future__ import annotations

import os
import sys

import click

from csi_manifests.errors import InputError


def product(text: str) -> None:
    """Write the product to stdout, in UTF-8 wherever it goes."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still buffered must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise InputError(f"stdout: cannot be written ({error.strerror}).") from None


def wants_color() -> bool:
    """Return whether the product is read on a terminal, by somebody who has not turned colours off."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def note(text: str) -> None:
    """Say something beside the product."""
    click.echo(text, err=True)
