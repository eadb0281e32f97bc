"""The parts of a setup: images, containers, classes, claims, snapshots, with those of the HostPath setup for 1.13 as defaults.

The images are v0.4.1 of kubernetes-csi, and so are the flags, names and limits.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from csi_manifests.models.base import wire_name
from csi_manifests.models.checked import Checked
from csi_manifests.models.core_v1 import AccessMode, ResourceRequirements
from csi_manifests.models.scalars import DnsSubdomain, Grammar, GrammarError, NonEmpty, Quantity
from csi_manifests.text.images import image_reference


def _text(noun: str, allowed: str, pattern: str, limit: int | None = None) -> AfterValidator:
    return AfterValidator(Grammar("", noun, allowed, re.compile(pattern), limit))


_PATH = r"(?!.*/\.\.(?:/|\Z))(?:/[^/:\s]+)+"
HostPath = Annotated[
    str, _text("a folder on the node", "absolute, without '..', ':', spaces or a '/' at the end", _PATH)
]
MountPath = Annotated[str, _text("a path in a container", "absolute, without '..', ':' or a '/' at the end", _PATH)]
Duration = Annotated[
    str, _text("a duration", "numbers with units, such as '15s' or '1m30s'", r"(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+")
]
ImageRegistry = Annotated[
    str,
    _text(
        "a registry", "a host, and a port and path if need be", r"[A-Za-z0-9][-.A-Za-z0-9]*(?::\d+)?(?:/[-._a-z0-9]+)*"
    ),
]
ImageRepository = Annotated[
    str, _text("an image's name", "lower-case words joined by '/'", r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
]
ImageTag = Annotated[str, _text("a tag", "letters, digits, '_', '.' and '-'", r"[A-Za-z0-9_][-.A-Za-z0-9_]*", 128)]
ImageDigest = Annotated[str, _text("a digest", "'sha256:' and 64 hexadecimal digits", r"sha256:[0-9a-f]{64}")]


class Choice(Checked):
    """A part of the setup: unchanging, strict, with Kubernetes' spelling in files."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """Let an image that is given in part keep the default for the rest: ``image: {tag: v0.4.2}``."""
        if not isinstance(data, dict):
            return data
        given = dict(cast("dict[str, Any]", data))
        for name, field in cls.model_fields.items():
            key = name if name in given else wire_name(name)
            if isinstance(given.get(key), dict) and isinstance(field.default, str):
                given[key] = {**_parse_image(field.default), **given[key]}
        return given

    def replace(self, **changes: Any) -> Self:
        """Return the same with other choices; what was not named stays.

        Raises:
            InvalidError: if the result cannot work.

        """
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate({**given, **changes})


def _parse_image(value: Any) -> Any:
    """Take an image as people write it, ``quay.io/k8scsi/csi-attacher:v0.4.1``, as well as in parts."""
    if not isinstance(value, str):
        return value
    found = image_reference(value)
    return {
        "registry": found.registry or None,
        "repository": found.repository,
        "tag": found.tag or None,
        "digest": found.digest or None,
    }


class Image(Choice):
    """A container image."""

    registry: ImageRegistry | None = None
    """The registry, with its port and path if it has any. Without one, the container runtime's own default."""
    repository: ImageRepository
    """The name in the registry, such as `k8scsi/csi-attacher`."""
    tag: ImageTag | None = None
    """The tag. Without a tag or digest the runtime takes `latest`."""
    digest: ImageDigest | None = None
    """The digest, such as `sha256:` and 64 hexadecimal digits; used instead of the tag."""

    @classmethod
    def parse(cls, reference: str) -> Self:
        """Read a reference as a pod has it, such as `quay.io/k8scsi/csi-attacher:v0.4.1`.

        Raises:
            InvalidError: if it is not one.

        """
        return cls.model_validate(_parse_image(reference))

    def __str__(self) -> str:
        """Write the reference as a pod has it."""
        name = f"{self.registry}/{self.repository}" if self.registry else self.repository
        if self.digest:
            return f"{name}@{self.digest}"
        return f"{name}:{self.tag}" if self.tag else name


