"""Gather the objects of files, folders and stdin for a check, and account for everything that is passed over."""

from __future__ import annotations

import fnmatch
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi_manifests.bundle import Bundle, Item
from csi_manifests.errors import InputError
from csi_manifests.findings import Finding, Location, pointer_of
from csi_manifests.loader import as_resource, is_object, objects, read
from csi_manifests.models.resource import Key
from csi_manifests.models.words import short
from csi_manifests.reader import Document, Origin, Source, decode, documents, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = {".yaml", ".yml", ".json"}
# What Helm's templates have and manifests do not; a mere "{{" may stand in the text of a ConfigMap.
_TEMPLATE = re.compile(r"\{\{-?\s*(?:\.|\$|if |range |with |end|include |template |define |toYaml |-?/\*)")
_KUSTOMIZATIONS = {"Kustomization", "Component"}


@dataclass
class Intake:
    """What was read: the objects, and what else there was to say."""

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


def gather(paths: Iterable[str], exclude: Iterable[str] = ()) -> Intake:
    """Read files, folders with all below them, and stdin (``-``).

    What a folder holds besides manifests is passed over and named; what is named itself must be a manifest.
    """
    intake = Intake()
    patterns = tuple(exclude)
    for path in paths:
        if path == "-":
            _take(intake, lambda: decode(sys.stdin.buffer.read(), "<stdin>"), named=True)
        elif Path(path).is_dir():
            for file in _files(Path(path), patterns):
                _take(intake, lambda file=file: read(file), named=False)
        else:
            _take(intake, lambda path=path: read(Path(path)), named=True)
    return intake


def _files(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in below.parts)
        excluded = any(fnmatch.fnmatch(str(name), pattern) for pattern in patterns for name in (below, path, path.name))
        wanted = path.suffix in SUFFIXES or path.name in _KUSTOMIZATIONS
        if wanted and not hidden and not excluded and path.is_file():
            yield path


def _take(intake: Intake, read_source: Any, *, named: bool) -> None:
    try:
        source: Source = read_source()
    except InputError as error:
        intake.unreadable.append(str(error))
        return
    before = len(intake.items)
    complaint = intake.unreadable if named else intake.passed_over
    try:
        for document in documents(source):
            for content, origin in objects(document):
                _take_object(intake, document, content, origin, complaint)
    except InputError as error:
        template = "{{" in source.text
        del intake.items[before:]
        if template and not named:
            intake.passed_over.append(f"{source.name}: a template")
        else:
            intake.unreadable.append(str(error))
        return
    if len(intake.items) > before and _TEMPLATE.search(source.text):
        del intake.items[before:]
        complaint.append(f"{source.name}: a template" + (". Render it first." if named else ""))
    elif len(intake.items) > before:
        intake.sources.append(source)
    elif named and not intake.unreadable:
        intake.unreadable.append(f"{source.name}: holds no Kubernetes objects.")


def _take_object(intake: Intake, document: Document, content: Any, origin: Origin, complaint: list[str]) -> None:
    where = locate(origin, ()) if origin.base else Location(origin.source.name, origin.line, 1)
    if not isinstance(content, dict) or not ({"apiVersion", "kind"} & content.keys()):
        what = "a document" if isinstance(content, dict) else short(content)
        complaint.append(f"{where.file}:{where.line}: {what} without apiVersion and kind is no Kubernetes object")
        return
    if not is_object(content):
        missing = " and ".join(name for name in ("apiVersion", "kind") if not isinstance(content.get(name), str) or not content[name])
        fix = f"Give its {missing}, as text."
        intake.findings.append(Finding("CSI002", "error", f"{missing} is missing or no text", fix, where))
        return
    if content["kind"] in _KUSTOMIZATIONS and content["apiVersion"].startswith("kustomize.config.k8s.io/"):
        complaint.append(f"{where.file}:{where.line}: a {content['kind']}")
        return
    manifest = as_resource(content)
    for problem in document.problems:
        if problem.path[: len(origin.base)] == origin.base:
            pointer = pointer_of(problem.path[len(origin.base) :])
            said = (problem.code, "error", problem.message, problem.fix, problem.location, manifest.key, pointer)
            intake.findings.append(Finding(*said))
    if not content.get("metadata") and "name" in content:
        fix = "Indent what belongs to metadata, spec and so on by two spaces each."
        key = Key(content["apiVersion"], content["kind"], "", short(content["name"]))
        message = f"metadata is empty and 'name: {content['name']}' stands beside it: the indentation was lost"
        intake.findings.append(Finding("CSI003", "error", message, fix, locate(origin, ("metadata",)), key, "/metadata"))
        return
    intake.items.append(Item(manifest, origin=origin))
