"""Write ``v1.13/definitions.json`` from the schemas inside the package kubernetes-validate.

Run it at development time only; nothing at run time needs the package::

    pip install "kubernetes-validate==1.27.1"
    python schemas/extract.py

1.27.1 is the last release of kubernetes-validate that ships Kubernetes v1.13. The script reads one data file of the
installed package and never imports it, so the package's own dependencies do not matter. The result depends on nothing
but that file, whose checksum is verified, and on this script: a second run changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

Schema = dict[str, Any]

RELEASE: Final = "1.13"
SOURCE: Final = f"kubernetes_validate/kubernetes-json-schema/v{RELEASE}.0-local-strict/_definitions.json"
SOURCE_SHA256: Final = "65d3c95ed9b1621a0d4ec5b47221ddda158d7d278bc07d5b27f8217c01f137db"

# The kinds we model, by API group and version. Everything they refer to comes with them.
KINDS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("", "v1"): (
        "ConfigMap",
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "Secret",
        "Service",
        "ServiceAccount",
    ),
    ("apiextensions.k8s.io", "v1beta1"): ("CustomResourceDefinition",),
    ("apps", "v1"): ("DaemonSet", "Deployment", "StatefulSet"),
    ("rbac.authorization.k8s.io", "v1"): ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    ("storage.k8s.io", "v1"): ("StorageClass", "VolumeAttachment"),
}

REF: Final = "#/definitions/"
GROUP_VERSION_KIND: Final = "x-kubernetes-group-version-kind"
KEPT: Final = frozenset({"additionalProperties", "format", "required", "type"})
# Prose, and advice for strategic merge patches: two thirds of the bytes and no part of what is valid. Group, version
# and kind come back in `standing_alone`.
DROPPED: Final = frozenset(
    {
        "description",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-patch-merge-key",
        "x-kubernetes-patch-strategy",
        GROUP_VERSION_KIND,
    }
)

# What a format means to the API server's decoder, said in keywords that every validator enforces.
FORMATS: Final[dict[str, Schema]] = {
    # Decoding a larger number into Go's int32 or int64 fails.
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    # Go's standard base64 with padding; line breaks are skipped wherever they are (kubernetes/kubernetes#63059).
    "byte": {
        "pattern": (
            r"^[\r\n]*(?:(?:[A-Za-z0-9+/][\r\n]*){4})*"
            r"(?:(?:[A-Za-z0-9+/][\r\n]*){2}=[\r\n]*=[\r\n]*|(?:[A-Za-z0-9+/][\r\n]*){3}=[\r\n]*)?$"
        )
    },
    "date-time": {},  # stays a format: a pattern would not know the length of a month
    "double": {},
}

APIEXTENSIONS: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1."
JSON_SCHEMA: Final[Schema] = {"$ref": f"{REF}{APIEXTENSIONS}JSONSchemaProps"}

# Types that read their own JSON in Go, which the published definitions leave empty or describe otherwise. `if` and
# lists of types instead of `anyOf`: the same values pass, and an error speaks of the branch that was meant.
REPLACED: Final[dict[str, Schema]] = {
    # Published as string or integer; the decoder takes any JSON number, `cpu: 0.5` among them.
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["number", "string"]},
    # Published without the range; the number is an int32 in Go.
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "type": ["integer", "string"],
        "format": "int-or-string",
        **FORMATS["int32"],
    },
    # Published empty and right so: any JSON value (`default`, `example`, the members of `enum`).
    f"{APIEXTENSIONS}JSON": {},
    # Published empty, so that `items: 1` passed.
    f"{APIEXTENSIONS}JSONSchemaPropsOrArray": {
        "type": ["array", "object"],
        "if": {"type": "object"},
        "then": JSON_SCHEMA,
        "items": JSON_SCHEMA,
    },
    # Published empty; the decoder's own words are "boolean or JSON schema expected".
    f"{APIEXTENSIONS}JSONSchemaPropsOrBool": {
        "type": ["boolean", "object"],
        "if": {"type": "object"},
        "then": JSON_SCHEMA,
    },
    # Published empty: the two forms of a member of `dependencies`.
    f"{APIEXTENSIONS}JSONSchemaPropsOrStringArray": {
        "type": ["array", "object"],
        "if": {"type": "object"},
        "then": JSON_SCHEMA,
        "items": {"type": "string"},
    },
    # Published empty; a struct without fields in Go, so `status: {}` and nothing else.
    f"{APIEXTENSIONS}CustomResourceSubresourceStatus": {"type": "object", "additionalProperties": False},
}


def published() -> dict[str, Schema]:
    """Return the definitions as the installed package ships them."""
    content = Path(str(distribution("kubernetes-validate").locate_file(SOURCE))).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SOURCE_SHA256:
        message = f"{SOURCE}: sha256 is {found}, expected {SOURCE_SHA256}. Install kubernetes-validate 1.27.1."
        raise SystemExit(message)
    definitions: dict[str, Schema] = json.loads(content)["definitions"]
    return definitions


def refined(schema: Schema, embedded: dict[str, str]) -> Schema:
    """Return a published schema in our form, referring to the embedded form of a kind.

    A keyword this script does not know is an error, not a guess.
    """
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword == "$ref":
            name: str = value.removeprefix(REF)
            result[keyword] = REF + embedded.get(name, name)
        elif keyword == "properties":
            result[keyword] = {field: refined(subschema, embedded) for field, subschema in value.items()}
            # Published strict definitions never say so, and then `metadata: oops` passes.
            result["type"] = "object"
        elif keyword == "items" or (keyword == "additionalProperties" and value is not False):
            result[keyword] = refined(value, embedded)
        elif keyword in KEPT:
            result[keyword] = value
        elif keyword not in DROPPED:
            raise KeyError(keyword)
    if "format" in schema:
        result.update(FORMATS[schema["format"]])
    return result


def standing_alone(schema: Schema, group: str, version: str, kind: str) -> Schema:
    """Return the schema of a kind as an object of its own, which must say what it is.

    Only these definitions carry the group, version and kind, so that they are the index of what can be validated
    (as published, meta/v1 Status has them too).
    """
    api_version = f"{group}/{version}" if group else version
    identity = {
        "apiVersion": {"type": "string", "enum": [api_version]},
        "kind": {"type": "string", "enum": [kind]},
    }
    return {
        **schema,
        "properties": {**schema["properties"], **identity},
        "required": sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"}),
        GROUP_VERSION_KIND: [{"group": group, "kind": kind, "version": version}],
    }


def references(schema: Schema) -> set[str]:
    """Return the names of the definitions that a schema refers to, those not followed."""
    own: set[str] = {schema["$ref"].removeprefix(REF)} if "$ref" in schema else set()
    # A field may be called $ref (JSONSchemaProps has one): only keywords are looked at, and a false one says nothing.
    nested = [schema[keyword] for keyword in ("additionalProperties", "items", "then") if schema.get(keyword)]
    return own.union(*map(references, [*nested, *schema.get("properties", {}).values()]))


def pruned(definitions: dict[str, Schema], roots: set[str]) -> dict[str, Schema]:
    """Return the roots and all that they refer to, however far."""
    reached: set[str] = set()
    ahead = roots
    while ahead:
        reached |= ahead
        ahead = {name for near in ahead for name in references(definitions[near])} - reached
    return {name: definitions[name] for name in reached}


def extracted(source: dict[str, Schema]) -> dict[str, Schema]:
    """Return the definitions of the kinds we model, in our form."""
    names = {
        (identity["group"], identity["version"], identity["kind"]): name
        for name, schema in source.items()
        for identity in schema.get(GROUP_VERSION_KIND, ())
    }
    roots = {
        names[group, version, kind]: (group, version, kind)
        for (group, version), kinds in KINDS.items()
        for kind in kinds
    }
    # A kind inside another one (the claim of StatefulSetSpec.volumeClaimTemplates) need not say what it is: such a
    # reference goes to a definition of its own, which is the kind without what `standing_alone` adds.
    embedded = {name: "{0}.Embedded{2}".format(*name.rpartition(".")) for name in roots}
    definitions = {name: refined(schema, embedded) for name, schema in source.items() if name not in REPLACED}
    definitions |= REPLACED
    definitions |= {embedded[name]: definitions[name] for name in roots}
    definitions |= {name: standing_alone(definitions[name], *identity) for name, identity in roots.items()}
    return pruned(definitions, set(roots))


def written(definitions: dict[str, Schema]) -> str:
    """Return the document with one definition a line, so that a difference names its type."""
    lines = (
        f"{json.dumps(name)}:{json.dumps(schema, sort_keys=True, separators=(',', ':'))}"
        for name, schema in sorted(definitions.items())
    )
    return '{"definitions":{\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    target = Path(__file__).parent / f"v{RELEASE}" / "definitions.json"
    target.write_text(written(extracted(published())), encoding="utf-8")
