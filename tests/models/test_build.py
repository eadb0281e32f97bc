"""Every model can be built with everything in it, goes to a valid manifest, and comes back the same."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Literal, cast, get_args, get_origin

import jsonschema_rs
import pytest
from pydantic import AfterValidator, JsonValue
from schema_pairs import IDENTITY, REF, field_types, key_of, schemas, strip

from csi_manifests.models.apps_v1 import StatefulSetSpec
from csi_manifests.models.base import Model
from csi_manifests.models.checked import ModelError
from csi_manifests.models.core_v1 import Pod, Service, ServiceAccount
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.rbac_v1 import Role, RoleRef
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import GrammarError
from csi_manifests.models.storage_v1 import StorageClass

SCHEMAS = schemas()
DEFINITIONS = {key_of(model): schema for model, schema in SCHEMAS.items()}
each_model = pytest.mark.parametrize("model", SCHEMAS, ids=key_of)
VARIANTS = 3  # no union has more alternatives

# The first passes for nearly everything, a name of any kind included.
SAMPLES = ("a-1", "1Gi", "25%", "aGVsbG8=", "2018-12-10T00:00:00Z")


def text(marks: list[Any]) -> str:
    """Return a text that all grammars of an annotation take."""
    for sample in SAMPLES:
        try:
            for mark in marks:
                if isinstance(mark, AfterValidator):
                    cast("Any", mark.func)(sample)
        except GrammarError:
            continue
        return sample
    raise AssertionError(marks)


def value(annotation: Any, variant: int, above: tuple[type[Model], ...]) -> Any:
    """Return a value that is not empty, with the given alternative of every union."""
    alternatives, marks = strip(annotation)
    kind = alternatives[variant % len(alternatives)]
    arguments = get_args(kind)
    if get_origin(kind) is list:
        return [value(arguments[0], variant, above)]
    if get_origin(kind) is dict:
        return {value(arguments[0], variant, above): value(arguments[1], variant, above)}
    if get_origin(kind) is Literal:
        return arguments[variant % len(arguments)]
    if isinstance(kind, type) and issubclass(kind, Model):
        return full(kind, variant, above)
    samples: dict[Any, Any] = {
        bool: bool(variant % 2),
        int: variant + 1,
        float: variant + 0.5,
        JsonValue: [{"a": None, "b": [1, 1.5, True, "x"]}, "text", False][variant],
    }
    return samples[kind] if kind in samples else text(marks)


def full(model: type[Model], variant: int, above: tuple[type[Model], ...] = ()) -> Model:
    """Build a model with every field set; inside itself it is left empty."""
    if model in above:
        return model()
    fields = {wire: value(one, variant, (*above, model)) for wire, one in field_types(model).items()}
    return model(**fields)


def errors(built: Model) -> list[str]:
    """Return what the schemas of all releases together have against an object, which need not say what it is."""
    return [error.message for error in validator(type(built)).iter_errors(Model.to_dict(built))]


@cache
def validator(model: type[Model]) -> jsonschema_rs.Validator:
    schema = {"$ref": REF + key_of(model), "definitions": DEFINITIONS}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@pytest.mark.parametrize("variant", range(VARIANTS))
@each_model
def test_everything_set(model: type[Model], variant: int) -> None:
    built = full(model, variant)
    manifest = built.to_dict()
    assert list(manifest) == [*(IDENTITY if issubclass(model, Resource) else ()), *field_types(model)]
    assert errors(built) == []
    assert model.from_dict(manifest) == built
    assert model.from_dict(json.loads(json.dumps(manifest))).to_dict() == manifest


@each_model
def test_nothing_but_the_required(model: type[Model]) -> None:
    manifest = {
        wire: value(field_types(model)[wire], 0, (model,))
        for wire in field_types(model)
        if wire in {field.alias for field in model.model_fields.values() if field.is_required()}
    }
    built = model(**manifest)
    assert errors(built) == []
    assert set(built.to_dict()) == {*manifest, *(IDENTITY if issubclass(model, Resource) else ())}
    for wire in manifest:
        with pytest.raises(ModelError) as caught:
            model(**{other: one for other, one in manifest.items() if other != wire})
        assert [(error["type"], error["loc"]) for error in caught.value.cause.errors()] == [("missing", (wire,))]


def problem(error: ModelError) -> tuple[str, tuple[int | str, ...]]:
    """Return type and place of the only error."""
    (found,) = error.cause.errors()
    return found["type"], found["loc"]


SPEC: dict[str, Any] = {
    "serviceName": "csi-hostpath-attacher",
    "selector": {"matchLabels": {"app": "csi-hostpath-attacher"}},
    "template": {"spec": {"containers": [{"name": "csi-attacher"}]}},
}


@pytest.mark.parametrize(
    ("field", "wrong", "expected"),
    [
        ("replicas", "1", ("int_type", ("replicas",))),
        ("replicas", True, ("int_type", ("replicas",))),
        ("replicas", 1.0, ("int_type", ("replicas",))),
        ("replicas", -1, ("greater_than_equal", ("replicas",))),
        ("replicas", 2**31, ("less_than_equal", ("replicas",))),
        ("serviceName", 1, ("string_type", ("serviceName",))),
        ("selector", None, ("model_type", ("selector",))),
        ("podManagementPolicy", "parallel", ("literal_error", ("podManagementPolicy",))),
        ("volumeClaimTemplates", {}, ("list_type", ("volumeClaimTemplates",))),
        ("volumeClaimTemplates", (), ("list_type", ("volumeClaimTemplates",))),
        ("selector", {"matchLabels": {"app": 1}}, ("string_type", ("selector", "matchLabels", "app"))),
        ("selector", [], ("model_type", ("selector",))),
        ("replica", 1, ("extra_forbidden", ("replica",))),
        ("service_name", "a", ("extra_forbidden", ("service_name",))),
        ("template", {"spec": {"containers": [{"name": "a", "tty": "yes"}]}},
         ("bool_type", ("template", "spec", "containers", 0, "tty"))),
        ("template", {"spec": {"containers": [{"name": "a", "image_pull_policy": "Always"}]}},
         ("extra_forbidden", ("template", "spec", "containers", 0, "image_pull_policy"))),
    ],
)  # fmt: skip
def test_nothing_is_converted_or_dropped(field: str, wrong: Any, expected: tuple[str, tuple[int | str, ...]]) -> None:
    StatefulSetSpec.from_dict(SPEC)
    with pytest.raises(ModelError) as caught:
        StatefulSetSpec.from_dict({**SPEC, field: wrong})
    assert problem(caught.value) == expected


def test_python_takes_both_names() -> None:
    role = RoleRef(kind="Role", name="a", api_group="rbac.authorization.k8s.io")
    assert RoleRef.model_validate({"kind": "Role", "name": "a", "apiGroup": "rbac.authorization.k8s.io"}) == role


def test_null_is_absent() -> None:
    assert StatefulSetSpec.from_dict({**SPEC, "replicas": None}).to_dict() == SPEC


@pytest.mark.parametrize("empty", ["secrets", "imagePullSecrets"])
def test_empty_lists_are_kept(empty: str) -> None:
    account: dict[str, Any] = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, empty: []}
    assert ServiceAccount.from_dict(account).to_dict() == account


def test_an_empty_choice_is_absent() -> None:
    assert StatefulSetSpec.from_dict({**SPEC, "podManagementPolicy": ""}).to_dict() == SPEC
    assert ObjectMeta.from_dict({"name": "a", "namespace": ""}).to_dict() == {"name": "a"}


def test_assignment_is_checked() -> None:
    metadata = ObjectMeta(name="a")
    with pytest.raises(ModelError):
        metadata.namespace = "A"
    assert metadata.namespace is None


@pytest.mark.parametrize("said", [{}, {"apiVersion": "storage.k8s.io/v1"}, {"kind": "StorageClass"}])
def test_a_kind_need_not_say_what_it_is(said: dict[str, str]) -> None:
    built = StorageClass.from_dict({**said, "metadata": {"name": "a"}, "provisioner": "b"})
    assert list(built.to_dict()) == ["apiVersion", "kind", "metadata", "provisioner"]


@pytest.mark.parametrize(
    ("model", "wrong", "code", "pointer"),
    [
        (StorageClass, {"apiVersion": "storage.k8s.io/v1beta1"}, "CSI103", "/apiVersion"),
        (StorageClass, {"kind": "VolumeAttachment"}, "CSI103", "/kind"),
        (StorageClass, {"metadata": {"name": "A"}}, "CSI105", "/metadata/name"),
        (Pod, {"metadata": {"name": "a_b"}}, "CSI105", "/metadata/name"),
        (Service, {"metadata": {"name": "1a"}}, "CSI105", "/metadata/name"),
        (Service, {"metadata": {"name": "a.b"}}, "CSI105", "/metadata/name"),
        (Role, {"metadata": {"name": "a/b"}, "rules": []}, "CSI105", "/metadata/name"),
    ],
)
def test_what_an_object_says_of_itself(model: type[Resource], wrong: dict[str, Any], code: str, pointer: str) -> None:
    needed: dict[type[Resource], dict[str, Any]] = {
        StorageClass: {"provisioner": "b"},
        Pod: {"spec": {"containers": []}},
    }
    with pytest.raises(ModelError) as caught:
        model.from_dict({"metadata": {"name": "a"}, **needed.get(model, {}), **wrong})
    (found,) = caught.value.cause.errors()
    error = found["ctx"]["error"] if "ctx" in found else None
    assert isinstance(error, GrammarError)
    assert error.code == code
    assert "".join(f"/{step}" for step in found["loc"]) + error.pointer == pointer


def test_names_of_roles_are_free() -> None:
    role = Role(metadata=ObjectMeta(name="system:csi-external-attacher"), rules=[])
    assert role.to_dict()["metadata"] == {"name": "system:csi-external-attacher"}
