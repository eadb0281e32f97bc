"""Snapshots of manifests for other projects' tests, with pytest and syrupy.

::

    def test_bundle(yaml_snapshot: SnapshotAssertion) -> None:
        assert build(Setup(namespace="storage")) == yaml_snapshot

The snapshot is a readable YAML file in a folder ``__snapshots__`` beside the test; ``pytest --snapshot-update`` writes
it. Register the fixture with ``pytest_plugins = ["csi_manifests.testing"]``, or use the extension class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from csi_manifests.bundle.bundle import Bundle
from csi_manifests.models.base import Model
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.output.bundle.yaml import emit
from csi_manifests.yaml.writer import document, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syrupy.assertion import SnapshotAssertion


class YamlExtension(SingleFileSnapshotExtension):
    """Keeps each snapshot in a ``.yaml`` file of its own, as ``render`` would write it."""

    file_extension = "yaml"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **_: Any) -> str:
        """Write a bundle, an object or several, plain data, or text that is YAML already.

        Raises:
            InvalidError: if the data is none of these.

        """
        if isinstance(data, Bundle):
            return emit(data)
        if isinstance(data, (Model, Unstructured)):
            return document(data.to_dict())
        if isinstance(data, (list, tuple)):
            return join(self.serialize(part) for part in cast("Sequence[Any]", data))
        return data if isinstance(data, str) else document(data)


@pytest.fixture
def yaml_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with a readable YAML file."""
    return snapshot.use_extension(YamlExtension)
