"""What a user chooses: every value of the HostPath setup for 1.13 that can be another, said once."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.releases import DEFAULT_RELEASE, release, releases
from csi_manifests.knowledge.well_known import LONGEST_SOCKET
from csi_manifests.models.core_v1 import AccessMode, Toleration
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.scalars import (
    DRIVER_NAME,
    Annotations,
    DnsLabel,
    DnsSubdomain,
    DriverName,
    GrammarError,
    Labels,
    Quantity,
    quantity,
)
from csi_manifests.setup.parts import (
    AttacherSetup,
    Choice,
    ClaimSetup,
    HostPath,
    Image,
    ImageRegistry,
    PluginSetup,
    PodSetup,
    ProvisionerSetup,
    RegistrarSetup,
    RestoreSetup,
    SeriesSetup,
    SnapshotClassSetup,
    SnapshotSetup,
    SnapshotterSetup,
    StorageClassSetup,
    default_of,
)

HOSTPATH_NAME = "csi-hostpath"
"""What hostpathplugin v0.4.1 calls itself unless ``--drivername`` says otherwise (``cmd/hostpathplugin/main.go``)."""
HOSTPATH_ACCESS_MODES: frozenset[AccessMode] = frozenset({"ReadWriteOnce"})
"""It supports SINGLE_NODE_WRITER only (``pkg/hostpath/controllerserver.go``)."""
HOSTPATH_LARGEST_VOLUME = 2**40
"""Bytes; ``maxStorageCapacity`` there."""
LONGEST_INSTANCE = 27
"""Letters: a StatefulSet's name is at most 52 long, or the label its pods get from the server is refused."""


def _known_release(value: Any) -> Any:
    # An unquoted 1.13 is a number to YAML.
    try:
        return release(str(value)).version
    except UsageError as error:
        unquoted = " Quote it: without quotes 1.20 is 1.2 to YAML." if isinstance(value, float) else ""
        raise ValueError(f"{error}{unquoted}") from None


