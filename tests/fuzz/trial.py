"""What must hold of anything that is checked: no exception but ours, and whatever the schema refuses is reported."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mutants import Mutator, broken_text

from csi_manifests import Bundle, Item, build, emit, load
from csi_manifests.bundle.objects import as_resource, is_object, without_nulls
from csi_manifests.checks.checking import check
from csi_manifests.cli import main
from csi_manifests.knowledge.releases import release
from csi_manifests.output import formats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mutants import Mutant

TOGETHER = 10
"""Mutants that are checked as one bundle: rules that look at the others see broken ones too."""


class FaultError(AssertionError):
    """Something that must hold does not; says of which mutant."""


def object_trials(count: int, seed: int) -> int:
    """Check mutants of single objects; give the number of those that the schema engine refuses.

    Raises:
        FaultError: at the first fault.

    """
    mutator = Mutator([resource.to_dict() for resource in build()], Random(seed))
    refused = 0
    for first in range(0, count, TOGETHER):
        batch = [mutator.one() for _ in range(min(TOGETHER, count - first))]
        try:
            refused += _check(batch, round_trip=first % (50 * TOGETHER) == 0)
        except FaultError:
            raise
        except Exception:
            for mutant in batch:
                try:
                    _check([mutant], round_trip=False)
                except Exception as error:
                    raise FaultError(f"{type(error).__name__}: {mutant.change}\n{mutant.content!r}") from error
            raise
    return refused


def _check(batch: Sequence[Mutant], *, round_trip: bool) -> int:
    kept = [(mutant, mutant.content) for mutant in batch if is_object(mutant.content)]
    target = release("1.13")
    bundle = Bundle(Item(as_resource(content), file=str(number)) for number, (_, content) in enumerate(kept))
    findings = check(bundle, target)
    reported = {
        finding.location.file
        for finding in findings
        if finding.severity == "error" and finding.code.startswith(("CSI0", "CSI1"))
    }
    refused = 0
    kinds = frozenset((str(content["apiVersion"]), str(content["kind"])) for _, content in kept)
    for number, (mutant, content) in enumerate(kept):
        if any(True for _ in target.schemas.misfits(without_nulls(content), kinds)):
            refused += 1
            if str(number) not in reported:
                raise FaultError(f"not reported: {mutant.change}\n{content!r}")
    if round_trip and load(emit(bundle)) != bundle:
        raise FaultError(f"does not come back the same: {[mutant.change for mutant, _ in kept]}")
    return refused


def text_trials(count: int, seed: int) -> dict[int, int]:
    """Run ``check`` on texts of whole bundles that were broken; give how often it ended with which exit code.

    Raises:
        FaultError: at the first exit code that says of a bug.

    """
    random = Random(seed)
    whole = [
        emit(build().select(*stages)) for stages in (("rbac",), ("driver",), ("crds", "classes", "workload", "restore"))
    ]
    codes: dict[int, int] = {}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bundle.yaml"
        for _ in range(count):
            text = broken_text(random.choice(whole), random)
            file.write_bytes(text.encode())
            form = random.choice(formats("findings"))
            code, said = _run(["check", str(file), "--format", form])
            if code not in {0, 1, 3}:
                raise FaultError(f"exit code {code}: {said}\n{text}")
            codes[code] = codes.get(code, 0) + 1
    return codes


def _run(arguments: Sequence[str]) -> tuple[int, str]:
    out = io.TextIOWrapper(io.BytesIO())
    errors = io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        code = main(arguments)
    return code, errors.getvalue()


def chunks(count: int, seed: int, size: int) -> Iterator[tuple[int, int]]:
    """Part a number of trials into runs of at most a size, each with a seed of its own."""
    for number in range(0, count, size):
        yield min(size, count - number), seed + number
