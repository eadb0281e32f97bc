"""The extension for other projects' snapshot tests, used as they would."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """\
from csi_manifests import Setup, build
from csi_manifests.models.apps_v1 import DaemonSet

bundle = build(Setup(namespace="storage"))

def test_bundle(yaml_snapshot):
    assert bundle == yaml_snapshot

def test_object(yaml_snapshot):
    assert bundle.get(DaemonSet, "csi-hostpathplugin") == yaml_snapshot

def test_objects(yaml_snapshot):
    assert bundle.of(DaemonSet) == yaml_snapshot

def test_plain_data(yaml_snapshot):
    assert {"a": [1, "yes"]} == yaml_snapshot
"""


def pytest_in(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "syrupy", "-p", "no:cacheprovider", *args]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_snapshots_are_yaml_files_that_must_be_there_and_equal(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["csi_manifests.testing"]\n')
    (tmp_path / "test_it.py").write_text(TESTS)
    assert pytest_in(tmp_path).returncode == 1
    done = pytest_in(tmp_path, "--snapshot-update")
    assert done.returncode == 0, done.stdout
    assert pytest_in(tmp_path).returncode == 0
    kept = sorted((tmp_path / "__snapshots__" / "test_it").glob("*.yaml"))
    assert [file.stem for file in kept] == ["test_bundle", "test_object", "test_objects", "test_plain_data"]
    assert len(list(yaml.safe_load_all(kept[0].read_text()))) == 35
    kept[1].write_text(kept[1].read_text().replace("storage", "default"))
    assert "1 failed" in pytest_in(tmp_path).stdout
