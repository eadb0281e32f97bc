"""What all tests share: the command, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Protocol

import pytest

from csi_manifests.cli import main

ROOT = Path(__file__).parent.parent


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run the tests of the cluster in one process, which share one; the others on all cores."""
    return 0 if "cluster" in config.option.markexpr.replace("not cluster", "") else None


class Run(Protocol):
    """Runs the command; the exit code is the caller's to judge."""

    def __call__(
        self, *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]: ...


def ours(name: str) -> bool:
    """Return whether an environment variable says something to the command."""
    return name.startswith(("CSI_MANIFESTS_", "NO_COLOR"))


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the command in this process, which takes a tenth of the time."""

    def run_command(
        *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        arguments = [str(arg) for arg in args]
        given, out, err = (TextIOWrapper(BytesIO(data), "utf-8", write_through=True) for data in (stdin, b"", b""))
        with pytest.MonkeyPatch.context() as patch:
            for name in filter(ours, list(os.environ)):
                patch.delenv(name)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            if cwd:
                patch.chdir(cwd)
            for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
                patch.setattr(sys, name, stream)
            code = main(arguments)
        written = [stream.detach().getvalue() for stream in (out, err)]
        return subprocess.CompletedProcess(arguments, code, *written)

    return run_command


@pytest.fixture(scope="session")
def process() -> Run:
    """Run ``python -m csi_manifests`` in a process of its own: for streams, start-up, and what differs by process."""
    clean = {name: value for name, value in os.environ.items() if not ours(name)}

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
