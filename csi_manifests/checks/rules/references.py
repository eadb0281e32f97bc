"""2xx: objects that name others."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.findings import pointer_of
from csi_manifests.models.resource import Resource
from csi_manifests.refs import Reference, references

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUILT_IN_ROLES = frozenset({"cluster-admin", "admin", "edit", "view"})


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

    Where the bundle has no object of that kind at all, it may well be elsewhere, and this is a warning.
    """
    for reference in references(resource):
        if reference.required and not _is_there(reference, context):
            known = context.derive(_names).get((reference.group, reference.kind), [])
            near = difflib.get_close_matches(reference.name, known, 1)
            where = f" in namespace {reference.namespace!r}" if reference.namespace else ""
            has = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")  # noqa: PLR2004  (a line is enough)
            message = f"no {reference.kind} {reference.name!r}{where} in the bundle (it has: {has or 'none'})"
            if near and near[0] != reference.name:
                message += f"; did you mean {near[0]!r}?"
            yield Problem(pointer_of(reference.path), message, severity="error" if known else "warning")


def _is_there(reference: Reference, context: Context) -> bool:
    group, kind, name = reference.group, reference.kind, reference.name
    if kind in {"User", "Group"} or (kind == "ServiceAccount" and name == "default"):
        return True
    if kind == "ClusterRole" and (name in _BUILT_IN_ROLES or name.startswith("system:")):
        return True
    return context.bundle.has(group, kind, name, reference.namespace)


def _names(context: Context) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for group, kind, _, name in context.bundle.index:
        found.setdefault((group, kind), []).append(name)
    return found
