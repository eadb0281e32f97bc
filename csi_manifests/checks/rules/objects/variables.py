"""The environment variables of containers, where their values come from and where they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among, file_sources, given, guess, repeated
from csi_manifests.analysis.pods import ContainerView, PodView
from csi_manifests.analysis.programs import program_in
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.core_v1 import DownwardAPIProjection, DownwardAPIVolumeSource
from csi_manifests.models.scalars import ANNOTATION_KEY, QUALIFIED_NAME, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import (
        Container,
        DownwardAPIVolumeFile,
        ObjectFieldSelector,
        ResourceFieldSelector,
    )

_SOURCES = ("field_ref", "resource_field_ref", "config_map_key_ref", "secret_key_ref")
_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
# What is in the names of the variables that the kubelet adds for every Service of the namespace.
_OF_SERVICES = ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT_")
_SHELLS = {"sh", "ash", "bash", "dash", "ksh", "zsh"}
_SCRIPT_FLAG = re.compile(r"-[a-z]*c")
_FIELDS = {"metadata.name", "metadata.namespace", "metadata.uid"}
_FIELDS_IN_ENV = _FIELDS | {"spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.podIP"}
_FIELDS_IN_FILES = _FIELDS | {"metadata.labels", "metadata.annotations"}
# An old name that the server still understands in either place that allows the new one.
_OLD_FIELDS = {"spec.host": "spec.nodeName"}
_ENTRY = re.compile(r"metadata\.(labels|annotations)\['(.*)'\]", re.DOTALL)
_AMOUNTS = {f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")}
_CPU_UNITS = {quantity("1"), quantity("1m")}
_BYTE_UNITS = {quantity(f"1{suffix}") for suffix in ("", *"kMGTPE", *(f"{letter}i" for letter in "KMGTPE"))}


@rule(
    "CSI123",
    "duplicate-variable",
    "an environment variable is set once",
    ContainerView,
    severity="warning",
    fix="Keep one of the two.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     env: [{name: DATA, value: /data}, {name: DATA, value: /srv}]
+     env: [{name: DATA, value: /data}]
""",
)
def variables_are_set_once(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The last value silently wins, and kubectl apply, which tells variables apart by name, may mix the two up."""
    entries = (
        (f"{container.pointer}/env/{number}", variable.name) for number, variable in enumerate(container.spec.env or ())
    )
    for where, name, first in repeated(entries):
        yield Problem(f"{where}/name", f"{name!r} is set already, at {first}; this value wins")


@rule(
    "CSI124",
    "ambiguous-variable",
    "an environment variable has either a value or one source",
    ContainerView,
    fix="Give either value or valueFrom, and below valueFrom one source.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     env: [{name: NODE, value: node-1, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
+     env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
""",
)
def variables_have_one_source(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The API server refuses a variable with a value and a source, and a source that names nothing or several things."""
    for number, variable in enumerate(container.spec.env or ()):
        if variable.value_from is None:
            continue
        where = f"{container.pointer}/env/{number}/valueFrom"
        found = given(variable.value_from, _SOURCES)
        if len(found) != 1:
            yield Problem(where, f"{variable.name!r} needs one source (there is: {among(found)})")
        elif variable.value:
            yield Problem(where, f"{variable.name!r} has a value, and a {found[0]} beside it")
    for number, source in enumerate(container.spec.env_from or ()):
        found = given(source, ("config_map_ref", "secret_ref"))
        if len(found) != 1:
            message = f"one of configMapRef and secretRef is needed (there is: {among(found)})"
            yield Problem(f"{container.pointer}/envFrom/{number}", message, "Give one of the two.")


@rule(
    "CSI125",
    "unknown-downward-field",
    "the downward API offers the field that is asked for",
    PodView,
    fix="Ask for one that is offered, in the right spelling.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodename}}}]
+     env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
""",
)
def fields_can_be_asked_for(pod: PodView, _: Context) -> Iterator[Problem]:
    """The API server refuses what the downward API does not offer; files and variables do not offer the same.

    Newer servers offer more, such as status.podIPs in variables, which 1.13 refuses.
    """
    for pointer, container in pod.containers():
        for number, variable in enumerate(container.env or ()):
            source = variable.value_from
            if source is not None:
                where = f"{pointer}/env/{number}/valueFrom"
                yield from _wrong_field(source.field_ref, _FIELDS_IN_ENV, where)
                yield from _wrong_amount(source.resource_field_ref, where)
    for pointer, file in _downward_files(pod):
        found = given(file, ("field_ref", "resource_field_ref"))
        if len(found) != 1:
            yield Problem(pointer, f"one of fieldRef and resourceFieldRef is needed (there is: {among(found)})")
            continue
        yield from _wrong_field(file.field_ref, _FIELDS_IN_FILES, pointer)
        yield from _wrong_amount(file.resource_field_ref, pointer)
        if file.resource_field_ref is not None and not file.resource_field_ref.container_name:
            message = "it does not say whose amount: a file has no container of its own"
            yield Problem(f"{pointer}/resourceFieldRef", message, "Give containerName.")


