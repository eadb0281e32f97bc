"""The secrets that classes name for the driver, and secrets in plain sight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.classes import ClassView, serving
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import PodView
from csi_manifests.analysis.programs import words_of
from csi_manifests.analysis.secrets import CALLS, FOR_CLAIMS, FOR_SNAPSHOTS, PREFIX, Call, key_pairs, parameter_pointer
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.well_known import SNAPSHOT_CLASS
from csi_manifests.models.core_v1 import ConfigMap, Secret
from csi_manifests.text.pointers import pointer_of
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Container

_TOKEN = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")
_ANNOTATION = re.compile(r"(pvc|volumesnapshot)\.annotations\['[^']*'\]")
# Of other prefixed parameters, those that a sidecar reads; it refuses the rest.
# Sources: external-provisioner pkg/controller/controller.go and external-snapshotter pkg/utils/util.go, all releases.
_OTHER_KEYS = frozenset({f"{PREFIX}fstype", f"{PREFIX}pv/name", f"{PREFIX}pvc/name", f"{PREFIX}pvc/namespace"})
# The words at the end of a name that stand for a secret itself. What ends otherwise only tells where it is, or of what kind.
_SECRET_NAME = re.compile(
    r"(?:.*[^a-z]|.*[a-z](?=[A-Z])|[a-z]{0,8})"
    r"(?i:secret(?:[-_]?access)?(?:[-_]?key)?|password|passwd|passphrase|token|api[-_]?key)s?"
    r"(?i:[-_]?(?:value|data|text|plain))?\d*"
)
_NO_SECRET = re.compile(
    r"\s*|(?:[a-z]+:)?[./~].*|.*\$[({].*|.*\{\{.*|<.*>|true|false|yes|no|on|off|none|null|enabled|disabled"
    r"|[-+.\d]{1,5}[a-z]{0,2}",
    re.IGNORECASE | re.DOTALL,
)
_NAME_OF_SECRET = re.compile(r"(?=.*secret)[-.a-z0-9]+")
_WORD = re.compile(r"--?([A-Za-z][-\w]*)(?:=(.*))?", re.DOTALL)


@rule(
    "CSI460",
    "incomplete-secret-parameters",
    "a class gives both the name and the namespace of a secret",
    ClassView,
    fix="Give both parameters, or neither.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  parameters:
    csiProvisionerSecretName: csi-rbd-secret
+   csiProvisionerSecretNamespace: default
""",
)
def secrets_come_in_pairs(class_: ClassView, _: Context) -> Iterator[Problem]:
    """A name without its namespace is an error to the sidecar, and so is the same secret named the old way and the new.

    The claim or snapshot waits for ever, or fails.
    """
    parameters = class_.parameters
    if not any("ecret" in key for key in parameters):
        return
    for call in _calls(class_):
        pairs = [pair for pair in key_pairs(call) if any(key in parameters for key in pair)]
        for pair in pairs:
            lacking = [key for key in pair if not parameters.get(key)]
            if lacking:
                given = next((key for key in pair if key in parameters), pair[0])
                said = (
                    f"{lacking[0]!r} is empty" if lacking[0] in parameters else f"has {given!r} and no {lacking[0]!r}"
                )
                yield Problem(parameter_pointer(given if lacking[0] not in parameters else lacking[0]), said)
        if len(pairs) > 1:
            yield Problem(parameter_pointer(pairs[1][0]), f"the same secret is named by {pairs[0][0]!r} too")


@rule(
    "CSI461",
    "unread-secret-parameters",
    "a class names secrets by the parameters that its sidecar reads",
    ClassView,
    fix=f"Up to 0.4 write csi...SecretName and csi...SecretNamespace, from 1.0 on {PREFIX}...-secret-name and -namespace.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  parameters:
-   csi.storage.k8s.io/provisioner-secret-name: csi-rbd-secret
-   csi.storage.k8s.io/provisioner-secret-namespace: default
+   csiProvisionerSecretName: csi-rbd-secret
+   csiProvisionerSecretNamespace: default
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-rbdplugin-provisioner}
  spec:
    serviceAccountName: rbd-csi-provisioner
    containers:
    - {name: csi-provisioner, image: "quay.io/k8scsi/csi-provisioner:v0.4.1", args: ["--provisioner=csi-rbdplugin"]}
