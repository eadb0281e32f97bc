"""What every object and many lists and selectors are made of, as ``meta/v1`` defines it."""

from typing import Literal

from pydantic import JsonValue

from csi_manifests.models.base import Model
from csi_manifests.models.scalars import (
    Annotations,
    DnsLabel,
    Int32,
    Int64,
    Labels,
    NamePrefix,
    NonEmpty,
    ObjectName,
    OrBlank,
    QualifiedName,
    Time,
)


class ListMeta(Model):
    """What a list says of itself instead of ObjectMeta."""

    self_link: str | None = None
    resource_version: str | None = None
    continue_: str | None = None
    """A token that asks the server for the next part of a long list."""
    remaining_item_count: Int64 | None = None
    """How many objects are still to come."""


class StatusCause(Model):
    """One field that made a request fail."""

    field: str | None = None
    reason: str | None = None
    message: str | None = None


class StatusDetails(Model):
    """Which object a failed request was about, and when to try again."""

    name: str | None = None
    group: str | None = None
    kind: str | None = None
    uid: str | None = None
    causes: list[StatusCause] | None = None
    retry_after_seconds: Int32 | None = None


class Status(Model):
    """The server's answer where it has no object to give; in manifests only as the result of an initializer."""

    api_version: str | None = None
    kind: str | None = None
    metadata: ListMeta | None = None
    status: str | None = None
    message: str | None = None
    reason: str | None = None
    details: StatusDetails | None = None
    code: Int32 | None = None


class Initializer(Model):
    """A controller that has yet to act on a new object."""

    name: str


class Initializers(Model):
    """The controllers a new object still waits for, hidden until the last is done; an alpha that 1.16 dropped."""

    pending: list[Initializer]
    result: Status | None = None


class OwnerReference(Model):
    """The object whose deletion takes this one along; in the same namespace or without one."""

    api_version: NonEmpty
    kind: NonEmpty
    name: NonEmpty
    uid: NonEmpty
    """Known only once the owner exists, so no manifest written by hand can say it."""
    controller: bool | None = None
    """Whether the owner manages this object; at most one owner does."""
    block_owner_deletion: bool | None = None


class ManagedFieldsEntry(Model):
    """Which fields one program set; no server takes it from a manifest."""

    manager: str | None = None
    """The program, such as ``kubectl-client-side-apply``."""
    operation: str | None = None
    """``Apply`` or ``Update``."""
    api_version: str | None = None
    """The version in which the fields are named."""
    time: Time | None = None
    """When the program last changed one of them."""
    fields: dict[str, JsonValue] | None = None
    """The set of fields as 1.14 and 1.15 write it."""
    fields_type: str | None = None
    """``FieldsV1``."""
    fields_v1: dict[str, JsonValue] | None = None
    """The set of fields: ``f:NAME`` is a field, ``k:KEYS`` an entry of a list."""
    subresource: str | None = None
    """Through which subresource it was written, such as ``status``."""


class ObjectMeta(Model):
    """Who an object is, and what is said about it; from ``uid`` on the server fills it in."""

    name: ObjectName | None = None
    """Unique within kind and namespace, and never changed. The kind decides which characters it may have."""
    generate_name: NamePrefix | None = None
    """The beginning of a name that the server completes; for ``kubectl create`` only, ``apply`` refuses it."""
    namespace: OrBlank[DnsLabel] = None
    """Absent means the namespace of the request, as a rule ``default``. Cluster-scoped kinds have none."""
    labels: Labels | None = None
    """What selectors select by."""
    annotations: Annotations | None = None
    """Notes for tools, such as ``storageclass.kubernetes.io/is-default-class: "true"``; all are strings."""
    finalizers: list[QualifiedName] | None = None
    """What must be done before a deleted object goes; each entry stays until its controller takes it off."""
    owner_references: list[OwnerReference] | None = None
    initializers: Initializers | None = None
    cluster_name: str | None = None
    """Ignored by the server."""
    uid: str | None = None
    """Tells this object from an earlier one of the same name."""
    resource_version: str | None = None
    """Changes with every write. In a manifest it makes the server refuse the write once the object has changed."""
    generation: Int64 | None = None
    """Counts the changes of the spec."""
    self_link: str | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    """Set while the object waits for its finalizers."""
    deletion_grace_period_seconds: Int64 | None = None
    managed_fields: list[ManagedFieldsEntry] | None = None
    """Which program set which field; from 1.18 every server writes it."""


class LabelSelectorRequirement(Model):
    """A condition on one label; ``In`` and ``NotIn`` need values, ``Exists`` and ``DoesNotExist`` refuse them."""

    key: QualifiedName
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] | None = None


class LabelSelector(Model):
    """Objects by their labels: all conditions must hold, an empty selector selects everything."""

    match_labels: Labels | None = None
    match_expressions: list[LabelSelectorRequirement] | None = None


class Condition(Model):
    """One yes or no about an object, as newer kinds report it."""

    type: str
    status: str
    """``True``, ``False`` or ``Unknown``, as a text."""
    observed_generation: Int64 | None = None
    """The generation that it is about; one that is behind says nothing of the latest change."""
    last_transition_time: Time
    reason: str
    """One word."""
    message: str
