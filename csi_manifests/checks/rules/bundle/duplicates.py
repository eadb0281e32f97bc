"""The same object twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.context import fact
from csi_manifests.bundle.diff import compare
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.yaml.reader import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Item, Manifest


@rule(
    "CSI202",
    "duplicate-object",
    "an object is in the bundle once",
    Resource,
    Unstructured,
    fix="Keep one of the two, or give one another name.",
    example="""\
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
    - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
    - {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
- ---
- apiVersion: rbac.authorization.k8s.io/v1
- kind: ClusterRole
- metadata: {name: external-attacher-runner}
- rules:
-   - {apiGroups: [""], resources: [persistentvolumes], verbs: [get, list, watch, update]}
""",
)
def object_is_there_once(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """Kubectl applies both, one after the other, and the last one stays: what the first one says is silently lost.

    Where a field cannot be changed, as in a StorageClass, the server refuses the second.

    Two installations that name their ClusterRoles and bindings alike take each other's permissions away like this.
    """
    first = _firsts(context).get(id(manifest))
    if first is None:
        return
    where = _where(first)
    difference = next(compare(first.resource, manifest), None)
    if difference is None:
        yield Problem("/metadata/name", f"is there already, {where}, with the same content", severity="warning")
    else:
        yield Problem("/metadata/name", f"is there already, {where}, with other content: {difference.pointer} differs")


def _where(item: Item) -> str:
    if item.origin is not None:
        return f"at {locate(item.origin, ())}"
    return f"in {item.file}" if item.file else "before this one"


@fact
def _firsts(context: Context) -> dict[int, Item]:
    """Return, for each object that appears again, its first appearance."""
    seen: dict[tuple[str, str, str, str], Item] = {}
    found: dict[int, Item] = {}
    for item in context.bundle.items:
        identity = _identity(item.resource)
        # Without a name the server makes one, a new one each time.
        if identity[-1] and seen.setdefault(identity, item) is not item:
            found[id(item.resource)] = seen[identity]
    return found


def _identity(manifest: Manifest) -> tuple[str, str, str, str]:
    key = manifest.key
    known = kind_of(key.group, key.kind)
    moved = known.moved_to if known else None
    return (key.group if moved is None else moved, key.kind, key.namespace, key.name)
