"""What several rules look at: an object's containers and claims, what comes twice, which of some fields are set."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from csi_manifests.models.base import wire_name
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator

    from csi_manifests.analysis.pods import PodView
    from csi_manifests.models.base import Model
    from csi_manifests.models.core_v1 import (
        ConfigMapProjection,
        ConfigMapVolumeSource,
        DownwardAPIProjection,
        DownwardAPIVolumeSource,
        SecretProjection,
        SecretVolumeSource,
        Volume,
        VolumeProjection,
    )

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


def file_sources(pod: PodView) -> Iterator[tuple[str, FileSource]]:
    """Return what the pod's volumes make files of: Secrets, ConfigMaps and facts about the pod, projected ones too."""
    for pointer, volume in pod.volumes():
        holders: list[tuple[str, Volume | VolumeProjection]] = [(pointer, volume)]
        for number, source in enumerate((volume.projected and volume.projected.sources) or ()):
            holders.append((f"{pointer}/projected/sources/{number}", source))
        for where, holder in holders:
            for field in ("secret", "config_map", "downward_api"):
                source = getattr(holder, field)
                if source is not None:
                    yield f"{where}/{wire_name(field)}", source


def repeated(entries: Iterable[tuple[str, _Key]]) -> Iterator[tuple[str, _Key, str]]:
    """Yield each entry whose key occurred before, with the pointer of the first."""
    first: dict[_Key, str] = {}
    for pointer, key in entries:
        if key in first:
            yield pointer, key, first[key]
        else:
            first[key] = pointer


def given(model: Model, fields: Iterable[str]) -> list[str]:
    """Return the wire names of those fields that are set."""
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
