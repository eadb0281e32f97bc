"""Write ``vX.YY/definitions.json``, and ``SOURCE.md`` beside it, from the schemas inside the package kubernetes-validate.

Run it at development time only; nothing at run time needs the package, which is read and never imported::

    pip install "kubernetes-validate==1.27.1"  # ships Kubernetes 1.13 to 1.27
    python schemas/extract.py 1.13 1.14
    pip install "kubernetes-validate==1.37.0"  # ships 1.28 to 1.37
    python schemas/extract.py 1.28

The result depends on nothing but the package's data file, whose checksum is verified, and on this script: a second run
changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from csi_manifests.knowledge.kinds import kinds

Schema = dict[str, Any]

SOURCE: Final = "kubernetes_validate/kubernetes-json-schema/v{release}.0-local-strict/_definitions.json"
SHA256: Final = {
    "1.13": "65d3c95ed9b1621a0d4ec5b47221ddda158d7d278bc07d5b27f8217c01f137db",
    "1.14": "33d6f5bfcd8c3a342321a426e7cd6aa4ea68651fc8a383e6db1ef50f4ed351ab",
    "1.15": "70e81ed6ce31775e15c18fe7c50631358df0ab87ac4ff2c5058debb360468d68",
    "1.16": "bd285311495182432a4abf90dbfc715eb01b51aa77128ea21d95f2eb47525839",
    "1.17": "d4f323445b24b13e5f0d5464e1b5d3d64e6d4a43301219ef2f48733423d60e99",
    "1.18": "0cf2145d2f3ab067469e932789e860639a7608038360e4333429943b5384af94",
    "1.19": "14625b665745329f710ba157ed09e9cff9f48dfa30f19d1fc959174b74061afe",
    "1.20": "45a2a4f14ae1b41a87c18c459a31763256a777f25c09210d51e01175ba413e8b",
    "1.21": "a3c1928ce4f1dcec2d4bdc893fd96d350bf377cd6944a7abed14f99b366c91e8",
    "1.22": "a5a0c3e2203c8d3321afe20766359b18ce7f2ef7f2c2f3a97ca73a6b784cd50d",
    "1.23": "3c5bdec3871015b44f669552e72ff711b668b6514bebee13d3177a472890642a",
    "1.24": "1bc5ae0a0ab04eb5a3bfded7367cc57d028d3e0b1628296287da7e10228763d7",
    "1.25": "c4100ad2482c54a17d140a8088e568222ad67db9f404867da7d03dcabccc16a0",
    "1.26": "85d7ad371dbb1c7c4ff744bc290de28b8c7e3ca1a4081e55320aa9779b933355",
    "1.27": "b89fd14c675ef5954553e42aa8f9318ce141ff439fcef3649a762fb3e8c178b4",
    "1.28": "3ed784a26caffaa4fc4d48e90dbeb2a20ace1d2a404d26cefd79c353e3ca9877",
    "1.29": "bf6f9c764fa3ba1fbbb159e67d8bbecd76508a86b5a87ea5a1280a4b6198c667",
    "1.30": "085f08b0ff79c9128eba701ec7a9c802749dd767e53501c4251d02fdddb5eb08",
    "1.31": "d3de72a09d8d8eaabf772c6c974022028f32b239af08a4596d9acb33f1010cd1",
    "1.32": "503e4f9707910aeda32a05261287f9fdd46920f8c18aa5f083d244bea950d72f",
    "1.33": "c6ac7ea7360edb7fd6fbcfabd1fe272d44e30c5d25621b8af889830f5cb21cd3",
    "1.34": "81c8c580f3ddb1580b342d91b9771089a38fa33ef86ee923b9b604716b2ba552",
    "1.35": "7179316bf5b383f79feb465d8b663ad3ee30c14558c7e03a3614fa0a3f07db23",
    "1.36": "7fcd6695a1492823e908a80018ead8c852e9fe8ceae064f5a945f8b28471fae9",
    "1.37": "a3dcf2f82ff63d271aaa62f6b77442a0ac00b73239c39109a4dd235251b16f41",
}
"""The checksum of each release's data file."""

REF: Final = "#/definitions/"
GROUP_VERSION_KIND: Final = "x-kubernetes-group-version-kind"
KEPT: Final = frozenset({"additionalProperties", "format", "required"})
# Prose, and the one right value of apiVersion and kind, which `standing_alone` says again. So do all keywords of
# x-kubernetes: advice for patches, a third of the bytes and no part of what is valid.
DROPPED: Final = frozenset({"description", "enum"})

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

APIEXTENSIONS: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions."


