"""How a running container is asked how it is, and what is done when it starts and stops."""

from typing import Literal

from csi_manifests.models.base import Model
from csi_manifests.models.scalars import Int32, Int64, OrBlank, PortNumber, PortReference


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
    protocol: str | None = None
    """The version of HTTP; absent means 1.1. From 1.37."""


class TCPSocketAction(Model):
    """A connection of the kubelet's; all is well if it opens."""

    port: PortReference
    """By number, or by the name the container gives it."""
    host: str | None = None
    """Absent means the pod's address."""


class GRPCAction(Model):
    """A call of the gRPC health service; all is well if it says ``SERVING``."""

    port: PortNumber
    service: str | None = None
    """What to ask for; absent means the server as a whole."""
    mode: str | None = None
    """``Plaintext``, which absent means too, or ``TLS``, where no certificate is checked. From 1.37."""


class SleepAction(Model):
    """A wait."""

    seconds: Int64


class LifecycleHandler(Model):
    """What a lifecycle hook does; exactly one of the four."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    """The server takes it, the kubelet cannot do it in a hook."""
    sleep: SleepAction | None = None
    """On from 1.30."""


class Lifecycle(Model):
    """What is done right after a container's start and right before its stop."""

    post_start: LifecycleHandler | None = None
    """Runs beside the container's own program; failing, it has the container killed."""
    pre_stop: LifecycleHandler | None = None
    """Its time counts towards the pod's grace period."""
    stop_signal: str | None = None
    """The signal that asks the container to stop, such as ``SIGUSR1``; absent means the image's, or else ``SIGTERM``.

    Needs the pod's ``os``, and the gate ContainerStopSignals.
    """


class Probe(Model):
    """A question asked again and again; exactly one of ``exec``, ``http_get``, ``tcp_socket`` and ``grpc``."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    grpc: GRPCAction | None = None
    """On from 1.24."""
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
    termination_grace_period_seconds: Int64 | None = None
    """Seconds from the polite signal to the kill once it has failed; absent means the pod's. Not for readiness."""
