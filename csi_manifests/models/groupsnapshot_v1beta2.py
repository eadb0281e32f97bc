"""Snapshots of several volumes at one moment, as external-snapshotter knows them from 8.4 on."""

from typing import ClassVar

from csi_manifests.models import groupsnapshot_v1


class VolumeGroupSnapshotClass(groupsnapshot_v1.VolumeGroupSnapshotClass):
    """How group snapshots are made: which driver, with which parameters."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1beta2"


class VolumeGroupSnapshot(groupsnapshot_v1.VolumeGroupSnapshot):
    """A wish for snapshots of several claims at one moment, and what came of it."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1beta2"


class VolumeGroupSnapshotContent(groupsnapshot_v1.VolumeGroupSnapshotContent):
    """A group snapshot that exists."""

    API_VERSION: ClassVar[str] = "groupsnapshot.storage.k8s.io/v1beta2"
