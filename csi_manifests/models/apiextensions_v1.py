"""Kinds of one's own, as ``apiextensions.k8s.io/v1`` defines it from 1.16 on: each version says all of itself."""

from typing import ClassVar, Literal

from csi_manifests.models.apiextensions_v1beta1 import (
    CustomResourceDefinitionNames,
    CustomResourceDefinitionStatus,
    CustomResourceSubresources,
    CustomResourceValidation,
    WebhookClientConfig,
)
from csi_manifests.models.base import Model
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DnsLabel1035, DnsSubdomain, Int32, OrBlank


class CustomResourceColumnDefinition(Model):
    """A column of ``kubectl get``."""

    name: str
    type: Literal["integer", "number", "string", "boolean", "date"]
    format: OrBlank[Literal["int32", "int64", "float", "double", "byte", "date", "date-time", "password"]] = None
    description: str | None = None
    priority: Int32 | None = None
    """0 is always shown, more than 0 only with ``-o wide``."""
    json_path: str
    """Where the value is, such as ``.status.readyToUse``."""


class SelectableField(Model):
    """A field that ``kubectl get --field-selector`` can select by."""

    json_path: str
    """Where it is, such as ``.spec.driver``."""


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
    """Required. It must name each field with its type: what it does not name is dropped."""
    subresources: CustomResourceSubresources | None = None
    additional_printer_columns: list[CustomResourceColumnDefinition] | None = None
    selectable_fields: list[SelectableField] | None = None
    """On from 1.31."""


class WebhookConversion(Model):
    """The webhook that turns objects of one version into another."""

    client_config: WebhookClientConfig | None = None
    """Required."""
    conversion_review_versions: list[str]
    """The versions of ConversionReview that it reads, the best one first."""


class CustomResourceConversion(Model):
    """How objects get from one version to another; ``None`` changes the apiVersion and nothing else."""

    strategy: Literal["None", "Webhook"]
    webhook: WebhookConversion | None = None


class CustomResourceDefinitionSpec(Model):
    """The kind: its group, names, scope and versions."""

    group: DnsSubdomain
    """At least one dot; cannot be changed."""
    names: CustomResourceDefinitionNames
    scope: Literal["Cluster", "Namespaced"]
    """Whether each namespace has its own objects. Cannot be changed."""
    versions: list[CustomResourceDefinitionVersion]
    conversion: CustomResourceConversion | None = None
    preserve_unknown_fields: bool | None = None
    """Only ``false``: what a ``v1beta1`` definition may say otherwise."""


class CustomResourceDefinition(Resource):
    """A kind that is not built in. Its name must be the plural, a dot and the group."""

    API_VERSION: ClassVar[str] = "apiextensions.k8s.io/v1"

    spec: CustomResourceDefinitionSpec
    status: CustomResourceDefinitionStatus | None = None
