"""On which nodes pods run, and with which right to pull images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.models.core_v1 import LocalObjectReference

if TYPE_CHECKING:
    from csi_manifests.models.core_v1 import PodSpec
    from csi_manifests.setup.setup import Setup


def place(setup: Setup, spec: PodSpec) -> PodSpec:
    """Put a pod where the driver is: its volumes exist on the driver's nodes only."""
    spec.image_pull_secrets = [LocalObjectReference(name=name) for name in setup.pull_secrets] or None
    spec.node_selector = dict(setup.node_selector) or None
    spec.tolerations = [toleration.model_copy() for toleration in setup.tolerations] or None
    return spec
