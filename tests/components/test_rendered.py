"""What is rendered is what was reviewed: one readable file for each file of the bundle, and for each telling setup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csi_manifests import Bundle, Setup, build, emit
from csi_manifests.setup.reading import read_setup
from csi_manifests.testing import YamlExtension

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion
    from syrupy.location import PyTestLocation

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
SETUPS = sorted((Path(__file__).parents[1] / "setups").glob("*.yaml"))


class Reviewed(YamlExtension):
    """Keeps snapshots in ``snapshots/``, under the names of the files that a render writes."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:  # noqa: ARG003  (syrupy's signature)
        return str(SNAPSHOTS)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: object) -> str:  # noqa: ARG003  (as above)
        return str(index)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:  # noqa: ARG003  (syrupy's signature)
        # syrupy asks for the test's own name in the path; test_none_is_unused takes the place of its own search.
        return Path(snapshot_location).parent == SNAPSHOTS


@pytest.fixture
def reviewed(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Reviewed)


BUNDLE = build()
FILES = sorted({f"{item.stage}/{item.file}" for item in BUNDLE.items})


@pytest.mark.parametrize("file", FILES)
def test_file(file: str, reviewed: SnapshotAssertion) -> None:
    stage, name = file.split("/")
    part = Bundle(item for item in BUNDLE.items if (item.stage, item.file) == (stage, name))
    assert emit(part) == reviewed(name=name.removesuffix(".yaml"))


@pytest.mark.parametrize("file", SETUPS, ids=lambda file: file.stem)
def test_setup(file: Path, reviewed: SnapshotAssertion) -> None:
    assert emit(build(read_setup(file))) == reviewed(name=f"setup-{file.stem}")


def test_setups_are_four_telling_ones() -> None:
    assert [file.stem for file in SETUPS] == ["minimal-rbac-secrets", "mirror", "second-instance", "series"]
    assert all(read_setup(file) != Setup() for file in SETUPS)


def test_none_is_unused() -> None:
    names = {file.split("/")[1] for file in FILES} | {f"setup-{file.name}" for file in SETUPS}
    assert {path.name for path in SNAPSHOTS.iterdir()} == names | {"article-findings.txt"}
