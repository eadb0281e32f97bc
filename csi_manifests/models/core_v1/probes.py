"""How a running container is asked how it is, and what is done when it starts and stops."""

from typing import Literal

from csi_manifests.models.base import Model
from csi_manifests.models.scalars import Int32, OrBlank, PortReference


class ExecAction(Model):
    """A program run in the container; all is well if it exits with 0."""

    command: list[str] | None = None
    """Program and arguments; no shell reads them."""


class HTTPHeader(Model):
    """A header of the request; a name may come more than once."""

    name: str
    value: str


class HTTPGetAction(Model):
    """An HTTP request of the kubelet's; all is well with a status from 200 to 399."""

    path: str | None = None
    """Absent means ``/``."""
    port: PortReference
    """By number, or by the name the container gives it."""
    host: str | None = None
    """Absent means the pod's address."""
    scheme: OrBlank[Literal["HTTP", "HTTPS"]] = None
    """Absent means HTTP; with HTTPS no certificate is checked."""
    http_headers: list[HTTPHeader] | None = None


class TCPSocketAction(Model):
    """A connection of the kubelet's; all is well if it opens."""

    port: PortReference
    """By number, or by the name the container gives it."""
    host: str | None = None
    """Absent means the pod's address."""


class Handler(Model):
    """What a lifecycle hook does; exactly one of the three."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    """The server takes it, the kubelet cannot do it in a hook."""


class Lifecycle(Model):
    """What is done right after a container's start and right before its stop."""

    post_start: Handler | None = None
    """Runs beside the container's own program; failing, it has the container killed."""
    pre_stop: Handler | None = None
    """Its time counts towards the pod's grace period."""


class Probe(Model):
    """A question asked again and again; exactly one of ``exec``, ``http_get`` and ``tcp_socket``."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    initial_delay_seconds: Int32 | None = None
    """Seconds from the container's start to the first question; absent means 0."""
    period_seconds: Int32 | None = None
    """Seconds between questions; absent means 10."""
    timeout_seconds: Int32 | None = None
    """Seconds until no answer counts as a failure; absent means 1. Under Docker ``exec`` has no limit before 1.20."""
    success_threshold: Int32 | None = None
    """How many successes in a row mend a failure; absent means 1, which is all that a liveness probe may have."""
    failure_threshold: Int32 | None = None
    """How many failures in a row count as one; absent means 3."""
