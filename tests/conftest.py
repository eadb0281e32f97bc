"""What all tests share: the real command, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).parent.parent


class Run(Protocol):
    """Runs the real command."""

    def __call__(
        self, *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]: ...


@pytest.fixture(scope="session")
def run() -> Run:
    """Run ``python -m csi_manifests`` in a process of its own; the exit code is the caller's to judge."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CSI_MANIFESTS_", "NO_COLOR"))}

    def run_command(
        *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "csi_manifests", *map(str, args)],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=cwd,
            env={**clean, "PYTHONPATH": str(ROOT), **(env or {})} if cwd else {**clean, **(env or {})},
        )

    return run_command
