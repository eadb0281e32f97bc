"""Generate, validate and check the Kubernetes manifests of a CSI driver with volume snapshots.

>>> from csi_manifests import Setup, build, emit
>>> text = emit(build(Setup(namespace="storage")))
"""

import importlib
from typing import TYPE_CHECKING, Any

from csi_manifests._version import __version__

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle, ConflictError, Item
    from csi_manifests.bundle.loading import load
    from csi_manifests.bundle.stages import STAGES
    from csi_manifests.checks.checking import build_checked, check, check_files
    from csi_manifests.checks.report import Report
    from csi_manifests.components.plan import PLAN, Step, build
    from csi_manifests.errors import (
        ClusterError,
        CsiManifestsError,
        InputError,
        InvalidError,
        NotFoundError,
        UsageError,
    )
    from csi_manifests.findings import Finding, FindingsError
    from csi_manifests.knowledge.releases import release
    from csi_manifests.models.resource import Key, Resource
    from csi_manifests.models.unstructured import Unstructured
    from csi_manifests.output.bundle.yaml import emit
    from csi_manifests.setup.setup import Setup
    from csi_manifests.text.places import Location

# Where each public name lives. Nothing is imported before it is asked for: the command needs little of it for --help.
_HOMES = {
    "Bundle": "bundle.bundle",
    "ClusterError": "errors",
    "ConflictError": "bundle.bundle",
    "CsiManifestsError": "errors",
    "Finding": "findings",
    "FindingsError": "findings",
    "InputError": "errors",
    "InvalidError": "errors",
    "Item": "bundle.bundle",
    "Key": "models.resource",
    "Location": "text.places",
    "NotFoundError": "errors",
    "PLAN": "components.plan",
    "Resource": "models.resource",
    "STAGES": "bundle.stages",
    "Setup": "setup.setup",
    "Step": "components.plan",
    "Unstructured": "models.unstructured",
    "UsageError": "errors",
    "build": "components.plan",
    "build_checked": "checks.checking",
    "check": "checks.checking",
    "check_files": "checks.checking",
    "Report": "checks.report",
    "emit": "output.bundle.yaml",
    "load": "bundle.loading",
    "release": "knowledge.releases",
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
    "InvalidError",
    "Item",
    "Key",
    "Location",
    "NotFoundError",
    "Report",
    "Resource",
    "Setup",
    "Step",
    "Unstructured",
    "UsageError",
    "__version__",
    "build",
    "build_checked",
    "check",
    "check_files",
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
