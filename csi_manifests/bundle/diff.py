"""What differs between two bundles, or between a bundle and a cluster: by object and JSON pointer.

Lists of named things (containers, volumes, environment variables, ports ...) are compared by the name that
``kubectl apply`` merges them by, others in order, so that one thing more is one difference.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from csi_manifests.bundle.objects import without_nulls
from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.knowledge.server_defaults import is_servers_own, without_server_fields
from csi_manifests.knowledge.well_known import LAST_APPLIED, SECRET
from csi_manifests.models.scalars import QUANTITY, quantity
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.plain_data import is_list, is_mapping, mapping
from csi_manifests.text.pointers import Path, pointer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from csi_manifests.bundle.bundle import Bundle, Manifest
    from csi_manifests.models.resource import Key

Change = Literal["added", "removed", "changed"]
Content = dict[str, Any]

HIDDEN: Final = "(hidden)"
"""Stands for what a Secret holds."""

# What kubectl merges the items of a list by (patchMergeKey in k8s.io/api, at v1.13.0); where an item lacks the second or
# third key, the server's default. Lists of the same name elsewhere, whose items have no such key, are compared in order.
_MERGE_KEYS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "conditions": (("type",),),
    "containers": (("name",),),
    "env": (("name",),),
    "hostAliases": (("ip",),),
    "imagePullSecrets": (("name",),),
    "initContainers": (("name",),),
    "ownerReferences": (("uid",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol")),
    "secrets": (("name",),),
    "subjects": (("kind", "namespace", "name"),),
    "taints": (("key", "effect"),),
    "versions": (("name",),),
    "volumeClaimTemplates": (("metadata",),),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
    "volumes": (("name",),),
}
_KEY_DEFAULTS: Final = {"protocol": "TCP"}
_ORDER_MATTERS: Final = {"env", "initContainers"}
"""A variable may use those before it; init containers run one after the other."""
_AMOUNTS: Final = {"requests", "limits", "capacity"}


class Difference(NamedTuple):
    """One thing that is not the same on both sides.

    The pointer is empty where the whole object is only on one side. Positions in lists are those of the new side; of
    what was removed, those of the old one.
    """

    object: Key
    pointer: str
    change: Change
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        """Write it on one line."""
        where = f"{self.object}: {self.pointer}" if self.pointer else str(self.object)
        if self.change == "changed":
            return f"{where}: {_text(self.old)} -> {_text(self.new)}"
        value = self.new if self.change == "added" else self.old
        return f"{where}: {self.change} {_text(value)}" if self.pointer else f"{where}: {self.change}"


@dataclass(frozen=True)
class _Side:
    """A value on one side: where it is, and what is around it, the object itself first."""

    value: Any
    path: Path = ()
    around: tuple[Any, ...] = ()

    def below(self, step: str | int) -> _Side:
        """Return the value under a key or position."""
        return _Side(self.value[step], (*self.path, step), (*self.around, self.value))


class _Found(NamedTuple):
    path: Path
    change: Change
    old: Any
    new: Any


def diff(old: Bundle, new: Bundle) -> list[Difference]:
    """Compare two bundles: objects of the old one in their order, then those that only the new one has.

    The version of an API does not make another object. Amounts are compared by value, an absent namespace is
    ``default``, ``serviceAccount`` is ``serviceAccountName``, and null is absent.
    """
    before, after = _by_identity(old), _by_identity(new)
    found: list[Difference] = []
    for identity in dict.fromkeys([*before, *after]):
        olds, news = before.get(identity, []), after.get(identity, [])
        for number in range(max(len(olds), len(news))):
            if number >= len(news):
                found.append(Difference(cluster_key(olds[number]), "", "removed"))
            elif number >= len(olds):
                found.append(Difference(cluster_key(news[number]), "", "added"))
            else:
                found += _differences(
                    normalized(olds[number]), normalized(news[number]), cluster_key(news[number]), live=False
                )
    return found


def diff_live(bundle: Bundle, fetch: Callable[[Key], Mapping[str, Any] | None]) -> list[Difference]:
    """Compare what a cluster holds, as the old side, with a bundle; objects that the bundle does not name are not looked at.

    Fields that the server sets itself do not count, nor does one that the bundle leaves to the server's default and
    that has it. ``fetch`` gives an object as the server has it, or None.
    """
    found: list[Difference] = []
    for resource in bundle:
        key = cluster_key(resource)
        live = fetch(key)
        if live is None:
            found.append(Difference(key, "", "added"))
        else:
            old = without_server_fields(normalized(Unstructured(dict(live))))
            new = without_server_fields(normalized(resource))
            # The server may answer in another version of the API than was asked for.
            old |= {field: new[field] for field in ("apiVersion", "kind")}
            found += _differences(old, new, key, live=True)
    return found


def compare(old: Manifest, new: Manifest) -> Iterator[Difference]:
    """Compare two objects, be they called the same or not; what servers add does not count."""
    before, after = (without_server_fields(normalized(each)) for each in (old, new))
    return _differences(before, after, cluster_key(new), live=False)


def _by_identity(bundle: Bundle) -> dict[tuple[str, str, str, str], list[Manifest]]:
    found: dict[tuple[str, str, str, str], list[Manifest]] = {}
    for resource in bundle:
        key = cluster_key(resource)
        found.setdefault(key.identity, []).append(resource)
    return found


def cluster_key(resource: Manifest) -> Key:
    """Return the key that an object has in a cluster, where an absent namespace is ``default``."""
    key = resource.key
    scoped = is_namespaced(key.group, key.kind)
    if scoped is None:
        # Of a kind that is not known here, nobody knows whether it has namespaces.
        return key._replace(namespace="") if key.namespace == "default" else key
    return key._replace(namespace=(key.namespace or "default") if scoped else "")


def normalized(resource: Manifest) -> Content:
    """Return an object's content with one spelling for what means the same."""
    content: Content = without_nulls(resource.to_dict())
    namespace = cluster_key(resource).namespace
    metadata = {key: value for key, value in mapping(content.get("metadata")).items() if key != "namespace"}
    content["metadata"] = {**metadata, "namespace": namespace} if namespace else metadata
    if content.get("kind") == "Secret" and is_mapping(content.get("stringData")):
        plain = mapping(content.pop("stringData"))
        encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
        content["data"] = {**mapping(content.get("data")), **encoded}
    return mapping(_one_account(content))


