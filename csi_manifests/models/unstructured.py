"""Objects of kinds that have no model here, and those whose content no model accepts: kept as written."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.models.resource import Key
from csi_manifests.text.words import short


class Unstructured:
    """An object as it stands in its file. Two are equal when their content is."""

    __slots__ = ("content",)

    def __init__(self, content: dict[str, Any]) -> None:
        """Hold the parsed document, which has at least ``apiVersion`` and ``kind``."""
        self.content = content

    @property
    def metadata(self) -> dict[str, Any]:
        """The object's metadata, empty if there is none that could be read."""
        found = self.content.get("metadata")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """The object's name, empty if it has none."""
        return _text(self.metadata.get("name"))

    @property
    def namespace(self) -> str:
        """The namespace it says it is in; where it says none, what is known of its kind decides."""
        said = _text(self.metadata.get("namespace"))
        group = str(self.content.get("apiVersion")).rpartition("/")[0]
        namespaced = is_namespaced(group, str(self.content.get("kind")))
        if namespaced is None:
            return said
        return (said or "default") if namespaced else ""

    @property
    def key(self) -> Key:
        """What makes the object one of its kind in a cluster."""
        return Key(str(self.content.get("apiVersion")), str(self.content.get("kind")), self.namespace, self.name)

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest, a copy."""
        return deepcopy(self.content)

    def __eq__(self, other: object) -> bool:
        """Compare contents; an object is mutable, as the models are, and so has no hash."""
        return self.content == other.content if isinstance(other, Unstructured) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # mutable, as the models are

    def __repr__(self) -> str:
        """Name the object, not its whole content."""
        return f"Unstructured({self.key})"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else short(value)
