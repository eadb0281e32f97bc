"""Who leads, as ``coordination.k8s.io/v1`` defines it from 1.14 on."""

from typing import ClassVar

from csi_manifests.models.base import Model
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Int32, Time


class LeaseSpec(Model):
    """Who holds the lease, and until when."""

    holder_identity: str | None = None
    lease_duration_seconds: Int32 | None = None
    """Seconds after ``renew_time`` from which others may take it."""
    acquire_time: Time | None = None
    renew_time: Time | None = None
    lease_transitions: Int32 | None = None
    """How often it went to another holder."""
    strategy: str | None = None
    """How the holder is chosen among LeaseCandidates, such as ``OldestEmulationVersion``."""
    preferred_holder: str | None = None
    """To whom the holder should leave it."""


class Lease(Resource):
    """What one of many holds; sidecars and controllers with several replicas agree by it on who acts."""

    API_VERSION: ClassVar[str] = "coordination.k8s.io/v1"

    spec: LeaseSpec | None = None