""",
)
def secrets_are_of_the_era(class_: ClassView, context: Context) -> Iterator[Problem]:
    """A sidecar 0.4 hands the parameters of 1.0 on to the driver and fetches no secret.

    From 1.0 on the old ones work, with a warning in the log at every use.
    """
    parameters = class_.parameters
    if not any("ecret" in key for key in parameters):
        return
    sidecars = serving(class_.program, class_.driver, context)
    majors = {sidecar.csi_major for sidecar in sidecars}
    if len(majors) != 1 or None in majors:
        return
    is_old = majors == {0}
    for call in _calls(class_):
        old, new = (f"{call.old}Secret{{}}" if call.old else "", f"{PREFIX}{call.new}-secret-{{}}")
        for end in ("Name", "Namespace"):
            wrong, right = (
                (new.format(end.lower()), old.format(end)) if is_old else (old.format(end), new.format(end.lower()))
            )
            if wrong and wrong in parameters:
                said = (
                    f"{sidecars[0]} does not read {wrong!r}"
                    if is_old
                    else f"{sidecars[0]} takes {wrong!r} as an old name"
                )
                fix = f"Write {right}." if right else "Leave it out."
                yield Problem(parameter_pointer(wrong), said, fix, "error" if is_old else "warning")


@rule(
    "CSI462",
    "unknown-csi-parameter",
    "a parameter that begins with csi.storage.k8s.io/ exists",
    ClassView,
    severity="warning",
    fix="Correct the parameter, or leave it out.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  parameters:
    csi.storage.k8s.io/provisioner-secret-name: csi-rbd-secret
    csi.storage.k8s.io/provisioner-secret-namespace: default
-   csi.storage.k8s.io/fsType: ext4
+   csi.storage.k8s.io/fstype: ext4
""",
)
def prefixed_parameters_exist(class_: ClassView, context: Context) -> Iterator[Problem]:
    """From 1.0 on csi-provisioner and csi-snapshotter keep these parameters for themselves and fail at one they do not know."""
    prefixed = [key for key in class_.parameters if key.startswith(PREFIX)]
    if not prefixed:
        return
    known = [key for call in _calls(class_) for key in key_pairs(call)[-1]]
    for key in prefixed:
        if key not in known and key not in _OTHER_KEYS:
            served = serving(class_.program, class_.driver, context)
            sure = bool(served) and all(sidecar.csi_major == 1 for sidecar in served)
            message = f"no sidecar knows {key!r}"
            guess = did_you_mean(key, [*known, *_OTHER_KEYS])
            yield Problem(
                parameter_pointer(key),
                f"{message}. {guess}" if guess else message,
                severity="error" if sure else "warning",
            )


@rule(
    "CSI463",
    "invalid-secret-pattern",
    "the patterns in a secret's name can be filled in",
    ClassView,
    fix="Use a pattern that is known there, or a plain name.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  parameters:
-   csiProvisionerSecretName: csi-rbd-secret
-   csiProvisionerSecretNamespace: "${pvc.name}"
+   csiNodePublishSecretName: csi-rbd-secret
+   csiNodePublishSecretNamespace: "${pvc.namespace}"
""",
)
def patterns_can_be_filled_in(class_: ClassView, context: Context) -> Iterator[Problem]:
    """The sidecar puts the names of claim, volume or snapshot into the parameter; a pattern it does not know is an error.

    A namespace may not depend on what the user of a claim chooses, nor a secret for deleting on what is gone by then.
    """
    parameters = class_.parameters
    if not any("ecret" in key for key in parameters):
        return
    old = _are_old(class_, context)
    for call in _calls(class_):
        for pair in key_pairs(call):
            for key, allowed in zip(pair, _allowed(call, old=old), strict=True):
                for token in _tokens(parameters.get(key, "")):
                    if _ANNOTATION.sub(r"\1.annotations", token) not in allowed:
                        message = f"'${{{token}}}' cannot be filled in here (known: {_listed(allowed)})"
                        yield Problem(parameter_pointer(key), message)
                    elif call.new == "snapshotter" and old and token.startswith("volumesnapshot."):
                        message = f"'${{{token}}}' is known when a snapshot is made, not when it is deleted: that fails"
                        yield Problem(
                            parameter_pointer(key),
                            message,
                            "Use ${volumesnapshotcontent.name}, or a plain name.",
                            "warning",
                        )


@rule(
    "CSI464",
    "missing-class-secret",
    "a secret that a class names exists",
    ClassView,
    severity="info",
    fix="Add the Secret, unless it is made elsewhere.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-rbd}
  provisioner: csi-rbdplugin
  parameters:
    csiProvisionerSecretName: csi-rbd-secret
    csiProvisionerSecretNamespace: default
  ---
  apiVersion: v1
  kind: Secret
- metadata: {name: csi-rbd, namespace: default}
+ metadata: {name: csi-rbd-secret, namespace: default}
  data: {admin: c2VjcmV0}
""",
)
def secret_exists(class_: ClassView, context: Context) -> Iterator[Problem]:
    """Without its secret a volume is not made. Secrets are often kept apart, so this is reported only where the bundle has others."""
    parameters = class_.parameters
    if not any("ecret" in key for key in parameters) or not context.bundle.all(Secret):
        return
    for call in _calls(class_):
        for name_key, namespace_key in key_pairs(call):
            name, namespace = parameters.get(name_key, ""), parameters.get(namespace_key, "")
            is_plain = name and namespace and "$" not in name + namespace
            if is_plain and not context.bundle.has("", "Secret", name, namespace):
                names = sorted(f"{secret.namespace}/{secret.name}" for secret in context.bundle.all(Secret))
                guess = did_you_mean(f"{namespace}/{name}", names[:200])
                message = f"no Secret {name!r} in namespace {namespace!r} in the bundle"
                yield Problem(parameter_pointer(name_key), f"{message}. {guess}" if guess else message)


