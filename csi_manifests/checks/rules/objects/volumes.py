"""The volumes of pods: their names, what they are made of, the files that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import claims_of
from csi_manifests.analysis.parts import climbs, file_sources, given, repeated
from csi_manifests.analysis.pods import PodView
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.base import wire_name
from csi_manifests.models.core_v1 import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.base import Model
    from csi_manifests.models.core_v1 import DownwardAPIVolumeFile, KeyToPath

_SOURCES = tuple(field for field in Volume.model_fields if field != "name")
_MOST_OPEN = 0o777
# Octal modes, read as decimal numbers because the 0 before them was left out.
_MEANT_OCTAL = {400, 440, 444, 500}


@rule(
    "CSI140",
    "duplicate-volume-name",
    "the volumes of a pod have different names",
    PodView,
    fix="Rename one of the two, and what mounts it.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers: [{name: my-frontend, image: "busybox:1.36"}]
    volumes:
    - {name: data, emptyDir: {}}
-   - {name: data, hostPath: {path: /srv}}
+   - {name: srv, hostPath: {path: /srv}}
""",
)
def volume_names_differ(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses two volumes of one name in a pod.

    It takes a claim template with the name of a volume or of another template, but only one of the two is then mounted;
    this is a warning.
    """
    entries = [(f"{pointer}/name", volume.name) for pointer, volume in pod.volumes()]
    templates = [(f"{found.pointer}/metadata/name", found.claim.metadata.name or "") for found in claims_of(pod.source)]
    for where, name, first in repeated(entries + [entry for entry in templates if entry[1]]):
        of_template = where.endswith("/metadata/name")
        yield Problem(where, f"{name!r} is also the name at {first}", severity="warning" if of_template else None)


@rule(
    "CSI141",
    "ambiguous-volume",
    "a volume has exactly one source",
    PodView,
    fix="Keep one source; two volumes need an entry each.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers: [{name: my-frontend, image: "busybox:1.36"}]
-   volumes: [{name: data, emptyDir: {}, hostPath: {path: /srv}}]
+   volumes: [{name: data, hostPath: {path: /srv}}]
""",
)
def volumes_have_one_source(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses a volume with two sources.

    Without a source it makes an emptyDir, whose files go with the pod: seldom what was meant, so this is a warning.
    """
    for pointer, volume in pod.volumes():
        found = given(volume, _SOURCES)
        if len(found) > 1:
            yield Problem(pointer, f"{volume.name!r} has {len(found)} sources: {', '.join(found)}")
        elif not found:
            message = f"{volume.name!r} says only its name: the server makes it an emptyDir"
            yield Problem(pointer, message, "Give its source, or emptyDir: {}. Is it indented enough?", "warning")


@rule(
    "CSI147",
    "invalid-host-path",
    "a hostPath is absolute and has no '..'",
    PodView,
    fix="Write the path from the root of the node, without '..'.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath-attacher}
  spec:
    containers: [{name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}]
-   volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/pods/../plugins/csi-hostpath}}]
+   volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-hostpath}}]
""",
)
def host_paths_are_absolute(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses a path with '..' in it.

    A relative one it takes, and what that means depends on the node's container runtime; this is a warning.
    """
    for pointer, volume in pod.volumes():
        if volume.host_path is None:
            continue
        path = volume.host_path.path
        if climbs(path):
            yield Problem(f"{pointer}/hostPath/path", f"{path!r} climbs with '..'")
        elif path[0] not in "/\\" and path[1:2] != ":":
            yield Problem(f"{pointer}/hostPath/path", f"{path!r} does not begin with '/'", severity="warning")


@rule(
    "CSI148",
    "invalid-volume-file",
    "the files of a volume stay inside it and have valid modes",
    PodView,
    fix="Write paths relative and without '..', and modes in octal from 0000 to 0777.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers: [{name: my-frontend, image: "busybox:1.36"}]
-   volumes: [{name: settings, configMap: {name: settings, defaultMode: 644}}]
+   volumes: [{name: settings, configMap: {name: settings, defaultMode: 0644}}]
""",
)
def files_stay_inside(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses a file outside the volume, and permission bits above 0777.

    A mode without its leading 0 is a decimal number: 644 is refused, 400 gives rights that nobody wants; that one is a
    warning.
    """
    modes: list[tuple[str, int | None]] = []
    for pointer, volume in pod.volumes():
        if volume.projected is not None:
            modes.append((f"{pointer}/projected/defaultMode", volume.projected.default_mode))
        if volume.git_repo is not None and volume.git_repo.directory:
            yield from _outside(f"{pointer}/gitRepo/directory", volume.git_repo.directory)
    for pointer, source in file_sources(pod):
        modes.append((f"{pointer}/defaultMode", getattr(source, "default_mode", None)))
        files: Sequence[KeyToPath | DownwardAPIVolumeFile] = source.items or ()
        for number, file in enumerate(files):
            modes.append((f"{pointer}/items/{number}/mode", file.mode))
            where = f"{pointer}/items/{number}/path"
            yield from _outside(where, file.path)
            if file.path.startswith("..") and not climbs(file.path):
                yield Problem(where, f"{file.path!r} begins with '..', as only the kubelet's own files do")
    for where, mode in modes:
        if mode is not None and not 0 <= mode <= _MOST_OPEN:
            yield Problem(where, f"{mode} is not between 0 and 0777, which is {_MOST_OPEN}")
        elif mode in _MEANT_OCTAL:
            yield Problem(where, f"{mode} is 0{mode:o} in octal", f"Write 0{mode} if that is meant.", "warning")


def _outside(where: str, path: str) -> Iterator[Problem]:
    if path.startswith("/"):
        yield Problem(where, f"{path!r} begins with '/'")
    elif climbs(path):
        yield Problem(where, f"{path!r} climbs with '..'")


@rule(
    "CSI149",
    "unnamed-secret",
    "a Secret or ConfigMap that a pod uses is named",
    PodView,
    fix="Give its name.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers: [{name: my-frontend, image: "busybox:1.36"}]
-   volumes: [{name: credentials, secret: {optional: true}}]
+   volumes: [{name: credentials, secret: {optional: true, secretName: credentials}}]
""",
)
def used_data_is_named(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses it, and the schema requires no name: in a Secret's volume it is called secretName, elsewhere name."""
    for pointer, source in file_sources(pod):
        for field in ("secret_name", "name"):
            if getattr(source, field, "") is None:
                yield Problem(f"{pointer}/{wire_name(field)}", f"{wire_name(field)} is missing")
    for pointer, container in pod.containers():
        for number, every in enumerate(container.env_from or ()):
            for field in ("config_map_ref", "secret_ref"):
                yield from _unnamed(f"{pointer}/envFrom/{number}", every, field)
        for number, variable in enumerate(container.env or ()):
            if variable.value_from is not None:
                for field in ("config_map_key_ref", "secret_key_ref"):
                    yield from _unnamed(f"{pointer}/env/{number}/valueFrom", variable.value_from, field)


def _unnamed(where: str, holder: Model, field: str) -> Iterator[Problem]:
    reference = getattr(holder, field)
    if reference is not None and not reference.name:
        yield Problem(f"{where}/{wire_name(field)}/name", "name is missing")
