"""What objects name each other by, and which names a bundle has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.links import Reference, references
from csi_manifests.models.rbac_v1 import ClusterRoleBinding, RoleBinding
from csi_manifests.models.resource import Resource
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest


RBAC = "rbac.authorization.k8s.io"

# What an API server makes for itself at start, or every cluster has.
_BUILT_IN = {
    (RBAC, "ClusterRole"): {"cluster-admin", "admin", "edit", "view"},
    (RBAC, "Role"): {"extension-apiserver-authentication-reader"},
    ("", "ServiceAccount"): {"default"},
    ("", "Service"): {"kubernetes"},
}

# Classes that installers and cloud providers make: any cluster may have them beside those of the bundle.
COMMON_CLASSES = {
    "azurefile", "default", "do-block-storage", "fast", "gp2", "gp3", "hostpath", "local-path", "local-storage", "longhorn",
    "managed", "managed-premium", "manual", "premium-rwo", "ssd", "standard", "standard-rwo", "thin",
}  # fmt: skip

CLAIM = "PersistentVolumeClaim"

_BOOTSTRAPPED = "kubernetes.io/bootstrapping"

BELONGING = {"ServiceAccount", "Role"}
"""Kinds that whoever brings some of into a namespace brings all of; claims, classes and ClusterRoles are shared."""

COMPARED = 200
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


def is_built_in(reference: Reference) -> bool:
    """Return whether every cluster has what a reference names."""
    if reference.kind in {"User", "Group"}:
        return True
    names = _BUILT_IN.get((reference.group, reference.kind), ())
    return reference.name in names or (reference.group == RBAC and reference.name.startswith("system:"))


def slip(name: str, names: Sequence[str]) -> str:
    """Return the name that is so near that this one must be it, written wrongly; names that only count on are not."""
    if not names or len(names) > COMPARED:
        return ""
    from difflib import get_close_matches  # noqa: PLC0415  (on the way to a finding only)

    near = get_close_matches(name, names, 1, _CLOSE)
    return near[0] if near and without_digits(near[0]) != without_digits(name) else ""


def without_digits(name: str) -> str:
    """Return a name without its digits, in which names that only count on are equal."""
    return _DIGITS.sub("", name)


@fact
def links(context: Context) -> dict[int, tuple[Link, ...]]:
    """Return the references of all objects, by the ``id`` of the object."""
    known = directory(context)
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
        if not same and reference.kind == CLAIM and _is_from_template(reference, known):
            continue
        yield Link(reference, wanted, tuple(same))


def _meant(resource: Resource) -> Iterable[Reference]:
    """Leave out the references that cannot be meant; rules of their own say so."""
    for reference in references(resource):
        if isinstance(resource, ClusterRoleBinding):
            account = reference.kind == "ServiceAccount"
            told = reference.kind == "Role" or (account and not _subject_namespace(resource, reference))
        else:
            told = isinstance(resource, VolumeSnapshot) and "source" in reference.path and reference.kind != CLAIM
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


@fact
def directory(context: Context) -> Directory:
    """Gather the names that the bundle has."""
    known = Directory({}, {}, set())
    for found in context.bundle:
        key = found.key
        namespace = key.namespace
        if not namespace and is_namespaced(key.group, key.kind) is not False:
            namespace = "default"
        known.objects.setdefault((key.group, key.kind, key.name), []).append(found)
        known.names.setdefault((key.group, key.kind, namespace), []).append(key.name)
    for workload in context.bundle.all(StatefulSet):
        for template in workload.spec.volume_claim_templates or ():
            known.claims.add((workload.namespace, f"{template.name}-{workload.name}"))
    return known


def said_namespace(manifest: Manifest) -> str:
    """Return the namespace that an object says itself; empty where it says none."""
    said = manifest.metadata.namespace if isinstance(manifest, Resource) else manifest.metadata.get("namespace")
    return str(said or "")


def from_server(manifest: Manifest) -> bool:
    """Return whether an object was read out of a cluster, as ``kubectl get`` gives it: what it needed was there then."""
    return bool(manifest.metadata.uid if isinstance(manifest, Resource) else manifest.metadata.get("uid"))
