"""What containers and pods may do on their node, and as whom."""

from typing import Literal

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


class WindowsSecurityContextOptions(Model):
    """As whom a container runs on a node with Windows."""

    gmsa_credential_spec_name: str | None = None
    """The object that holds the credentials of a group managed service account."""
    gmsa_credential_spec: str | None = None
    """Those credentials themselves, which an admission webhook fills in."""
    run_as_user_name: str | None = None
    """Absent means the image's user."""
    host_process: bool | None = None
    """Whether it runs as a process of the node; then so must all of the pod, in the node's network."""


class SeccompProfile(Model):
    """Which system calls are allowed."""

    type: Literal["Localhost", "RuntimeDefault", "Unconfined"]
    """A file of the node, what the container runtime gives, or all."""
    localhost_profile: str | None = None
    """The file, below the kubelet's ``seccomp`` directory; with ``Localhost`` only."""


class AppArmorProfile(Model):
    """Which AppArmor profile applies."""

    type: Literal["Localhost", "RuntimeDefault", "Unconfined"]
    """One that is loaded on the node, what the container runtime gives, or none."""
    localhost_profile: str | None = None
    """The name of the loaded profile; with ``Localhost`` only."""


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
    windows_options: WindowsSecurityContextOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    """From 1.19; before, an annotation of the pod."""
    app_armor_profile: AppArmorProfile | None = None
    """From 1.30; before, an annotation of the pod."""


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
    fs_group_change_policy: Literal["OnRootMismatch", "Always"] | None = None
    """Whether files are given to the group at each start, which absent means, or only if the volume's root is not yet.

    On from 1.20.
    """
    supplemental_groups: list[Int64] | None = None
    """Further group ids of every container's first process."""
    supplemental_groups_policy: Literal["Merge", "Strict"] | None = None
    """Whether the groups that the image knows of its user come on top; absent means they do."""
    se_linux_options: SELinuxOptions | None = None
    sysctls: list[Sysctl] | None = None
    se_linux_change_policy: Literal["MountOption", "Recursive"] | None = None
    """Whether a volume gets the SELinux label by the mount, if the driver can, or file by file."""
    windows_options: WindowsSecurityContextOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    """From 1.19; before, an annotation."""
    app_armor_profile: AppArmorProfile | None = None
    """From 1.30; before, an annotation of each container."""
