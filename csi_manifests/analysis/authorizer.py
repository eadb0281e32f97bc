"""What accounts may do, as the API server's RBAC authorizer reads rules and roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from csi_manifests.models.meta_v1 import LabelSelector
    from csi_manifests.models.rbac_v1 import ClusterRole, PolicyRule, Role

_ON_ONE_OBJECT = frozenset({"get", "update", "patch", "delete"})


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
