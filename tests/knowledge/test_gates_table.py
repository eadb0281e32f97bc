"""The table of feature gates: well formed, and true to the source of the releases."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from csi_manifests.knowledge.feature_gates import FeatureGate, FeatureGates, removed_in
from csi_manifests.knowledge.gates import COMPONENTS
from csi_manifests.knowledge.releases import Release

TABLE: dict[str, Any] = tomllib.loads(files("csi_manifests.knowledge").joinpath("gates.toml").read_text("utf-8"))
RELEASES = [(1, minor) for minor in range(13, 38)]
ROW = re.compile(r"(?:(?:1\.\d\d)?-(?:1\.\d\d)?|1\.\d\d) (?:alpha|beta|GA|deprecated) (?:on|off)(?: locked)?")


@pytest.mark.parametrize(("name", "row"), TABLE["gates"].items())
def test_a_row_is_well_formed(name: str, row: str) -> None:
    assert re.fullmatch(r"[A-Za-z]\w+", name)
    parts = row.split(", ")
    assert all(ROW.fullmatch(part) for part in parts)
    states = [FeatureGates(release).get(name) for release in RELEASES]
    known = [number for number, state in enumerate(states) if state]
    # There is no gap, and two periods in a row differ.
    assert known == list(range(known[0], known[-1] + 1))
    assert len(parts) == 1 + sum(before != after for before, after in pairwise(states[known[0] : known[-1] + 1]))


def test_the_table_is_sorted_and_the_second_one_adds_to_it() -> None:
    assert list(TABLE["gates"]) == sorted(TABLE["gates"])
    assert set(TABLE["volumes"]) <= set(TABLE["gates"])
    for row in TABLE["volumes"].values():
        assert set(row) == {"components", "reason"}
        assert row["components"]
        assert set(row["components"]) <= set(COMPONENTS)
        assert re.fullmatch(r"[A-Z].*\.", row["reason"])


# Read off what a 1.13.0 binary lists, with the gates that are GA, which it leaves out.
IN_1_13 = {
    ("alpha", False): """
        APIResponseCompression AllAlpha BalanceAttachedNodeVolumes BoundServiceAccountTokenVolume CSIBlockVolume
        CSIDriverRegistry CSINodeInfo CustomCPUCFSQuotaPeriod CustomResourceWebhookConversion DebugContainers
        DynamicAuditing EnableEquivalenceClassCache ExpandInUsePersistentVolumes ExperimentalCriticalPodAnnotation
        HyperVContainer Initializers KubeletPodResources MountContainers NodeLease ProcMountType QOSReserved
        ResourceLimitsPriorityFunction RunAsGroup RuntimeClass SCTPSupport ServiceNodeExclusion SupportPodPidsLimit
        TTLAfterFinished ValidateProxyRedirects VolumeSnapshotDataSource VolumeSubpathEnvExpansion""",
    ("beta", False): "ExperimentalHostUserNamespaceDefaulting",
    ("beta", True): """
        APIListChunking AppArmor AttachVolumeLimit BlockVolume CPUManager CRIContainerLogRotation CustomPodDNS
        CustomResourceSubresources CustomResourceValidation DevicePlugins DryRun DynamicKubeletConfig
        ExpandPersistentVolumes HugePages LocalStorageCapacityIsolation PersistentLocalVolumes PodPriority
        PodReadinessGates PodShareProcessNamespace ResourceQuotaScopeSelectors RotateKubeletClientCertificate
        RotateKubeletServerCertificate ScheduleDaemonSetPods StreamingProxyRedirects Sysctls TaintBasedEvictions
        TaintNodesByCondition TokenRequest TokenRequestProjection""",
    ("GA", True): """
        AdvancedAuditing CSIPersistentVolume GCERegionalPersistentDisk KubeletPluginsWatcher MountPropagation
        StorageObjectInUseProtection SupportIPVSProxyMode VolumeScheduling VolumeSubpath""",
}


def test_1_13_knows_what_its_binary_lists() -> None:
    found = {name: (gate.stage, gate.default) for name, gate in Release("1.13").gates.items()}
    assert found == {name: state for state, names in IN_1_13.items() for name in names.split()}
    assert not any(gate.locked for gate in Release("1.13").gates.values())


def test_what_concerns_volumes_says_who_reads_it_and_why() -> None:
    assert Release("1.13").gates["CSIDriverRegistry"] == FeatureGate(
        "alpha",
        default=False,
        locked=False,
        components=("kubelet", "kube-controller-manager", "kube-apiserver"),
        reason="Makes the kubelet and the attach/detach controller obey CSIDriver objects, and gives them the right to "
        "read these.",
    )
    assert Release("1.13").gates["AppArmor"].components == ()


# Counted in the source of each: in 1.20.0, 109 entries of pkg/features and 8 that only apiserver's own has; in 1.29.0,
# 143 of pkg/features, 11 of apiserver's own, 4 of component-base, and 2 that came to apiserver with patches; in 1.36,
# 230 of versioned_feature_list.yaml and 10 of client-go. Each has AllAlpha and AllBeta besides.
COUNTED = {
    "1.20": (109 + 8 + 2, {"alpha": 37, "beta": 52, "GA": 28, "deprecated": 2}),
    "1.29": (143 + 11 + 4 + 2 + 2, {"alpha": 65, "beta": 62, "GA": 28, "deprecated": 7}),
    "1.36": (230 + 10 + 2, {"alpha": 50, "beta": 100, "GA": 76, "deprecated": 16}),
}


@pytest.mark.parametrize(("version", "number", "stages"), [(key, *value) for key, value in COUNTED.items()])
def test_as_many_gates_as_the_source_has(version: str, number: int, stages: dict[str, int]) -> None:
    gates = Release(version).gates
    assert (len(gates), Counter(gate.stage for gate in gates.values())) == (number, stages)


@pytest.mark.parametrize(
    ("version", "name", "state"),
    [
        ("1.16", "VolumeSnapshotDataSource", ("alpha", False, False)),
        ("1.17", "VolumeSnapshotDataSource", ("beta", True, False)),
        ("1.20", "VolumeSnapshotDataSource", ("GA", True, True)),
        ("1.20", "CSINodeInfo", ("GA", True, True)),
        ("1.20", "GenericEphemeralVolume", ("alpha", False, False)),
        ("1.20", "HyperVContainer", ("deprecated", False, False)),
        ("1.24", "ContextualLogging", ("alpha", False, False)),
        ("1.29", "KMSv1", ("deprecated", False, False)),
        ("1.29", "ExperimentalHostUserNamespaceDefaulting", ("deprecated", False, True)),
        ("1.29", "EventedPLEG", ("alpha", False, False)),
        ("1.29", "VolumeAttributesClass", ("alpha", False, False)),
        ("1.29", "WindowsHostNetwork", ("alpha", True, False)),
        ("1.30", "WatchListClient", ("beta", False, False)),
        ("1.31", "OrderedNamespaceDeletion", ("beta", False, False)),
        ("1.33", "VolumeAttributesClass", ("beta", False, False)),
        ("1.34", "VolumeAttributesClass", ("GA", True, False)),
        ("1.36", "VolumeAttributesClass", ("GA", True, True)),
        ("1.36", "ControllerManagerReleaseLeaderElectionLockOnExit", ("alpha", False, False)),
        ("1.37", "SELinuxMount", ("GA", True, False)),
        ("1.37", "KubeProxyIPVS", ("deprecated", True, False)),
    ],
)
def test_a_gate_is_what_the_source_says(version: str, name: str, state: tuple[str, bool, bool]) -> None:
    gate = Release(version).gates[name]
    assert (gate.stage, gate.default, gate.locked) == state


@pytest.mark.parametrize(
    ("name", "release", "removed"),
    [
        ("KubeletPluginsWatcher", (1, 15), ""),
        ("KubeletPluginsWatcher", (1, 16), "1.16"),
        ("CSINodeInfo", (1, 37), "1.21"),
        ("AnyVolumeDataSource", (1, 36), ""),
        ("AnyVolumeDataSource", (1, 37), "1.37"),
        ("SELinuxMount", (1, 13), ""),
        ("SELinuxMount", (1, 37), ""),
        ("Nonsense", (1, 37), ""),
    ],
)
def test_a_gate_is_removed_in_the_release_after_its_last(name: str, release: tuple[int, int], removed: str) -> None:
    assert removed_in(name, release) == removed


@pytest.mark.parametrize(("locked", "value", "takes"), [(False, False, True), (True, False, False), (True, True, True)])
def test_a_locked_gate_takes_only_its_default(*, locked: bool, value: bool, takes: bool) -> None:
    assert FeatureGate("GA", default=True, locked=locked, components=(), reason="").takes(value) == takes
