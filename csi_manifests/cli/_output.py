"""The product goes to stdout, which carries nothing else; all else goes to stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from csi_manifests.errors import InputError
from csi_manifests.output import formats
from csi_manifests.text.words import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def format_option(thing: str, meaning: str, default: str = "text") -> Callable[..., Any]:
    """Return the option that chooses among the formats of a thing."""
    choices = click.Choice(formats(thing))
    return click.option("--format", "form", type=choices, default=default, show_default=True, help=meaning)


def product(text: str | bytes) -> None:
    """Write the product to stdout, in UTF-8 wherever it goes.

    Raises:
        InputError: if stdout cannot be written, such as to a full disk.

    """
    try:
        sys.stdout.buffer.write(text.encode() if isinstance(text, str) else text)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        close_stdout()
        raise InputError(f"stdout: cannot be written ({error.strerror}).") from None


def wants_color() -> bool:
    """Return whether the product is read on a terminal, by somebody who has not turned colours off."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def close_stdout() -> None:
    """Give up stdout: what is still buffered must not be written when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str) -> None:
    """Say something beside the product."""
    click.echo(text, err=True)


def note_passed_over(lines: Iterable[str]) -> None:
    """Say which files and documents were passed over."""
    for line in lines:
        note(f"passed over: {printable(line)}")
