"""Patch a file of the kubelet's manifest folder in its place, and keep what it was.

The kubelet runs every file there whose name does not begin with a dot (``pkg/kubelet/config/file.go``): neither a backup
nor a temporary file may ever stand there under another name.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from csi_manifests.errors import InputError, UsageError
from csi_manifests.host.static_pod import Patched, patch
from csi_manifests.text.files import write_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from csi_manifests.knowledge.releases import Release


def patch_file(file: str, gates: Mapping[str, bool], release: Release) -> Patched:
    """Return a file, or stdin (``-``), with the gates merged in, and lines that say what was changed.

    Raises:
        InputError: if it cannot be read, or is not a manifest of kube-apiserver.
        GateInFileError: if kube-apiserver would not start with the gates in the manifest.

    """
    if file == "-":
        return _patched(sys.stdin.buffer.read(), "<stdin>", gates, release)
    return _patched(read_bytes(Path(file)), file, gates, release)


def patch_in_place(file: str, gates: Mapping[str, bool], release: Release, backup: Path | None = None) -> Patched:
    """Merge gates into a file and keep a backup; a file that has all the gates is left alone, without a backup.

    Raises:
        UsageError: if the place of the backup is taken, or the kubelet would start the backup as a second static pod.
        InputError: if a file cannot be read or written, or is not a manifest of kube-apiserver.
        GateInFileError: if kube-apiserver would not start with the gates in the manifest.

    """
    path = Path(file)
    kept, before = backup_place(path, backup), read_bytes(path)
    patched = _patched(before, file, gates, release)
    if patched.data == before:
        return patched
    back_up(path, kept)
    replace(path, patched.data)
    return Patched(patched.data, (*patched.notes, f"{file}: written; what it was is in {kept}"))


def _patched(data: bytes, name: str, gates: Mapping[str, bool], release: Release) -> Patched:
    result = patch(data, name, gates, release)
    notes = result.notes or ("has all these gates already, nothing changed",)
    return Patched(result.data, tuple(f"{name}: {note}" for note in notes))


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        InputError: if it cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None


def backup_place(path: Path, chosen: Path | None) -> Path:
    """Return the place for the old content: as chosen, or beside the file under a free name that begins with a dot.

    Raises:
        UsageError: if the place chosen is taken, or the kubelet would start the backup as a second static pod.

    """
    target = path.resolve()
    if chosen is None:
        names = (f".{target.name}.backup{f'.{number}' if number else ''}" for number in count())
        return next(place for name in names if not os.path.lexists(place := target.parent / name))
    if os.path.lexists(chosen):
        raise UsageError(f"--backup {chosen}: exists already. Give a new name, so that no backup is lost.")
    folders = {target.parent, path.absolute().parent.resolve()}
    if chosen.absolute().parent.resolve() in folders and not chosen.name.startswith("."):
        raise UsageError(
            f"--backup {chosen}: is in the folder of {path}, where the kubelet would start it as a second pod. "
            f"Give another folder, or a name that begins with a dot, such as .{chosen.name}."
        )
    return chosen


def back_up(path: Path, place: Path) -> None:
    """Copy a file, with its mode.

    Raises:
        InputError: if that cannot be done.

    """
    try:
        # Exclusive: nothing that came there meanwhile is overwritten. The mode first: the old file may be secret.
        with (
            path.open("rb") as old,
            os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
        ):
            shutil.copyfileobj(old, copy)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copystat(path, place)
    except OSError as error:
        raise InputError(
            f"{error.filename or place}: the backup cannot be written ({error.strerror}). Nothing was changed."
        ) from None


def replace(path: Path, data: bytes) -> None:
    """Put other content into a file's place at once, with its mode and owner; a link stays one.

    Raises:
        InputError: if that cannot be done; the file is as it was then.

    """
    target = path.resolve()
    try:
        old = target.stat()
        temporary = write_beside(target, data, old.st_mode & 0o7777)
        try:
            with suppress(PermissionError):
                # Only root may give a file away, and only root owns the kubelet's.
                os.chown(temporary, old.st_uid, old.st_gid)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror}). It is as it was.") from None
