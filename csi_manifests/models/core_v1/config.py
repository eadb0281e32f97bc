"""Data that pods read: plain and secret."""

from typing import ClassVar

from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import Base64, ConfigKey


class ConfigMap(Resource):
    """Settings for pods, at most 1 MiB in all."""

    API_VERSION: ClassVar[str] = "v1"

    data: dict[ConfigKey, str] | None = None
    """Texts by key. Quote numbers and booleans; a mount makes each key a file."""
    binary_data: dict[ConfigKey, Base64] | None = None
    """Bytes by key, as base64. No key may be in both."""
    immutable: bool | None = None
    """Whether the server refuses every later change of the data; then only deleting helps. From 1.19."""


class Secret(Resource):
    """Credentials for pods and drivers, at most 1 MiB in all; encoded, not encrypted."""

    API_VERSION: ClassVar[str] = "v1"

    type: str | None = None
    """What the keys mean, such as ``kubernetes.io/dockerconfigjson``; absent means ``Opaque``. It cannot be changed."""
    data: dict[ConfigKey, Base64] | None = None
    """Bytes by key, as base64: the text ``admin`` is ``YWRtaW4=``."""
    string_data: dict[ConfigKey, str] | None = None
    """Plain texts by key. The server moves them into ``data``, over what is there, and never gives them back."""
    immutable: bool | None = None
    """Whether the server refuses every later change of the data; then only deleting helps. From 1.19."""