def _of_definitions(version: str) -> dict[str, Schema]:
    """Return what a CustomResourceDefinition of a version says of schemas in its own way."""
    own = f"{APIEXTENSIONS}{version}."
    schema = {"$ref": f"{REF}{own}JSONSchemaProps"}
    return {
        # Published empty and right so: any JSON value (`default`, `example`, the members of `enum`).
        f"{own}JSON": {},
        # Published empty, so that `items: 1` passed.
        f"{own}JSONSchemaPropsOrArray": {
            "type": ["array", "object"],
            "if": {"type": "object"},
            "then": schema,
            "items": schema,
        },
        # Published empty; the decoder's own words are "boolean or JSON schema expected".
        f"{own}JSONSchemaPropsOrBool": {"type": ["boolean", "object"], "if": {"type": "object"}, "then": schema},
        # Published empty: the two forms of a member of `dependencies`.
        f"{own}JSONSchemaPropsOrStringArray": {
            "type": ["array", "object"],
            "if": {"type": "object"},
            "then": schema,
            "items": {"type": "string"},
        },
        # Published empty; a struct without fields in Go, so `status: {}` and nothing else.
        f"{own}CustomResourceSubresourceStatus": {"type": "object", "additionalProperties": False},
    }


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
    **_of_definitions("v1beta1"),
    **_of_definitions("v1"),
}


def published(release: str) -> dict[str, Schema]:
    """Return the definitions of a release as the installed package ships them."""
    source = SOURCE.format(release=release)
    package = distribution("kubernetes-validate")
    content = Path(str(package.locate_file(source))).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[release]:
        message = f"{source} of kubernetes-validate {package.version}: sha256 is {found}, expected {SHA256[release]}."
        raise SystemExit(message)
    document = json.loads(content)
    definitions: dict[str, Schema] = document.get("definitions") or document["$defs"]
    return definitions


def source_note(release: str, kept: dict[str, Schema]) -> str:
    """Return what ``SOURCE.md`` says: where the definitions come from, and what was changed."""
    source = SOURCE.format(release=release)
    package = distribution("kubernetes-validate")
    size = Path(str(package.locate_file(source))).stat().st_size
    kinds_kept = sum(GROUP_VERSION_KIND in schema for schema in kept.values())
    fields = sum(len(schema.get("properties", ())) for schema in kept.values())
    return f"""\
# Where `definitions.json` comes from

| | |
|---|---|
| content | the OpenAPI definitions of Kubernetes v{release}.0, as strict JSON Schema |
| copyright, licence | The Kubernetes Authors, Apache-2.0 (the licence of this project's `LICENSE` too) |
| package | kubernetes-validate {package.version}, by Will Thames, Apache-2.0 |
| file | `{source}`, {size:,} bytes, {len(published(release)):,} definitions |
| | sha256 `{SHA256[release]}` |
| kept | {kinds_kept} kinds and all that they refer to: {len(kept)} definitions with {fields:,} fields |

To make it again, from the root of the project:

    pip install "kubernetes-validate=={package.version}"
    python schemas/extract.py {release}

`schemas/README.md` says what was changed, the same in every release.
"""


def refined(schema: Schema, embedded: dict[str, str]) -> Schema:
    """Return a published schema in our form, referring to the embedded form of a kind.

    A keyword this script does not know is an error, not a guess.
    """
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword == "$ref":
            name: str = value.rpartition("/")[2]
            result[keyword] = REF + embedded.get(name, name)
        elif keyword == "type":
            # Some say ["string", "null"]: a null is an absent field, and dropped before.
            (result[keyword],) = {value} if isinstance(value, str) else set(value) - {"null"}
        elif keyword == "properties":
            result[keyword] = {field: refined(subschema, embedded) for field, subschema in value.items()}
            # Published strict definitions never say so, and then `metadata: oops` passes.
            result["type"] = "object"
        elif keyword == "items" or (keyword == "additionalProperties" and value is not False):
            result[keyword] = refined(value, embedded)
        elif keyword in KEPT:
            result[keyword] = value
        elif keyword not in DROPPED and not keyword.startswith("x-kubernetes-"):
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
    """Return the definitions of the kinds that are stored, in our form."""
    names = {
        (identity["group"], identity["version"], identity["kind"]): name
        for name, schema in source.items()
        for identity in schema.get(GROUP_VERSION_KIND, ())
    }
    roots = {
        names[identity]: identity
        for kind in kinds().values()
        for identity in ((kind.group, version, kind.name) for version in kind.versions)
        if identity in names
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
    for chosen in sys.argv[1:]:
        folder = Path(__file__).parent / f"v{chosen}"
        folder.mkdir(exist_ok=True)
        definitions = extracted(published(chosen))
        folder.joinpath("definitions.json").write_text(written(definitions), encoding="utf-8")
        folder.joinpath("SOURCE.md").write_text(source_note(chosen, definitions), encoding="utf-8")
