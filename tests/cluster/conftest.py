"""The cluster of a test session. It needs binaries, which ``build.sh`` makes, so a plain run leaves its tests out.

A module of such tests says ``pytestmark = pytest.mark.cluster``; ``pytest -m cluster`` runs them.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .control_plane import ControlPlane, control_plane

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def binaries() -> Path:
    """The folder of the control plane's binaries: ``KUBEBUILDER_ASSETS``, or where ``build.sh`` keeps what it built."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets:
        folder = Path(assets)
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        built = os.environ.get("CONTROL_PLANE_CACHE") or Path(cache, "csi-manifests", "control-plane-1.20.2")
        folder = Path(built, "bin")
    missing = [name for name in ("kube-apiserver", "etcd", "kubectl") if not (folder / name).exists()]
    if missing:
        pytest.fail(
            f"{folder}: no {', '.join(missing)}. Run tests/cluster/build.sh, or set KUBEBUILDER_ASSETS.",
            pytrace=False,
        )
    return folder


@pytest.fixture(scope="session")
def controllers(binaries: Path) -> None:
    """Skip what takes a controller (of StatefulSets, of claims ...): envtest's own folders have none."""
    if not (binaries / "kube-controller-manager").exists():
        pytest.skip(f"no kube-controller-manager in {binaries}")


@pytest.fixture(scope="session")
def cluster(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that all tests of the session share: what they create outside ``namespace`` they delete."""
    with control_plane(binaries, tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def namespace(cluster: ControlPlane) -> Iterator[str]:
    """The name of a namespace of the test's own, ready to take Pods."""
    name = f"test-{secrets.token_hex(4)}"
    cluster.namespace(name)
    yield name
    # Not waited for: a Pod bound to a Node stays Terminating until a kubelet says that it is gone.
    cluster.run("delete", "namespace", name, "--wait=false")
