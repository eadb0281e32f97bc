"""The classes by which claims and snapshots find the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.knowledge.well_known import DEFAULT_SNAPSHOT_CLASS, DEFAULT_STORAGE_CLASS
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshotClass
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.setup.parts import SecretRef
    from csi_manifests.setup.setup import Setup


def storage_class(setup: Setup) -> Iterator[StorageClass]:
    """Make volumes with the driver."""
    choice, secrets = setup.storage_class, setup.storage_class.secrets
    parameters = {
        **choice.parameters,
        **_secret("csiProvisioner", secrets.provisioner),
        **_secret("csiControllerPublish", secrets.controller_publish),
        **_secret("csiNodeStage", secrets.node_stage),
        **_secret("csiNodePublish", secrets.node_publish),
    }
    yield StorageClass(
        metadata=setup.cluster_meta(choice.name, {DEFAULT_STORAGE_CLASS: "true"} if choice.default else None),
        provisioner=setup.driver_name,
        parameters=parameters or None,
        reclaim_policy=choice.reclaim_policy,
        volume_binding_mode=choice.volume_binding_mode,
        mount_options=list(choice.mount_options) or None,
    )


def snapshot_class(setup: Setup) -> Iterator[VolumeSnapshotClass]:
    """Make snapshots with the driver."""
    choice = setup.snapshot_class
    yield VolumeSnapshotClass(
        metadata=setup.cluster_meta(choice.name, {DEFAULT_SNAPSHOT_CLASS: "true"} if choice.default else None),
        snapshotter=setup.driver_name,
        parameters={**choice.parameters, **_secret("csiSnapshotter", choice.secret)} or None,
    )


def _secret(call: str, secret: SecretRef | None) -> dict[str, str]:
    """Name a Secret as the sidecars 0.4.x read it; those from 1.0 on have other keys."""
    return {f"{call}SecretName": secret.name, f"{call}SecretNamespace": secret.namespace} if secret else {}
