"""What a Kubernetes release serves, knows and needs: its schemas, and what a schema cannot say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.feature_gates import feature_gates
from csi_manifests.knowledge.kubelet import csi_versions, kubelet
from csi_manifests.knowledge.versions import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import jsonschema_rs

    from csi_manifests.knowledge.feature_gates import FeatureGate
    from csi_manifests.knowledge.kubelet import CsiVersion, Kubelet

_PACKAGE = Path(__file__).parent.parent
# A wheel brings the schemas inside the package; in a checkout they lie beside it.
SCHEMAS = next((folder for folder in (_PACKAGE / "schemas", _PACKAGE.parent / "schemas") if folder.is_dir()), _PACKAGE)

DEFAULT_RELEASE = "1.13"
"""The release that is meant where nobody says one."""


class Misfit(NamedTuple):
    """A value that does not fit its schema: where, and the schema engine's own words, which do not show it."""

    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True)
class Release:
    """A minor release of Kubernetes, and the schemas of the kinds it serves."""

    version: str

    @cached_property
    def minor(self) -> tuple[int, ...]:
        """The version as numbers: (1, 13)."""
        return numbers(self.version)

    @cached_property
    def definitions(self) -> dict[str, Any]:
        """Schemas by their OpenAPI name: those of the release, and those of the custom resources of a setup."""
        files = (SCHEMAS / f"v{self.version}" / "definitions.json", *sorted((SCHEMAS / "crds").glob("*.json")))
        return {name: schema for file in files for name, schema in json.loads(file.read_bytes())["definitions"].items()}

    @property
    def gates(self) -> Mapping[str, FeatureGate]:
        """The feature gates that its components know, by name."""
        return feature_gates(self.minor)

    @property
    def kubelet(self) -> Kubelet:
        """The directories of its kubelet."""
        return kubelet()

    @property
    def csi(self) -> tuple[CsiVersion, ...]:
        """The versions of CSI that its kubelet speaks."""
        return csi_versions(self.minor)

    @cached_property
    def _names(self) -> dict[tuple[str, str], str]:
        return {
            (f"{kind['group']}/{kind['version']}".lstrip("/"), kind["kind"]): name
            for name, schema in self.definitions.items()
            for kind in schema.get("x-kubernetes-group-version-kind", ())
        }

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        import jsonschema_rs  # noqa: PLC0415  (20 ms that reading a setup does not need)

        # One validator for all kinds is built in a tenth of the time that one for each would take.
        kinds = {name: {"$ref": f"#/definitions/{name}"} for name in self._names.values()}
        schema = {"definitions": self.definitions, "properties": kinds}
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, mask="the value")

    def has_schema(self, api_version: str, kind: str) -> bool:
        """Return whether there is a schema for a kind."""
        return (api_version, kind) in self._names

    def misfits(self, content: dict[str, Any]) -> Iterator[Misfit]:
        """Say where an object does not fit the schema of its kind; nothing, if there is no schema for it."""
        name = self._names.get((content["apiVersion"], content["kind"]))
        if name is None or self._validator.is_valid({name: content}):
            return
        for error in self._validator.iter_errors({name: content}):
            yield Misfit(tuple(error.instance_path[1:]), error.message)


def releases() -> tuple[str, ...]:
    """List the releases whose schemas are here, oldest first."""
    found = (folder.name.removeprefix("v") for folder in SCHEMAS.glob("v*") if folder.is_dir())
    return tuple(sorted(found, key=numbers))


@lru_cache
def release(version: str) -> Release:
    """Return a release by its number: ``1.13``, ``v1.13`` and ``1.13.0`` are the same.

    Raises:
        UsageError: if its schemas are not here.

    """
    minor = ".".join(version.removeprefix("v").split(".")[:2])
    if minor not in releases():
        raise UsageError(f"Kubernetes {version!r} is not known. Known: {', '.join(releases())}.")
    return Release(minor)
