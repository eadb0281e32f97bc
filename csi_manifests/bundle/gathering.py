"""Gather the objects of files, folders and stdin for a check, and account for everything that is passed over."""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.objects import as_resource, is_object, objects, read
from csi_manifests.errors import InputError
from csi_manifests.findings import Finding
from csi_manifests.text.plain_data import is_mapping
from csi_manifests.text.pointers import pointer_of
from csi_manifests.yaml.events import MAX_BYTES
from csi_manifests.yaml.reader import Source, decode, documents, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from csi_manifests.models.resource import Key
    from csi_manifests.yaml.reader import Origin, ReadingProblem

SUFFIXES = {".yaml", ".yml", ".json"}
# What only Helm knows: a mere "{{" may stand in a manifest too, in an alert's text or a pipeline.
_HELM = re.compile(r"\{\{[^{}\n]{0,200}(?:\.(?:Values|Release|Chart|Capabilities|Template|Files)\b|\binclude\s+\")")
_TEMPLATE_LINE = re.compile(r"^[ \t]*\{[{%]", re.MULTILINE)
_KUSTOMIZATIONS = {"Kustomization", "Component"}


@dataclass
class Intake:
    """What was read: the objects, and what else there was to say."""

    named: str
    """What was to be read, for messages."""
    items: list[Item] = field(default_factory=list[Item])
    findings: list[Finding] = field(default_factory=list[Finding])
    sources: list[Source] = field(default_factory=list[Source])
    passed_over: list[str] = field(default_factory=list[str])
    """Files and documents of folders that are no manifests, each with the reason."""
    unreadable: list[str] = field(default_factory=list[str])
    """Errors: what was named and cannot be checked, and what is not YAML."""

    @property
    def bundle(self) -> Bundle:
        """The objects, in the order in which they were read."""
        return Bundle(self.items)

    def required(self, *, whole: bool = False) -> Bundle:
        """Return the bundle of what was read, if all that was named could be read and there are objects.

        With ``whole``, also only if the texts have nothing wrong with them, such as a key given twice.

        Raises:
            InputError: if not.

        """
        problems = [*self.unreadable, *(str(finding).partition("\n")[0] for finding in self.findings if whole)]
        if problems or not self.items:
            raise InputError(
                "\n".join(problems) or f"{self.named}: holds no Kubernetes objects. Is it the right place?"
            )
        return self.bundle


def gather(paths: Iterable[str | PathLike[str]], exclude: Iterable[str] = ()) -> Intake:
    """Read files, folders with all below them, and stdin (``-``); what is named twice is read once.

    What a folder holds besides manifests is passed over and named; what is named itself must be a manifest.
    """
    names = [os.fspath(path) for path in paths]
    intake = Intake(", ".join(names))
    patterns = tuple(pattern.rstrip("/") for pattern in exclude)
    seen: set[str] = set()
    for path in names:
        for name, named, read_source in _texts(intake, path, patterns):
            if name not in seen:
                _Text(intake, named=named).take(read_source)
            seen.add(name)
    return intake


def _texts(intake: Intake, path: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, bool, Callable[[], Source]]]:
    if path == "-":
        yield path, True, _stdin
    elif not path:
        intake.unreadable.append("'' names no file. Is a variable empty?")
    elif Path(path).is_dir():
        for file in _files(intake, Path(path), patterns):
            yield os.path.realpath(file), False, partial(read, file)
    else:
        yield os.path.realpath(path), True, partial(read, Path(path))


