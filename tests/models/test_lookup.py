"""Classes are found by what a manifest says, and nothing is imported for it that is not used."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import csi_manifests.models
from csi_manifests.models.lookup import model_for, models
from csi_manifests.models.resource import Resource


def subclasses(model: type[Resource]) -> set[type[Resource]]:
    return {model}.union(*map(subclasses, model.__subclasses__()))


def resources() -> set[type[Resource]]:
    for module in pkgutil.walk_packages(csi_manifests.models.__path__, "csi_manifests.models."):
        import_module(module.name)
    return {model for model in subclasses(Resource) - {Resource} if model.__module__.startswith("csi_manifests.")}


def test_every_model_is_found() -> None:
    assert set(models()) == resources()
    assert all(model_for(model.API_VERSION, model.KIND) is model for model in resources())


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("", ""),
        ("v1", ""),
        ("", "Pod"),
        ("v1", "pod"),
        ("v1", "Container"),
        ("v2", "Pod"),
        ("apps/v1", "Pod"),
        ("apps/v1beta1", "DaemonSet"),
        ("apps/v1beta3", "Deployment"),
        ("/v1", "Pod"),
        ("apps.example.com/v1", "Deployment"),
        ("../v1", "Pod"),
        ("v1", "__name__"),
    ],
)
def test_other_kinds_have_no_model(api_version: str, kind: str) -> None:
    assert model_for(api_version, kind) is None


@pytest.mark.parametrize(
    ("used", "unused"),
    [
        ("model_for('v1', 'Podd')", ["pydantic", "csi_manifests.models.base", "csi_manifests.models.scalars"]),
        ("model_for('rbac.authorization.k8s.io/v1', 'Role')", ["csi_manifests.models.core_v1", "csi_manifests.models.apps_v1"]),
        ("model_for('v1', 'Pod')", ["csi_manifests.models.apps_v1", "csi_manifests.models.rbac_v1"]),
        ("model_for('example.com/v1', 'Pod')", ["pydantic"]),
    ],
)  # fmt: skip
def test_only_what_is_used_is_imported(used: str, unused: list[str]) -> None:
    code = f"from csi_manifests.models.lookup import *; {used}; import sys; print([m for m in {unused} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
