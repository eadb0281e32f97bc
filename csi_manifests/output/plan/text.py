"""What ``apply`` or ``delete`` would do, step by step, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.cluster.plan import ApplyStep, namespaces
from csi_manifests.cluster.waits import ready_words
from csi_manifests.text.words import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.cluster.plan import DeletePhase
    from csi_manifests.models.resource import Key


def emit(steps: Sequence[ApplyStep | DeletePhase]) -> str:
    """Return the steps of an ``apply``, or the phases of a ``delete``: a line for each object and each wait."""
    count = sum(len(step.items) for step in steps)
    return "".join(f"{printable(line)}\n" for line in _lines(steps, count))


def _lines(steps: Sequence[ApplyStep | DeletePhase], count: int) -> Iterator[str]:
    applied = any(isinstance(step, ApplyStep) for step in steps)
    yield f"{'apply' if applied else 'delete'} {counted(count, 'object')} in {counted(len(steps), 'step')}"
    if applied:
        for name in namespaces(item for step in steps for item in step.items):
            yield f"  create  Namespace {name}, unless it is there"
    for number, step in enumerate(steps, 1):
        if isinstance(step, ApplyStep):
            yield f"{number}. {step.stage}"
            yield from (_awaited(key) for key in step.needs)
            yield from (f"  apply   {item.key}" for item in step.items)
            yield from (_awaited(key) for key in step.awaited)
        else:
            yield f"{number}. {step.title}"
            yield from (f"  delete  {item.key}" for item in step.items)
            yield f"  wait    until they{f' and their {step.freed}' if step.freed else ''} are gone"


def _awaited(key: Key) -> str:
    return f"  wait    until {key} is {ready_words(key)}"