def _stdin() -> Source:
    return decode(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")


def _files(intake: Intake, folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    def complain(error: OSError) -> None:
        intake.unreadable.append(f"{error.filename}: cannot be read ({error.strerror}).")

    def wanted(path: Path) -> bool:
        names = (path.relative_to(folder).as_posix(), path.as_posix(), path.name)
        excluded = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns for name in names)
        return not path.name.startswith(".") and not excluded

    for root, folders, files in os.walk(folder, onerror=complain):
        here = Path(root)
        folders[:] = sorted(name for name in folders if wanted(here / name))
        for name in sorted(files):
            path = here / name
            if (path.suffix in SUFFIXES or name in _KUSTOMIZATIONS) and wanted(path) and path.is_file():
                yield path


class _Text:
    """Takes one text into the intake."""

    def __init__(self, intake: Intake, *, named: bool) -> None:
        self.intake = intake
        self.named = named
        self.items: list[Item] = []
        self.findings: list[Finding] = []
        self.complaints: list[str] = []

    def take(self, read_source: Callable[[], Source]) -> None:
        """Read a text, and add its objects, or say why not."""
        try:
            source = read_source()
        except InputError as error:
            self.intake.unreadable.append(str(error))
            return
        try:
            for document in documents(source):
                self._take_document(document.problems, list(objects(document)))
        except InputError as error:
            self._take_broken(source, error)
            return
        if (self.items or self.findings) and _HELM.search(source.text):
            self._complain(f"{source.name}: is a template of Helm. Render it first.")
        elif self.items or self.findings:
            self.intake.items += self.items
            self.intake.findings += self.findings
            self.intake.sources.append(source)
        elif self.named and not self.complaints:
            self._complain(f"{source.name}: holds no Kubernetes objects.")
        for complaint in self.complaints:
            self._complain(complaint)

    def _take_broken(self, source: Source, error: InputError) -> None:
        if _HELM.search(source.text) or _TEMPLATE_LINE.search(source.text):
            self._complain(f"{source.name}: is a template. Render it first.")
        elif not self.named and "apiVersion" not in source.text:
            self._complain(f"{source.name}: is not YAML, and has no apiVersion in it")
        else:
            self.intake.unreadable.append(str(error))

    def _complain(self, complaint: str) -> None:
        (self.intake.unreadable if self.named else self.intake.passed_over).append(complaint)

    def _take_document(self, problems: Iterable[ReadingProblem], found: list[tuple[Any, Origin]]) -> None:
        """Take the objects of a document, and what is wrong with its text, told of the object that it is in."""
        left = list(problems)
        for content, origin in found:
            key = self._take_object(content, origin)
            base = origin.base
            within = [problem for problem in left if problem.path[: len(base)] == base]
            left = [problem for problem in left if problem.path[: len(base)] != base]
            if key is not None:
                self.findings += [_finding(problem, key, len(base)) for problem in within]
        # Such as items: given twice in a List.
        self.findings += [_finding(problem, None, 0) for problem in left]

    def _take_object(self, content: Any, origin: Origin) -> Key | None:
        if not is_mapping(content) or _is_foreign(content):
            what = "a document" if is_mapping(content) else "a list" if isinstance(content, list) else "a single value"
            where = locate(origin, ())
            self.complaints.append(
                f"{where.file}:{where.line}: {what} without apiVersion and kind is no Kubernetes object"
            )
            return None
        if not is_object(content):
            fields = [
                name for name in ("apiVersion", "kind") if not isinstance(content.get(name), str) or not content[name]
            ]
            missing = " and ".join(fields)
            message, fix = f"{missing} is missing or no text", f"Give its {missing}, as text."
            self.findings.append(Finding("CSI002", "error", message, fix, locate(origin, (fields[0],))))
            return None
        if content["kind"] in _KUSTOMIZATIONS and content["apiVersion"].startswith("kustomize.config.k8s.io/"):
            where = locate(origin, ())
            self.complaints.append(f"{where.file}:{where.line}: is a {content['kind']}, input for kustomize")
            return None
        manifest = as_resource(content)
        self.items.append(Item(manifest, origin=origin))
        return manifest.key


def _is_foreign(content: dict[str, Any]) -> bool:
    """Return whether a mapping was hardly meant for Kubernetes; a chart of Helm has an apiVersion and no kind."""
    given = {"apiVersion", "kind"} & content.keys()
    return not given or (len(given) == 1 and "metadata" not in content)


def _finding(problem: ReadingProblem, key: Key | None, above: int) -> Finding:
    pointer = pointer_of(problem.path[above:])
    return Finding(problem.code, "error", problem.message, problem.fix, problem.location, key, pointer)
