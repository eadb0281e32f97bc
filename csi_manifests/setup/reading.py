"""Read a setup from a file and single values, and write one out."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_origin

from csi_manifests.bundle.objects import read, without_nulls
from csi_manifests.errors import InputError, UsageError
from csi_manifests.models.annotations import options
from csi_manifests.models.base import wire_name
from csi_manifests.models.checked import ModelError
from csi_manifests.setup.setup import Setup
from csi_manifests.text.places import Location
from csi_manifests.text.pointers import pointer_of
from csi_manifests.text.words import did_you_mean
from csi_manifests.yaml import writer
from csi_manifests.yaml.reader import Document, decode, documents, locate
from csi_manifests.yaml.reader import Path as ValuePath

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.models.explain import ValueProblem

PREFIX = "CSI_MANIFESTS_"
"""What the names of environment variables begin with."""


def read_setup(
    file: str | Path | None = None, values: Mapping[str, Any] | None = None, said_by: Mapping[str, str] | None = None
) -> Setup:
    """Read a setup from a file (``-`` is stdin), and put single values, by field name, over what it says.

    ``said_by`` names, for messages, the flag or variable that each single value comes from.

    Raises:
        UsageError: if a key is unknown or a value cannot be; the message says where and what is near.
        InputError: if the file cannot be read, or is not YAML.

    """
    document = _document(file) if file is not None else None
    given = cast("dict[str, Any]", without_nulls(document.content)) if document else {}
    data = {**given, **{wire_name(name): value for name, value in (values or {}).items()}}
    sources = {wire_name(name): (said_by or {}).get(name, name) for name in values or {}}
    try:
        return Setup.model_validate(data, by_alias=True, by_name=False, context="file")
    except ModelError as error:
        problems = sorted((_where(problem.path, document, sources), problem) for problem in error.problems)
        raise UsageError("\n".join(f"{_told(*entry)}" for entry in problems)) from None


def is_setup(path: str | Path) -> bool:
    """Return whether a file holds a setup: one mapping without apiVersion, kind and metadata; a folder does not.

    Raises:
        InputError: if the file cannot be read, or is not YAML.

    """
    if Path(path).is_dir():
        return False
    found = [document.content for document in documents(read(Path(path)))]
    return len(found) == 1 and isinstance(found[0], dict) and not ({"apiVersion", "kind", "metadata"} & found[0].keys())


def write_setup(setup: Setup) -> str:
    """Write a setup as a file that gives the same one, every choice spelled out."""
    content = setup.model_dump(mode="json", by_alias=True, exclude_none=True)
    return writer.document(content, "csi-manifests setup")


def _document(file: str | Path) -> Document:
    name = "<stdin>" if str(file) == "-" else str(file)
    source = decode(sys.stdin.buffer.read(), name) if name == "<stdin>" else read(Path(file))
    found = list(documents(source))
    if len(found) != 1 or not isinstance(found[0].content, dict):
        raise InputError(
            f"{name}: is not a setup (YAML documents in it: {len(found)}). Write one mapping, such as 'namespace: csi'."
        )
    for problem in found[0].problems:
        raise UsageError(f"{problem.location}: {problem.message}. {problem.fix}")
    return found[0]


def _where(path: ValuePath, document: Document | None, sources: Mapping[str, str]) -> Location:
    """Say where a value was given: by a flag or variable, or in the file."""
    if path and path[0] in sources:
        return Location(sources[str(path[0])])
    return locate(document.origin, path) if document else Location("setup")


def _told(where: Location, problem: ValueProblem) -> str:
    field = f"{pointer_of(problem.path)}: " if problem.path and where.line else ""
    return f"{where}: {field}{problem.message.removesuffix('.')}. {problem.fix}"


def setup_on(setup: Setup, day: str) -> Setup:
    """Return the setup with the snapshots and restores of one day of its series; ``today`` is that of this machine.

    Raises:
        UsageError: if it has no series, the day is no date, or a name of that day is taken.

    """
    if not setup.series:
        raise UsageError(
            "The setup has no series to take a date of. Add one: 'series: [{snapshot: \"model-{date}\"}]'."
        )
    try:
        when = date.today() if day == "today" else date.fromisoformat(day)  # noqa: DTZ011  (the user's own day)
    except ValueError:
        raise UsageError(f"{day!r} is not a date. Write YYYY-MM-DD, such as 2018-12-10, or today.") from None
    try:
        return setup.on(when)
    except ModelError as error:
        raise UsageError(" ".join(problem.message for problem in error.problems)) from None


def setup_with_image(setup: Setup, image: str) -> Setup:
    """Return the setup whose pod runs an image, taken as it is said, whatever mirror the other images come from.

    Raises:
        UsageError: if that is not an image.

    """
    try:
        return setup.replace(pod=setup.pod.model_dump() | {"image": image, "name": setup.pod.name}, registry=None)
    except ModelError:
        raise UsageError(
            f"{image!r} is not an image. Write it as in a pod, such as registry.local/busybox:1.30."
        ) from None


def single_choices() -> dict[str, Any]:
    """Return the choices that one word can say, by field name, each with its type: ``str``, ``bool`` or a ``Literal``."""
    found: dict[str, Any] = {}
    for name, field in Setup.model_fields.items():
        types = [each for each in options(field.annotation) if each is not type(None)]
        if len(types) == 1 and (types[0] in (str, bool) or get_origin(types[0]) is Literal):
            found[name] = types[0]
    return found


def variable_of(name: str) -> str:
    """Return the environment variable that says a choice."""
    return f"{PREFIX}{name.upper()}"


def refuse_unknown_variables(names: Iterable[str]) -> None:
    """Raise for the first environment variable with our prefix that says no choice.

    Raises:
        UsageError: if there is one.

    """
    known = [variable_of(name) for name in single_choices()]
    for name in names:
        if name.startswith(PREFIX) and name not in known:
            guess = did_you_mean(name, known) or f"The variables are: {', '.join(known)}."
            raise UsageError(f"{name}: there is no such choice. {guess}")
