"""Turn YAML, of ours or anybody's, back into a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.gathering import gather
from csi_manifests.bundle.objects import as_resource, is_object, objects, read
from csi_manifests.errors import InputError
from csi_manifests.text.places import Location
from csi_manifests.yaml.reader import Source, documents

if TYPE_CHECKING:
    from pathlib import Path


def load(source: str | Path) -> Bundle:
    """Read a bundle: from YAML or JSON text, or from a file or folder by its :class:`~pathlib.Path`.

    Of a folder, everything below it is read as ``csi-manifests check`` does: what is not a manifest is passed over.
    Lists are taken apart, an explicit null is read as absent. An object whose kind has no model here, or whose content
    its model refuses, is kept as :class:`~csi_manifests.models.unstructured.Unstructured`; ``Bundle.refusals`` has the
    reasons.

    Raises:
        InputError: if there is nothing to read, the text is not YAML, a document is no Kubernetes object, or a key is
            given twice.

    """
    if not isinstance(source, str) and source.is_dir():
        return gather([source]).required(whole=True)
    text = Source("<text>", source.lstrip("\ufeff")) if isinstance(source, str) else read(source)
    items: list[Item] = []
    for document in documents(text):
        for problem in document.problems:
            raise InputError(f"{problem.location}: {problem.message}. {problem.fix}")
        for content, origin in objects(document):
            if not is_object(content):
                where = Location(text.name, origin.line, 1)
                hint = " A path? Give a pathlib.Path." if source == content else ""
                raise InputError(f"{where}: is no Kubernetes object. It needs apiVersion, kind and metadata.{hint}")
            items.append(Item(as_resource(content), origin=origin))
    if not items:
        raise InputError(f"{text.name}: holds no Kubernetes objects. Is it the right file?")
    return Bundle(items)