def _downward_files(pod: PodView) -> Iterator[tuple[str, DownwardAPIVolumeFile]]:
    for pointer, source in file_sources(pod):
        if isinstance(source, (DownwardAPIVolumeSource, DownwardAPIProjection)):
            for number, file in enumerate(source.items or ()):
                yield f"{pointer}/items/{number}", file


def _wrong_field(found: ObjectFieldSelector | None, offered: set[str], where: str) -> Iterator[Problem]:
    if found is None:
        return
    if found.api_version not in (None, "", "v1"):
        yield Problem(
            f"{where}/fieldRef/apiVersion", f"{found.api_version!r} is not 'v1', the version of pods", "Remove it."
        )
    path = _OLD_FIELDS.get(found.field_path, found.field_path)
    entry = _ENTRY.fullmatch(path)
    if entry is not None:
        if not (QUALIFIED_NAME if entry[1] == "labels" else ANNOTATION_KEY).matches(entry[2]):
            yield Problem(
                f"{where}/fieldRef/fieldPath", f"{entry[2]!r} cannot be a key of {entry[1]}: {QUALIFIED_NAME.allowed}"
            )
    elif path not in offered:
        here = ", ".join(sorted(offered))
        message = f"{found.field_path!r} is not offered here{guess(path, offered)}"
        fix = f"Ask for one of {here}, or for metadata.labels['KEY'] or metadata.annotations['KEY']."
        yield Problem(f"{where}/fieldRef/fieldPath", message, fix)


def _wrong_amount(found: ResourceFieldSelector | None, where: str) -> Iterator[Problem]:
    if found is None:
        return
    if found.resource not in _AMOUNTS:
        message = f"{found.resource!r} is not offered here{guess(found.resource, _AMOUNTS)}"
        fix = f"Ask for one of {', '.join(sorted(_AMOUNTS))}."
        yield Problem(f"{where}/resourceFieldRef/resource", message, fix)
    elif found.divisor is not None and quantity(found.divisor) != 0:
        cpu = found.resource.endswith(".cpu")
        if quantity(found.divisor) not in (_CPU_UNITS if cpu else _BYTE_UNITS):
            fix = "Use 1 or 1m." if cpu else "Use 1 with a suffix or without: 1, 1k, 1Mi ..."
            yield Problem(
                f"{where}/resourceFieldRef/divisor", f"{found.divisor} is not a unit of {found.resource}", fix
            )


@rule(
    "CSI126",
    "undefined-variable",
    "a variable that is used is defined",
    ContainerView,
    severity="warning",
    fix="Set it below env, or correct the name; write $$( for a literal $(.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: my-csi-app}
  spec:
    containers:
    - name: my-frontend
      image: busybox:1.36
-     command: [tail, -f, "$(DATA)/log"]
+     command: [tail, -f, "$(DATA_DIR)/log"]
      env: [{name: DATA_DIR, value: /data}]
""",
)
def used_variables_are_set(container: ContainerView, _: Context) -> Iterator[Problem]:
    """The kubelet leaves a $(NAME) that it does not know as it stands, and the program gets that text.

    A sidecar of kubernetes-csi then looks for its socket at a path called $(ADDRESS), and this is an error. Scripts for
    a shell are not looked at: there it means the output of a command. So are variables that come from a ConfigMap or
    Secret as a whole.
    """
    if container.spec.env_from:
        return
    sidecar = program_in(container.spec) is not None
    places: dict[str, int] = {}
    for number, variable in enumerate(container.spec.env or ()):
        places.setdefault(variable.name, number)
    for where, name in _unset(container.spec, places):
        has = "it is set only further down" if name in places else f"the container has: {among(places)}"
        message = f"nothing replaces $({name}): there is no such variable ({has}){guess(name, places)}"
        yield Problem(f"{container.pointer}/{where}", message, severity="error" if sidecar else None)


def _unset(container: Container, places: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield where a variable is used that is not set, or not yet, and which."""
    words = [*(container.command or ()), *(container.args or ())]
    if not any(word.rpartition("/")[2] in _SHELLS or _SCRIPT_FLAG.fullmatch(word) for word in words):
        for field, texts in (("command", container.command), ("args", container.args)):
            for number, text in enumerate(texts or ()):
                yield from ((f"{field}/{number}", name) for name in _used(text) if name not in places)
    for number, variable in enumerate(container.env or ()):
        used = _used(variable.value or "")
        yield from ((f"env/{number}/value", name) for name in used if places.get(name, number) >= number)


def _used(text: str) -> Iterator[str]:
    if "$(" in text:
        for match in _REFERENCE.finditer(text):
            name = match[1]
            if name and not any(part in name for part in _OF_SERVICES):
                yield name
