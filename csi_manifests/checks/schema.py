"""Does an object fit the schema of its kind, and do the texts of its values fit their grammar?

The models know the fields and the grammar, and say best what is wrong; the schema engine has the last word on fields
and types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from csi_manifests.loader import without_nulls
from csi_manifests.models.explain import ValueProblem, explain
from csi_manifests.models.lookup import model_for
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle import Manifest
    from csi_manifests.releases import Release

Path = tuple[str | int, ...]


def schema_problems(manifest: Manifest, release: Release) -> Iterator[ValueProblem]:
    """Say what in an object no API server of the release would take, as far as types and single values go."""
    content = without_nulls(manifest.to_dict())
    told: list[Path] = []
    if isinstance(manifest, Unstructured):
        for problem in _model_problems(content):
            told.append(problem.path)
            yield problem
    for misfit in release.misfits(content):
        if not any(_related(misfit.path, other) for other in told):
            told.append(misfit.path)
            message = f"{misfit.message} (schema of Kubernetes {release.version})"
            yield ValueProblem("CSI101", misfit.path, message, "Correct the value, or leave the field out.")


def _model_problems(content: dict[str, Any]) -> list[ValueProblem]:
    model = model_for(str(content.get("apiVersion")), str(content.get("kind")))
    if model is None:
        return []
    try:
        model.from_dict(content)
    except ValidationError as error:
        return explain(error, model, content)
    return []


def _related(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]

