"""What uses the driver: a claim and its pod, snapshots of the claim, and claims and pods restored from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.components.classes import snapshot_class, storage_class
from csi_manifests.components.placement import place
from csi_manifests.models.core_v1 import (
    Container,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodSpec,
    ResourceRequirements,
    TypedLocalObjectReference,
    Volume,
    VolumeMount,
)
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.models.scalars import Quantity
    from csi_manifests.setup.setup import Setup


def claim(setup: Setup) -> Iterator[PersistentVolumeClaim]:
    """Ask for the volume whose data is kept."""
    yield _claim(setup, setup.claim.name, setup.claim.size)


def pod(setup: Setup) -> Iterator[Pod]:
    """Use the volume."""
    yield _pod(setup, setup.pod.name, setup.claim.name)


def snapshots(setup: Setup) -> Iterator[VolumeSnapshot]:
    """Take snapshots of the claim, which must be bound before: 0.4.x does not try twice."""
    (source,) = claim(setup)
    (snapshot_class_,) = snapshot_class(setup)
    for snapshot in setup.all_snapshots:
        yield VolumeSnapshot(
            metadata=setup.meta(snapshot.name),
            spec=VolumeSnapshotSpec(
                snapshot_class_name=snapshot_class_.name,
                source=TypedLocalObjectReference(name=source.name, kind=source.KIND),
            ),
        )


def restored_claims(setup: Setup) -> Iterator[PersistentVolumeClaim]:
    """Ask for volumes that hold what a snapshot holds."""
    for restore in setup.all_restores:
        source = TypedLocalObjectReference(
            name=setup.named(restore.snapshot), kind=VolumeSnapshot.KIND, api_group="snapshot.storage.k8s.io"
        )
        yield _claim(setup, restore.name, setup.restored_size(restore), source)


def restored_pods(setup: Setup) -> Iterator[Pod]:
    """Use the restored volumes."""
    for restore in setup.all_restores:
        yield _pod(setup, restore.pod, restore.name)


def _claim(
    setup: Setup, name: str, size: Quantity, source: TypedLocalObjectReference | None = None
) -> PersistentVolumeClaim:
    (class_,) = storage_class(setup)
    return PersistentVolumeClaim(
        metadata=setup.meta(name),
        spec=PersistentVolumeClaimSpec(
            storage_class_name=class_.name,
            data_source=source,
            access_modes=list(setup.claim.access_modes),
            resources=ResourceRequirements(requests={"storage": size}),
        ),
    )


def _pod(setup: Setup, name: str, claim_name: str) -> Pod:
    volume = Volume(
        name="my-csi-volume",
        persistent_volume_claim=PersistentVolumeClaimVolumeSource(claim_name=setup.named(claim_name)),
    )
    container = Container(
        name="my-frontend",
        image=setup.image(setup.pod.image),
        command=list(setup.pod.command),
        volume_mounts=[VolumeMount(mount_path=setup.pod.mount_path, name=volume.name)],
    )
    return Pod(metadata=setup.meta(name), spec=place(setup, PodSpec(containers=[container], volumes=[volume])))
