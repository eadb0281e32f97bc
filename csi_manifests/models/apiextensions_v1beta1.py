"""Kinds of one's own, as ``apiextensions.k8s.io/v1beta1`` defines it until 1.21."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, JsonValue

from csi_manifests.models.base import Model
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import (
    DNS_LABEL_1035,
    RESOURCE_KIND,
    Base64,
    DnsLabel1035,
    DnsSubdomain,
    Int32,
    Int64,
    ListOrNull,
    NonEmpty,
    Number,
    OrBlank,
    Time,
)

# Empty in the status that code generators write.
_Plural = Annotated[str, AfterValidator(DNS_LABEL_1035.or_empty)]
_Kind = Annotated[str, AfterValidator(RESOURCE_KIND.or_empty)]


class ExternalDocumentation(Model):
    """Where to read more about a schema."""

    description: str | None = None
    url: str | None = None


class ValidationRule(Model):
    """What must be true of a value, as an expression of CEL; only in ``apiextensions.k8s.io/v1``."""

    rule: str
    """``self`` is the value, ``oldSelf`` what it was."""
    message: str | None = None
    """What to say if it is not true."""
    message_expression: str | None = None
    """The same, as an expression that gives a text; it counts for more."""
    reason: str | None = None
    """``FieldValueInvalid``, ``FieldValueForbidden``, ``FieldValueRequired`` or ``FieldValueDuplicate``."""
    field_path: str | None = None
    """The field below that is blamed, such as ``.spec.size``."""
    optional_old_self: bool | None = None
    """Whether the rule is used on a new object as well, where there is no ``oldSelf``."""


class JSONSchemaProps(Model):
    """The schema of a value: JSON Schema draft 4 as OpenAPI 3.0 has it.

    It can say more than a definition may: Kubernetes refuses ``$ref``, ``id``, ``definitions``, ``dependencies``,
    ``patternProperties``, ``additionalItems``, a list of ``items``, ``uniqueItems: true`` and, before 1.15, ``default``.
    """

    id: str | None = None
    schema_uri: str | None = None
    """The dialect, ``$schema``."""
    ref: str | None = None
    """Another schema, ``$ref``."""
    title: str | None = None
    description: str | None = None
    type: str | None = None
    format: str | None = None
    default: JsonValue = None
    example: JsonValue = None
    enum: list[JsonValue] | None = None
    properties: "dict[str, JSONSchemaProps] | None" = None
    required: list[str] | None = None
    additional_properties: "JSONSchemaProps | bool | None" = None
    pattern_properties: "dict[str, JSONSchemaProps] | None" = None
    min_properties: Int64 | None = None
    max_properties: Int64 | None = None
    dependencies: "dict[str, JSONSchemaProps | list[str]] | None" = None
    items: "JSONSchemaProps | list[JSONSchemaProps] | None" = None
    """The schema of every item, or a list with one for each position."""
    additional_items: "JSONSchemaProps | bool | None" = None
    min_items: Int64 | None = None
    max_items: Int64 | None = None
    unique_items: bool | None = None
    pattern: str | None = None
    """A regular expression of Go, found anywhere in the text unless it is anchored."""
    min_length: Int64 | None = None
    max_length: Int64 | None = None
    minimum: Number | None = None
    exclusive_minimum: bool | None = None
    maximum: Number | None = None
    exclusive_maximum: bool | None = None
    multiple_of: Number | None = None
    all_of: "list[JSONSchemaProps] | None" = None
    any_of: "list[JSONSchemaProps] | None" = None
    one_of: "list[JSONSchemaProps] | None" = None
    not_: "JSONSchemaProps | None" = None
    definitions: "dict[str, JSONSchemaProps] | None" = None
    external_docs: ExternalDocumentation | None = None
    nullable: bool | None = None
    """Whether the value may be null."""
    x_kubernetes_preserve_unknown_fields: bool | None = None
    """Whether fields that the schema does not name are kept; else they are dropped."""
    x_kubernetes_embedded_resource: bool | None = None
    """Whether the value is an object with ``apiVersion``, ``kind`` and ``metadata``."""
    x_kubernetes_int_or_string: bool | None = None
    """Whether the value is an integer or a text."""
    x_kubernetes_list_map_keys: list[str] | None = None
    """The fields that tell the entries of a list apart, if its type is ``map``."""
    x_kubernetes_list_type: str | None = None
    """How lists are merged: as a whole (``atomic``), as a ``set``, or entry by entry (``map``)."""
    x_kubernetes_map_type: str | None = None
    """How mappings are merged: as a whole (``atomic``), or field by field (``granular``)."""
    x_kubernetes_validations: list[ValidationRule] | None = None
    """On from 1.25."""


class CustomResourceValidation(Model):
    """What objects of the kind must look like; an object that differs is refused with 422."""

    open_api_v3_schema: JSONSchemaProps | None = None
    """Fields it does not name are kept or dropped, not refused: see ``preserve_unknown_fields`` of the definition."""


class CustomResourceSubresourceStatus(Model):
    """Gives the kind a ``/status`` of its own, with rights of its own; says nothing more."""


class CustomResourceSubresourceScale(Model):
    """Gives the kind a ``/scale``; each path is one of dots, such as ``.spec.replicas``."""

    spec_replicas_path: str
    status_replicas_path: str
    label_selector_path: str | None = None


class CustomResourceSubresources(Model):
    """The endpoints below each object of the kind."""

    status: CustomResourceSubresourceStatus | None = None
    """With it a write to the object leaves the status as it is, and a write to ``/status`` the rest."""
    scale: CustomResourceSubresourceScale | None = None


class CustomResourceColumnDefinition(Model):
    """A column of ``kubectl get``."""

    name: str
    type: Literal["integer", "number", "string", "boolean", "date"]
    format: OrBlank[Literal["int32", "int64", "float", "double", "byte", "date", "date-time", "password"]] = None
    description: str | None = None
    priority: Int32 | None = None
    """0 is always shown, more than 0 only with ``-o wide``."""
    jsonpath: str
    """Where the value is, such as ``.status.readyToUse``."""


class CustomResourceDefinitionNames(Model):
    """What the kind is called, in code, in URLs and by people."""

    plural: _Plural
    """In the URL, in RBAC rules, and before the group in the definition's own name."""
    singular: OrBlank[DnsLabel1035] = None
    """Absent means the kind in lower case."""
    short_names: list[DnsLabel1035] | None = None
    """For ``kubectl get``: ``vs``."""
    kind: _Kind
    list_kind: OrBlank[_Kind] = None
    """Absent means the kind followed by ``List``."""
    categories: list[DnsLabel1035] | None = None
    """Groups for ``kubectl get``: ``all``."""


