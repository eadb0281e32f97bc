"""A bundle never changes, finds by type, and says what it has when something is not there."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from csi_manifests import Bundle, ConflictError, InvalidError, Item, Key, NotFoundError, Resource, Unstructured, build
from csi_manifests.models.apps_v1 import DaemonSet, StatefulSet
from csi_manifests.models.core_v1 import (
    ConfigMap,
    Container,
    HostPathVolumeSource,
    PersistentVolumeClaim,
    Pod,
    ServiceAccount,
    Volume,
)
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Callable

ATTACHER = "csi-hostpath-attacher"


def config(name: str, namespace: str | None = None, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=data or None)


def test_find_gives_a_copy() -> None:
    bundle = build()
    found = bundle.find(StatefulSet, ATTACHER)
    assert found is not None
    found.metadata.labels = {"a": "b"}
    (again,) = [each for each in bundle.of(StatefulSet) if each.name == ATTACHER]
    assert again.metadata.labels != {"a": "b"}
    again.spec.selector.match_labels = {"deep": "below"}
    assert bundle.get(StatefulSet, ATTACHER).to_dict()["spec"]["selector"]["matchLabels"] != {"deep": "below"}
    assert bundle == build()


def test_find_knows_kinds_and_namespaces() -> None:
    bundle = Bundle(
        [config("a", x="1"), config("a", "b", x="2"), Unstructured({"apiVersion": "v1", "kind": "ConfigMap"})]
    )
    assert bundle.get(ConfigMap, "a").data == {"x": "1"}
    assert bundle.get(ConfigMap, "a", "default").data == {"x": "1"}
    assert bundle.get(ConfigMap, "a", "b").data == {"x": "2"}
    assert bundle.find(ConfigMap, "a", "c") is None
    assert bundle.find(ServiceAccount, "a") is None
    assert [each.key.namespace for each in bundle.of(ConfigMap)] == ["default", "b"]
    assert bundle.has("", "ConfigMap", "a", "b")
    assert not bundle.has("", "ConfigMap", "a", "c")


@pytest.mark.parametrize("act", ["get", "edit", "without"])
def test_errors_list_what_is_there(act: str) -> None:
    bundle = build()
    arguments: tuple[Any, ...] = (type,) if act == "edit" else ()
    with pytest.raises(NotFoundError) as caught:
        getattr(bundle, act)(StatefulSet, "csi-attacher", *arguments)
    known = "csi-hostpath-attacher, csi-hostpath-provisioner, csi-hostpath-snapshotter"
    assert (
        str(caught.value)
        == f"no StatefulSet 'csi-attacher' in the bundle (it has: {known}). Did you mean '{ATTACHER}'?"
    )
    assert isinstance(caught.value, LookupError)
    with pytest.raises(NotFoundError, match=r"it has: none"):
        Bundle().get(StatefulSet, "a")


def test_edit_in_place_or_with_a_new_object() -> None:
    bundle = build()

    def in_place(found: StatefulSet) -> None:
        found.metadata.labels = {"a": "b"}

    changed = bundle.edit(StatefulSet, ATTACHER, in_place)
    assert changed.get(StatefulSet, ATTACHER).metadata.labels == {"a": "b"}
    assert bundle == build()
    assert [item.resource.key for item in changed.items] == [item.resource.key for item in bundle.items]
    assert [(item.stage, item.file) for item in changed.items] == [(item.stage, item.file) for item in bundle.items]

    made = Bundle([config("a")]).edit(ConfigMap, "a", lambda _: config("b", x="1"))
    assert [each.name for each in made] == ["b"]


def test_objects_are_checked_before_pydantic_has_built_their_parts() -> None:
    code = (
        "from csi_manifests import Bundle\n"
        "from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshotContent\n"
        "source = {'driver': 'csi-hostpath', 'snapshotHandle': '1'}\n"
        "content = {'metadata': {'name': 'a'}, 'spec': {'csiVolumeSnapshotSource': source}}\n"
        "print(*Bundle().with_(VolumeSnapshotContent.from_dict(content)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "csi-hostpath" in done.stdout


def append(item: Any) -> Callable[[Pod], None]:
    """Change a list in place, as nobody with a type checker would."""

    def change(pod: Pod) -> None:
        pod.spec.containers.append(item)

    return change


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"nam": "x"}, "name: the field is missing. Add 'name'.\nPod default/my-csi-app: spec.containers[1].nam: there is no field 'nam'. Did you mean 'name'?"),
        ({"name": "x", "image": 1}, "image: 1 is not a string. Write a string."),
        (Volume(name="x", host_path=HostPathVolumeSource(path="/")), "hostPath: there is no field 'hostPath'."),
    ],
)  # fmt: skip
def test_edit_refuses_what_no_model_takes(item: Any, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        build().edit(Pod, "my-csi-app", append(item))
    assert str(caught.value).startswith(f"Pod default/my-csi-app: spec.containers[1].{said}")


@pytest.mark.parametrize("item", [5, object(), "x"])
def test_edit_refuses_what_is_no_model(item: Any) -> None:
    with pytest.raises(InvalidError, match=r"^Pod default/my-csi-app: spec\.containers\[1\]: .* is not a Container\."):
        build().edit(Pod, "my-csi-app", append(item))


@pytest.mark.parametrize(
    "item", [{"name": "x", "imagePullPolicy": "Always"}, {"name": "x", "image_pull_policy": "Always"}]
)
def test_edit_makes_models_of_plain_data(item: Any) -> None:
    spec = build().edit(Pod, "my-csi-app", append(item)).get(Pod, "my-csi-app").spec
    assert spec.containers[1] == Container(name="x", image_pull_policy="Always")


def test_edit_says_what_a_change_returned() -> None:
    def returned(_: Pod) -> Any:
        return Container(name="x")

    with pytest.raises(
        InvalidError, match=r"^Pod default/my-csi-app: the change returned .*, a Container\. Return the "
    ):
        build().edit(Pod, "my-csi-app", returned)


def test_an_edit_that_changes_nothing_is_equal() -> None:
    bundle = build()
    for found in bundle:
        if isinstance(found, Resource):
            assert bundle.edit(type(found), found.name, lambda _: None) == bundle


def test_with_refuses_what_no_model_takes() -> None:
    new = config("a")
    new.data = {}
    new.data["b"] = 1  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]  (what is tested)
    with pytest.raises(InvalidError, match=r"^ConfigMap a: data\['b'\]: 1 is not a string\."):
        Bundle().with_(new)


def test_with_replaces_or_adds_at_the_end() -> None:
    bundle = Bundle([Item(config("a"), "driver", "a.yaml"), Item(config("b"))])
    changed = bundle.with_(config("a", "default", x="1"), config("c"), stage="workload", file="c.yaml")
    assert [each.name for each in changed] == ["a", "b", "c"]
    assert changed.get(ConfigMap, "a").data == {"x": "1"}
    assert [(item.stage, item.file) for item in changed.items] == [
        ("workload", "c.yaml"),
        ("", ""),
        ("workload", "c.yaml"),
    ]
    assert bundle.with_(config("a", x="1")).items[0].stage == "driver"
    assert bundle.get(ConfigMap, "a").data is None


def test_without_one_or_a_kind() -> None:
    bundle = build()
    fewer = bundle.without(StatefulSet)
    assert fewer.of(StatefulSet) == ()
    assert len(fewer) == len(bundle) - 3
    assert len(bundle.without(StatefulSet, ATTACHER)) == len(bundle) - 1
    assert bundle.without(ConfigMap) == bundle


def test_without_takes_one_of_two_that_are_equal() -> None:
    bundle = Bundle([config("a"), config("a", "default")])
    assert len(bundle) == 2
    assert len(bundle.without(ConfigMap, "a")) == 1


def test_merge_keeps_what_is_equal_once_and_refuses_what_differs() -> None:
    one, other = Bundle([config("a", x="1"), config("b")]), Bundle([config("b"), config("c")])
    assert [each.name for each in one.merge(other)] == ["a", "b", "c"]
    assert build().merge(build()) == build()
    with pytest.raises(ConflictError) as caught:
        one.merge(Bundle([config("a", "default", x="2")]))
    assert str(caught.value).startswith("ConfigMap default/a: is in both bundles with different content.")
    assert [each.namespace for each in one.merge(Bundle([config("a", "other")]))] == ["default", "default", "other"]


def test_two_versions_of_a_kind_are_one_object() -> None:
    content = {"apiVersion": "apps/v1beta2", "kind": "DaemonSet", "metadata": {"name": "a", "namespace": "default"}}
    bundle = Bundle([Unstructured(content)])
    assert bundle.has("apps", "DaemonSet", "a", "default")
    new = build().get(DaemonSet, "csi-hostpathplugin")
    new.metadata.name = "a"
    assert [each.key.api_version for each in bundle.with_(new)] == ["apps/v1"]


def test_equality_ignores_stage_and_file() -> None:
    assert Bundle([Item(config("a"), "driver", "a.yaml")]) == Bundle([config("a")])
    assert Bundle([config("a")]) != Bundle([config("a", x="1")])
    assert Bundle([config("a"), config("b")]) != Bundle([config("b"), config("a")])
    assert Bundle() != ()
    with pytest.raises(TypeError):
        hash(Bundle())


def test_select_and_iterate() -> None:
    bundle = build()
    classes = bundle.select("classes")
    assert isinstance(next(iter(classes)), StorageClass)
    assert len(bundle.select("classes", "workload")) == len(classes) + len(bundle.select("workload"))
    assert bundle.select() == Bundle()
    assert len(list(bundle)) == len(bundle)
    assert repr(Bundle([config("a")])) == "Bundle(1 objects)"


def test_keys_read_as_people_say_them() -> None:
    bundle = build()
    assert str(bundle.get(PersistentVolumeClaim, "csi-pvc").key) == "PersistentVolumeClaim default/csi-pvc"
    assert str(bundle.get(StorageClass, "csi-hostpath-sc").key) == "StorageClass csi-hostpath-sc"
    assert Key("v1", "Pod", "", "a").group == ""
