"""What a path stands for: manifests that are there, or a setup that is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from csi_manifests import InputError, Setup, UsageError, build, emit
from csi_manifests.components.plan import gather_or_build

if TYPE_CHECKING:
    from pathlib import Path


def test_a_setup_is_built_and_manifests_are_read(tmp_path: Path) -> None:
    setup, bundle = tmp_path / "setup.yaml", tmp_path / "bundle.yaml"
    setup.write_text("namespace: storage\n")
    bundle.write_text(emit(build(Setup(namespace="storage"))))

    assert gather_or_build(setup).required() == gather_or_build(bundle).required() == build(Setup(namespace="storage"))
    assert len(gather_or_build(tmp_path).items) == len(build())


def test_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        gather_or_build(tmp_path / "absent.yaml")
    (tmp_path / "setup.yaml").write_text("namespase: storage\n")
    with pytest.raises(UsageError, match="Did you mean 'namespace'"):
        gather_or_build(tmp_path / "setup.yaml")
