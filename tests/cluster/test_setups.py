"""A real API server takes every document of the default bundle and of each setup whose snapshot is kept, stage by stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csi_manifests import STAGES, Setup, build, emit
from csi_manifests.setup.reading import read_setup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .control_plane import ControlPlane

pytestmark = pytest.mark.cluster

SETUPS = sorted((Path(__file__).parent.parent / "setups").glob("*.yaml"))


@pytest.fixture(scope="module")
def definitions(cluster: ControlPlane) -> Iterator[None]:
    """Store the definitions, without which the server knows no snapshots, and take them away again."""
    text = emit(build().select("crds"))
    cluster.run("apply", "-f", "-", stdin=text)
    cluster.run("wait", "--for=condition=Established", "--timeout=60s", "-f", "-", stdin=text)
    yield
    cluster.run("delete", "-f", "-", stdin=text)


@pytest.mark.usefixtures("definitions")
@pytest.mark.parametrize("file", [None, *SETUPS], ids=lambda file: file.stem if file else "default")
def test_every_stage_is_taken(file: Path | None, cluster: ControlPlane) -> None:
    setup = read_setup(file) if file else Setup()
    bundle = build(setup)
    if setup.namespace != "default":
        cluster.namespace(setup.namespace)
    for stage in STAGES:
        part = bundle.select(stage)
        done = cluster.run("apply", "--dry-run=server", "-f", "-", stdin=emit(part))
        assert len(done.stdout.splitlines()) == len(part)