class CustomResourceDefinitionVersion(Model):
    """One version of the kind."""

    name: DnsLabel1035
    served: bool
    storage: bool
    """Whether objects are stored in this version; exactly one version says yes."""
    deprecated: bool | None = None
    """Whether kubectl warns of it."""
    deprecation_warning: str | None = None
    """The warning; absent gives a general one."""
    schema_: CustomResourceValidation | None = None
    """Only where the versions differ; else ``validation`` says it for all. So with the next two."""
    subresources: CustomResourceSubresources | None = None
    additional_printer_columns: list[CustomResourceColumnDefinition] | None = None


class ServiceReference(Model):
    """The Service of a webhook."""

    namespace: NonEmpty
    name: NonEmpty
    path: str | None = None
    port: Int32 | None = None
    """Absent means 443."""


class WebhookClientConfig(Model):
    """How the server reaches a webhook: by URL or by Service, never both."""

    url: str | None = None
    service: ServiceReference | None = None
    ca_bundle: Base64 | None = None


class CustomResourceConversion(Model):
    """How objects get from one version to another; ``None`` changes the apiVersion and nothing else."""

    strategy: Literal["None", "Webhook"]
    webhook_client_config: WebhookClientConfig | None = None
    conversion_review_versions: list[str] | None = None
    """The versions of ConversionReview that the webhook reads, the best one first; from 1.14."""


class CustomResourceDefinitionSpec(Model):
    """The kind: its group, names, scope and versions."""

    group: DnsSubdomain
    """At least one dot; cannot be changed."""
    version: OrBlank[DnsLabel1035] = None
    """The only version, or the same as the first of ``versions``."""
    names: CustomResourceDefinitionNames
    scope: Literal["Cluster", "Namespaced", ""]
    """Whether each namespace has its own objects; empty means ``Namespaced``. Cannot be changed."""
    validation: CustomResourceValidation | None = None
    subresources: CustomResourceSubresources | None = None
    versions: list[CustomResourceDefinitionVersion] | None = None
    additional_printer_columns: list[CustomResourceColumnDefinition] | None = None
    conversion: CustomResourceConversion | None = None
    preserve_unknown_fields: bool | None = None
    """Whether fields that no schema names are kept; absent means yes. From 1.15."""


class CustomResourceDefinitionCondition(Model):
    """One aspect of how a definition fares; ``Established`` is true once its kind is served."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None
    observed_generation: Int64 | None = None
    """The generation that it is about."""


class CustomResourceDefinitionStatus(Model):
    """How far the server has come with a definition."""

    observed_generation: Int64 | None = None
    """The generation that all this is about."""
    accepted_names: CustomResourceDefinitionNames | None = None
    conditions: ListOrNull[CustomResourceDefinitionCondition] = None
    stored_versions: ListOrNull[str] = None
    """Versions in which objects may still be stored; they cannot be taken out of the spec."""


class CustomResourceDefinition(Resource):
    """A kind that is not built in. Its name must be the plural, a dot and the group."""

    API_VERSION: ClassVar[str] = "apiextensions.k8s.io/v1beta1"

    spec: CustomResourceDefinitionSpec
    status: CustomResourceDefinitionStatus | None = None
