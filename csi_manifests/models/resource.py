"""An object that an API server stores, and the key it is stored under."""

from typing import Any, ClassVar, NamedTuple, cast

from pydantic import field_validator, model_validator

from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.models.base import Model
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.scalars import DNS_SUBDOMAIN, Grammar, GrammarError


class Key(NamedTuple):
    """What makes an object one of its kind in a cluster; ``namespace`` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group, empty for the core group: two versions of one group hold the same objects."""
        return self.api_version.rpartition("/")[0]

    @property
    def type(self) -> tuple[str, str]:
        """The group and the kind, by which objects are told apart: a Namespace of another group is not a namespace."""
        return (self.group, self.kind)

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What two versions of one object share: group, kind, namespace and name."""
        return (self.group, self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        """Read as people say it: ``StatefulSet default/csi-hostpath-attacher``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Resource(Model):
    """An object that an API server stores. Every kind gives its ``API_VERSION`` and its ``metadata``."""

    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    NAMESPACED: ClassVar[bool] = True
    """Set from ``kinds.toml`` for the kinds that are known there."""
    NAME: ClassVar[Grammar] = DNS_SUBDOMAIN

    metadata: ObjectMeta

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls.KIND = cls.__name__
        namespaced = is_namespaced(getattr(cls, "API_VERSION", "").rpartition("/")[0], cls.KIND)
        cls.NAMESPACED = cls.NAMESPACED if namespaced is None else namespaced

    @model_validator(mode="before")
    @classmethod
    def _take_type(cls, data: Any) -> Any:
        """Accept ``apiVersion`` and ``kind``, which the class itself stands for, if they are its own."""
        if not isinstance(data, dict):
            return data
        fields = dict(cast("dict[str, Any]", data))
        for field, own in (("apiVersion", cls.API_VERSION), ("kind", cls.KIND)):
            if fields.pop(field, own) != own:
                raise GrammarError("CSI103", f"{data[field]!r} is not {own!r}", f"/{field}")
        return fields

    @field_validator("metadata")
    @classmethod
    def _check_name(cls, metadata: ObjectMeta) -> ObjectMeta:
        grammar, name, prefix = cls.NAME, metadata.name, metadata.generate_name
        if name and not grammar.matches(name):
            raise GrammarError(grammar.code, grammar.complaint(name), "/name")
        if prefix and not grammar.begins(prefix):
            raise GrammarError(grammar.code, grammar.complaint(prefix), "/generateName")
        return metadata

    @property
    def name(self) -> str:
        """The object's name; empty while the server is still to generate it."""
        return self.metadata.name or ""

    @property
    def namespace(self) -> str:
        """The object's namespace: ``default`` when a namespaced object does not say, empty for cluster-scoped kinds."""
        return (self.metadata.namespace or "default") if self.NAMESPACED else ""

    @property
    def key(self) -> Key:
        """What makes the object one of its kind in a cluster."""
        metadata = self.metadata
        namespace = (metadata.namespace or "default") if self.NAMESPACED else ""
        return Key(self.API_VERSION, self.KIND, namespace, metadata.name or "")

    def to_dict(self) -> dict[str, Any]:
        """Return the whole manifest, ``apiVersion`` and ``kind`` first."""
        return {"apiVersion": self.API_VERSION, "kind": self.KIND, **super().to_dict()}