AnyImage = Annotated[Image, BeforeValidator(_parse_image, json_schema_input_type=str | Image)]


def default_of(value: object) -> Any:
    """Return a field a default that is validated when a setup is made, not when this module is imported."""
    return Field(default=value, validate_default=True)


class ContainerSetup(Choice):
    """A container of the driver's pods."""

    image: AnyImage
    """The image: a reference such as `quay.io/k8scsi/csi-attacher:v0.4.1`, or its parts."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "Always"
    """When the kubelet pulls the image."""
    log_level: Annotated[int, Field(ge=0, le=10)] | None = None
    """How much it logs: 0 to 10, 5 shows every call to the driver. Without it, the program's own default (0)."""
    extra_args: list[NonEmpty] = []
    """Further arguments, added after those of this setup."""
    resources: ResourceRequirements | None = None
    """Resource requests and limits, written as in a pod."""


class PluginSetup(ContainerSetup):
    """The driver itself, hostpathplugin."""

    image: AnyImage = default_of("quay.io/k8scsi/hostpathplugin:v0.4.1")
    log_level: Annotated[int, Field(ge=0, le=10)] | None = 5


class RegistrarSetup(ContainerSetup):
    """The sidecar driver-registrar, which makes the driver known to the kubelet."""

    image: AnyImage = default_of("quay.io/k8scsi/driver-registrar:v0.4.1")
    log_level: Annotated[int, Field(ge=0, le=10)] | None = 5


def _one_replica(value: int) -> int:
    if value > 1:
        raise ValueError(
            f"{value} is too many: all would use the driver's socket on one node, and v0.4.1 cannot share the work"
        )
    return value


class SidecarSetup(ContainerSetup):
    """A sidecar with a StatefulSet of its own."""

    replicas: Annotated[int, Field(ge=0), AfterValidator(_one_replica)] = 1
    """How many pods; 0 stops it. More than 1 cannot work: they share the driver's socket on one node."""
    connection_timeout: Duration | None = None
    """How long to wait for the driver's socket, such as `15s`. Without it, the program's default (60 s)."""


class ProvisionerSetup(SidecarSetup):
    """The sidecar csi-provisioner, which makes and deletes volumes for claims."""

    image: AnyImage = default_of("quay.io/k8scsi/csi-provisioner:v0.4.1")
    connection_timeout: Duration | None = "15s"


class AttacherSetup(SidecarSetup):
    """The sidecar csi-attacher, which answers VolumeAttachments."""

    image: AnyImage = default_of("quay.io/k8scsi/csi-attacher:v0.4.1")
    log_level: Annotated[int, Field(ge=0, le=10)] | None = 5


class SnapshotterSetup(SidecarSetup):
    """The sidecar csi-snapshotter, which makes and deletes snapshots."""

    image: AnyImage = default_of("quay.io/k8scsi/csi-snapshotter:v0.4.1")
    connection_timeout: Duration | None = "15s"


class SecretRef(Choice):
    """A Secret that is handed to the driver; the patterns of the sidecars, such as `${pvc.namespace}`, are allowed."""

    name: NonEmpty
    """Its name."""
    namespace: NonEmpty
    """Its namespace: sidecars refuse a name without one."""


class StorageSecrets(Choice):
    """The Secrets for each call that the driver gets for a volume."""

    provisioner: SecretRef | None = None
    """For creating and deleting volumes."""
    controller_publish: SecretRef | None = None
    """For attaching."""
    node_stage: SecretRef | None = None
    """For staging on the node."""
    node_publish: SecretRef | None = None
    """For mounting into a pod."""


class StorageClassSetup(Choice):
    """The StorageClass."""

    name: DnsSubdomain = "csi-hostpath-sc"
    """Its name."""
    default: bool = False
    """Whether claims without a class get this one."""
    parameters: dict[str, str] = {}
    """Passed to the driver as they are."""
    secrets: StorageSecrets = default_of({})
    """Secrets that the driver gets, one for each kind of call."""
    reclaim_policy: Literal["Delete", "Retain"] = "Delete"
    """What becomes of a volume when its claim is deleted."""
    volume_binding_mode: Literal["Immediate", "WaitForFirstConsumer"] = "Immediate"
    """When a volume is created: with the claim, or with the first pod that uses it."""
    mount_options: list[NonEmpty] = []
    """Options for mounting the volumes."""


