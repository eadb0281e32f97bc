"""2xx: objects that name others."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.checks.workloads import POD_KINDS
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.core_v1 import PersistentVolumeClaim
from csi_manifests.models.lookup import is_namespaced
from csi_manifests.models.rbac_v1 import ClusterRoleBinding, RoleBinding
from csi_manifests.models.resource import Resource
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot
from csi_manifests.models.words import did_you_mean
from csi_manifests.pointers import pointer_of
from csi_manifests.refs import Reference, references

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from csi_manifests.bundle import Manifest

RBAC = "rbac.authorization.k8s.io"
# What an API server makes for itself at start, or every cluster has.
_BUILT_IN = {
    (RBAC, "ClusterRole"): {"cluster-admin", "admin", "edit", "view"},
    (RBAC, "Role"): {"extension-apiserver-authentication-reader"},
    ("", "ServiceAccount"): {"default"},
    ("", "Service"): {"kubernetes"},
}
# Classes that installers and cloud providers make: any cluster may have them beside those of the bundle.
_COMMON_CLASSES = {
    "azurefile", "default", "do-block-storage", "fast", "gp2", "gp3", "hostpath", "local-path", "local-storage", "longhorn",
    "managed", "managed-premium", "manual", "premium-rwo", "ssd", "standard", "standard-rwo", "thin",
}  # fmt: skip
_CLAIM = "PersistentVolumeClaim"
_BOOTSTRAPPED = "kubernetes.io/bootstrapping"
_BELONG = {"ServiceAccount", "Role"}
"""Kinds that whoever brings some of into a namespace brings all of; claims, classes and ClusterRoles are shared."""
_SHOWN = 5
_COMPARED = 200
"""How many names are looked through for a near one: a bundle with more is no place to guess."""
_ORDINAL = re.compile(r"(.+)-\d+")
_DIGITS = re.compile(r"\d+")
_CLOSE = 0.85


class Link(NamedTuple):
    """A reference, and what the bundle has under that name."""

    reference: Reference
    wanted: str
    """The namespace in which the object is looked for; empty where nobody says, or the kind has none."""
    found: tuple[Manifest, ...]
    """The objects of that kind and name in all namespaces."""

    @property
    def is_here(self) -> bool:
        """Whether an object is where it is looked for."""
        return bool(self.found) and (
            not self.reference.namespace or any(said_namespace(found) == self.wanted for found in self.found)
        )

    @property
    def is_open(self) -> bool:
        """Whether that depends on the namespace of whoever applies the bundle, as one of the two objects says none."""
        return not self.is_here and any(not self.wanted or not said_namespace(found) for found in self.found)


class Directory(NamedTuple):
    """The names that a bundle has."""

    objects: dict[tuple[str, str, str], list[Manifest]]
    """By group, kind and name."""
    names: dict[tuple[str, str, str], list[str]]
    """By group, kind and namespace."""
    claims: set[tuple[str, str]]
    """The claims that StatefulSets make, by namespace and name without the ordinal."""


@rule(
    "CSI201",
    "an object that is named is there",
    Resource,
    fix="Add the object to the bundle, or correct the name.",
    bad="""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: csi-attacher-role}
subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
roleRef: {kind: ClusterRole, name: external-attacher, apiGroup: rbac.authorization.k8s.io}
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
    good="""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: csi-attacher-role}
subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
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
    """The API server takes the name of anything; what is missing shows when a pod is not made, a call is forbidden or a claim waits.

    Where the bundle has no such objects, or each has its use, it may well be elsewhere, and this is a warning. It is an
    error where one is nearly called so, or has no use, for accounts and Roles beside others of the namespace, and always in
    what ``render`` makes.
    """
    for link in context.derive(links).get(id(resource), ()):
        if link.found or _is_built_in(link.reference):
            continue
        if link.reference.required:
            yield from _missing(resource, link.reference, context)
        else:
            yield from _misspelt(link.reference, context)


def _missing(resource: Resource, reference: Reference, context: Context) -> Iterator[Problem]:
    names = _others(resource, reference, context.derive(directory))
    if (
        not names
        and not context.complete
        and (from_server(resource) or is_namespaced(reference.group, reference.kind) is None)
    ):
        return
    where = f" in namespace {reference.namespace!r}" if reference.namespace else ""
    has = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    message = f"no {reference.kind} {reference.name!r}{where} in the bundle (it has: {has or 'none'})"
    uses = context.derive(_uses).get(reference[1:4], {})
    idle = _idle(names, uses.get(_sort(resource), set()))
    guess = _guess(reference.name, idle) or _guess(reference.name, names[:_COMPARED])
    named_twice = sum(reference.name in named for named in uses.values()) > 1
    expected = names and (guess or idle or named_twice or reference.kind in _BELONG)
    is_error = context.complete or (expected and _must_be_here(resource, reference))
    yield Problem(
        pointer_of(reference.path),
        f"{message}. {guess}" if guess else message,
        severity="error" if is_error else "warning",
    )


def _guess(name: str, names: Iterable[str]) -> str:
    """Give the sentence that names the nearest; a name that only counts on, as ``data-1`` after ``data-0``, is not meant."""
    return did_you_mean(name, [other for other in names if _without_digits(other) != _without_digits(name)])


def _misspelt(reference: Reference, context: Context) -> Iterator[Problem]:
    """Secrets and the like are often kept elsewhere: only what looks like a slip of the pen is one."""
    near = slip(reference.name, context.derive(directory).names.get(reference[1:4], []))
    if near:
        message = f"no {reference.kind} {reference.name!r} in the bundle. Did you mean {near!r}?"
        yield Problem(pointer_of(reference.path), message, severity="warning")


def _must_be_here(resource: Resource, reference: Reference) -> bool:
    if from_server(resource) or reference.kind == "Service":
        return False
    return not (reference.kind == "StorageClass" and reference.name in _COMMON_CLASSES)


def _idle(names: Iterable[str], named: Container[str]) -> list[str]:
    """Give the names that are not named, or the first of them."""
    return list(islice((name for name in names if name not in named), _COMPARED))


def _uses(context: Context) -> dict[tuple[str, str, str], dict[str, set[str]]]:
    """Give, by group, kind and namespace, which names each sort of object names."""
    found: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for resource in context.bundle:
        for link in context.derive(links).get(id(resource), ()):
            of_kind = found.setdefault(link.reference[1:4], {})
            of_kind.setdefault(_sort(resource), set()).add(link.reference.name)
    return found


def _sort(resource: Manifest) -> str:
    kind = resource.key.kind
    return "pod" if isinstance(resource, POD_KINDS) else "binding" if kind.endswith("Binding") else kind


def _others(resource: Resource, reference: Reference, known: Directory) -> list[str]:
    names = known.names.get(reference[1:4], [])
    if isinstance(resource, VolumeSnapshot) and reference.kind == _CLAIM:
        # A bundle that takes a snapshot of a claim that is there already, and restores it, has only the restored claim.
        return [name for name in names if not all(map(_is_restored, known.objects["", reference.kind, name]))]
    return names


def _is_restored(claim: Manifest) -> bool:
    return isinstance(claim, PersistentVolumeClaim) and claim.spec is not None and claim.spec.data_source is not None


def _is_built_in(reference: Reference) -> bool:
    if reference.kind in {"User", "Group"}:
        return True
    names = _BUILT_IN.get((reference.group, reference.kind), ())
    return reference.name in names or (reference.group == RBAC and reference.name.startswith("system:"))


def slip(name: str, names: Sequence[str]) -> str:
    """Give the name that is so near that this one must be it, written wrongly; names that only count on are not."""
    if not names or len(names) > _COMPARED:
        return ""
    from difflib import get_close_matches  # noqa: PLC0415  (on the way to a finding only)

    near = get_close_matches(name, names, 1, _CLOSE)
    return near[0] if near and _without_digits(near[0]) != _without_digits(name) else ""


def _without_digits(name: str) -> str:
    return _DIGITS.sub("", name)


def links(context: Context) -> dict[int, tuple[Link, ...]]:
    """Give the references of all objects, by the ``id`` of the object; to be called through ``context.derive``."""
    known = context.derive(directory)
    found: dict[int, tuple[Link, ...]] = {}
    for resource in context.bundle:
        if isinstance(resource, Resource):
            of_this = tuple(_links(resource, known))
            if of_this:
                found[id(resource)] = of_this
    return found


def _links(resource: Resource, known: Directory) -> Iterator[Link]:
    if _BOOTSTRAPPED in (resource.metadata.labels or ()):
        return  # The server's own bindings name accounts that not every cluster has.
    before: Reference | None = None
    for reference in _meant(resource):
        if reference.path[-1] == "serviceAccount" and before and before.path[-1] == "serviceAccountName":
            continue  # The old name of the field, which nobody reads beside the new one; servers write both.
        before = reference
        wanted = _wanted(resource, reference)
        same = known.objects.get((reference.group, reference.kind, reference.name), ())
        if not same and reference.kind == _CLAIM and _is_from_template(reference, known):
            continue
        yield Link(reference, wanted, tuple(same))


def _meant(resource: Resource) -> Iterable[Reference]:
    """Leave out the references that cannot be meant; rules of their own say so."""
    for reference in references(resource):
        if isinstance(resource, ClusterRoleBinding):
            account = reference.kind == "ServiceAccount"
            told = reference.kind == "Role" or (account and not _subject_namespace(resource, reference))
        else:
            told = isinstance(resource, VolumeSnapshot) and "source" in reference.path and reference.kind != _CLAIM
        if not told:
            yield reference


def _wanted(resource: Resource, reference: Reference) -> str:
    said = said_namespace(resource)
    if not reference.namespace:
        return ""
    if isinstance(resource, (ClusterRoleBinding, RoleBinding)) and reference.path[0] == "subjects":
        return _subject_namespace(resource, reference) or said
    return said


def _subject_namespace(binding: ClusterRoleBinding | RoleBinding, reference: Reference) -> str:
    number = reference.path[1]
    return (binding.subjects or [])[number].namespace or "" if isinstance(number, int) else ""


def _is_from_template(reference: Reference, known: Directory) -> bool:
    numbered = _ORDINAL.fullmatch(reference.name)
    return numbered is not None and (reference.namespace, numbered[1]) in known.claims


def directory(context: Context) -> Directory:
    """Gather the names that the bundle has; to be called through ``context.derive``."""
    known = Directory({}, {}, set())
    for found in context.bundle:
        key = found.key
        namespace = key.namespace
        if not namespace and is_namespaced(key.group, key.kind) is not False:
            namespace = "default"
        known.objects.setdefault((key.group, key.kind, key.name), []).append(found)
        known.names.setdefault((key.group, key.kind, namespace), []).append(key.name)
    for workload in context.bundle.all(StatefulSet):
        for template in (workload.spec.volume_claim_templates if workload.spec else None) or ():
            known.claims.add((workload.namespace, f"{template.name}-{workload.name}"))
    return known


def said_namespace(manifest: Manifest) -> str:
    """Give the namespace that an object says itself; empty where it says none."""
    said = manifest.metadata.namespace if isinstance(manifest, Resource) else manifest.metadata.get("namespace")
    return str(said or "")


def from_server(manifest: Manifest) -> bool:
    """Say whether an object was read out of a cluster, as ``kubectl get`` gives it: what it needed was there then."""
    return bool(manifest.metadata.uid if isinstance(manifest, Resource) else manifest.metadata.get("uid"))
