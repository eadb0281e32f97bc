"""Volume snapshots, as external-snapshotter 2 to 5 know them: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import snapshot_v1


class VolumeSnapshotClass(snapshot_v1.VolumeSnapshotClass):
    """How snapshots are made: which driver, with which parameters."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1beta1"


class VolumeSnapshot(snapshot_v1.VolumeSnapshot):
    """A wish for a snapshot of a claim, and what came of it."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1beta1"


class VolumeSnapshotContent(snapshot_v1.VolumeSnapshotContent):
    """A snapshot that exists."""

    API_VERSION: ClassVar[str] = "snapshot.storage.k8s.io/v1beta1"
