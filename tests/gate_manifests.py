"""Manifests of kube-apiserver as they are found on hosts, and how that reads them."""

from __future__ import annotations

import difflib
from pathlib import Path

import yaml

from csi_manifests.host.gates import default_gates
from csi_manifests.host.static_pod import patch
from csi_manifests.knowledge.releases import release

LINE = "VolumeSnapshotDataSource=true,KubeletPluginsWatcher=true,CSINodeInfo=true,CSIDriverRegistry=true"
NEEDED = "VolumeSnapshotDataSource=true,CSINodeInfo=true,CSIDriverRegistry=true"
MANIFESTS = Path(__file__).parent / "manifests"
KUBEADM = (MANIFESTS / "kubeadm-1.13.yaml").read_bytes()
BY_HAND = (MANIFESTS / "by-hand.yaml").read_bytes()
HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
GATES = default_gates()


def patched(text: str | bytes, gates: dict[str, bool] | None = None) -> str:
    data = text.encode() if isinstance(text, str) else text
    result = patch(data, "a.yaml", GATES if gates is None else gates, release("1.13"))
    assert patch(result.data, "a.yaml", GATES if gates is None else gates, release("1.13")) == (result.data, ())
    return result.data.decode()


def changed(before: bytes | str, after: bytes | str) -> list[str]:
    """Return the lines that are not the same, - before and + after."""
    old, new = (
        (text.decode() if isinstance(text, bytes) else text).splitlines(keepends=True) for text in (before, after)
    )
    return [line for line in difflib.ndiff(old, new) if line[0] in "-+"]


def flags_of(text: str) -> dict[str, bool]:
    """Return the gates that kube-apiserver has from a manifest, as it reads its command line."""
    gates: dict[str, bool] = {}
    for pod in yaml.load_all(text, Loader=yaml.CSafeLoader):
        for container in pod["spec"]["containers"]:
            words: list[str] = [*(container.get("command") or []), *(container.get("args") or [])]
            values: list[str] = []
            for number, word in enumerate(words):
                flag, equals, value = word.partition("=")
                if flag.replace("_", "-") == "--feature-gates":
                    values.append(value if equals else words[number + 1])
            for part in filter(None, ",".join(values).split(",")):
                name, _, value = part.partition("=")
                gates[name.strip()] = value.strip().lower() in ("true", "1", "t")
    return gates