class Setup(Choice):
    """What a user chooses. The defaults are the HostPath setup for 1.13."""

    kubernetes: Annotated[str, BeforeValidator(_known_release), Field(json_schema_extra={"enum": list(releases())})] = (
        DEFAULT_RELEASE
    )
    """The Kubernetes release to render for."""
    driver: DriverName = HOSTPATH_NAME
    """The CSI driver's name; its sockets' folder and registration are named after it."""
    namespace: DnsLabel = "default"
    """The namespace of every object that has one."""
    instance: Annotated[DnsLabel, Field(max_length=LONGEST_INSTANCE)] | None = None
    """Tells this setup from others in the same cluster: appended with '-' to every name but those of CRDs."""
    kubelet_root: HostPath = "/var/lib/kubelet"
    """The kubelet's --root-dir on the nodes."""
    registry: ImageRegistry | None = None
    """A mirror that every image is taken from, whatever its own registry: host, port and path."""
    pull_secrets: list[DnsSubdomain] = []
    """Names of the Secrets for pulling images; they must exist in the namespace."""
    rbac: Literal["full", "minimal"] = "full"
    """What the sidecars may do: all that their v1.0.0 asks for, or only what v0.4.1 needs for this setup."""
    snapshot_crds: bool = True
    """Whether to render the three snapshot CRDs that csi-snapshotter otherwise makes when it starts."""
    labels: Labels = {}
    """Labels for every object and pod."""
    pod_labels: Labels = {}
    """Further labels for the driver's pods."""
    pod_annotations: Annotations = {}
    """Annotations for the driver's pods."""
    node_selector: Labels = {}
    """Labels that a node needs to run the driver, and with it the pods that use its volumes."""
    tolerations: list[Toleration] = []
    """Taints that those pods tolerate, written as in a pod."""
    priority_class: DnsSubdomain | None = None
    """The PriorityClass of the driver's pods."""
    plugin: PluginSetup = default_of({})
    """The driver itself."""
    driver_registrar: RegistrarSetup = default_of({})
    """The sidecar driver-registrar."""
    provisioner: ProvisionerSetup = default_of({})
    """The sidecar csi-provisioner."""
    attacher: AttacherSetup = default_of({})
    """The sidecar csi-attacher."""
    snapshotter: SnapshotterSetup = default_of({})
    """The sidecar csi-snapshotter."""
    storage_class: StorageClassSetup = default_of({})
    """The StorageClass."""
    snapshot_class: SnapshotClassSetup = default_of({})
    """The VolumeSnapshotClass."""
    claim: ClaimSetup = default_of({})
    """The claim that the pod writes to, and that snapshots are taken of."""
    pod: PodSetup = default_of({})
    """The pod that uses it."""
    snapshots: list[SnapshotSetup] = default_of([{"name": "snapshot-20181210"}])
    """Snapshots of the claim."""
    restores: list[RestoreSetup] = default_of(
        [{"name": "restore-20181210", "snapshot": "snapshot-20181210", "pod": "my-csi-app2"}]
    )
    """Claims restored from snapshots, each with a pod."""
    series: list[SeriesSetup] = []
    """Series of snapshots by date."""

    def named(self, name: str) -> str:
        """Return the name that an object of this instance has."""
        return f"{name}-{self.instance}" if self.instance else name

    @property
    def driver_name(self) -> str:
        """The driver's name in this instance."""
        return self.named(self.driver)

    @property
    def plugins_dir(self) -> str:
        """The folder on the node where the kubelet looks for drivers to register; CSI 0.x uses it up to 1.16."""
        return f"{self.kubelet_root}/plugins"

    @property
    def pods_dir(self) -> str:
        """The folder on the node below which the kubelet has volumes mounted."""
        return f"{self.kubelet_root}/pods"

    @property
    def socket_dir(self) -> str:
        """The folder on the node that holds the driver's socket."""
        return f"{self.plugins_dir}/{self.driver_name}"

    def meta(self, name: str, **labels: str) -> ObjectMeta:
        """Return the metadata of an object in the setup's namespace."""
        return ObjectMeta(name=self.named(name), namespace=self.namespace, labels={**labels, **self.labels} or None)

    def cluster_meta(self, name: str, annotations: dict[str, str] | None = None) -> ObjectMeta:
        """Return the metadata of an object that has no namespace."""
        return ObjectMeta(name=self.named(name), labels=dict(self.labels) or None, annotations=annotations)

    def image(self, image: Image) -> str:
        """Return the reference of an image, from the mirror if there is one."""
        return str(image.model_copy(update={"registry": self.registry}) if self.registry else image)

    @property
    def all_snapshots(self) -> list[SnapshotSetup]:
        """The snapshots, those of the series included."""
        return [*self.snapshots, *(series.taken(day) for series in self.series for day in series.dates)]

    @property
    def all_restores(self) -> list[RestoreSetup]:
        """The restored claims, those of the series included."""
        return [*self.restores, *(series.restored(day) for series in self.series for day in series.restore_dates)]

    def restored_size(self, restore: RestoreSetup) -> Quantity:
        """Return the size of a restored claim."""
        return self.claim.size if restore.size is None else restore.size

    def on(self, day: date) -> Self:
        """Return the setup whose only snapshots and restored claims are those of one day in its series.

        Raises:
            InvalidError: if a name of that day is one that the setup itself gives to something else.

        """
        of_day = [series.model_copy(update={"dates": [day], "restore_dates": [day]}) for series in self.series]
        both = self.replace(series=of_day)
        return both.replace(snapshots=[], restores=[])

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        for pointer, problem in self._problems():
            raise GrammarError("", problem, pointer)
        return self

    def _problems(self) -> Iterator[tuple[str, str]]:
        """Say what cannot work, as JSON pointer and reason."""
        if not DRIVER_NAME.matches(self.driver_name):
            yield (
                "/driver",
                f"{self.driver_name!r}, which includes the instance, has more than the {DRIVER_NAME.limit} characters allowed",
            )
        for socket in (f"{self.socket_dir}/csi.sock", f"{self.plugins_dir}/{self.driver_name}-reg.sock"):
            if len(socket.encode()) > LONGEST_SOCKET:
                yield (
                    "/kubeletRoot",
                    f"the socket's path {socket!r} has {len(socket.encode())} bytes; it can have {LONGEST_SOCKET}",
                )
        for number, mode in enumerate(self.claim.access_modes):
            if mode not in HOSTPATH_ACCESS_MODES:
                yield (
                    f"/claim/accessModes/{number}",
                    f"the driver does not support {mode}, only {', '.join(HOSTPATH_ACCESS_MODES)}",
                )
        if not 0 < quantity(self.claim.size) <= HOSTPATH_LARGEST_VOLUME:
            yield "/claim/size", f"the driver makes volumes of more than 0 and at most 1Ti, not of {self.claim.size}"
        for part, labels in (("labels", self.labels), ("podLabels", self.pod_labels)):
            if "app" in labels:
                yield f"/{part}/app", "each workload finds its own pods by the label 'app': choose another key"
        yield from self._parameter_problems()
        yield from self._name_problems()
        yield from self._restore_problems()

    def _parameter_problems(self) -> Iterator[tuple[str, str]]:
        for part, parameters in (
            ("storageClass", self.storage_class.parameters),
            ("snapshotClass", self.snapshot_class.parameters),
        ):
            for key in parameters:
                if _SECRET_PARAMETER.fullmatch(key):
                    said = "secrets" if part == "storageClass" else "secret"
                    yield f"/{part}/parameters/{key}", f"{key} is what {part}.{said} is for: write it there"

    def _restore_problems(self) -> Iterator[tuple[str, str]]:
        known = [snapshot.name for snapshot in self.all_snapshots]
        for number, restore in enumerate(self.restores):
            if restore.snapshot not in known:
                names = ", ".join(known) or "none"
                yield (
                    f"/restores/{number}/snapshot",
                    f"{restore.snapshot!r} is not a snapshot of this setup (it has: {names})"
                    + self._unsaid("restores"),
                )
            size = self.restored_size(restore)
            if quantity(size) < quantity(self.claim.size):
                reason = "csi-provisioner refuses a claim smaller than its snapshot"
                yield f"/restores/{number}/size", f"{size} is less than the {self.claim.size} of the claim: {reason}"
            if quantity(size) > HOSTPATH_LARGEST_VOLUME:
                yield f"/restores/{number}/size", f"{size} is more than the 1Ti that the driver makes"

    def _name_problems(self) -> Iterator[tuple[str, str]]:
        restores = self.all_restores
        for what, where, names in (
            ("snapshots", "/snapshots", [snapshot.name for snapshot in self.all_snapshots]),
            ("claims", "/restores", [self.claim.name, *(restore.name for restore in restores)]),
            ("pods", "/restores", [self.pod.name, *(restore.pod for restore in restores)]),
        ):
            for name, count in Counter(names).items():
                if count > 1:
                    hint = self._unsaid("snapshots") if what == "snapshots" else self._unsaid("restores")
                    yield (
                        where,
                        f"{count} {what} have the name {name!r} (those of series included): give each its own{hint}",
                    )

    def _unsaid(self, part: str) -> str:
        """Return how to be rid of the default ones, if the user has written none."""
        return "" if part in self.model_fields_set else f". Write '{part}: []' to have none of the default ones"


_SECRET_PARAMETER = re.compile(
    r"csi(?:Provisioner|ControllerPublish|NodeStage|NodePublish|Snapshotter)Secret(?:Name|Namespace)"
)
