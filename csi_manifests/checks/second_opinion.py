"""What another validator says of our objects: kubernetes-validate 1.27.1, the last release that knows Kubernetes 1.13."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from csi_manifests.errors import UsageError
from csi_manifests.findings import Finding
from csi_manifests.text.places import Location
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle


def disagreements(bundle: Bundle, kubernetes: str) -> list[Finding]:
    """Return what kubernetes-validate, strict, finds wrong with the bundle's objects of built-in kinds.

    Raises:
        UsageError: if it is not installed.

    """
    with warnings.catch_warnings():
        # It imports pkg_resources, which says at length that it is old.
        warnings.simplefilter("ignore")
        try:
            validator = importlib.import_module("kubernetes_validate")
        except ImportError as error:
            raise UsageError(
                f"kubernetes-validate cannot be imported ({error}). Install csi-manifests[second-opinion]."
            ) from None
        return [finding for item in bundle.items for finding in _opinion(validator, item, kubernetes)]


def _opinion(validator: Any, item: Any, kubernetes: str) -> list[Finding]:
    resource = item.resource
    if ".k8s.io" in resource.key.group and not resource.key.group.startswith(
        ("rbac.", "storage.k8s.io", "apiextensions.")
    ):
        return []
    try:
        validator.validate(resource.to_dict(), kubernetes, strict=True)
    except validator.ValidationError as error:
        fix = "One of the two validators is wrong: please report it."
        path = tuple(error.path)
        where = Location(item.file or "bundle")
        return [
            Finding(
                "CSI101", "error", f"kubernetes-validate: {error.message}", fix, where, resource.key, pointer_of(path)
            )
        ]
    except validator.SchemaNotFoundError:
        return []
    return []
