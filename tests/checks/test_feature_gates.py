"""Rules about feature gates: those that components are given, and those that objects need."""

from __future__ import annotations

import pytest
from object_texts import (
    SNAPSHOTS,
    Table,
    claim,
    definition,
    object_text,
    pod,
    problems,
    sidecar,
    storage_class,
    told,
)

from csi_manifests import load, release
from csi_manifests.analysis.context import Context
from csi_manifests.analysis.programs import sidecars
from csi_manifests.analysis.rights import conditions

RESTORE = claim("r", spec=f"dataSource: {{kind: VolumeSnapshot, name: s, apiGroup: {SNAPSHOTS}}}")


def component(*words: str, name: str = "kube-apiserver", tag: str = "v1.13.0", field: str = "command") -> str:
    quoted = ", ".join(f"'{word}'" for word in words)
    return (
        object_text("v1", "Pod", name, "kube-system")
        + f"spec: {{containers: [{{name: {name}, image: 'k8s.gcr.io/{name}:{tag}', {field}: [{quoted}]}}]}}\n"
    )


def gates(line: str, name: str = "kube-apiserver") -> str:
    return component(name, f"--feature-gates={line}", name=name)


IN_COMMAND = "kube-system/kube-apiserver /spec/containers/0/command/1"
GATES: Table = {
    "unknown": (gates("VolumeSnapshotDatasource=true"), [f"error CSI311 Pod {IN_COMMAND}"]),
    "of a later release": (gates("CSIInlineVolume=true"), [f"error CSI311 Pod {IN_COMMAND}"]),
    "on": (gates("VolumeSnapshotDataSource=on"), [f"error CSI312 Pod {IN_COMMAND}"]),
    "nothing": (gates("VolumeSnapshotDataSource"), [f"error CSI312 Pod {IN_COMMAND}"]),
    "in quotes that no shell takes away": (
        gates('"VolumeSnapshotDataSource=true"'),
        [f"error CSI311 Pod {IN_COMMAND}", f"error CSI312 Pod {IN_COMMAND}"],
    ),
    "without effect": (gates("CSIPersistentVolume=true"), [f"info CSI313 Pod {IN_COMMAND}"]),
    "taken away": (
        gates("KubeletPluginsWatcher=false", "kubelet"),
        ["warning CSI313 Pod kube-system/kubelet /spec/containers/0/command/1"],
    ),
    "as Go reads it": (gates(" VolumeSnapshotDataSource = T,,CSINodeInfo=0, AllAlpha=False,"), []),
    "in a variable": (gates("$(GATES)"), []),
    "in two words": (
        component("kube-apiserver", "--feature-gates", "Nonsense=true"),
        ["error CSI311 Pod kube-system/kube-apiserver /spec/containers/0/command/2"],
    ),
    "of a program that the image starts": (
        component("--feature-gates=Nonsense=true", name="kube-scheduler", field="args"),
        ["error CSI311 Pod kube-system/kube-scheduler /spec/containers/0/args/0"],
    ),
    "in a script": (
        component("/bin/sh", "-c", "exec /usr/local/bin/kube-apiserver --v=2 --feature-gates=Nonsense=true 2>&1"),
        ["error CSI311 Pod kube-system/kube-apiserver /spec/containers/0/command/2"],
    ),
    "of hyperkube": (
        component("/hyperkube", "apiserver", "--feature-gates=Nonsense=true", name="hyperkube"),
        ["error CSI311 Pod kube-system/hyperkube /spec/containers/0/command/2"],
    ),
    "of another release": (component("kube-apiserver", "--feature-gates=Nonsense=true", tag="v1.20.2"), []),
    "with _ for -": (component("kube-apiserver", "--feature_gates=Nonsense=1"), [f"error CSI311 Pod {IN_COMMAND}"]),
    "behind all flags": (component("kube-apiserver", "--", "--feature-gates=Nonsense=true"), []),
    "of a program behind another": (
        component("tini", "--", "/opt/kube-apiserver", "--feature-gates", "Nonsense=T"),
        ["error CSI311 Pod kube-system/kube-apiserver /spec/containers/0/command/4"],
    ),
    "of an image with its architecture": (
        component("--feature-gates=Nonsense=true", name="kube-apiserver-amd64", field="args"),
        ["error CSI311 Pod kube-system/kube-apiserver-amd64 /spec/containers/0/args/0"],
    ),
    "of a program beside the kubelet": (
        component("watcher", "--root", "/var/lib/kubelet", "--feature-gates=Nonsense=true", name="watcher")
        + component("chmod", "755", "/var/lib/kubelet", "--feature-gates=Nonsense=true", name="init"),
        [],
    ),
    "of a sidecar": (component("--feature-gates=Topology=true", name="csi-provisioner", field="args"), []),
    "of a container that only names the kubelet": (
        component("chmod", "/var/lib/kubelet", name="init") + gates("VolumeSnapshotDataSource=true"),
        [],
    ),
    "of the kubelet's own file": (
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: {CSINodeInfo: 'true', Nonsense: true}\n",
        [
            "error CSI311 KubeletConfiguration  /featureGates/Nonsense",
            "error CSI312 KubeletConfiguration  /featureGates/CSINodeInfo",
        ],
    ),
    "of kubeadm": (
        "apiVersion: kubeadm.k8s.io/v1beta1\nkind: ClusterConfiguration\napiServer: {extraArgs: {feature-gates: 'Nonsense=true'}}\n",
        ["error CSI311 ClusterConfiguration  /apiServer/extraArgs/feature-gates"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), GATES.values(), ids=GATES)
def test_gates(text: str, expected: list[str]) -> None:
    assert told(text, "CSI311", "CSI312", "CSI313") == expected


BY_RELEASE: dict[str, tuple[str, str, dict[str, str]]] = {
    "removed": (
        "1.16",
        "KubeletPluginsWatcher=true",
        {
            "CSI311": "error: kubelet of Kubernetes 1.16 has no gate 'KubeletPluginsWatcher', which was removed in 1.16",
        },
    ),
    "removed long ago": (
        "1.30",
        "VolumeSnapshotDataSource=true",
        {
            "CSI311": "error: kubelet of Kubernetes 1.30 has no gate 'VolumeSnapshotDataSource', which was removed in 1.22",
        },
    ),
    "not there yet": (
        "1.28",
        "VolumeAttributesClass=true",
        {"CSI311": "error: kubelet of Kubernetes 1.28 has no gate 'VolumeAttributesClass'"},
    ),
    "alpha": ("1.30", "VolumeAttributesClass=true", {}),
    "beta": ("1.33", "VolumeAttributesClass=false", {}),
    "turned off where that can be": (
        "1.34",
        "VolumeAttributesClass=false",
        {
            "CSI313": "warning: gate 'VolumeAttributesClass' is turned off, though it is on in every cluster. "
            "Lets a claim choose a VolumeAttributesClass, and another one later.",
        },
    ),
    "turned off where that cannot be": (
        "1.36",
        "VolumeAttributesClass=false",
        {"CSI312": "error: gate 'VolumeAttributesClass' is locked to true"},
    ),
    "on": (
        "1.36",
        "VolumeAttributesClass=true",
        {"CSI313": "info: gate 'VolumeAttributesClass' is on for good in Kubernetes 1.36"},
    ),
    "off": (
        "1.21",
        "LegacyNodeRoleBehavior=false",
        {"CSI313": "info: gate 'LegacyNodeRoleBehavior' is off for good in Kubernetes 1.21"},
    ),
    "off, and turned on where that can be": ("1.18", "ExternalPolicyForExternalIP=true", {}),
    "deprecated": (
        "1.33",
        "GitRepoVolumeDriver=true",
        {"CSI313": "info: gate 'GitRepoVolumeDriver' is deprecated in Kubernetes 1.33"},
    ),
    "deprecated and locked": (
        "1.36",
        "GitRepoVolumeDriver=true",
        {"CSI312": "error: gate 'GitRepoVolumeDriver' is locked to false"},
    ),
}


@pytest.mark.parametrize(("kubernetes", "line", "expected"), BY_RELEASE.values(), ids=BY_RELEASE)
def test_gates_of_a_release(kubernetes: str, line: str, expected: dict[str, str]) -> None:
    text = gates(line, "kubelet").replace(":v1.13.0", f":v{kubernetes}.1")
    said = {
        code: f"{severity}: {message}"
        for code in ("CSI311", "CSI312", "CSI313")
        for severity, message in problems(text, code, kubernetes)
    }
    assert said == expected


BLOCK = storage_class("sc") + claim("b", spec="volumeMode: Block, storageClassName: sc")
NEEDS: Table = {
    "restoring, nobody knows where": (RESTORE * 2, ["info CSI314 PersistentVolumeClaim default/r /spec/dataSource"]),
    "restoring, with the gate": (gates("VolumeSnapshotDataSource=true") + RESTORE, []),
    "restoring, with all gates": (gates("AllAlpha=true") + RESTORE, []),
    "restoring, without": (
        gates("CSINodeInfo=true") + RESTORE,
        ["error CSI314 PersistentVolumeClaim default/r /spec/dataSource"],
    ),
    "restoring, with another component's gate": (
        gates("VolumeSnapshotDataSource=true", "kubelet") + RESTORE,
        ["info CSI314 PersistentVolumeClaim default/r /spec/dataSource"],
    ),
    "restored already": (RESTORE.replace("{name: r}", "{name: r, uid: '1'}"), []),
    "block volumes of a driver": (BLOCK, ["info CSI314 PersistentVolumeClaim default/b /spec/volumeMode"]),
    "block volumes of Kubernetes itself": (
        BLOCK.replace("provisioner: csi-hostpath", "provisioner: kubernetes.io/aws-ebs"),
        [],
    ),
    "block volumes, turned off": (
        gates("BlockVolume=false") + BLOCK.replace("csi-hostpath", "kubernetes.io/aws-ebs"),
        ["error CSI314 PersistentVolumeClaim default/b /spec/volumeMode"],
    ),
    "mounts that spread": (
        pod("p").replace("}]}", ", volumeMounts: [{name: v, mountPath: /v, mountPropagation: HostToContainer}]}]}"),
        [],
    ),
    "mounts that would spread": (
        gates("MountPropagation=false", "kubelet")
        + pod("p").replace("}]}", ", volumeMounts: [{name: v, mountPath: /v, mountPropagation: HostToContainer}]}]}"),
        ["error CSI314 Pod default/p /spec/containers/0/volumeMounts/0/mountPropagation"],
    ),
    "a driver's registration": (
        gates("KubeletPluginsWatcher=false", "kubelet") + sidecar("driver-registrar:v0.4.1"),
        ["error CSI314 Pod default/driver-registrar /spec/containers/0"],
    ),
    "waiting for a pod": (storage_class("sc") + "volumeBindingMode: WaitForFirstConsumer\n", []),
    "a CSIDriver": (
        object_text("csi.storage.k8s.io/v1alpha1", "CSIDriver", "d"),
        ["info CSI314 CSIDriver d /spec"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), NEEDS.values(), ids=NEEDS)
def test_needs(text: str, expected: list[str]) -> None:
    assert told(text, "CSI314") == expected


RESTORED_ON = {
    "1.14": ["info"],
    "1.16": ["info"],
    "1.17": [],
    "1.20": [],
    "1.37": [],
}


@pytest.mark.parametrize(("kubernetes", "expected"), RESTORED_ON.items())
def test_the_gate_to_restore_is_needed_as_long_as_it_is_off(kubernetes: str, expected: list[str]) -> None:
    assert [severity for severity, _ in problems(RESTORE, "CSI314", kubernetes)] == expected


@pytest.mark.parametrize(
    ("kubernetes", "line", "expected"),
    [
        ("1.16", "AllAlpha=true", []),
        ("1.17", "AllAlpha=false", []),
        ("1.17", "AllBeta=false", ["error"]),
        ("1.17", "AllBeta=false,VolumeSnapshotDataSource=true", []),
        ("1.20", "AllBeta=false", []),
    ],
)
def test_one_gate_stands_for_all_of_a_stage(kubernetes: str, line: str, expected: list[str]) -> None:
    text = gates(line).replace(":v1.13.0", f":v{kubernetes}.0") + RESTORE
    assert [severity for severity, _ in problems(text, "CSI314", kubernetes)] == expected


NODE_INFO: Table = {
    "nodes without a definition": (gates("CSINodeInfo=true"), [f"info CSI315 Pod {IN_COMMAND}"]),
    "nodes without a definition, and a driver": (
        gates("AllAlpha=true") + sidecar("driver-registrar:v0.4.1"),
        [f"warning CSI315 Pod {IN_COMMAND}"],
    ),
    "nodes with one": (gates("CSINodeInfo=true") + definition("csi.storage.k8s.io", "CSINodeInfo", "v1alpha1"), []),
    "nodes without the gate": (gates("CSINodeInfo=false"), []),
}


@pytest.mark.parametrize(("text", "expected"), NODE_INFO.values(), ids=NODE_INFO)
def test_node_info(text: str, expected: list[str]) -> None:
    assert told(text, "CSI315") == expected


@pytest.mark.parametrize(
    ("flags", "on"),
    [
        (["--feature-gates=Topology=true"], True),
        (["--feature-gates=Topology=1"], True),
        (["--feature-gates= Topology = T ,"], True),
        (["--feature-gates", "Other=false,Topology=TRUE"], True),
        (["--feature-gates=Topology=true", "--feature-gates=Other=true"], True),
        (["--feature-gates=Topology=true", "--feature-gates=Topology=0"], False),
        (["--feature-gates=Topology=true,Topology=f"], False),
        (["--feature-gates=Topology=yes"], False),
        (["--feature-gates=Topology"], False),
        ([], False),
    ],
)
def test_a_sidecar_reads_its_gates_as_go_does(flags: list[str], *, on: bool) -> None:
    text = component(*flags, name="csi-provisioner", tag="v1.1.0", field="args")
    assert bool(told(text, "CSI439")) == on
    assert ("topology" in conditions_of(text)) == on


def conditions_of(text: str) -> frozenset[str]:
    context = Context(load(text), release("1.13"))
    (sidecar,) = sidecars(context)
    return conditions(sidecar, context)
