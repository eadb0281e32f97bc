"""What can go wrong, each with the exit code of the command line.

Messages read *where: what is wrong (what is there). How to fix.*
"""

from __future__ import annotations

from typing import ClassVar


class CsiManifestsError(Exception):
    """The base of every error this library raises on purpose."""

    exit_code: ClassVar[int] = 2


class UsageError(CsiManifestsError):
    """A choice that does not exist: a release, a stage, a key of the setup."""

    exit_code: ClassVar[int] = 2


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
