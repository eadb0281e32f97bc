"""The bundle is the article's setup: every value of it, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from csi_manifests import Bundle, build
from csi_manifests.setup.setup import Setup
from csi_manifests.yaml.reader import decode, documents

ARTICLE = Path(__file__).parents[1] / "article"
FILES = sorted(ARTICLE.glob("*.yaml"))


def expected(file: Path) -> list[dict[str, Any]]:
    """Read what the article says, in the two words of ours: a namespace is said, and the account by its name of today."""
    found = [document.content for document in documents(decode(file.read_bytes(), file.name))]
    for content in found:
        pod = content.get("spec", {}).get("template", {}).get("spec", {})
        if "serviceAccount" in pod:
            pod["serviceAccountName"] = pod.pop("serviceAccount")
        if content["kind"] not in CLUSTER_SCOPED:
            content["metadata"].setdefault("namespace", "default")
    return found


CLUSTER_SCOPED = {
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "StorageClass",
    "VolumeSnapshotClass",
}


def of_file(bundle: Bundle, file: str) -> list[dict[str, Any]]:
    return [item.resource.to_dict() for item in bundle.items if item.file == file]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_says_what_the_article_says(file: Path) -> None:
    assert of_file(build(), file.name) == expected(file)


def test_nothing_else_is_there() -> None:
    assert {item.file for item in build().items} == {file.name for file in FILES}
    assert len(build()) == 32 + 3
    assert len(FILES) == 17 + 1


def test_without_the_snapshot_crds_it_is_the_article_alone() -> None:
    bundle = build(Setup(snapshot_crds=False))
    assert len(bundle) == 32
    assert not of_file(bundle, "snapshot-crds.yaml")


def test_order_can_be_applied_and_works() -> None:
    kinds = [(item.stage, item.resource.key.kind, item.resource.name) for item in build().items]
    workloads = [name for stage, kind, name in kinds if stage == "driver" and kind in {"DaemonSet", "StatefulSet"}]
    assert workloads == [
        "csi-hostpathplugin",
        "csi-hostpath-provisioner",
        "csi-hostpath-attacher",
        "csi-hostpath-snapshotter",
    ]
    assert [stage for stage, _, _ in kinds] == sorted(
        (stage for stage, _, _ in kinds),
        key=["crds", "rbac", "driver", "classes", "workload", "snapshot", "restore"].index,
    )
