"""Definitions of ``apiextensions.k8s.io/v1``: what the server asks of them, and what it asks of those of v1beta1 from 1.15 on."""

from __future__ import annotations

import pytest

from csi_manifests import check, load, release

TEXT = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pools.example.com}
spec:
  group: example.com
  names: {kind: Pool, plural: pools}
  scope: Cluster
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: string, jsonPath: .spec.size}]
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: string, default: 1Gi}}}
"""
PROPERTIES = "{size: {type: string, default: 1Gi}}"
SCHEMA = "/spec/versions/0/schema/openAPIV3Schema"
SIZE = f"{SCHEMA}/properties/spec/properties/size"


def told(text: str, kubernetes: str = "1.20") -> list[str]:
    found = check(load(text), release(kubernetes))
    # CSI316 says of each that is of v1beta1 that it ends.
    return [f"{each.severity} {each.code} {each.pointer}" for each in found if each.code != "CSI316"]


def test_nothing_is_wrong() -> None:
    assert told(TEXT) == []


CASES: dict[str, tuple[str, str, list[str]]] = {
    "another name": ("name: pools.example", "name: pool.example", ["error CSI192 /metadata/name"]),
    "no version is stored": ("storage: true", "storage: false", ["error CSI193 /spec/versions"]),
    "the list has the name of one": (
        "kind: Pool,",
        "kind: Pool, listKind: Pool,",
        ["error CSI194 /spec/names/listKind"],
    ),
    "what no server supports": ("default: 1Gi", "$ref: '#/a'", [f"error CSI195 {SIZE}/$ref"]),
    "a top that status does not allow": (
        "        type: object\n",
        "        type: object\n        enum: [a]\n",
        [f"error CSI195 {SCHEMA}/enum"],
    ),
    "a column that points nowhere": (
        "jsonPath: .spec.size",
        "jsonPath: spec.size",
        ["error CSI199 /spec/versions/0/additionalPrinterColumns/0/jsonPath"],
    ),
    "a column without a name": (
        "name: Size",
        "name: ''",
        ["error CSI199 /spec/versions/0/additionalPrinterColumns/0/name"],
    ),
    "no schema": (TEXT[TEXT.index("    schema:") :], "", ["error CSI601 /spec/versions/0"]),
    "no type of the top": ("        type: object\n", "", [f"error CSI601 {SCHEMA}"]),
    "a top that is a text": (
        "    subresources: {status: {}}\n    schema:\n      openAPIV3Schema:\n        type: object\n",
        "    schema:\n      openAPIV3Schema:\n        type: string\n",
        [f"error CSI601 {SCHEMA}/type"],
    ),
    "no type of a field": ("{type: string, default: 1Gi}", "{default: 1Gi}", [f"error CSI601 {SIZE}"]),
    "no type of an item": ("string, default: 1Gi", "array, items: {}", [f"error CSI601 {SIZE}/items"]),
    "no type of what a mapping has": (
        "string, default: 1Gi",
        "object, additionalProperties: {nullable: true}",
        [f"error CSI601 {SIZE}/additionalProperties"],
    ),
    "a type within a choice": (
        "string, default: 1Gi",
        "string, oneOf: [{type: string}, {pattern: a}]",
        [f"error CSI601 {SIZE}/oneOf/0/type"],
    ),
    "a default within a field within a choice": (
        "string, default: 1Gi",
        "object, properties: {a: {type: string}}, not: {properties: {a: {default: b}}}",
        [f"error CSI601 {SIZE}/not/properties/a/default"],
    ),
    "unknown fields kept as of old": (
        "  scope: Cluster\n",
        "  scope: Cluster\n  preserveUnknownFields: true\n",
        ["error CSI601 /spec/preserveUnknownFields"],
    ),
    "an integer or a text": (
        "type: string, default: 1Gi",
        "x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}], allOf: [{anyOf: [{type: integer}]}]",
        [],
    ),
    "anything": ("type: string, default: 1Gi", "x-kubernetes-preserve-unknown-fields: true", []),
    "a choice of what is required": (PROPERTIES, f"{PROPERTIES}, oneOf: [{{required: [size]}}]", []),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_one_thing_is_wrong(old: str, new: str, expected: list[str]) -> None:
    assert old in TEXT
    assert told(TEXT.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("approval", "pointers"),
    [
        ("", ["/metadata"]),
        ("soon", ["/metadata/annotations/api-approved.kubernetes.io"]),
        ("unapproved, a trial", []),
        ("https://github.com/kubernetes/enhancements/pull/1", []),
    ],
)
@pytest.mark.parametrize("group", ["storage.k8s.io", "example.kubernetes.io", "k8s.io"])
def test_groups_of_kubernetes_are_approved(group: str, approval: str, pointers: list[str]) -> None:
    annotated = f'{{name: pools.{group}, annotations: {{api-approved.kubernetes.io: "{approval}"}}}}'
    text = TEXT.replace("example.com", group)
    text = text.replace(f"{{name: pools.{group}}}", annotated) if approval else text
    assert told(text) == [f"error CSI602 {pointer}" for pointer in pointers]


def test_groups_that_only_look_so_are_free() -> None:
    assert told(TEXT.replace("example.com", "notk8s.io")) == []


OLD = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: pools.example.com}
spec:
  group: example.com
  names: {kind: Pool, plural: pools}
  scope: Cluster
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v2, served: true, storage: false}
"""


def test_settings_of_a_version_count_from_1_15_on() -> None:
    assert told(OLD, "1.14") == ["warning CSI196 /spec/versions/0"]
    assert told(OLD, "1.15") == []
    same = OLD.replace("storage: false", "storage: false, schema: {openAPIV3Schema: {type: object}}")
    assert told(same, "1.15") == ["error CSI196 /spec/versions"]
    twice = f"{OLD}  validation: {{openAPIV3Schema: {{type: object}}}}\n"
    assert told(twice, "1.20") == ["error CSI196 /spec/versions/0/schema"]


def test_schema_of_v1beta1_is_structural_where_unknown_fields_are_dropped() -> None:
    untyped = OLD.replace("{type: object}", "{description: a pool}")
    assert told(untyped, "1.20") == []
    dropped = f"{untyped}  preserveUnknownFields: false\n"
    assert told(dropped, "1.20") == [f"error CSI601 {SCHEMA}"]
    assert told(dropped.replace("description: a pool", "type: object"), "1.20") == []
