"""The table of kinds: true to what each release publishes, and read by group and kind."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from csi_manifests import check, load, release
from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.stages import STAGES
from csi_manifests.cluster.plan import apply_steps, staged, with_namespace
from csi_manifests.cluster.waits import READY
from csi_manifests.knowledge.kinds import groups, is_namespaced, kind_of, kinds, served
from csi_manifests.models.unstructured import Unstructured

RELEASES = range(13, 28)
# What the published definitions have and nobody stores: answers, requests, and parts of other objects.
NOT_STORED = {"Status", "Scale", "Eviction", "EphemeralContainers", "TokenRequest", "DeleteOptions", "WatchEvent"}


def published(release: int) -> set[tuple[str, str, str]]:
    """Return the group, version and kind of what a release publishes, as kubernetes-validate ships it."""
    file = f"kubernetes_validate/kubernetes-json-schema/v1.{release}.0-local-strict/_definitions.json"
    definitions: dict[str, Any] = json.loads(
        Path(str(distribution("kubernetes-validate").locate_file(file))).read_bytes()
    )["definitions"]
    return {
        (identity["group"], identity["version"], identity["kind"])
        for schema in definitions.values()
        for identity in schema.get("x-kubernetes-group-version-kind", ())
        if "metadata" in schema.get("properties", {}) and not identity["kind"].endswith("List")
        if len(schema["x-kubernetes-group-version-kind"]) == 1 and identity["kind"] not in NOT_STORED
    }


@pytest.mark.parametrize("release", RELEASES)
def test_the_table_has_what_a_release_publishes(release: int) -> None:
    listed = {
        (kind.group, version, kind.name)
        for kind in kinds().values()
        for version in kind.versions
        if not kind.custom and kind.state(version, (1, release)) in {"on", "off"}
    }
    # 1.19 and 1.20 have it and do not publish it.
    listed -= {("storage.k8s.io", "v1alpha1", "CSIStorageCapacity")} if release in {19, 20} else set()
    assert listed == published(release)


def test_the_table_is_well_formed() -> None:
    assert {kind.stage for kind in kinds().values()} <= set(STAGES)
    assert {kind.ready for kind in kinds().values()} - {""} == set(READY)
    for kind in kinds().values():
        assert kind.versions
        assert kind.moved_to is None or kind_of(kind.moved_to, kind.name) or kind.name == "Event"


@pytest.mark.parametrize(
    ("group", "name", "version", "release", "state"),
    [
        ("apps", "StatefulSet", "v1", (1, 13), "on"),
        ("apps", "StatefulSet", "v1beta1", (1, 15), "on"),
        ("apps", "StatefulSet", "v1beta1", (1, 17), "off"),
        ("apps", "StatefulSet", "v1beta1", (1, 18), "gone"),
        ("storage.k8s.io", "CSIDriver", "v1beta1", (1, 13), "later"),
        ("storage.k8s.io", "VolumeAttributesClass", "v1beta1", (1, 31), "off"),
        ("storage.k8s.io", "VolumeAttributesClass", "v1", (1, 37), "on"),
        ("apps", "StatefulSet", "v7", (1, 37), None),
    ],
)
def test_state(group: str, name: str, version: str, release: tuple[int, ...], state: str | None) -> None:
    kind = kind_of(group, name)
    assert kind is not None
    assert kind.state(version, release) == state


def test_a_default_server() -> None:
    assert "Ingress" in served((1, 21))["extensions/v1beta1"]
    assert "extensions/v1beta1" not in served((1, 22))
    assert "snapshot.storage.k8s.io/v1" not in served((1, 37))
    assert "resource.k8s.io" in groups((1, 37)) - groups((1, 13))


def test_scope() -> None:
    assert is_namespaced("networking.k8s.io", "NetworkPolicy") is True
    assert is_namespaced("scheduling.k8s.io", "PriorityClass") is False
    assert is_namespaced("example.com", "Namespace") is None


NETWORK_POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {podSelector: {}}\n"
PRIORITY = "apiVersion: scheduling.k8s.io/v1beta1\nkind: PriorityClass\nmetadata: {name: a}\nvalue: 1\n"
POOLS = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: namespaces.example.com}
spec:
  group: example.com
  version: v1
  names: {kind: Namespace, plural: namespaces}
  scope: Namespaced
"""
POOL = "apiVersion: example.com/v1\nkind: Namespace\nmetadata: {name: a}\n"


def test_a_kind_without_a_model_goes_to_the_namespace_that_is_said() -> None:
    placed = with_namespace(load(f"{NETWORK_POLICY}---\n{PRIORITY}---\n{POOLS}---\n{POOL}"), "foo")
    assert [item.namespace for item in placed] == ["foo", "", "", "foo"]


def test_what_says_a_namespace_keeps_it() -> None:
    bundle = load(NETWORK_POLICY.replace("{name: a}", "{name: a, namespace: bar}"))
    assert [item.namespace for item in with_namespace(bundle, "foo")] == ["bar"]


def test_metadata_that_is_no_mapping_is_left_alone() -> None:
    odd = Unstructured({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": "odd"})
    assert next(iter(with_namespace(Bundle([Item(odd)]), "foo"))).to_dict() == odd.to_dict()


@pytest.mark.parametrize(
    "text",
    [f"{NETWORK_POLICY}---\n{NETWORK_POLICY.replace('{name: a}', '{name: a, namespace: default}')}", f"{PRIORITY}---\n{PRIORITY}"],
    ids=["namespaced", "cluster-wide"],
)  # fmt: skip
def test_the_same_object_twice_is_found_without_a_model(text: str) -> None:
    assert [finding.code for finding in check(load(text), release("1.13"))] == ["CSI202"]


def test_a_kind_of_another_group_is_not_taken_for_one_of_that_name() -> None:
    steps = apply_steps(staged(load(f"{POOL}---\n{POOLS}")))
    assert [(step.stage, [item.key.group for item in step.items]) for step in steps] == [
        ("crds", ["apiextensions.k8s.io"]),
        ("driver", ["example.com"]),
    ]
