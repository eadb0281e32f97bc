"""The same object twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from csi_manifests.analysis.context import fact
from csi_manifests.bundle.objects import without_nulls
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.server_defaults import without_server_fields
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.pointers import pointer_of
from csi_manifests.yaml.reader import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    difference = _difference(_written(first.resource), _written(manifest), ())
    if difference is None:
        yield Problem("/metadata/name", f"is there already, {where}, with the same content", severity="warning")
    else:
        yield Problem(
            "/metadata/name", f"is there already, {where}, with other content: {pointer_of(difference) or '/'} differs"
        )


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


def _written(manifest: Manifest) -> dict[str, Any]:
    """Return what people write of an object, without what servers add."""
    content = without_server_fields(without_nulls(manifest.to_dict()))
    if content["metadata"].get("namespace") in {"", "default"}:
        del content["metadata"]["namespace"]
    return content


def _difference(one: Any, other: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """Return where two values first differ; None if they are equal."""
    if one == other:
        return None
    if isinstance(one, dict) and isinstance(other, dict):
        fields = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        for key in dict.fromkeys((*fields[0], *fields[1])):
            if key not in fields[0] or key not in fields[1]:
                return (*path, key)
            below = _difference(fields[0][key], fields[1][key], (*path, key))
            if below is not None:
                return below
    if isinstance(one, list) and isinstance(other, list):
        sequences = cast("Sequence[Any]", one), cast("Sequence[Any]", other)
        for number, items in enumerate(zip(*sequences, strict=False)):
            below = _difference(*items, (*path, number))
            if below is not None:
                return below
    return path
