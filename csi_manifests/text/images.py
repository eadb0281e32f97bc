"""References to container images: ``quay.io/k8scsi/csi-attacher:v0.4.1``."""

from __future__ import annotations

import re
from typing import NamedTuple

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?(?::\d+)?/)?"
    rf"{_COMPONENT}(?:/{_COMPONENT})*"
    r"(?::\w[-.\w]{0,127})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)


class ImageReference(NamedTuple):
    """The parts of a reference; a part that it does not have is empty."""

    name: str
    """The registry and the repository: ``quay.io/k8scsi/csi-attacher``."""
    tag: str
    digest: str

    @property
    def registry(self) -> str:
        """The registry, with its port; empty where the container runtime's default is meant."""
        first, slash, _ = self.name.partition("/")
        return first if slash and ("." in first or ":" in first or first == "localhost") else ""

    @property
    def repository(self) -> str:
        """The name in the registry: ``k8scsi/csi-attacher``."""
        return self.name.removeprefix(f"{self.registry}/")

    @property
    def last(self) -> str:
        """The last part of the name, which often says what program it is: ``csi-attacher``."""
        return self.name.rpartition("/")[2]


def image_reference(text: str) -> ImageReference:
    """Split a reference into its parts, be it a valid one or not."""
    rest, _, digest = text.partition("@")
    name, colon, tag = rest.rpartition(":")
    return ImageReference(rest, "", digest) if not colon or "/" in tag else ImageReference(name, tag, digest)


def is_image_reference(text: str) -> bool:
    """Return whether container runtimes take a text as a reference (grammar of distribution/reference)."""
    return _REFERENCE.fullmatch(text) is not None
