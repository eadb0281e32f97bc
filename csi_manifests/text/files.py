"""Write the new content of a file beside it, from where it can take its place at once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_beside(target: Path, data: bytes, mode: int) -> Path:
    """Write a file with a mode into the folder of another, under a name that begins with a dot, and give its place.

    Nothing stays there if that fails or is interrupted.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
