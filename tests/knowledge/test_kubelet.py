"""What the table of the kubelet says of a release."""

from __future__ import annotations

import pytest

from csi_manifests.knowledge.releases import Release


@pytest.mark.parametrize("version", ["1.13", "1.16"])
def test_a_driver_of_csi_0_registers_in_either_directory(version: str) -> None:
    assert Release(version).csi == ((0, ("plugins_registry", "plugins")), (1, ("plugins_registry",)))


@pytest.mark.parametrize("version", ["1.17", "1.25", "1.37"])
def test_later_kubelets_speak_csi_1_only(version: str) -> None:
    assert Release(version).csi == ((1, ("plugins_registry",)),)


@pytest.mark.parametrize("version", ["1.13", "1.25", "1.37"])
def test_the_directories_are_the_same_everywhere(version: str) -> None:
    assert Release(version).kubelet == ("/var/lib/kubelet", "plugins", "pods", "plugins_registry")
