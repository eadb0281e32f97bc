"""The claims that a bundle makes, whatever makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csi_manifests.analysis.pods import readable
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest


@dataclass(eq=False, slots=True)
class ClaimView:
    """A claim: an object of its own, or a template of a StatefulSet."""

    claim: PersistentVolumeClaim
    pointer: str
    """Where it is in the object; empty for the object itself."""


def claims_of(manifest: Manifest, _context: Context | None = None) -> Iterator[ClaimView]:
    """Return the claims that an object is or makes, those of a StatefulSet that no model takes as far as they can be read."""
    templates = "/spec/volumeClaimTemplates"
    if isinstance(manifest, PersistentVolumeClaim):
        yield ClaimView(manifest, "")
    elif isinstance(manifest, Resource) and manifest.key.type == ("apps", "StatefulSet"):
        spec: Any = getattr(manifest, "spec", None)  # of any version
        for number, claim in enumerate((spec and spec.volume_claim_templates) or ()):
            yield ClaimView(claim, f"{templates}/{number}")
    elif isinstance(manifest, Unstructured) and manifest.key.type == ("apps", "StatefulSet"):
        for number, content in enumerate(items(mapping(manifest.content.get("spec")).get("volumeClaimTemplates"))):
            read, _ = readable(PersistentVolumeClaim, content)
            if read is not None:
                yield ClaimView(read, f"{templates}/{number}")
