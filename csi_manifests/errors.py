"""What can go wrong, each with the exit code of the command line.

Messages read *where: what is wrong (what is there). How to fix.*
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


class CsiManifestsError(Exception):
    """The base of every error this library raises on purpose."""

    exit_code: ClassVar[int] = 2


class UsageError(CsiManifestsError):
    """A choice that does not exist: a release, a stage, a key of the setup."""

    exit_code: ClassVar[int] = 2


class InvalidError(CsiManifestsError, ValueError):
    """A model, a setup or a bundle was given what it cannot hold; the message says where, what, and how to mend it."""


class NotFoundError(CsiManifestsError, LookupError):
    """No object, container or volume has that name; the message names those that there are."""

    @classmethod
    def among(cls, known: Iterable[str], what: str, name: str, where: str) -> Self:
        """Return the error that says which names there are, and which of them is nearest."""
        names = sorted(known)
        guess = did_you_mean(name, names)
        said = f"no {what} {name!r} in the {where} (it has: {', '.join(names) or 'none'})"
        return cls(f"{said}. {guess}" if guess else said)


class InputError(CsiManifestsError):
    """A file is missing, unreadable, empty, not YAML or not Kubernetes objects; or cannot be written."""

    exit_code: ClassVar[int] = 3


class ClusterError(CsiManifestsError):
    """The cluster, or kubectl, refused or did not answer in time."""

    exit_code: ClassVar[int] = 4


# What is no error of this library ends the command line too.
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
