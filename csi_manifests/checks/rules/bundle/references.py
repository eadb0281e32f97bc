"""Objects that name others."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.names import (
    BELONGING,
    CLAIM,
    COMMON_CLASSES,
    COMPARED,
    Directory,
    directory,
    from_server,
    is_built_in,
    links,
    slip,
    without_digits,
)
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import is_namespaced, kind_of
from csi_manifests.knowledge.well_known import SNAPSHOT
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.resource import Resource
from csi_manifests.text.pointers import pointer_of
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.models.links import Reference

_SHOWN = 5


@rule(
    "CSI201",
    "dangling-reference",
    "a referenced object exists",
    Resource,
    fix="Add the object to the bundle, or correct the name.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
- roleRef: {kind: ClusterRole, name: external-attacher, apiGroup: rbac.authorization.k8s.io}
+ roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get]}]
""",
)
def named_object_exists(resource: Resource, context: Context) -> Iterator[Problem]:
    """The API server accepts any name; what is missing shows when a pod is not made, a call is forbidden or a claim waits.

    It is a warning where the object may well be elsewhere: the bundle has no such objects, or each of them is used. It
    is an error where one has nearly the same name or is not used, for accounts and Roles beside others of the
    namespace, and always in what ``render`` makes.
    """
    for link in links(context).get(id(resource), ()):
        if link.found or is_built_in(link.reference):
            continue
        if link.reference.required:
            yield from _missing(resource, link.reference, context)
        else:
            yield from _misspelt(link.reference, context)


def _missing(resource: Resource, reference: Reference, context: Context) -> Iterator[Problem]:
    names = _others(resource, reference, directory(context))
    if (
        not names
        and not context.complete
        and (from_server(resource) or is_namespaced(reference.group, reference.kind) is None)
    ):
        return
    where = f" in namespace {reference.namespace!r}" if reference.namespace else ""
    has = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    message = f"no {reference.kind} {reference.name!r}{where} in the bundle (it has: {has or 'none'})"
    uses = _uses(context).get(reference[1:4], {})
    idle = _idle(names, uses.get(_sort(resource), set()))
    guess = _guess(reference.name, idle) or _slip(reference.name, names)
    named_twice = sum(reference.name in named for named in uses.values()) > 1
    expected = names and (guess or idle or named_twice or reference.kind in BELONGING)
    is_error = context.complete or (expected and _must_be_here(resource, reference))
    yield Problem(
        pointer_of(reference.path),
        f"{message}. {guess}" if guess else message,
        severity="error" if is_error else "warning",
    )


def _guess(name: str, names: Iterable[str]) -> str:
    """Return the sentence that names the nearest; names that differ only in a number are not typos."""
    return did_you_mean(name, [other for other in names if without_digits(other) != without_digits(name)])


def _slip(name: str, names: Sequence[str]) -> str:
    """Return the sentence that names the nearest of names in use, which only a slip of the pen turns into this one."""
    near = slip(name, names)
    return f"Did you mean {near!r}?" if near else ""


def _misspelt(reference: Reference, context: Context) -> Iterator[Problem]:
    """Report a name only if it looks like a typo: Secrets and the like are often kept elsewhere."""
    guess = _slip(reference.name, directory(context).names.get(reference[1:4], []))
    if guess:
        message = f"no {reference.kind} {reference.name!r} in the bundle. {guess}"
        yield Problem(pointer_of(reference.path), message, severity="warning")


def _must_be_here(resource: Resource, reference: Reference) -> bool:
    if from_server(resource) or reference.kind == "Service":
        return False
    return not (reference.kind == "StorageClass" and reference.name in COMMON_CLASSES)


def _idle(names: Iterable[str], named: Container[str]) -> list[str]:
    """Return the names that nobody refers to, or the first of them."""
    return list(islice((name for name in names if name not in named), COMPARED))


@fact
def _uses(context: Context) -> dict[tuple[str, str, str], dict[str, set[str]]]:
    """Return, by group, kind and namespace, the names that each sort of object refers to."""
    found: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for resource in context.bundle:
        for link in links(context).get(id(resource), ()):
            of_kind = found.setdefault(link.reference[1:4], {})
            of_kind.setdefault(_sort(resource), set()).add(link.reference.name)
    return found


def _sort(resource: Manifest) -> str:
    kind, known = resource.key.kind, kind_of(*resource.key.type)
    return "pod" if known is not None and known.pod is not None else "binding" if kind.endswith("Binding") else kind


def _others(resource: Resource, reference: Reference, known: Directory) -> list[str]:
    names = known.names.get(reference[1:4], [])
    if resource.key.type == SNAPSHOT and reference.kind == CLAIM:
        # A bundle that takes a snapshot of a claim that is there already, and restores it, has only the restored claim.
        return [name for name in names if not all(map(_is_restored, known.objects["", reference.kind, name]))]
    return names


def _is_restored(claim: Manifest) -> bool:
    return isinstance(claim, PersistentVolumeClaim) and claim.spec is not None and claim.spec.data_source is not None
