"""What containers and pods may do on their node, and as whom."""

from csi_manifests.models.base import Model
from csi_manifests.models.scalars import Int64


class Capabilities(Model):
    """Rights of root, each by itself: ``SYS_ADMIN``, not ``CAP_SYS_ADMIN``; ``ALL`` means all."""

    add: list[str] | None = None
    drop: list[str] | None = None


class SELinuxOptions(Model):
    """The four parts of an SELinux label."""

    user: str | None = None
    role: str | None = None
    type: str | None = None
    level: str | None = None


class SecurityContext(Model):
    """Rights of one container; what is not said here the pod says."""

    privileged: bool | None = None
    """Whether it is as good as root on the node. Bidirectional mounts need it, and on SELinux so do shared sockets."""
    allow_privilege_escalation: bool | None = None
    """Whether its programs may gain rights; always so when privileged or with ``SYS_ADMIN``."""
    capabilities: Capabilities | None = None
    run_as_user: Int64 | None = None
    """A user id; absent means the pod's, or else the image's."""
    run_as_group: Int64 | None = None
    run_as_non_root: bool | None = None
    """Whether the kubelet refuses to start it as user 0."""
    read_only_root_filesystem: bool | None = None
    proc_mount: str | None = None
    """``Default`` or ``Unmasked``; dropped by the server unless the gate ProcMountType is on."""
    se_linux_options: SELinuxOptions | None = None


class Sysctl(Model):
    """A kernel parameter of the pod's own, such as ``net.core.somaxconn``."""

    name: str
    value: str
    """A text: quote numbers."""


class PodSecurityContext(Model):
    """Rights of all containers of a pod, and who owns its volumes."""

    run_as_user: Int64 | None = None
    """A user id; absent means the image's."""
    run_as_group: Int64 | None = None
    run_as_non_root: bool | None = None
    """Whether the kubelet refuses to start containers as user 0."""
    fs_group: Int64 | None = None
    """A group id that is given the volumes which allow it, file by file: slow on large ones."""
    supplemental_groups: list[Int64] | None = None
    """Further group ids of every container's first process."""
    se_linux_options: SELinuxOptions | None = None
    sysctls: list[Sysctl] | None = None
