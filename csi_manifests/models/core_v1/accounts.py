"""Who pods are to the API server, and the namespaces everything lives in."""

from typing import ClassVar

from csi_manifests.models.base import Model
from csi_manifests.models.core_v1.references import LocalObjectReference, ObjectReference
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DNS_LABEL, Grammar, Time


class ServiceAccount(Resource):
    """Who a pod is to the API server; what it may do there is said by roles and their bindings."""

    API_VERSION: ClassVar[str] = "v1"

    secrets: list[ObjectReference] | None = None
    """The Secrets of its token, which the cluster makes and adds by itself."""
    image_pull_secrets: list[LocalObjectReference] | None = None
    """Secrets with registry credentials, given to every pod of this account that names none itself."""
    automount_service_account_token: bool | None = None
    """Whether its pods find the token as a file; absent means yes. A pod's own word counts for more."""


class NamespaceSpec(Model):
    """What is still to be cleared away before the namespace is gone."""

    finalizers: list[str] | None = None
    """The server puts ``kubernetes`` here: the objects inside."""


class NamespaceCondition(Model):
    """What keeps a namespace from going away."""

    type: str
    status: str
    last_transition_time: Time | None = None
    reason: str | None = None
    message: str | None = None


class NamespaceStatus(Model):
    """Whether the namespace is in use or on its way out."""

    phase: str | None = None
    """``Active`` or ``Terminating``."""
    conditions: list[NamespaceCondition] | None = None


class Namespace(Resource):
    """A room for names; deleting it deletes all that is inside."""

    API_VERSION: ClassVar[str] = "v1"
    NAME: ClassVar[Grammar] = DNS_LABEL

    spec: NamespaceSpec | None = None
    status: NamespaceStatus | None = None
