"""Generate, validate and check the Kubernetes manifests of a CSI driver with volume snapshots.

>>> from csi_manifests import Setup, build, emit
>>> text = emit(build(Setup(namespace="storage")))
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csi_manifests.bundle import Bundle, ConflictError, Item, NotFoundError
    from csi_manifests.checks.runner import check
    from csi_manifests.composer import PLAN, Step, build
    from csi_manifests.errors import ClusterError, CsiManifestsError, FindingsError, InputError, UsageError
    from csi_manifests.findings import Finding, Location
    from csi_manifests.loader import load
    from csi_manifests.models.resource import Key, Resource
    from csi_manifests.models.unstructured import Unstructured
    from csi_manifests.releases import release
    from csi_manifests.setup import Setup
    from csi_manifests.stages import STAGES
    from csi_manifests.writer.stream import emit

__version__ = "0.1.0"

# Where each public name lives. Nothing is imported before it is asked for: the command needs little of it for --help.
_HOMES = {
    "Bundle": "bundle",
    "ClusterError": "errors",
    "ConflictError": "bundle",
    "CsiManifestsError": "errors",
    "Finding": "findings",
    "FindingsError": "errors",
    "InputError": "errors",
    "Item": "bundle",
    "Key": "models.resource",
    "Location": "findings",
    "NotFoundError": "bundle",
    "PLAN": "composer",
    "Resource": "models.resource",
    "STAGES": "stages",
    "Setup": "setup",
    "Step": "composer",
    "Unstructured": "models.unstructured",
    "UsageError": "errors",
    "build": "composer",
    "check": "checks.runner",
    "emit": "writer.stream",
    "load": "loader",
    "release": "releases",
}

__all__ = [
    "PLAN",
    "STAGES",
    "Bundle",
    "ClusterError",
    "ConflictError",
    "CsiManifestsError",
    "Finding",
    "FindingsError",
    "InputError",
    "Item",
    "Key",
    "Location",
    "NotFoundError",
    "Resource",
    "Setup",
    "Step",
    "Unstructured",
    "UsageError",
    "__version__",
    "build",
    "check",
    "emit",
    "load",
    "release",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
