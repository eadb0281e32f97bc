"""The bundle that is applied or deleted, known without a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from csi_manifests import FindingsError, InputError, Setup
from csi_manifests.bundle.gathering import gather
from csi_manifests.cluster.bundles import file_bundle, left_out, setup_bundle
from csi_manifests.cluster.kubectl import kubectl_for

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"


def test_objects_of_files_get_a_namespace_and_a_stage(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ACCOUNT + "---\n" + ACCOUNT.replace("{name: a}", "{name: b, namespace: own}"))
    bundle = file_bundle(gather([tmp_path]), "csi")
    assert [(str(item.resource.key), item.stage) for item in bundle.items] == [
        ("ServiceAccount csi/a", "rbac"),
        ("ServiceAccount own/b", "rbac"),
    ]


def test_files_with_an_error_or_without_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Kubernetes objects"):
        file_bundle(gather([tmp_path]), "default")
    (tmp_path / "a.yaml").write_text(ACCOUNT.replace("{name: a}", "{name: A}"))
    with pytest.raises(FindingsError, match="'A'"):
        file_bundle(gather([tmp_path]), "default")


def test_what_uses_the_driver_is_left_out() -> None:
    bundle = setup_bundle(Setup())
    assert left_out(bundle) == {"workload": 2, "snapshot": 1, "restore": 2}
    assert left_out(bundle.select("crds", "driver")) == {}


def test_a_kubectl_for_a_cluster() -> None:
    assert kubectl_for().words == ("kubectl",)
    assert kubectl_for("k", "test", "config").words == ("k", "--context=test", "--kubeconfig=config")


def test_files_are_checked_for_the_release_they_are_for_or_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: a}\nspec: {attachRequired: false}\n"
    )
    assert len(file_bundle(gather([tmp_path]), "default")) == 1
    with pytest.raises(FindingsError, match=r"exists from Kubernetes 1\.18 on, not in 1\.13"):
        file_bundle(gather([tmp_path]), "default", "1.13")
