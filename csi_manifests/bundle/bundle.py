"""An ordered, unchanging collection of objects, keyed as a cluster keys them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, overload

from csi_manifests.bundle.objects import refusal
from csi_manifests.bundle.stages import require_stage
from csi_manifests.errors import CsiManifestsError, InvalidError, NotFoundError
from csi_manifests.models.base import Model, wire_name
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import is_list, is_mapping
from csi_manifests.text.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from csi_manifests.yaml.reader import Origin

Manifest = Resource | Unstructured
R = TypeVar("R", bound=Resource)


class ConflictError(CsiManifestsError):
    """Two bundles hold the same object with different content."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object of a bundle, and where it belongs or comes from."""

    resource: Manifest
    stage: str = ""
    file: str = ""
    origin: Origin | None = None


def _item(entry: Any) -> Item:
    manifest = entry.resource if isinstance(entry, Item) else entry
    if not isinstance(manifest, (Resource, Unstructured)):
        raise InvalidError(
            f"{short(manifest)}, of type {type(manifest).__name__}, is not a Kubernetes object. "
            "Give a model such as ConfigMap, or Unstructured({...})."
        )
    return entry if isinstance(entry, Item) else Item(manifest)


def _valid(manifest: Manifest) -> Manifest:
    """Return an object with all that it holds checked again: of a change inside a list, no model hears."""
    _item(manifest)
    if not isinstance(manifest, Resource):
        return manifest
    return type(manifest).model_validate(_content(manifest))


# Pydantic 2.12 cannot dump a model by what it is, rather than by what its field should be, before that is built.
def _content(value: Any) -> Any:
    if isinstance(value, Model):
        return {wire_name(field): _content(held) for field, held in value if held is not None}
    if is_mapping(value):
        return {key: _content(held) for key, held in value.items()}
    return [_content(held) for held in value] if is_list(value) else value


