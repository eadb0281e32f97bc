"""ConfigMaps and Secrets."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.core_v1 import ConfigMap, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_MOST_BYTES = 1024 * 1024
_MOST_BYTES_TO_APPLY = 256 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"
_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
_JSON = {".dockercfg", ".dockerconfigjson"}


@rule(
    "CSI197",
    "unstorable-data",
    "a ConfigMap or Secret can be stored",
    ConfigMap,
    Secret,
    fix="Give each key once, and make several objects of large data.",
    example="""\
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: ceph-csi-config}
  data: {config.json: "[]"}
- binaryData: {config.json: W10=}
""",
)
def data_can_be_stored(found: ConfigMap | Secret, _: Context) -> Iterator[Problem]:
    """The API server refuses more than 1 MiB of data, and a ConfigMap's key that is both text and bytes.

    Above 256 KiB kubectl apply fails, which keeps a copy of the object in an annotation; kubectl create works, so that is
    a warning.
    """
    if isinstance(found, ConfigMap):
        both = sorted((found.data or {}).keys() & (found.binary_data or {}).keys())
        for key in both:
            yield Problem(f"/binaryData/{key}", f"{key!r} is a key of data as well")
        field, texts, encoded = "data", found.data or {}, found.binary_data or {}
    else:
        texts = found.string_data or {}
        encoded = {key: text for key, text in (found.data or {}).items() if key not in texts}
        field = "data" if encoded else "stringData"
    size = sum(len(text.encode()) for text in texts.values()) + sum(_decoded_length(text) for text in encoded.values())
    if size > _MOST_BYTES:
        yield Problem(f"/{field}", f"the data have {size} bytes; at most {_MOST_BYTES} are allowed")
    elif size > _MOST_BYTES_TO_APPLY:
        message = f"the data have {size} bytes, and kubectl apply manages {_MOST_BYTES_TO_APPLY} at most"
        yield Problem(f"/{field}", message, "Use kubectl create and replace, or make several objects.", "warning")


def _decoded_length(text: str) -> int:
    lines = text.count("\n") + text.count("\r")
    return (len(text) - lines) // 4 * 3 - text.count("=")


@rule(
    "CSI198",
    "incomplete-secret",
    "a Secret has the keys that its type requires",
    Secret,
    fix="Add the key, or change the type; Opaque means nothing in particular.",
    example="""\
  apiVersion: v1
  kind: Secret
  metadata: {name: registry}
  type: kubernetes.io/dockerconfigjson
- stringData: {config.json: "{}"}
+ stringData: {.dockerconfigjson: "{}"}
""",
)
def secret_holds_what_it_says(secret: Secret, _: Context) -> Iterator[Problem]:
    """The API server refuses a Secret of a known type without that type's keys, and image credentials that are not JSON."""
    kind = secret.type or ""
    keys = {**(secret.data or {}), **(secret.string_data or {})}
    has = f"(it has: {among(keys)})"
    if kind == "kubernetes.io/basic-auth" and not keys.keys() & {"username", "password"}:
        yield Problem("/type", f"{kind} needs a username or a password {has}")
    if kind == "kubernetes.io/service-account-token" and not (secret.metadata.annotations or {}).get(_ACCOUNT):
        yield Problem("/metadata/annotations", f"{kind} needs the annotation {_ACCOUNT}", "Name the account there.")
    for key in _KEYS.get(kind, ()):
        if key not in keys:
            yield Problem("/type", f"{kind} needs the key {key!r} {has}")
        elif key in _JSON and not _is_json_object(secret, key):
            field = "stringData" if key in (secret.string_data or {}) else "data"
            yield Problem(f"/{field}/{key}", "its text is not a JSON object", "Take the file that docker login writes.")
        elif kind == "kubernetes.io/ssh-auth" and not keys[key]:
            yield Problem("/type", f"{kind} needs a key at {key!r}, and it is empty")


def _is_json_object(secret: Secret, key: str) -> bool:
    try:
        text = (secret.string_data or {}).get(key)
        found = json.loads(base64.b64decode((secret.data or {})[key]) if text is None else text)
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(found, dict)