def _one_account(value: Any) -> Any:
    if is_list(value):
        return [_one_account(item) for item in value]
    if not is_mapping(value):
        return value
    fields = {key: _one_account(item) for key, item in value.items()}
    if "containers" in fields and "serviceAccount" in fields:
        account = fields.pop("serviceAccount")
        fields.setdefault("serviceAccountName", account)
    return fields


def _differences(old: Content, new: Content, key: Key, *, live: bool) -> Iterator[Difference]:
    for path, change, before, after in _compare(_Side(old), _Side(new), live=live):
        if key.type == SECRET and _holds_secrets(path, before, after):
            yield Difference(key, pointer_of(path), change, HIDDEN, HIDDEN)
        else:
            yield Difference(key, pointer_of(path), change, before, after)


def _holds_secrets(path: Path, *values: Any) -> bool:
    return path[0] == "data" or LAST_APPLIED in path or any(LAST_APPLIED in mapping(value) for value in values)


def _compare(old: _Side, new: _Side, *, live: bool) -> Iterator[_Found]:
    if is_mapping(old.value) and is_mapping(new.value):
        for key in dict.fromkeys([*old.value, *new.value]):
            if key not in new.value:
                yield from _gone(old.below(key), live=live)
            elif key not in old.value:
                yield from _come(new.below(key), live=live)
            else:
                yield from _compare(old.below(key), new.below(key), live=live)
    elif is_list(old.value) and is_list(new.value):
        keys = _merge_keys(old, new)
        yield from (
            _compare_in_order(old, new, live=live) if keys is None else _compare_named(old, new, *keys, live=live)
        )
    elif not _same(old, new):
        yield _Found(new.path, "changed", old.value, new.value)


