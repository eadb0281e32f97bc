"""In which namespace an object is, and in which it is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.names import Link, from_server, links, said_namespace, slip
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.core_v1 import Namespace
from csi_manifests.models.rbac_v1 import ClusterRoleBinding, RoleBinding
from csi_manifests.models.resource import Resource
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity

_ALWAYS_THERE = {"default", "kube-system", "kube-public", "kube-node-lease"}
_SHOWN = 3


@rule(
    "CSI203",
    "wrong-namespace",
    "a referenced object is in the namespace it is looked up in",
    Resource,
    fix="Put both into one namespace, or name the other one.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
- subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
+ subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: storage}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: storage}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [get]}]
""",
)
def named_object_is_in_that_namespace(resource: Resource, context: Context) -> Iterator[Problem]:
    """A pod finds its account, claim and Secrets in its own namespace only, a RoleBinding its Role, a claim its snapshot.

    Nobody complains when such an object is made; a binding to an account of another namespace gives its permissions to nobody.
    """
    for link in links(context).get(id(resource), ()):
        if link.found and link.reference.required and not link.is_here and not link.is_open:
            reference = link.reference
            places = sorted({said_namespace(found) for found in link.found})
            others = ", ".join(map(repr, places[:_SHOWN]))
            yield Problem(
                pointer_of(_namespace_path(resource, link)),
                f"no {reference.kind} {reference.name!r} in namespace {link.wanted!r}; the bundle has one in {others}",
                severity=_severity(resource, link, context),
            )


def _namespace_path(resource: Resource, link: Link) -> tuple[str | int, ...]:
    path = link.reference.path
    in_subject = isinstance(resource, (ClusterRoleBinding, RoleBinding)) and path[0] == "subjects"
    return (*path[:-1], "namespace") if in_subject else path


def _severity(resource: Resource, link: Link, context: Context) -> Severity:
    if from_server(resource) or link.reference.kind == "Service":
        return "warning"
    # An account that has its own binding may well have a namesake outside the bundle.
    served = _bound_accounts(context)
    return "warning" if all(id(found) in served for found in link.found) else "error"


@fact
def _bound_accounts(context: Context) -> set[int]:
    return {
        id(found)
        for kind in (ClusterRoleBinding, RoleBinding)
        for binding in context.bundle.all(kind)
        for link in links(context).get(id(binding), ())
        if link.is_here and link.reference.kind == "ServiceAccount"
        for found in link.found
        if said_namespace(found) == link.wanted
    }


@rule(
    "CSI204",
    "missing-namespace",
    "an object has a namespace if the objects that belong to it have one",
    Resource,
    severity="warning",
    fix="Add metadata.namespace.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
- metadata: {name: csi-snapshotter}
+ metadata: {name: csi-snapshotter, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-snapshotter-role}
  subjects: [{kind: ServiceAccount, name: csi-snapshotter, namespace: default}]
  roleRef: {kind: ClusterRole, name: view, apiGroup: rbac.authorization.k8s.io}
""",
)
def namespace_is_said(resource: Resource, context: Context) -> Iterator[Problem]:
    """An object without a namespace goes wherever kubectl's current context or ``--namespace`` points.

    With ``kubectl -n other`` it silently ends up apart from the objects that name it, or that it names.
    """
    needs = _open_namespaces(context).get(id(resource))
    if needs:
        places = ", ".join(f"{why} in {namespace!r}" for why, namespace in needs[:_SHOWN])
        more = f" and {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else ""
        fix = f"Add metadata.namespace: {needs[0][1]}."
        yield Problem("/metadata", f"has no namespace, and {places}{more}", fix)


@fact
def _open_namespaces(context: Context) -> dict[int, list[tuple[str, str]]]:
    """Return the objects without a namespace that others need in one: why, and in which."""
    found: dict[int, dict[tuple[str, str], None]] = {}
    for resource in context.bundle:
        for link in links(context).get(id(resource), ()):
            if not link.is_open or not link.reference.required or from_server(link.found[0]):
                continue
            reference = link.reference
            if link.wanted:
                why = f"{resource.key.kind} {resource.name!r} looks for it"
                for target in link.found:
                    if not said_namespace(target):
                        found.setdefault(id(target), {})[why, link.wanted] = None
            else:
                why = f"its {reference.kind} {reference.name!r} is"
                found.setdefault(id(resource), {})[why, said_namespace(link.found[0])] = None
    return {key: list(needs) for key, needs in found.items()}


@rule(
    "CSI205",
    "misspelt-namespace",
    "an object's namespace is spelt like its Namespace",
    Resource,
    severity="warning",
    fix="Correct metadata.namespace, or add the Namespace.",
    example="""\
  apiVersion: v1
  kind: Namespace
  metadata: {name: csi-hostpath}
  ---
  apiVersion: v1
  kind: ServiceAccount
- metadata: {name: csi-attacher, namespace: csi-hotspath}
+ metadata: {name: csi-attacher, namespace: csi-hostpath}
""",
)
def namespace_is_not_misspelt(resource: Resource, context: Context) -> Iterator[Problem]:
    """The API server takes nothing into a namespace that does not exist.

    Namespaces are often made elsewhere, so only a name that is nearly that of a Namespace in the bundle is reported.
    """
    if not resource.NAMESPACED or not resource.metadata.namespace:
        return
    near = _misspelt_namespaces(context).get(resource.metadata.namespace)
    if near:
        message = f"no Namespace {resource.metadata.namespace!r} in the bundle. Did you mean {near!r}?"
        yield Problem("/metadata/namespace", message)


@fact
def _misspelt_namespaces(context: Context) -> dict[str, str]:
    """Return, for each namespace in use that the bundle lacks, the Namespace with nearly the same name."""
    known = [namespace.name for namespace in context.bundle.all(Namespace)]
    said = {resource.metadata.namespace for resource in context.bundle if isinstance(resource, Resource)}
    unknown = said - {None} - {*known} - _ALWAYS_THERE
    return {name: near for name in unknown if name and (near := slip(name, known))}
