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
    from csi_manifests.setup.parts import (
        AttacherSetup,
        ClaimSetup,
        Image,
        PluginSetup,
        PodSetup,
        ProvisionerSetup,
        RegistrarSetup,
        RestoreSetup,
        SecretRef,
        SeriesSetup,
        SnapshotClassSetup,
        SnapshotSetup,
        SnapshotterSetup,
        StorageClassSetup,
        StorageSecrets,
    )
    from csi_manifests.setup.setup import Setup
    from csi_manifests.text.places import Location

# Where each public name lives. Nothing is imported before it is asked for: the command needs little of it for --help.
_HOMES = {
    "AttacherSetup": "setup.parts",
    "build": "components.plan",
    "build_checked": "checks.checking",
    "Bundle": "bundle.bundle",
    "check": "checks.checking",
    "check_files": "checks.checking",
    "ClaimSetup": "setup.parts",
    "ClusterError": "errors",
    "ConflictError": "bundle.bundle",
    "CsiManifestsError": "errors",
    "emit": "output.bundle.yaml",
    "Finding": "findings",
    "FindingsError": "findings",
    "Image": "setup.parts",
    "InputError": "errors",
    "InvalidError": "errors",
    "Item": "bundle.bundle",
    "Key": "models.resource",
    "load": "bundle.loading",
    "Location": "text.places",
    "NotFoundError": "errors",
    "PLAN": "components.plan",
    "PluginSetup": "setup.parts",
    "PodSetup": "setup.parts",
    "ProvisionerSetup": "setup.parts",
    "RegistrarSetup": "setup.parts",
    "release": "knowledge.releases",
    "Report": "checks.report",
    "Resource": "models.resource",
    "RestoreSetup": "setup.parts",
    "SecretRef": "setup.parts",
    "SeriesSetup": "setup.parts",
    "Setup": "setup.setup",
    "SnapshotClassSetup": "setup.parts",
    "SnapshotSetup": "setup.parts",
    "SnapshotterSetup": "setup.parts",
    "STAGES": "bundle.stages",
    "Step": "components.plan",
    "StorageClassSetup": "setup.parts",
    "StorageSecrets": "setup.parts",
    "Unstructured": "models.unstructured",
    "UsageError": "errors",
}

__all__ = [
    "PLAN",
    "STAGES",
    "AttacherSetup",
    "Bundle",
    "ClaimSetup",
    "ClusterError",
    "ConflictError",
    "CsiManifestsError",
    "Finding",
    "FindingsError",
    "Image",
    "InputError",
    "InvalidError",
    "Item",
    "Key",
    "Location",
    "NotFoundError",
    "PluginSetup",
    "PodSetup",
    "ProvisionerSetup",
    "RegistrarSetup",
    "Report",
    "Resource",
    "RestoreSetup",
    "SecretRef",
    "SeriesSetup",
    "Setup",
    "SnapshotClassSetup",
    "SnapshotSetup",
    "SnapshotterSetup",
    "Step",
    "StorageClassSetup",
    "StorageSecrets",
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
