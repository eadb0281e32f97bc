"""The model of a kind, found by its API group, version and name; nothing is imported before it is asked for."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from csi_manifests.knowledge.kinds import kind_of, kinds

if TYPE_CHECKING:
    from csi_manifests.models.resource import Resource


@cache
def model_for(api_version: str, kind: str) -> type[Resource] | None:
    """Return the class of a kind, or None if there is none; imports the module of its API group and version."""
    group, _, version = api_version.rpartition("/")
    module = f"{group.partition('.')[0] or 'core'}_{version}"
    known = kind_of(group, kind)
    if known is None or module not in _modules():
        return None
    if known.pod is not None:
        # Built by itself first, it is taken over by each kind that holds one, instead of built anew for each.
        import_module("csi_manifests.models.core_v1").PodSpec.model_rebuild()
    found: type[Resource] | None = getattr(import_module(f"csi_manifests.models.{module}"), kind, None)
    return found if found is not None and api_version == found.API_VERSION else None


def models() -> list[type[Resource]]:
    """Return the class of every kind that has one; imports them all."""
    api_versions = ((kind, kind.api_version(version)) for kind in kinds().values() for version in kind.versions)
    found = (model_for(api_version, kind.name) for kind, api_version in api_versions)
    return [model for model in found if model is not None]


@cache
def _modules() -> frozenset[str]:
    """Return the names of the modules beside this one."""
    return frozenset(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
