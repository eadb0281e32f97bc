"""Who may do what, as ``rbac.authorization.k8s.io/v1`` defines it."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import PATH_SEGMENT, Grammar, ListOrNull, NonEmpty, ObjectName


class PolicyRule(Model):
    """What may be done to which resources, or to which URLs, never both; rules only ever allow."""

    api_groups: list[str] | None = None
    """The core group is ``""``; ``*`` is every group. Must not be empty beside ``resources``."""
    resources: list[str] | None = None
    """Plural, in lower case: ``persistentvolumes``. A subresource is named after a slash: ``volumesnapshots/status``."""
    resource_names: list[str] | None = None
    """Only objects of these names. Never matches ``create``, where the name is not yet known to the authorizer."""
    non_resource_urls: list[str] | None = None
    """Paths such as ``/healthz`` or ``/metrics/*``; only in a ClusterRole."""
    verbs: list[str]
    """``get``, ``list``, ``watch``, ``create``, ``update``, ``patch``, ``delete`` ...; ``*`` is every verb."""


class Role(Resource):
    """Rights within its own namespace."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1"
    NAME: ClassVar[Grammar] = PATH_SEGMENT

    rules: ListOrNull[PolicyRule] = None


class AggregationRule(Model):
    """The ClusterRoles whose rules the server copies into this one."""

    cluster_role_selectors: list[LabelSelector] | None = None
    """A ClusterRole that any of them selects is taken."""


class ClusterRole(Resource):
    """Rights on cluster-scoped objects, on URLs, and in every namespace or in that of a RoleBinding."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1"
    NAME: ClassVar[Grammar] = PATH_SEGMENT

    aggregation_rule: AggregationRule | None = None
    """With it the server overwrites ``rules``."""
    rules: ListOrNull[PolicyRule] = None


class RoleRef(Model):
    """The role that a binding gives. It cannot be changed: delete the binding and create it anew."""

    kind: Literal["Role", "ClusterRole"]
    """A ClusterRoleBinding takes a ClusterRole only."""
    name: Annotated[ObjectName, Names(group="rbac.authorization.k8s.io")]
    api_group: Literal["rbac.authorization.k8s.io", ""] | None = None
    """Absent or empty means ``rbac.authorization.k8s.io``."""


class Subject(Model):
    """Someone who is given a role."""

    kind: Literal["ServiceAccount", "User", "Group"]
    name: Annotated[NonEmpty, Names()]
    namespace: str | None = None
    """Of the ServiceAccount. A ClusterRoleBinding must say it; in a RoleBinding absent means its own namespace."""
    api_group: Literal["rbac.authorization.k8s.io", ""] | None = None
    """Empty for a ServiceAccount, ``rbac.authorization.k8s.io`` for the others; absent means the right one."""


class RoleBinding(Resource):
    """Gives a role within its own namespace."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1"
    NAME: ClassVar[Grammar] = PATH_SEGMENT

    subjects: list[Subject] | None = None
    role_ref: RoleRef


class ClusterRoleBinding(Resource):
    """Gives a ClusterRole in the whole cluster."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1"
    NAME: ClassVar[Grammar] = PATH_SEGMENT

    subjects: list[Subject] | None = None
    role_ref: RoleRef
