"""What goes wrong in Python is an error of this library: it says where, what is there, and how to mend it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ValidationError, field_validator

import csi_manifests
from csi_manifests import (
    PLAN,
    Bundle,
    CsiManifestsError,
    InvalidError,
    Setup,
    Step,
    Unstructured,
    UsageError,
    build,
    emit,
)
from csi_manifests.models.apps_v1 import StatefulSetSpec
from csi_manifests.models.core_v1 import Container, Pod, PodSpec, Secret
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.setup.parts import ClaimSetup, Image, RestoreSetup, SidecarSetup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

META = ObjectMeta(name="a", namespace="b")


def test_every_error_has_the_same_base() -> None:
    errors = [each for name in csi_manifests.__all__ if isinstance(each := getattr(csi_manifests, name), type)]
    assert {each for each in errors if issubclass(each, Exception)} > {CsiManifestsError, InvalidError, UsageError}
    assert all(issubclass(each, CsiManifestsError) for each in errors if issubclass(each, Exception))


def built(model: type[Any], **given: Any) -> Callable[[], object]:
    """Build it as somebody without a type checker."""
    return lambda: model(**given)


WRONG: list[tuple[Callable[[], object], str]] = [
    (
        built(StatefulSetSpec, servicname="a", template={"spec": {"containers": []}}),
        ("StatefulSetSpec: selector: the field is missing. Add 'selector'.\n"
        "StatefulSetSpec: servicname: there is no field 'servicname'. Did you mean 'service_name'?"),
    ),
    (
        built(Container, name="x", image_pull_policy="always"),
        ("Container x: image_pull_policy: 'always' is not one of 'Always', 'IfNotPresent' or 'Never'. "
        "Did you mean 'Always'?"),
    ),
    (
        built(PodSpec, containers=[{"nam": "x", "name": "y"}]),
        "PodSpec: containers[0].nam: there is no field 'nam'. Did you mean 'name'?",
    ),
    (
        built(Pod, metadata=META, spec=ClaimSetup()),
        "Pod b/a: spec: a ClaimSetup is not a PodSpec. Write a PodSpec.",
    ),
    (
        lambda: Pod.from_dict({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "x", "tty": "yes"}]}}),
        "Pod a: /spec/containers/0/tty: 'yes' is not true or false. Write true or false.",
    ),
    (
        built(Secret, metadata=META, string_data={"a": 1}),
        "Secret b/a: string_data['a']: the value is not a string. Write a string.",
    ),
    (lambda: ObjectMeta(name=None, namespace="A_B"), "ObjectMeta A_B: namespace: 'A_B' is not a DNS-1123 label: "),
    (lambda: setattr(META, "label", {}), "ObjectMeta: label: there is no field 'label'. Did you mean 'labels'?"),
    (
        built(Setup, namespce="x"),
        "Setup: namespce: there is no field 'namespce'. Did you mean 'namespace'?",
    ),
    (built(Setup, namespace=None), "Setup: namespace: None is not a string. Write a string."),
    (built(Setup, rbac="article"), "Setup: rbac: 'article' is not one of 'full' or 'minimal'. Take one of those"),
    (lambda: Setup(claim=ClaimSetup(size="2Ti")), "Setup: claim.size: the driver makes volumes of more than 0 and at most 1Ti, not of 2Ti. "),
    (lambda: Setup().replace(claim={"sise": "2Ti"}), "Setup: claim.sise: there is no field 'sise'. Did you mean 'size'?"),
    (lambda: setattr(Setup(), "namespace", "x"), "Setup: namespace: a setup and its parts never change. Make another with replace()."),
    (lambda: Setup(kubernetes="1.99"), "Setup: kubernetes: Kubernetes '1.99' is not known. Known: "),
    (lambda: Image.parse("UPPER/case"), "Image: repository: 'UPPER/case' is not an image's name: "),
    (lambda: SidecarSetup(image=Image(repository="a"), replicas=2), "SidecarSetup: replicas: 2 is too many: "),
    (
        lambda: Setup(restores=[RestoreSetup(name="a", snapshot="b", pod="c")]),
        "Setup: restores[0].snapshot: 'b' is not a snapshot of this setup (it has: snapshot-20181210). ",
    ),
    (lambda: Setup.model_validate_json('{"claim": {"size": "1GB"}}'), "Setup: claim.size: '1GB' is not a quantity: "),
    (lambda: Setup.model_validate_json("{"), "Setup: '{': Invalid JSON: "),
]  # fmt: skip


@pytest.mark.parametrize(("act", "said"), WRONG, ids=range(len(WRONG)))
def test_what_no_model_takes(act: Callable[[], object], said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        act()
    assert str(caught.value).startswith(said)
    assert str(caught.value).rstrip()[-1] in ".?"
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value.__cause__, ValidationError)


class Fleet(BaseModel):
    """What a user may make of our models with pydantic."""

    setups: list[Setup]
    pods: list[Pod] = []

    @field_validator("pods")
    @classmethod
    def build_more(cls, pods: list[Pod]) -> list[Pod]:
        return [*pods, Pod(metadata=ObjectMeta(name="A"), spec=PodSpec(containers=[]))]


def test_a_model_in_another_keeps_pydantic_s_errors() -> None:
    with pytest.raises(ValidationError) as caught:
        Fleet.model_validate({"setups": [{}, {"claim": {"size": 1.5, "nam": 1}}]})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [
        ("extra_forbidden", ("setups", 1, "claim", "nam"))
    ]
    with pytest.raises(InvalidError) as ours:
        Pod.from_dict({"metadata": {"name": "a"}, "spec": {"containers": [{"name": 1}, {"nam": "x", "name": "y"}]}})
    assert isinstance(ours.value.__cause__, ValidationError)
    assert [(error["type"], error["loc"]) for error in ours.value.__cause__.errors()] == [
        ("string_type", ("spec", "containers", 0, "name")),
        ("extra_forbidden", ("spec", "containers", 1, "nam")),
    ]


def test_an_error_within_a_validator_is_one_of_its_model() -> None:
    with pytest.raises(ValidationError) as caught:
        Fleet(setups=[], pods=[])
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"]) == ("value_error", ("pods",))
    assert "ObjectMeta A" not in error["msg"]
    assert "Pod A: metadata.name: 'A' is not a DNS-1123 subdomain" in error["msg"]


def nothing(_: Setup) -> Any:
    return None


def plain_data(_: Setup) -> Iterator[Any]:
    yield {"kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step("drivr", "a.yaml", nothing), "'drivr' is not a stage. Did you mean 'driver'? The stages are: crds, "),
        (Step("x", "a.yaml", nothing), "'x' is not a stage. The stages are: crds, rbac, "),
        (Step("driver", "a.yaml", nothing), "driver/a.yaml: the component nothing made null, of type NoneType, which "),
        (Step("driver", "a.yaml", plain_data), 'driver/a.yaml: the component plain_data made {"kind": "ConfigMap"}, of '),
    ],
)  # fmt: skip
def test_steps(step: Step, said: str) -> None:
    with pytest.raises(CsiManifestsError) as caught:
        build(None, [*PLAN, step])
    assert str(caught.value).startswith(said)


def test_what_is_built_is_a_setup() -> None:
    said: Any = {"namespace": "x"}
    with pytest.raises(
        InvalidError, match=r'^\{"namespace": "x"\}, of type dict, is not a setup\. Write Setup\(\.\.\.\)\.$'
    ):
        build(said)


def test_stages_of_bundles() -> None:
    acts: list[Callable[[], object]] = [lambda: build().select("drivr"), lambda: build().with_(stage="drivr")]
    for act in acts:
        with pytest.raises(UsageError, match="Did you mean 'driver'"):
            act()


def test_what_cannot_be_written_is_named() -> None:
    odd = Unstructured({"apiVersion": "v1", "kind": "Odd", "metadata": {"name": "a"}, "data": {1, 2}})
    with pytest.raises(InvalidError, match=r"^Odd a: \{1, 2\}, of type set, is not plain data\. Use texts, "):
        emit(Bundle([odd]))


def test_an_error_reaches_another_process() -> None:
    with pytest.raises(InvalidError) as caught:
        Setup(claim=ClaimSetup(size="2Ti"))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(copy, InvalidError)
    assert str(copy) == str(caught.value)


def test_a_bundle_holds_objects_only() -> None:
    content: Any = {"kind": "ConfigMap"}
    acts: list[Callable[[], object]] = [lambda: Bundle([content]), lambda: Bundle().with_(content)]
    for act in acts:
        with pytest.raises(
            InvalidError, match=r"^\{\"kind\": \"ConfigMap\"\}, of type dict, is not a Kubernetes object\."
        ):
            act()
