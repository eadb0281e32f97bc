"""The driver on each node, and the sidecars that speak for it to the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.components.placement import place
from csi_manifests.components.rbac import (
    attacher_account,
    provisioner_account,
    registrar_account,
    snapshotter_account,
)
from csi_manifests.models.apps_v1 import DaemonSet, DaemonSetSpec, StatefulSet, StatefulSetSpec
from csi_manifests.models.core_v1 import (
    Container,
    EnvVar,
    EnvVarSource,
    HostPathVolumeSource,
    ObjectFieldSelector,
    PodSpec,
    PodTemplateSpec,
    SecurityContext,
    Service,
    ServicePort,
    ServiceSpec,
    Volume,
    VolumeMount,
)
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.setup.setup import HOSTPATH_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.models.core_v1 import ServiceAccount
    from csi_manifests.models.resource import Resource
    from csi_manifests.setup.parts import ContainerSetup, SidecarSetup
    from csi_manifests.setup.setup import Setup

SOCKET_MOUNT = "/csi"
SOCKET = f"{SOCKET_MOUNT}/csi.sock"


def plugin(setup: Setup) -> Iterator[Resource]:
    """Run the driver on every node, with driver-registrar beside it, which makes it known to the kubelet."""
    name = setup.named("csi-hostpathplugin")
    node_name = EnvVar(
        name="KUBE_NODE_NAME",
        value_from=EnvVarSource(field_ref=ObjectFieldSelector(api_version="v1", field_path="spec.nodeName")),
    )
    registrar = _container(
        setup,
        setup.driver_registrar,
        "driver-registrar",
        [f"--csi-address={SOCKET}", f"--kubelet-registration-path={setup.socket_dir}/csi.sock"],
        [node_name],
        [
            VolumeMount(mount_path=SOCKET_MOUNT, name="socket-dir"),
            VolumeMount(mount_path="/registration", name="registration-dir"),
        ],
    )
    driver = _container(
        setup,
        setup.plugin,
        "hostpath",
        [
            "--endpoint=$(CSI_ENDPOINT)",
            "--nodeid=$(KUBE_NODE_NAME)",
            *([f"--drivername={setup.driver_name}"] if setup.driver_name != HOSTPATH_NAME else []),
        ],
        [EnvVar(name="CSI_ENDPOINT", value=f"unix://{SOCKET}"), node_name],
        [
            VolumeMount(mount_path=SOCKET_MOUNT, name="socket-dir"),
            # The kubelet hands over paths of the node, so the container must see them under the same name.
            VolumeMount(mount_path=setup.pods_dir, mount_propagation="Bidirectional", name="mountpoint-dir"),
        ],
    )
    driver.security_context = SecurityContext(privileged=True)
    volumes = [
        socket_volume(setup),
        Volume(name="mountpoint-dir", host_path=HostPathVolumeSource(path=setup.pods_dir, type="DirectoryOrCreate")),
        Volume(name="registration-dir", host_path=HostPathVolumeSource(path=setup.plugins_dir, type="Directory")),
    ]
    template = _template(setup, name, registrar_account(setup), [registrar, driver], volumes, host_network=True)
    selector = LabelSelector(match_labels={"app": name})
    yield DaemonSet(metadata=setup.meta("csi-hostpathplugin"), spec=DaemonSetSpec(selector=selector, template=template))


def provisioner(setup: Setup) -> Iterator[Resource]:
    """Run csi-provisioner, which makes and deletes volumes for claims."""
    args = [f"--provisioner={setup.driver_name}", "--csi-address=$(ADDRESS)"]
    yield from _sidecar(
        setup, setup.provisioner, "csi-hostpath-provisioner", "csi-provisioner", args, provisioner_account(setup)
    )


def attacher(setup: Setup) -> Iterator[Resource]:
    """Run csi-attacher, which answers VolumeAttachments; the driver itself has nothing to attach."""
    args = ["--csi-address=$(ADDRESS)"]
    yield from _sidecar(setup, setup.attacher, "csi-hostpath-attacher", "csi-attacher", args, attacher_account(setup))


def snapshotter(setup: Setup) -> Iterator[Resource]:
    """Run csi-snapshotter, which makes and deletes snapshots, and asks the driver for its name."""
    args = ["--csi-address=$(ADDRESS)"]
    yield from _sidecar(
        setup, setup.snapshotter, "csi-hostpath-snapshotter", "csi-snapshotter", args, snapshotter_account(setup)
    )


def socket_volume(setup: Setup) -> Volume:
    """Return the volume that holds the driver's socket, for every container that is to speak with it."""
    return Volume(name="socket-dir", host_path=HostPathVolumeSource(path=setup.socket_dir, type="DirectoryOrCreate"))


def _sidecar(
    setup: Setup, choice: SidecarSetup, base_name: str, program: str, args: list[str], account: ServiceAccount
) -> Iterator[Resource]:
    """Run a sidecar in a StatefulSet, which never has two pods at once, and the Service that one must name."""
    labels = {"app": setup.named(base_name)}
    if choice.connection_timeout:
        args = [*args, f"--connection-timeout={choice.connection_timeout}"]
    service = Service(
        metadata=setup.meta(base_name, **labels),
        spec=ServiceSpec(selector=labels, ports=[ServicePort(name="dummy", port=12345)]),
    )
    container = _container(
        setup,
        choice,
        program,
        args,
        [EnvVar(name="ADDRESS", value=SOCKET)],
        [VolumeMount(mount_path=SOCKET_MOUNT, name="socket-dir")],
    )
    yield service
    yield StatefulSet(
        metadata=setup.meta(base_name),
        spec=StatefulSetSpec(
            service_name=service.name,
            replicas=choice.replicas,
            selector=LabelSelector(match_labels=labels),
            template=_template(setup, labels["app"], account, [container], [socket_volume(setup)]),
        ),
    )


def _container(
    setup: Setup, choice: ContainerSetup, name: str, args: list[str], env: list[EnvVar], mounts: list[VolumeMount]
) -> Container:
    verbosity = [f"--v={choice.log_level}"] if choice.log_level is not None else []
    return Container(
        name=name,
        image=setup.image(choice.image),
        args=[*verbosity, *args, *choice.extra_args],
        env=env,
        resources=choice.resources,
        image_pull_policy=choice.pull_policy,
        volume_mounts=mounts,
    )


def _template(
    setup: Setup,
    app: str,
    account: ServiceAccount,
    containers: list[Container],
    volumes: list[Volume],
    *,
    host_network: bool | None = None,
) -> PodTemplateSpec:
    spec = PodSpec(
        service_account_name=account.name,
        host_network=host_network,
        containers=containers,
        volumes=volumes,
        priority_class_name=setup.priority_class,
    )
    metadata = ObjectMeta(
        labels={"app": app, **setup.labels, **setup.pod_labels}, annotations=dict(setup.pod_annotations) or None
    )
    return PodTemplateSpec(metadata=metadata, spec=place(setup, spec))
