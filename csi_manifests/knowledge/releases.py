"""What a Kubernetes release serves, knows and needs: its schemas, and what a schema cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.feature_gates import FeatureGates
from csi_manifests.knowledge.kubelet import csi_versions, kubelet
from csi_manifests.knowledge.schemas import SCHEMAS, Schemas
from csi_manifests.knowledge.versions import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from csi_manifests.knowledge.feature_gates import FeatureGate
    from csi_manifests.knowledge.kubelet import CsiVersion, Kubelet

DEFAULT_RELEASE = "1.13"
"""The release that a setup is rendered for where nobody says one."""
AUTO = "auto"
"""Stands for the newest release that a bundle is for."""


@dataclass(frozen=True)
class Release:
    """A minor release of Kubernetes, and the schemas of the kinds it serves."""

    version: str

    @cached_property
    def minor(self) -> tuple[int, ...]:
        """The version as numbers: (1, 13)."""
        return numbers(self.version)

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas of its kinds, and of the custom resources of a setup."""
        return Schemas(self.version)

    @cached_property
    def gates(self) -> Mapping[str, FeatureGate]:
        """The feature gates that its components know, by name."""
        return FeatureGates(self.minor)

    @property
    def kubelet(self) -> Kubelet:
        """The directories of its kubelet."""
        return kubelet()

    @property
    def csi(self) -> tuple[CsiVersion, ...]:
        """The versions of CSI that its kubelet speaks."""
        return csi_versions(self.minor)


@cache
def releases() -> tuple[str, ...]:
    """List the releases whose schemas are here, oldest first."""
    found = (folder.name.removeprefix("v") for folder in SCHEMAS.glob("v*") if folder.is_dir())
    return tuple(sorted(found, key=numbers))


@cache
def release(version: str) -> Release:
    """Return a release by its number: ``1.13``, ``v1.13`` and ``1.13.0`` are the same.

    Raises:
        UsageError: if its schemas are not here.

    """
    minor = ".".join(version.removeprefix("v").split(".")[:2])
    if minor not in releases():
        raise UsageError(f"Kubernetes {version!r} is not known. Known: {releases()[0]} to {releases()[-1]}.")
    return Release(minor)