@rule(
    "CSI465",
    "secret-in-plain-text",
    "secret values are kept in Secrets",
    ConfigMap,
    PodView,
    severity="warning",
    fix="Keep it in a Secret, and take it from there with valueFrom.secretKeyRef, envFrom or a mount.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-gluster}
  spec:
    containers:
    - name: gluster
      image: gluster/gluster-csi-driver:v1.0.0
      env:
-     - {name: REST_SECRET, value: s3cr3t-of-ours}
+     - {name: REST_SECRET, valueFrom: {secretKeyRef: {name: gluster, key: secret}}}
""",
)
def secrets_are_not_in_plain_sight(found: ConfigMap | PodView, context: Context) -> Iterator[Problem]:
    """Whoever may read pods or ConfigMaps reads these values too, and they go wherever the manifests are kept."""
    if isinstance(found, ConfigMap):
        for key, value in (found.data or {}).items():
            if _looks_secret(key, value) and not _names_secret(value, context):
                message = f"{key!r} has its value in plain text ({len(value)} characters)"
                yield Problem(f"/data{pointer_of((key,))}", message)
        return
    for pointer, container in found.containers():
        for number, variable in enumerate(container.env or ()):
            value = variable.value or ""
            if _looks_secret(variable.name, value) and not _names_secret(value, context):
                message = f"variable {variable.name!r} has its value in plain text ({len(value)} characters)"
                yield Problem(f"{pointer}/env/{number}/value", message)
        for place, name, value in _given(container):
            if _looks_secret(name, value) and not _names_secret(value, context):
                message = f"argument {name!r} has its value in plain text ({len(value)} characters)"
                yield Problem(f"{pointer}{place}", message)


def _calls(class_: ClassView) -> Iterator[Call]:
    return (call for call in CALLS.values() if call.kind == class_.kind)


def _are_old(class_: ClassView, context: Context) -> bool:
    """Return whether a class is surely served by sidecars that fill in less: up to 0.4, of snapshots up to 1.2."""
    served = serving(class_.program, class_.driver, context)
    first = (1, 0, 0) if class_.program == "csi-provisioner" else (2, 0, 0)
    return bool(served) and all(sidecar.version is not None and sidecar.version < first for sidecar in served)


def _allowed(call: Call, *, old: bool) -> tuple[set[str], set[str]]:
    """Return the patterns that are known in the name, and in the namespace."""
    if call.kind == SNAPSHOT_CLASS[1]:
        return FOR_SNAPSHOTS
    return ({"pv.name"}, {"pv.name"}) if call.new == "provisioner" and old else FOR_CLAIMS


def _tokens(text: str) -> Iterator[str]:
    return (found[1] if found[1] is not None else found[2] for found in _TOKEN.finditer(text))


def _listed(allowed: set[str]) -> str:
    return ", ".join(
        sorted(f"${{{token}['...']}}" if token.endswith("annotations") else f"${{{token}}}" for token in allowed)
    )


def _given(container: Container) -> Iterator[tuple[str, str, str]]:
    """Return the arguments that have a name and a value: where, name, value as written."""
    before = ""
    for pointer, word in words_of(container):
        found = _WORD.fullmatch(word)
        if found is not None and found[2] is not None:
            yield pointer, found[1], found[2]
        elif found is None and before:
            yield pointer, before, word
        before = found[1] if found is not None and found[2] is None else ""


def _looks_secret(name: str, value: str) -> bool:
    if not value or _SECRET_NAME.fullmatch(name) is None or _NO_SECRET.fullmatch(value) is not None:
        return False
    return "secret" not in name.lower() or _NAME_OF_SECRET.fullmatch(value) is None


def _names_secret(value: str, context: Context) -> bool:
    """Return whether a value is only the name of a Secret of the bundle."""
    return value in _secret_names(context)


@fact
def _secret_names(context: Context) -> set[str]:
    return {secret.name for secret in context.bundle.all(Secret)}
