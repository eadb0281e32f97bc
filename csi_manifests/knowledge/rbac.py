"""What the sidecars ask of the API server, by release, as ``rbac.toml`` says; and how the server reads rules and roles."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from csi_manifests.knowledge import numbers

if TYPE_CHECKING:
    from csi_manifests.models.meta_v1 import LabelSelector
    from csi_manifests.models.rbac_v1 import ClusterRole, PolicyRule, Role

Version = tuple[int, int, int]
Where = Literal["everywhere", "lock", "secret", "any"]

_ON_ONE_OBJECT = frozenset({"get", "update", "patch", "delete"})


@dataclass(frozen=True)
class Need:
    """Verbs on a resource that a program uses, in some of its releases and on some conditions."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    when: str
    """What must be so for it to be needed; empty for always."""
    where: Where
    mild: bool
    """Whether the program works without it, or it is not sure that it asks for it."""
    first: tuple[int, ...]
    last: tuple[int, ...]

    def is_of(self, version: Version) -> bool:
        """Return whether a release of the program needs it."""
        return _within(version, self.first, self.last)

    @property
    def full_name(self) -> str:
        """The resource as kubectl takes it: ``volumesnapshots.snapshot.storage.k8s.io``."""
        name, slash, part = self.resource.partition("/")
        return f"{name}.{self.group}{slash}{part}" if self.group else self.resource


@dataclass(frozen=True)
class Program:
    """A program of kubernetes-csi and all that it needs in any of its releases."""

    needs: tuple[Need, ...]
    read: tuple[tuple[int, ...], tuple[int, ...]] | None
    """The first and last release whose source was read, if any was."""

    def is_read(self, version: Version) -> bool:
        """Return whether what a release needs is known from its source, not only from what upstream allows it."""
        return self.read is not None and _within(version, *self.read)

    def needs_of(self, version: Version) -> tuple[Need, ...]:
        """Return what a release needs, whatever the conditions."""
        return tuple(need for need in self.needs if need.is_of(version))


class Grant(NamedTuple):
    """A rule that an account has, from which role and where."""

    rule: PolicyRule
    namespace: str
    """The namespace in which it counts; empty for everywhere."""
    role: Role | ClusterRole | None
    """None for what the cluster itself defines."""


@dataclass(frozen=True)
class Rights:
    """What an account may do, as far as a bundle says."""

    grants: list[Grant] = field(default_factory=list[Grant])
    given: list[str] = field(default_factory=list[str])
    """Roles that bindings give to the account, or to accounts in general; what everybody has does not count."""
    unread: list[str] = field(default_factory=list[str])
    """Roles whose rules are not known."""
    aggregated: list[str] = field(default_factory=list[str])
    """Roles to which others may add."""

    @property
    def roles(self) -> list[tuple[Role | ClusterRole, str]]:
        """The roles it has, each with the namespace in which; those that the cluster itself defines left out."""
        return list({id(grant.role): (grant.role, grant.namespace) for grant in self.grants if grant.role}.values())

    @cached_property
    def _sweeping(self) -> list[Grant]:
        return [grant for grant in self.grants if any("*" in resource for resource in grant.rule.resources or ())]

    @cached_property
    def _by_resource(self) -> dict[str, list[Grant]]:
        found: dict[str, list[Grant]] = {}
        for grant in self.grants:
            for resource in grant.rule.resources or ():
                found.setdefault(resource, list(self._sweeping)).append(grant)
        return found

    def allow(self, group: str, resource: str, verb: str, namespaces: frozenset[str] | None) -> bool:
        """Return whether a verb is allowed in all of these namespaces, or with None in one at least; empty is everywhere."""
        places = {
            grant.namespace
            for grant in self._by_resource.get(resource, self._sweeping)
            if allows(grant.rule, group, resource, verb)
            and (not grant.rule.resource_names or namespaces != frozenset())
        }
        return bool(places) if namespaces is None else "" in places or (bool(namespaces) and namespaces <= places)


def allows(rule: PolicyRule, group: str, resource: str, verb: str) -> bool:
    """Return whether a rule allows a verb, as the authorizer reads it (``pkg/apis/rbac/v1/evaluation_helpers.go``).

    A rule for objects of some names counts where one object is asked for, as which ones will be is not known here.
    """
    if rule.resource_names and verb not in _ON_ONE_OBJECT:
        return False
    groups, resources = rule.api_groups or (), rule.resources or ()
    part = resource.partition("/")[2]
    return (
        (verb in rule.verbs or "*" in rule.verbs)
        and (group in groups or "*" in groups)
        and (resource in resources or "*" in resources or (bool(part) and f"*/{part}" in resources))
    )


def selects(selector: LabelSelector, labels: dict[str, str]) -> bool:
    """Return whether a selector takes an object with these labels; an empty one takes everything."""
    for key, value in (selector.match_labels or {}).items():
        if labels.get(key) != value:
            return False
    for term in selector.match_expressions or ():
        fits = term.key in labels and (
            term.operator.endswith(("Exists", "Exist")) or labels[term.key] in (term.values or ())
        )
        if fits is (term.operator in {"NotIn", "DoesNotExist"}):
            return False
    return True


@lru_cache
def program(name: str) -> Program | None:
    """Return what is known of a program by its upstream name."""
    table = _data().get(name)
    if table is None:
        return None
    read = table.get("read")
    return Program(
        tuple(_need(entry) for entry in table["rules"]),
        (numbers(read["from"]), numbers(read["to"])) if read else None,
    )


@lru_cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("rbac.toml").read_text(encoding="utf-8"))


def _need(entry: dict[str, Any]) -> Need:
    return Need(
        entry.get("group", ""),
        entry["resource"],
        tuple(entry["verbs"].split()),
        entry.get("when", ""),
        entry.get("where", "everywhere"),
        entry.get("mild", False),
        numbers(entry.get("from", "")),
        numbers(entry.get("to", "")),
    )


def _within(version: Version, first: tuple[int, ...], last: tuple[int, ...]) -> bool:
    return version >= first and (not last or version[: len(last)] <= last)
