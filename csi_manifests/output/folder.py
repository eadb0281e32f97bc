"""Write a bundle as files, with a folder and a Kustomization for each stage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from csi_manifests.errors import InputError
from csi_manifests.output.bundle.yaml import comment_of
from csi_manifests.text.files import write_beside
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.bundle.bundle import Bundle

HEADER = "# Written by csi-manifests: a later run replaces or removes this file."
KUSTOMIZATION = "Kustomization"
"""kubectl apply -k takes a folder by this name too; kubectl apply -f chokes on kustomization.yaml, and passes this over."""


def files_of(bundle: Bundle, *, comments: bool = True) -> dict[Path, str]:
    """Return the content of each file, by its path below the folder."""
    documents: dict[Path, list[str]] = {}
    for item in bundle.items:
        path = Path(item.stage) / item.file
        text = writer.document(item.resource.to_dict(), comment_of(item) if comments else "")
        documents.setdefault(path, []).append(text)
    files = {path: f"{HEADER}\n{writer.join(texts)}" for path, texts in documents.items()}
    for stage in dict.fromkeys(path.parent for path in documents):
        resources = [path.name for path in documents if path.parent == stage]
        content = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources}
        files[stage / KUSTOMIZATION] = f"{HEADER}\n{writer.document(content)}"
    return files


def write_files(folder: Path, files: Mapping[Path, str], stages: Iterable[str]) -> list[Path]:
    """Write files below a folder; remove those that an earlier run wrote for these stages, and return these.

    Every file is written beside its place before the first is put there, so that a full disk leaves the old ones whole.

    Raises:
        InputError: if the folder cannot be written, or has a file of somebody else in the place of one of ours.

    """
    for path in files:
        target = folder / path
        if target.is_symlink() or (target.exists() and not _has_header(target)):
            raise InputError(f"{target}: was not written by csi-manifests. Move it away, or choose another folder.")
    mode = 0o666 & ~_umask()
    waiting: list[tuple[Path, Path]] = []
    try:
        try:
            for path, text in files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                waiting.append((write_beside(target, text.encode(), mode), target))
            for temporary, target in waiting:
                temporary.replace(target)
        finally:
            for temporary, _ in waiting:
                temporary.unlink(missing_ok=True)
        gone = [path for stage in stages for path in _ours(folder / stage) if path.relative_to(folder) not in files]
        for path in gone:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    except OSError as error:
        raise InputError(f"{error.filename or folder}: cannot be written ({error.strerror}).") from None
    return gone


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _ours(folder: Path) -> list[Path]:
    """List the files in a folder that a run wrote, as their first line says."""
    return sorted(path for path in folder.glob("*") if path.is_file() and not path.is_symlink() and _has_header(path))


def _has_header(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(HEADER)) == HEADER.encode()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