class SnapshotClassSetup(Choice):
    """The VolumeSnapshotClass."""

    name: DnsSubdomain = "csi-hostpath-snapclass"
    """Its name."""
    default: bool = False
    """Whether snapshots without a class get this one, if the claim is of this driver."""
    parameters: dict[str, str] = {}
    """Passed to the driver as they are."""
    secret: SecretRef | None = None
    """The Secret for creating and deleting snapshots."""


class ClaimSetup(Choice):
    """The claim that the pod writes to, and that snapshots are taken of."""

    name: DnsSubdomain = "csi-pvc"
    """Its name."""
    size: Quantity = "1Gi"
    """Its size, such as `1Gi`; the driver makes volumes of up to 1Ti."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """How it may be mounted; the driver supports `ReadWriteOnce` only."""


class PodSetup(Choice):
    """The pod that uses the claim; those that use restored claims differ only in name."""

    name: DnsSubdomain = "my-csi-app"
    """Its name."""
    image: AnyImage = default_of("busybox")
    """The image it runs: a reference, or its parts."""
    command: Annotated[list[NonEmpty], Field(min_length=1)] = ["sleep", "1000000"]
    """The command that it runs."""
    mount_path: MountPath = "/data"
    """Where the volume is mounted in the container."""


class SnapshotSetup(Choice):
    """A snapshot of the claim."""

    name: DnsSubdomain
    """Its name."""


class RestoreSetup(Choice):
    """A claim restored from a snapshot, and the pod that uses it."""

    name: DnsSubdomain
    """The new claim's name."""
    snapshot: NonEmpty
    """The name of one of this setup's snapshots."""
    size: Quantity | None = None
    """Its size, at least that of the claim; the same if it is not given."""
    pod: DnsSubdomain
    """The name of the pod."""


def _parse_date(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a date: YYYY-MM-DD, such as 2018-12-10") from None
    return value


Day = Annotated[date, BeforeValidator(_parse_date)]


def _dated(value: str) -> str:
    if value.count("{date}") != 1 or "{" in value.replace("{date}", ""):
        raise ValueError(f"{value!r} must have '{{date}}' in it once, which becomes the day as YYYYMMDD")
    return value


DatedName = Annotated[str, AfterValidator(_dated)]


class SeriesSetup(Choice):
    """Snapshots of the claim by date, as for the versions of a trained model."""

    snapshot: DatedName = "snapshot-{date}"
    """The pattern of a snapshot's name; `{date}` becomes YYYYMMDD."""
    dates: list[Day] = []
    """The days to make a snapshot for, each YYYY-MM-DD; `render --date` takes others one by one."""
    restore: DatedName = "restore-{date}"
    """The pattern of a restored claim's name."""
    pod: DatedName = "restore-{date}"
    """The pattern of the name of the pod that uses it."""
    restore_dates: list[Day] = []
    """The days to restore, each one of `dates`."""

    def taken(self, day: date) -> SnapshotSetup:
        """Return the snapshot of a day."""
        return SnapshotSetup(name=_on(self.snapshot, day))

    def restored(self, day: date) -> RestoreSetup:
        """Return the claim and pod restored from the snapshot of a day."""
        return RestoreSetup(name=_on(self.restore, day), snapshot=_on(self.snapshot, day), pod=_on(self.pod, day))

    @model_validator(mode="after")
    def _restore_what_is_taken(self) -> Self:
        for number, day in enumerate(self.restore_dates):
            if day not in self.dates:
                raise GrammarError("", f"{day} is not among dates", f"/restoreDates/{number}")
        return self


def _on(pattern: str, day: date) -> str:
    return pattern.replace("{date}", day.strftime("%Y%m%d"))
