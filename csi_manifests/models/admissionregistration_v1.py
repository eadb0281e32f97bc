"""Who is asked before an object is stored, as ``admissionregistration.k8s.io/v1`` defines it from 1.16 on."""

from typing import Annotated, ClassVar, Literal

from csi_manifests.models.base import Model, Names
from csi_manifests.models.meta_v1 import LabelSelector
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Base64, DnsSubdomain, Int32, NonEmpty


class ServiceReference(Model):
    """The Service of a webhook."""

    namespace: NonEmpty
    name: Annotated[NonEmpty, Names("Service", required=False)]
    path: str | None = None
    port: Int32 | None = None
    """Absent means 443."""


class WebhookClientConfig(Model):
    """How the server reaches a webhook: by URL or by Service, never both."""

    url: str | None = None
    service: ServiceReference | None = None
    ca_bundle: Base64 | None = None
    """The certificates that the webhook's own must come from, in PEM; absent means the system's."""


class RuleWithOperations(Model):
    """Requests that a webhook is asked about."""

    operations: list[Literal["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]] | None = None
    api_groups: list[str] | None = None
    """The core group is ``""``; ``*`` is every group."""
    api_versions: list[str] | None = None
    """``*`` is every version."""
    resources: list[str] | None = None
    """Plural, in lower case; ``*`` is every resource, ``*/*`` with all subresources."""
    scope: Literal["Cluster", "Namespaced", "*"] | None = None
    """Absent means ``*``, both."""


class MatchCondition(Model):
    """What must be true of a request besides, as an expression of CEL."""

    name: NonEmpty
    expression: NonEmpty


class ValidatingWebhook(Model):
    """A webhook that may refuse requests."""

    name: DnsSubdomain
    """At least two dots, such as ``snapshots.example.com``; unique in the configuration."""
    client_config: WebhookClientConfig
    rules: list[RuleWithOperations] | None = None
    """Absent means that it is never asked."""
    failure_policy: Literal["Fail", "Ignore"] | None = None
    """What becomes of a request if it does not answer; absent means ``Fail``: refused."""
    match_policy: Literal["Exact", "Equivalent"] | None = None
    """Whether a request in another version than the rules name counts; absent means ``Equivalent``: it does."""
    namespace_selector: LabelSelector | None = None
    """The namespaces whose objects it is asked about; absent means all."""
    object_selector: LabelSelector | None = None
    """The objects it is asked about; absent means all."""
    side_effects: Literal["None", "NoneOnDryRun"]
    """Whether asking it changes something else."""
    timeout_seconds: Int32 | None = None
    """Seconds until no answer counts as a failure, 1 to 30; absent means 10."""
    admission_review_versions: list[str]
    """The versions of AdmissionReview that it reads, the best one first."""
    match_conditions: list[MatchCondition] | None = None
    """All must be true for it to be asked. On from 1.28."""


class ValidatingWebhookConfiguration(Resource):
    """Webhooks that may refuse what is to be stored, such as that of external-snapshotter 3 to 8.1."""

    API_VERSION: ClassVar[str] = "admissionregistration.k8s.io/v1"

    webhooks: list[ValidatingWebhook] | None = None
