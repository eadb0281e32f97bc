"""What every model has in common: strictness, wire names and the way to a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from pydantic import ConfigDict

from csi_manifests.models.checked import Checked

# Python names whose wire name is not their plain camelCase. The parity test keeps this table right and complete.
_IRREGULAR = {
    "client_ip": "clientIP",
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "container_id": "containerID",
    "dataset_uuid": "datasetUUID",
    "disk_uri": "diskURI",
    "downward_api": "downwardAPI",
    "external_ips": "externalIPs",
    "host_ip": "hostIP",
    "host_ips": "hostIPs",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "image_id": "imageID",
    "jsonpath": "JSONPath",
    "load_balancer_ip": "loadBalancerIP",
    "node_id": "nodeID",
    "non_resource_urls": "nonResourceURLs",
    "open_api_v3_schema": "openAPIV3Schema",
    "pd_id": "pdID",
    "pod_ip": "podIP",
    "pod_ips": "podIPs",
    "ref": "$ref",
    "resource_id": "resourceID",
    "schema_uri": "$schema",
    "set_hostname_as_fqdn": "setHostnameAsFQDN",
    "storage_policy_id": "storagePolicyID",
    "target_wwns": "targetWWNs",
    "volume_id": "volumeID",
}


def wire_name(field: str) -> str:
    """Return the name a field has in a manifest: ``image_pull_policy`` is ``imagePullPolicy``."""
    irregular = _IRREGULAR.get(field)
    if irregular is not None:
        return irregular
    if field.startswith("x_"):  # an extension of OpenAPI: x-kubernetes-int-or-string
        return field.replace("_", "-")
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class Names:
    """Marks a field that holds the name of another object.

    ``kind`` and ``group`` say what is named; without a kind, the fields ``kind`` and ``api_group`` beside it do. The
    object is in the namespace that a field ``namespace`` beside it gives, or else in that of the object that names it.
    ``required`` is false where the object may well live outside any bundle, as pull secrets do.
    """

    kind: str = ""
    group: str = ""
    required: bool = True


class Model(Checked):
    """A value inside a manifest: wire names outside, snake_case inside, nothing unknown, nothing converted."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        strict=True,
        validate_assignment=True,
        defer_build=True,
    )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build from a manifest's own words: wire names only.

        Raises:
            ModelError: with the wire path of every wrong value.

        """
        return cls.model_validate(data, by_alias=True, by_name=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest: wire names in field order, absent values left out, empty ones kept."""
        return self.model_dump(by_alias=True, exclude_none=True)
