"""YAML becomes models, Lists are taken apart, and nothing is lost on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from csi_manifests import InputError, NotFoundError, Unstructured, build, emit, load
from csi_manifests.checks.checking import check
from csi_manifests.knowledge.releases import release
from csi_manifests.models.apiextensions_v1beta1 import CustomResourceDefinition
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import ConfigMap, Pod, Secret, Service
from csi_manifests.models.storage_v1 import StorageClass
from csi_manifests.output.bundle.json import emit as emit_json

if TYPE_CHECKING:
    from pathlib import Path

CLASS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: csi-hostpath\n"


def names(text: str) -> list[str]:
    return [f"{resource.key.kind} {resource.name}" for resource in load(text)]


UNREAD = """\
apiVersion: v1
kind: Pod
metadata: {name: x}
spec: {containers: [{nam: x, name: b}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
---
apiVersion: apps/v1beta1
kind: StatefulSet
metadata: {name: x}
---
apiVersion: example.com/v1
kind: Pod
metadata: {name: z}
"""


def test_what_could_not_be_read_says_why() -> None:
    bundle = load(UNREAD)
    reason = "Pod x: /spec/containers/0/nam: there is no field 'nam'. Did you mean 'name'?"
    assert [str(each) for each in bundle.refusals] == [reason]
    for act in (bundle.get, bundle.without):
        with pytest.raises(NotFoundError) as caught:
            act(Pod, "x")
        assert str(caught.value) == f"Pod default/x is in the bundle, but cannot be read as a Pod:\n{reason}"
        with pytest.raises(NotFoundError, match=r"^no Pod 'z' in the bundle \(it has: none\)$"):
            act(Pod, "z")
        with pytest.raises(NotFoundError, match=r"^no Pod 'x' in the bundle"):
            act(Pod, "x", "other")
    assert bundle.get(ConfigMap, "x").name == "x"
    assert build().refusals == []


def test_another_version_is_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        load(UNREAD).get(StatefulSet, "x")
    assert str(caught.value) == (
        "StatefulSet default/x is in the bundle, but cannot be read as a StatefulSet: "
        "it is of apps/v1beta1, the class of apps/v1"
    )


def test_our_own_output_comes_back_the_same() -> None:
    bundle = build()
    assert load(emit(bundle)) == bundle
    assert load(emit(bundle, comments=False)) == bundle
    assert load(emit_json(bundle)) == bundle
    assert emit(load(emit(bundle)), comments=False) == emit(bundle, comments=False)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "class.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + CLASS.replace("\n", "\r\n").encode())
    bundle = load(file)
    assert isinstance(bundle.find(StorageClass, "fast"), StorageClass)
    assert bundle.items[0].origin is not None
    assert bundle.items[0].origin.source.name == str(file)


def test_lists_in_lists_and_lists_of_the_server() -> None:
    text = """
apiVersion: v1
kind: List
metadata: {resourceVersion: "", selfLink: ""}
items:
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
  - apiVersion: v1
    kind: List
    items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]
- apiVersion: v1
  kind: PodList
  items:
  - metadata: {name: c}
    spec: {containers: [{name: c, image: "c:1"}]}
- {apiVersion: v1, kind: List, items: []}
- {apiVersion: v1, kind: List, items: null}
- {apiVersion: v1, kind: List}
"""
    bundle = load(text)
    assert [item.resource.name for item in bundle.items] == ["a", "b", "c"]
    assert bundle.find(Pod, "c") is not None
    assert [item.origin.base for item in bundle.items if item.origin] == [
        ("items", 0, "items", 0),
        ("items", 0, "items", 1, "items", 0),
        ("items", 1, "items", 0),
    ]
    assert load(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [bundle.items[0].resource.to_dict()]})
    ) == load("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")


def test_a_kind_whose_name_ends_in_list_is_an_object() -> None:
    text = "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\n"
    assert names(text) == ["AllowList a"]
    assert names(text + "items: [10.0.0.0/8]\n") == ["AllowList a"]


@pytest.mark.parametrize("items", ["[null]", "[text]", "[{kind: Pod}]", "[[]]"])
def test_items_that_are_no_objects_are_refused(items: str) -> None:
    with pytest.raises(InputError, match="is no Kubernetes object"):
        load(f"apiVersion: v1\nkind: List\nitems: {items}\n")


@pytest.mark.parametrize(
    "text",
    ["", "# only this\n", "---\n---\n", "~", "apiVersion: v1\nkind: List\nitems: []\n"],
)
def test_nothing_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="holds no Kubernetes objects"):
        load(text)


@pytest.mark.parametrize(
    "text", ["a: 1\n", "- a\n", "text", "apiVersion: v1\nkind: 3\n", "apiVersion: ''\nkind: Pod\n"]
)
def test_what_is_no_object_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="is no Kubernetes object"):
        load(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CLASS + "provisioner: other\n", "<text>:5:1: the key 'provisioner' is given twice"),
        (CLASS + "parameters: {on: a}\n", "<text>:5:14: the key on is read as 'true'"),
    ],
)
def test_problems_of_the_text_are_errors(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(text)
    assert str(caught.value).startswith(message)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load(tmp_path / "absent.yaml")


def test_an_explicit_null_is_absent() -> None:
    text = """
apiVersion: v1
kind: Service
metadata: {name: a, creationTimestamp: null, labels: {app: null}}
spec: {ports: null, selector: ~, type: , clusterIP: null}
status: null
"""
    expected = "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {}}\nspec: {}\n"
    assert load(text) == load(expected)
    assert isinstance(load(text).items[0].resource, Service)


def test_nulls_that_are_values_stay() -> None:
    text = """
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: as.example.com, creationTimestamp: null}
spec:
  group: example.com
  version: v1
  scope: Namespaced
  names: {plural: as, kind: A}
  validation: {openAPIV3Schema: {properties: {a: {default: {b: null}, enum: [null, 1]}}}}
