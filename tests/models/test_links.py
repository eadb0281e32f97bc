"""References are found wherever the models mark them, with the kind, namespace and name that they mean."""

from __future__ import annotations

from typing import Any

from csi_manifests import Resource, build
from csi_manifests.bundle.objects import as_resource
from csi_manifests.models.annotations import models_in
from csi_manifests.models.base import Model, Names
from csi_manifests.models.links import Reference, references
from csi_manifests.models.lookup import models
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.text.plain_data import is_list
from csi_manifests.text.pointers import pointer_of


def found(content: dict[str, Any]) -> dict[str, tuple[str, str, str, str, bool]]:
    resource = as_resource(content)
    assert isinstance(resource, Resource)
    return {
        pointer_of(each.path): (each.group, each.kind, each.namespace, each.name, each.required)
        for each in references(resource)
    }


def test_the_articles_bundle_names_only_what_it_has() -> None:
    bundle = build()
    named = [reference for resource in bundle if isinstance(resource, Resource) for reference in references(resource)]
    assert len(named) >= 25
    assert [each for each in named if not bundle.has(each.group, each.kind, each.name, each.namespace)] == []
    assert Reference(("spec", "serviceName"), "", "Service", "default", "csi-hostpath-attacher", required=True) in named


def test_a_pod_names_much() -> None:
    spec: dict[str, Any] = {
        "serviceAccountName": "runner",
        "volumes": [
            {"name": "a", "persistentVolumeClaim": {"claimName": "claim"}},
            {"name": "b", "configMap": {"name": "settings"}},
            {"name": "c", "projected": {"sources": [{"secret": {"name": "inner"}}]}},
            {"name": "d", "emptyDir": {}},
        ],
        "containers": [
            {
                "name": "c",
                "image": "c:1",
                "env": [
                    {"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "a"}}},
                    {"name": "B", "value": "b"},
                ],
                "envFrom": [{"configMapRef": {"name": "all"}}],
            }
        ],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "apps"}, "spec": spec}
    assert found(pod) == {
        "/spec/serviceAccountName": ("", "ServiceAccount", "apps", "runner", True),
        "/spec/containers/0/envFrom/0/configMapRef/name": ("", "ConfigMap", "apps", "all", False),
        "/spec/containers/0/env/0/valueFrom/secretKeyRef/name": ("", "Secret", "apps", "keys", False),
        "/spec/volumes/0/persistentVolumeClaim/claimName": ("", "PersistentVolumeClaim", "apps", "claim", True),
        "/spec/volumes/1/configMap/name": ("", "ConfigMap", "apps", "settings", False),
        "/spec/volumes/2/projected/sources/0/secret/name": ("", "Secret", "apps", "inner", False),
    }


def test_kind_and_namespace_may_stand_beside_the_name() -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "a"},
        "subjects": [
            {"kind": "ServiceAccount", "name": "one", "namespace": "there"},
            {"kind": "ServiceAccount", "name": "two"},
            {"kind": "Group", "name": "system:nodes", "apiGroup": "rbac.authorization.k8s.io"},
        ],
        "roleRef": {"kind": "ClusterRole", "name": "role", "apiGroup": "rbac.authorization.k8s.io"},
    }
    named = found(binding)
    assert named["/subjects/0/name"][:4] == ("", "ServiceAccount", "there", "one")
    assert named["/subjects/1/name"][:4] == ("", "ServiceAccount", "default", "two")
    assert named["/subjects/2/name"][:2] == ("rbac.authorization.k8s.io", "Group")
    assert named["/roleRef/name"][:4] == ("rbac.authorization.k8s.io", "ClusterRole", "", "role")


def test_a_role_needs_no_group() -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "a"},
        "roleRef": {"kind": "ClusterRole", "name": "role"},
    }
    assert found(binding) == {"/roleRef/name": ("rbac.authorization.k8s.io", "ClusterRole", "", "role", True)}


def test_a_claim_may_begin_with_what_is_elsewhere() -> None:
    group = "snapshot.storage.k8s.io"
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "a"},
        "spec": {
            "dataSourceRef": {"apiGroup": group, "kind": "VolumeSnapshot", "name": "b", "namespace": "there"},
            "volumeAttributesClassName": "fast",
        },
    }
    assert found(claim) == {
        "/spec/dataSourceRef/name": (group, "VolumeSnapshot", "there", "b", True),
        "/spec/volumeAttributesClassName": ("storage.k8s.io", "VolumeAttributesClass", "", "fast", False),
    }


def test_empty_names_name_nothing() -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": None},
    }
    assert found(claim) == {}


def test_schemas_that_hold_themselves_come_to_an_end() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(30):
        schema = {"properties": {"a": schema}, "items": [schema] if len(str(schema)) < 300 else {}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1beta1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "as.example.com"},
        "spec": {
            "group": "example.com",
            "version": "v1",
            "scope": "Namespaced",
            "names": {"plural": "as", "kind": "A"},
            "validation": {"openAPIV3Schema": schema},
        },
    }
    assert found(definition) == {}


def marked_paths(model: type[Model], seen: tuple[type, ...] = ()) -> set[tuple[str, ...]]:
    """Find by brute force, in the annotations' own text, which fields carry a mark."""
    paths: set[tuple[str, ...]] = set()
    for name, field in model.model_fields.items():
        if any(isinstance(mark, Names) for mark in field.metadata) or "Names(" in repr(field.annotation):
            paths.add((name,))
        for inner in models_in(field.annotation):
            if inner not in seen and issubclass(inner, Model):
                paths |= {(name, *path) for path in marked_paths(inner, (*seen, model))}
    return paths


def filled(model: type[Model], path: tuple[str, ...], seen: Any = None) -> Any:
    """Return an object of the model with nothing but a name at one path."""
    step, *rest = path
    field = model.model_fields[step]
    if rest:
        inner = next(
            each for each in models_in(field.annotation) if issubclass(each, Model) and rest[0] in each.model_fields
        )
        value: Any = filled(inner, tuple(rest), seen)
        text = repr(field.annotation)
        value = [value] if "list[" in text and "dict[" not in text else value
    else:
        value = "the-name"
    return model.model_construct(**{**dict.fromkeys(model.model_fields), step: value})


def test_every_mark_of_every_kind_is_walked() -> None:
    missed: list[str] = []
    count = 0
    for model in models():
        for path in marked_paths(model):
            resource = filled(model, path)
            if path[0] != "metadata":
                object.__setattr__(resource, "metadata", ObjectMeta())
            holder: Any = resource
            for step in path[:-1]:
                below: Any = getattr(holder, step)
                holder = below[0] if is_list(below) else below
            for field, value in (("kind", "ServiceAccount"), ("api_group", None), ("namespace", None)):
                if field in holder.__class__.model_fields and getattr(holder, field, None) is None:
                    object.__setattr__(holder, field, value)
            count += 1
            if [each.name for each in references(resource)] != ["the-name"]:
                missed.append(f"{model.KIND} {'.'.join(path)}")
    assert missed == []
    assert count > 100