def _gone(old: _Side, *, live: bool) -> Iterator[_Found]:
    """Report what only the old side has; of a cluster, only what did not come from the server itself."""
    if not live:
        yield _Found(old.path, "removed", old.value, None)
    elif is_servers_own(old.path, old.value, old.around) or (is_list(old.value) and _all_servers_own(old)):
        return
    elif is_mapping(old.value) and not isinstance(old.path[-1], int):
        for key in old.value:
            yield from _gone(old.below(key), live=live)
    elif old.value not in ({}, []):
        yield _Found(old.path, "removed", old.value, None)


def _all_servers_own(old: _Side) -> bool:
    items = (old.below(number) for number in range(len(old.value)))
    return all(is_servers_own(item.path, item.value, item.around) for item in items)


def _come(new: _Side, *, live: bool) -> Iterator[_Found]:
    """Report what only the new side has; a server leaves out what is false, zero or empty."""
    if not live or new.value not in (False, 0, "", {}, []):
        yield _Found(new.path, "added", None, new.value)


def _same(old: _Side, new: _Side) -> bool:
    if isinstance(old.value, bool) or isinstance(new.value, bool):
        return old.value is new.value
    if old.value == new.value:
        return True
    if isinstance(old.value, (dict, list)) or isinstance(new.value, (dict, list)) or not _is_amount(new.path):
        return False
    texts = (str(old.value), str(new.value))
    return all(QUANTITY.matches(text) for text in texts) and quantity(texts[0]) == quantity(texts[1])


def _is_amount(path: Path) -> bool:
    return path[-1] in ("sizeLimit", "divisor") or (len(path) > 1 and path[-2] in _AMOUNTS)


def _merge_keys(old: _Side, new: _Side) -> tuple[list[str], list[str]] | None:
    """Return what to compare the items of two lists by, or None if they are to be compared in order."""
    for fields in _MERGE_KEYS.get(str(new.path[-1]) if new.path else "", ()):
        both = [[_name(item, fields) for item in side.value] for side in (old, new)]
        if all("" not in names and len(set(names)) == len(names) for names in both):
            return both[0], both[1]
    return None


def _name(item: Any, fields: Sequence[str]) -> str:
    """Return what names an item of a list; empty if nothing does."""
    if not is_mapping(item) or item.get(fields[0]) in (None, ""):
        return ""
    if fields == ("metadata",):
        return str(mapping(item["metadata"]).get("name") or "")
    return " ".join(str(item.get(field, _KEY_DEFAULTS.get(field, ""))) for field in fields)


def _compare_named(old: _Side, new: _Side, olds: list[str], news: list[str], *, live: bool) -> Iterator[_Found]:
    for number, name in enumerate(olds):
        if name in news:
            yield from _compare(old.below(number), new.below(news.index(name)), live=live)
        else:
            yield from _gone(old.below(number), live=live)
    for number, name in enumerate(news):
        if name not in olds:
            yield from _come(new.below(number), live=live)
    before, after = ([name for name in names if name in olds and name in news] for names in (olds, news))
    if new.path[-1] in _ORDER_MATTERS and before != after:
        yield _Found(new.path, "changed", before, after)


def _compare_in_order(old: _Side, new: _Side, *, live: bool) -> Iterator[_Found]:
    olds, news = ([json.dumps(item, sort_keys=True, default=str) for item in side.value] for side in (old, new))
    for _, first, last, start, end in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        both = min(last - first, end - start)
        for number in range(both):
            yield from _compare(old.below(first + number), new.below(start + number), live=live)
        for number in range(first + both, last):
            yield from _gone(old.below(number), live=live)
        for number in range(start + both, end):
            yield from _come(new.below(number), live=live)


def _text(value: Any) -> str:
    return value if value == HIDDEN else json.dumps(value, ensure_ascii=False, default=str)


def summary(differences: Sequence[Difference], objects: int) -> str:
    """Return in a line how much differs in how many of the objects."""
    if not differences:
        return f"no difference in {objects} {'object' if objects == 1 else 'objects'}"
    differing = len({difference.object for difference in differences})
    return f"{len(differences)} difference{'s' * (len(differences) > 1)} in {differing} object{'s' * (differing > 1)}"
