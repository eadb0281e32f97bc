"""What several rules look at: an object's containers and claims, what comes twice, which of some fields are set."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from csi_manifests.analysis.pods import pod_of
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.base import wire_name
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator

    from csi_manifests.models.base import Model
    from csi_manifests.models.core_v1 import (
        ConfigMapProjection,
        ConfigMapVolumeSource,
        Container,
        DownwardAPIProjection,
        DownwardAPIVolumeSource,
        SecretProjection,
        SecretVolumeSource,
        Volume,
        VolumeProjection,
    )
    from csi_manifests.models.resource import Resource

    FileSource = (
        ConfigMapProjection
        | ConfigMapVolumeSource
        | DownwardAPIProjection
        | DownwardAPIVolumeSource
        | SecretProjection
        | SecretVolumeSource
    )

_Key = TypeVar("_Key", bound="Hashable")
_LISTED = 8
_COMPARED = 100


def containers(resource: Resource) -> Iterator[tuple[str, Container]]:
    """Return the containers of the pod that an object is or makes, with their JSON pointers, the init containers first."""
    pod = pod_of(resource)
    if pod is not None:
        yield from pod.containers()


def volumes(resource: Resource) -> Iterator[tuple[str, Volume]]:
    """Return the volumes of the pod that an object is or makes, with their JSON pointers."""
    pod = pod_of(resource)
    if pod is not None:
        for number, volume in enumerate(pod.spec.volumes or ()):
            yield f"{pod.pointer}/volumes/{number}", volume


def file_sources(resource: Resource) -> Iterator[tuple[str, FileSource]]:
    """Return what the pod's volumes make files of: Secrets, ConfigMaps and facts about the pod, projected ones too."""
    for pointer, volume in volumes(resource):
        holders: list[tuple[str, Volume | VolumeProjection]] = [(pointer, volume)]
        for number, source in enumerate(volume.projected.sources if volume.projected else ()):
            holders.append((f"{pointer}/projected/sources/{number}", source))
        for where, holder in holders:
            for field in ("secret", "config_map", "downward_api"):
                source = getattr(holder, field)
                if source is not None:
                    yield f"{where}/{wire_name(field)}", source


def claims(resource: Resource) -> Iterator[tuple[str, PersistentVolumeClaim]]:
    """Return the claims that an object is or makes, with their JSON pointers."""
    if isinstance(resource, PersistentVolumeClaim):
        yield "", resource
    elif isinstance(resource, StatefulSet):
        for number, claim in enumerate(resource.spec.volume_claim_templates or ()):
            yield f"/spec/volumeClaimTemplates/{number}", claim


def repeated(entries: Iterable[tuple[str, _Key]]) -> Iterator[tuple[str, _Key, str]]:
    """Return those of some pointers with keys whose key was there before, and the pointer where it was first."""
    first: dict[_Key, str] = {}
    for pointer, key in entries:
        if key in first:
            yield pointer, key, first[key]
        else:
            first[key] = pointer


def given(model: Model, fields: Iterable[str]) -> list[str]:
    """Return the manifest's names of those of some fields that are set."""
    return [wire_name(field) for field in fields if getattr(model, field) is not None]


def among(words: Iterable[str]) -> str:
    """List the words that there are, for a message."""
    listed = list(islice(words, _LISTED + 1))
    return ", ".join(listed[:_LISTED]) + (", ..." if len(listed) > _LISTED else "") or "none"


def guess(word: str, known: Collection[str]) -> str:
    """Continue a message with the nearest known word; a list too long to be searched again and again has none."""
    found = did_you_mean(word, known) if len(known) <= _COMPARED else ""
    return f". {found}" if found else ""


def climbs(path: str) -> bool:
    """Return whether a path has a step upwards in it."""
    return ".." in path and ".." in path.split("/")
