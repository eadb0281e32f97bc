"""Where a path in a container really is: on the node, in a volume of the pod, or in the container alone."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from csi_manifests.analysis.pods import PodView, expand

if TYPE_CHECKING:
    from csi_manifests.models.core_v1 import Container, VolumeMount

_SCHEME = re.compile(r"unix:(?://)?")


class Place(NamedTuple):
    """A file or folder, the same for everybody who can reach it, by whatever path."""

    on: Literal["host", "pod", "container"]
    """The node itself; an emptyDir, which the containers of one pod share; or the container's own files."""
    owner: str
    """What makes it that one: nothing for the node, the pod and volume, or the pod and container."""
    path: str
    """Absolute on the node and in the container, relative to the volume in a pod."""

    @property
    def folder(self) -> Place:
        """The folder it is in."""
        return self._replace(path=posixpath.dirname(self.path))

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.path)

    def __str__(self) -> str:
        """Write it as messages say it."""
        if self.on == "host":
            return self.path
        said = "the emptyDir" if self.on == "pod" else "the files of container"
        return f"{self.path or '.'} in {said} {self.owner.rpartition(' ')[2]!r}"


def socket_path(text: str) -> str | None:
    """Return the path in the address of a unix socket, however it is written; None where it is no such address.

    ``unix:///p``, ``unix://p``, ``unix:p`` and ``/p`` all mean ``/p``: drivers put the slash before what follows.
    """
    path, schemes = _SCHEME.subn("", text, count=1) if text.startswith("unix:") else (text, 0)
    if not path or "$(" in path or not (schemes or path.startswith("/")):
        return None
    return cleaned(f"/{path}")


def cleaned(path: str) -> str:
    """Write an absolute path the shortest way: without ``//``, ``.``, ``..`` and a slash at the end."""
    plain = posixpath.normpath("/" + path.lstrip("/"))
    # The one is a link to the other on every distribution of the last ten years.
    return plain.removeprefix("/var") if plain == "/var/run" or plain.startswith("/var/run/") else plain


def resolve(path: str, container: Container, pod: PodView) -> Place | None:
    """Say where a container's path really is; None where that cannot be known.

    The path may hold variables and be the address of a socket.
    """
    plain = socket_path(expand(path, container))
    if plain is None:
        return None
    mount = mount_of(plain, container)
    if mount is None:
        return Place("container", f"{_identity(pod)} {container.name}", plain)
    volume = pod.volume(mount.name)
    if volume is None:
        return None
    below = posixpath.relpath(plain, cleaned(mount.mount_path))
    inside = posixpath.normpath(posixpath.join(mount.sub_path or "", below))
    if volume.host_path is not None:
        return Place("host", "", cleaned(posixpath.join(volume.host_path.path, inside)))
    # A volume of which nothing but the name is said is an emptyDir too.
    if volume.empty_dir is not None or volume.to_dict().keys() == {"name"}:
        return Place("pod", f"{_identity(pod)} {mount.name}", inside)
    return None


def mount_of(path: str, container: Container) -> VolumeMount | None:
    """Return the mount that a path of the container is on: the longest that it lies below."""
    mounts = [mount for mount in container.volume_mounts or () if within(path, cleaned(mount.mount_path))]
    return max(mounts, key=lambda mount: len(cleaned(mount.mount_path)), default=None)


def within(path: str, folder: str) -> bool:
    """Return whether a path is a folder or below it; both are to be normal."""
    return folder in {"/", path} or path.startswith(f"{folder}/")


def _identity(pod: PodView) -> str:
    resource = pod.resource
    return f"{resource.KIND}/{resource.namespace}/{resource.name}"
