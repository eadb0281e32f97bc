"""Time commands in turn, A B A B ..., and compare them pair by pair: on a busy machine only such ratios mean anything."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


# Installed modules are compiled once; where Python may not keep that, every start would compile a checkout anew.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: Sequence[str]) -> float:
    """Run a command to its end, its output thrown away, and give the wall time."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=ENVIRONMENT)
    return time.perf_counter() - start


def compare(label: str, ours: Sequence[str], theirs: Sequence[str], bound: float | None, runs: int = 15) -> bool:
    """Print the median times and the median of the pairs' ratios; say whether that is within the bound."""
    seconds(ours)
    seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    mine, other = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    goal = f" (goal: at most {bound})" if bound else ""
    print(f"{label}: {mine:.0f} ms to {other:.0f} ms, ratio {ratio:.2f}{goal}", flush=True)
    return bound is None or ratio <= bound


def python(code: str) -> list[str]:
    """Return the command that runs a line of Python."""
    return [sys.executable, "-c", code]


COMMAND = [sys.executable, "-m", "csi_manifests"]
PYDANTIC = python("from pydantic import BaseModel")