class Bundle:
    """Objects in the order in which they are to be applied.

    A bundle never changes: ``edit``, ``with_``, ``without`` and ``merge`` give a new one. ``find`` and ``of`` give
    copies, which may be changed freely. Two bundles are equal when they hold equal objects in the same order.
    """

    def __init__(self, resources: Iterable[Manifest | Item] = ()) -> None:
        """Hold the objects in the order given; duplicates survive, so that a check can report them.

        Raises:
            InvalidError: if something else is among them.

        """
        self.items = tuple(_item(entry) for entry in resources)

    @cached_property
    def index(self) -> dict[tuple[str, str, str, str], Item]:
        """The first object under each (group, kind, namespace, name)."""
        found: dict[tuple[str, str, str, str], Item] = {}
        for item in self.items:
            found.setdefault(item.resource.key.identity, item)
        return found

    @cached_property
    def _by_class(self) -> dict[type[Manifest], tuple[Any, ...]]:
        found: dict[type[Manifest], list[Manifest]] = {}
        for item in self.items:
            # A beta version is made from the version after it, and says the same.
            for kind in type(item.resource).__mro__:
                if issubclass(kind, (Resource, Unstructured)):
                    found.setdefault(kind, []).append(item.resource)
        return {kind: tuple(resources) for kind, resources in found.items()}

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """Return the objects of a kind themselves, in order, for reading only."""
        return self._by_class.get(kind, ())

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return copies of the objects of a kind, in order."""
        return tuple(resource.model_copy(deep=True) for resource in self.all(kind))

    def find(self, kind: type[R], name: str, namespace: str | None = None) -> R | None:
        """Return a copy of the object, or None; without a namespace, the first of that name in any."""
        found = self._search(kind, name, namespace)
        return None if found is None else found.model_copy(deep=True)

    def get(self, kind: type[R], name: str, namespace: str | None = None) -> R:
        """Return a copy of the object.

        Raises:
            NotFoundError: if there is none; the message names those of that kind.

        """
        return self._required(kind, name, namespace).model_copy(deep=True)

    def has(self, group: str, kind: str, name: str, namespace: str = "") -> bool:
        """Return whether an object is here, whatever its version and whether or not a model could read it."""
        return (group, kind, namespace, name) in self.index

    def edit(self, kind: type[R], name: str, change: Callable[[R], R | None], namespace: str | None = None) -> Bundle:
        """Return a bundle in which one object is changed: ``change`` gets a copy, and returns it, another, or None.

        Raises:
            NotFoundError: if there is no such object.
            InvalidError: if the model does not take what it became.

        """
        found = self._required(kind, name, namespace)
        copy = found.model_copy(deep=True)
        returned: Any = change(copy)
        changed = copy if returned is None else returned
        # What a lambda returns is easily something else: "lambda pod: pod.spec.volumes.pop()".
        if not isinstance(changed, Resource):
            raise InvalidError(
                f"{found.key}: the change returned {short(changed)}, a {type(changed).__name__}. "
                "Return the object, another, or None."
            )
        # Where it was read says nothing any more about what it is now.
        new = [Item(_valid(changed), item.stage, item.file) if item.resource is found else item for item in self.items]
        return Bundle(new)

    def with_(self, *resources: Manifest, stage: str = "", file: str = "") -> Bundle:
        """Return a bundle with these objects: in the place of one with the same key, or else at the end.

        Raises:
            UsageError: if there is no such stage.
            InvalidError: if one of them is no object, or holds what its model does not take.

        """
        if stage:
            require_stage(stage)
        added = {resource.key.identity: resource for resource in map(_valid, resources)}
        kept = [
            item
            if (new := added.pop(item.resource.key.identity, None)) is None
            else Item(new, stage or item.stage, file or item.file)
            for item in self.items
        ]
        return Bundle([*kept, *(Item(resource, stage, file) for resource in added.values())])

    @overload
    def without(self, kind: type[Resource], name: str, namespace: str | None = None) -> Bundle: ...
    @overload
    def without(self, kind: type[Resource]) -> Bundle: ...
    def without(self, kind: type[Resource], name: str | None = None, namespace: str | None = None) -> Bundle:
        """Return a bundle without one object, or without all of a kind.

        Raises:
            NotFoundError: if there is no such object.

        """
        gone = self.all(kind) if name is None else (self._required(kind, name, namespace),)
        these = {id(resource) for resource in gone}
        return Bundle(item for item in self.items if id(item.resource) not in these)

    def merge(self, other: Bundle) -> Bundle:
        """Return both bundles' objects, this one's first; what is equal in both is kept once.

        Raises:
            ConflictError: if both hold an object with the same key and different content.

        """
        added: list[Item] = []
        for item in other.items:
            mine = self.index.get(item.resource.key.identity)
            if mine is None:
                added.append(item)
            elif mine.resource != item.resource:
                raise ConflictError(
                    f"{item.resource.key}: is in both bundles with different content. "
                    "Rename one, or replace it on purpose with with_()."
                )
        return Bundle([*self.items, *added])

    @property
    def refusals(self) -> list[InvalidError]:
        """Why the objects that were kept unstructured, though there is a model of their kind, do not fit it."""
        found = (refusal(manifest) for manifest in self if isinstance(manifest, Unstructured))
        return [reason for reason in found if reason is not None]

    def select(self, *stages: str) -> Bundle:
        """Return the objects of these stages, in the order they have here.

        Raises:
            UsageError: if there is no such stage.

        """
        for stage in stages:
            require_stage(stage)
        return Bundle(item for item in self.items if item.stage in stages)

    def _search(self, kind: type[R], name: str, namespace: str | None) -> R | None:
        wanted = (found for found in self.all(kind) if found.name == name and namespace in (None, found.namespace))
        return next(wanted, None)

    def _explain_unread(self, kind: type[R], name: str, namespace: str | None) -> None:
        """Raise if there is such an object, but none that the model could be read from."""
        for found in self:
            key = found.key
            same = (key.kind, key.name) == (kind.KIND, name) and key.group == kind.API_VERSION.rpartition("/")[0]
            if same and not isinstance(found, kind) and namespace in (None, key.namespace):
                reason = refusal(found) if isinstance(found, Unstructured) else None
                why = f"\n{reason}" if reason else f" it is of {key.api_version}, the class of {kind.API_VERSION}"
                raise NotFoundError(f"{key} is in the bundle, but cannot be read as a {kind.KIND}:{why}")

    def _required(self, kind: type[R], name: str, namespace: str | None) -> R:
        found = self._search(kind, name, namespace)
        if found is None:
            self._explain_unread(kind, name, namespace)
            raise NotFoundError.among((known.name for known in self.all(kind)), kind.KIND, name, "bundle")
        return found

    def __iter__(self) -> Iterator[Manifest]:
        """Go through the objects themselves, in order, for reading only."""
        return (item.resource for item in self.items)

    def __len__(self) -> int:
        """Count the objects."""
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        """Compare the objects and their order; stage and file do not count."""
        return list(self) == list(other) if isinstance(other, Bundle) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # its objects are mutable

    def __repr__(self) -> str:
        """Say how many objects it holds."""
        return f"Bundle({len(self)} objects)"