"""
    bundle = load(text)
    (found,) = bundle.of(CustomResourceDefinition)
    assert found.spec.validation is not None
    schema = found.to_dict()["spec"]["validation"]["openAPIV3Schema"]
    assert schema["properties"]["a"] == {"default": {"b": None}, "enum": [None, 1]}
    assert load(emit(bundle)) == bundle


def test_what_only_newer_servers_write_is_left_out() -> None:
    text = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  managedFields: [{manager: kubectl, operation: Update, fieldsV1: {"f:data": {}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: WRONG_NAME, managedFields: []}
"""
    good, wrong = load(text)
    assert isinstance(good, ConfigMap)
    assert isinstance(wrong, Unstructured)
    assert wrong.metadata == {"name": "WRONG_NAME"}


def test_an_object_that_no_model_takes_is_kept_as_written() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: '80'}], nonsense: ~}\n"
    (item,) = load(text).items
    assert isinstance(item.resource, Unstructured)
    assert item.resource.content["spec"] == {"ports": [{"port": "80"}], "nonsense": None}
    assert item.resource.key == ("v1", "Service", "default", "a")


@pytest.mark.parametrize(
    ("metadata", "key"),
    [
        ("{}", ("example.com/v1", "Thing", "", "")),
        ("{name: a, namespace: b}", ("example.com/v1", "Thing", "b", "a")),
        ("{name: 7, namespace: [x]}", ("example.com/v1", "Thing", '["x"]', "7")),
        ("[]", ("example.com/v1", "Thing", "", "")),
    ],
)
def test_the_key_of_an_object_without_a_model(metadata: str, key: tuple[str, str, str, str]) -> None:
    (item,) = load(f"apiVersion: example.com/v1\nkind: Thing\nmetadata: {metadata}\n").items
    assert item.resource.key == key


def test_a_cluster_wide_object_has_no_namespace_even_where_it_is_wrong() -> None:
    (item,) = load(CLASS.replace("{name: fast}", "{name: fast, namespace: a}") + "nonsense: 1\n").items
    assert isinstance(item.resource, Unstructured)
    assert item.resource.key.namespace == ""


def test_unstructured_objects_are_equal_by_content_and_give_copies() -> None:
    one, other = Unstructured({"apiVersion": "v1", "kind": "A"}), Unstructured({"apiVersion": "v1", "kind": "A"})
    assert one == other
    assert one != {"apiVersion": "v1", "kind": "A"}
    one.to_dict()["kind"] = "B"
    assert one == other
    with pytest.raises(TypeError):
        hash(one)


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    "data",
    [
        "data: {password: hunter2!}",
        "data: {password: 0123456789}",
        "stringData: {password: 0123456789}",
        "data: hunter2!",
        "stringData: [hunter2!, 0123456789]",
        "data: {password: [hunter2!]}",
        "stringData: {password: {inner: hunter2!}}",
        "stringData: {password: 1e999}",
        "stringData: {pass word: hunter2!}",
    ],
)
def test_no_message_shows_a_secret(data: str) -> None:
    try:
        bundle = load(SECRET + data + "\n")
    except InputError as error:
        said = str(error)
    else:
        findings = check(bundle, release("1.13"))
        said = "\n".join(f"{finding} {finding.why}" for finding in findings)
        assert any(finding.severity == "error" for finding in findings)
    assert said
    for value in ("hunter2", "123456789", "1e999"):
        assert value not in said


def test_a_good_secret_is_read() -> None:
    assert load(SECRET + "data: {password: aHVudGVyMg==}\n").find(Secret, "a") is not None


def test_null_is_an_empty_list_where_a_server_writes_it_so() -> None:
    text = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: aggregated, creationTimestamp: null}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
rules: null
"""
    (role,) = load(text)
    assert role.to_dict()["rules"] == []


def test_a_folder_is_a_bundle_of_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "rbac").mkdir()
    (tmp_path / "rbac" / "a.yaml").write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n")
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n")
    (tmp_path / "values.yaml").write_text("replicas: 1\n")
    assert [resource.name for resource in load(tmp_path)] == ["b", "a"]


def test_a_folder_with_a_text_that_is_wrong_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, name: b}\n")
    with pytest.raises(InputError, match=r"a\.yaml:3:.*CSI001"):
        load(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Kubernetes objects"):
        load(tmp_path)
