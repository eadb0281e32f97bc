"""``csi-manifests images``, run as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ARTICLE = [
    "quay.io/k8scsi/driver-registrar:v0.4.1",
    "quay.io/k8scsi/hostpathplugin:v0.4.1",
    "quay.io/k8scsi/csi-provisioner:v0.4.1",
    "quay.io/k8scsi/csi-attacher:v0.4.1",
    "quay.io/k8scsi/csi-snapshotter:v0.4.1",
    "busybox",
]


def test_each_image_once_in_the_order_of_the_bundle(run: Run) -> None:
    done = run("images")
    assert (done.stdout.decode().splitlines(), done.stderr, done.returncode) == (ARTICLE, b"", 0)


def test_they_are_those_of_the_bundle(run: Run) -> None:
    found: list[str] = []
    for document in yaml.safe_load_all(run("render").stdout):
        spec = document.get("spec", {})
        pod = spec.get("template", {}).get("spec", spec)
        found += [container["image"] for container in pod.get("containers", [])]
    assert list(dict.fromkeys(found)) == ARTICLE


def test_json_says_who_runs_them(run: Run) -> None:
    done = run("images", "--format", "json", "--namespace", "csi")
    assert json.loads(done.stdout) == [
        {"image": ARTICLE[0], "usedBy": ["DaemonSet csi/csi-hostpathplugin/driver-registrar"]},
        {"image": ARTICLE[1], "usedBy": ["DaemonSet csi/csi-hostpathplugin/hostpath"]},
        {"image": ARTICLE[2], "usedBy": ["StatefulSet csi/csi-hostpath-provisioner/csi-provisioner"]},
        {"image": ARTICLE[3], "usedBy": ["StatefulSet csi/csi-hostpath-attacher/csi-attacher"]},
        {"image": ARTICLE[4], "usedBy": ["StatefulSet csi/csi-hostpath-snapshotter/csi-snapshotter"]},
        {"image": "busybox", "usedBy": ["Pod csi/my-csi-app/my-frontend", "Pod csi/my-csi-app2/my-frontend"]},
    ]


def test_a_mirror_has_them_all(run: Run) -> None:
    mirrored = run("images", "--registry", "mirror.example:5000/k8s").stdout.decode().splitlines()
    assert mirrored == ["mirror.example:5000/k8s/" + image.removeprefix("quay.io/") for image in ARTICLE]


def test_a_setup_file(run: Run, tmp_path: Path) -> None:
    setup = tmp_path / "setup.yaml"
    setup.write_text("pod: {image: 'alpine@sha256:" + "0" * 64 + "'}\nattacher: {image: {tag: v0.4.2}}\n")
    images = run("images", "--config", setup).stdout.decode().splitlines()
    assert images[3] == "quay.io/k8scsi/csi-attacher:v0.4.2"
    assert images[5] == "alpine@sha256:" + "0" * 64


def test_a_wrong_setup_prints_nothing(run: Run) -> None:
    done = run("images", "--config", "-", stdin=b"registri: a\n")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"Did you mean 'registry'?" in done.stderr
