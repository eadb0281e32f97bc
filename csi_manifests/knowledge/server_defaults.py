"""What an API server puts into an object that was created without it: defaults, and values of its own.

Sources: ``pkg/apis/*/v1/defaults.go`` and the admission plugins that are on by default, at v1.13.0 and v1.20.2.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from csi_manifests.knowledge.well_known import LAST_APPLIED, RBAC_GROUP
from csi_manifests.text.plain_data import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from csi_manifests.text.pointers import Path

Around = tuple[Any, ...]

_SERVICE_ACCOUNT_MOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_VOLUME: Final = re.compile(r".*-token-[a-z0-9]{5}|kube-api-access-[a-z0-9]{5}")
_LATEST: Final = re.compile(r"(?:.*/)?[^/:@]+(?::latest)?")

# Finalizers and ownerReferences are not among them: controllers add them, but so may whoever writes a manifest, and what
# somebody wrote is compared. Where only the cluster has them, ASSIGNED excuses them.
SERVER_FIELDS: Final = {
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "selfLink", "uid",
}  # fmt: skip
"""Fields of ``metadata`` that only the server writes."""

SERVER_ANNOTATIONS: Final = (
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    LAST_APPLIED,
    "pv.kubernetes.io/",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
)
"""How the keys of annotations begin that kubectl and controllers write."""

# By the end of the path, positions in lists as *; a path that begins with a kind is the whole one.
DEFAULTS: Final[dict[str, Any]] = {
    "containers/*/terminationMessagePath": "/dev/termination-log",
    "containers/*/terminationMessagePolicy": "File",
    "initContainers/*/terminationMessagePath": "/dev/termination-log",
    "initContainers/*/terminationMessagePolicy": "File",
    "ports/*/protocol": "TCP",
    "env/*/valueFrom/fieldRef/apiVersion": "v1",
    "env/*/valueFrom/resourceFieldRef/divisor": "0",
    "items/*/fieldRef/apiVersion": "v1",
    "items/*/resourceFieldRef/divisor": "0",
    **{
        f"{probe}/{field}": value
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        for field, value in {
            "timeoutSeconds": 1,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        }.items()
    },
    "httpGet/path": "/",
    "httpGet/scheme": "HTTP",
    "spec/dnsPolicy": "ClusterFirst",
    "spec/restartPolicy": "Always",
    "spec/schedulerName": "default-scheduler",
    "spec/terminationGracePeriodSeconds": 30,
    "Pod/spec/enableServiceLinks": True,
    "Pod/spec/preemptionPolicy": "PreemptLowerPriority",
    "Pod/spec/priority": 0,
    "Pod/spec/serviceAccountName": "default",
    "volumes/*/hostPath/type": "",
    "volumes/*/configMap/defaultMode": 420,
    "volumes/*/downwardAPI/defaultMode": 420,
    "volumes/*/projected/defaultMode": 420,
    "volumes/*/secret/defaultMode": 420,
    "sources/*/serviceAccountToken/expirationSeconds": 3600,
    "Service/spec/externalTrafficPolicy": "Cluster",
    "Service/spec/internalTrafficPolicy": "Cluster",
    "Service/spec/ipFamilyPolicy": "SingleStack",
    "Service/spec/sessionAffinity": "None",
    "Service/spec/sessionAffinityConfig/clientIP/timeoutSeconds": 10800,
    "Service/spec/type": "ClusterIP",
    "StatefulSet/spec/persistentVolumeClaimRetentionPolicy/whenDeleted": "Retain",
    "StatefulSet/spec/persistentVolumeClaimRetentionPolicy/whenScaled": "Retain",
    "StatefulSet/spec/podManagementPolicy": "OrderedReady",
    "StatefulSet/spec/replicas": 1,
    "StatefulSet/spec/revisionHistoryLimit": 10,
    "StatefulSet/spec/updateStrategy/rollingUpdate/partition": 0,
    "StatefulSet/spec/updateStrategy/type": "RollingUpdate",
    "volumeClaimTemplates/*/apiVersion": "v1",
    "volumeClaimTemplates/*/kind": "PersistentVolumeClaim",
    "volumeClaimTemplates/*/spec/volumeMode": "Filesystem",
    "volumeClaimTemplates/*/status/phase": "Pending",
    "DaemonSet/spec/revisionHistoryLimit": 10,
    "DaemonSet/spec/updateStrategy/rollingUpdate/maxSurge": 0,
    "DaemonSet/spec/updateStrategy/rollingUpdate/maxUnavailable": 1,
    "DaemonSet/spec/updateStrategy/type": "RollingUpdate",
    "Deployment/spec/progressDeadlineSeconds": 600,
    "Deployment/spec/replicas": 1,
    "Deployment/spec/revisionHistoryLimit": 10,
    "Deployment/spec/strategy/rollingUpdate/maxSurge": "25%",
    "Deployment/spec/strategy/rollingUpdate/maxUnavailable": "25%",
    "Deployment/spec/strategy/type": "RollingUpdate",
    "PersistentVolumeClaim/spec/volumeMode": "Filesystem",
    "PersistentVolume/spec/persistentVolumeReclaimPolicy": "Retain",
    "PersistentVolume/spec/volumeMode": "Filesystem",
    "PersistentVolume/spec/hostPath/type": "",
    "Secret/type": "Opaque",
    "StorageClass/reclaimPolicy": "Delete",
    "StorageClass/volumeBindingMode": "Immediate",
    "RoleBinding/roleRef/apiGroup": RBAC_GROUP,
    "ClusterRoleBinding/roleRef/apiGroup": RBAC_GROUP,
    "CustomResourceDefinition/spec/conversion/strategy": "None",
    "CustomResourceDefinition/spec/preserveUnknownFields": True,
    "CustomResourceDefinition/spec/scope": "Namespaced",
}

# Values that the server or a controller chooses, whatever they are.
ASSIGNED: Final = {
    "Namespace/spec/finalizers",
    "PersistentVolume/spec/claimRef",
    "PersistentVolumeClaim/spec/storageClassName",
    "PersistentVolumeClaim/spec/volumeName",
    "Pod/spec/nodeName",
    "Service/spec/clusterIP",
    "Service/spec/clusterIPs",
    "Service/spec/ipFamilies",
    "Service/spec/ports/*/nodePort",
    "ServiceAccount/secrets",
    "VolumeSnapshot/spec/snapshotClassName",
    "VolumeSnapshot/spec/snapshotContentName",
    "metadata/finalizers",
    "metadata/ownerReferences",
    "metadata/labels/kubernetes.io~1metadata.name",
}


def without_server_fields(content: dict[str, Any]) -> dict[str, Any]:
    """Return an object without its status and what only the server writes into its metadata."""
    kept = deepcopy({key: value for key, value in content.items() if key != "status"})
    metadata = {key: value for key, value in mapping(kept.get("metadata")).items() if key not in SERVER_FIELDS}
    said = mapping(metadata.get("annotations"))
    annotations = {key: value for key, value in said.items() if not key.startswith(SERVER_ANNOTATIONS)}
    metadata.pop("annotations", None)
    return {**kept, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}


def is_servers_own(path: Path, value: Any, around: Around) -> bool:
    """Return whether the server puts this value here by itself; ``around`` is what holds it, the whole object first."""
    steps = ["*" if isinstance(step, int) else step.replace("/", "~1") for step in path]
    whole = [str(around[0].get("kind")), *steps]
    for start in range(len(whole)):
        pattern = "/".join(whole[start:])
        if pattern in ASSIGNED:
            return True
        if pattern in DEFAULTS and type(DEFAULTS[pattern]) is type(value) and DEFAULTS[pattern] == value:
            return True
        if pattern in _COMPUTED and _COMPUTED[pattern](value, around):
            return True
    return False


def _is_pull_policy(value: Any, around: Around) -> bool:
    image = str(around[-1].get("image") or "")
    return bool(value == ("Always" if _LATEST.fullmatch(image) else "IfNotPresent"))


def _is_subject_group(value: Any, around: Around) -> bool:
    return bool(value == ("" if around[-1].get("kind") == "ServiceAccount" else RBAC_GROUP))


def _is_not_ready_toleration(value: Any, around: Around) -> bool:
    taints = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
    wanted = ({"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300} for taint in taints)
    return around[0].get("kind") == "Pod" and value in wanted


def _are_versions(value: Any, around: Around) -> bool:
    return bool(value == [{"name": around[-1].get("version"), "served": True, "storage": True}])


def _is_request(value: Any, around: Around) -> bool:
    """A Pod, though not the template of one, asks for what it is limited to."""
    return around[0].get("kind") == "Pod" and mapping(value).items() <= mapping(around[-1].get("limits")).items()


_COMPUTED: Final[dict[str, Callable[[Any, Around], bool]]] = {
    "containers/*/imagePullPolicy": _is_pull_policy,
    "initContainers/*/imagePullPolicy": _is_pull_policy,
    "containers/*/resources/requests": _is_request,
    "containers/*/ports/*/hostPort": lambda value, around: bool(value == around[-1].get("containerPort")),
    "Service/spec/ports/*/targetPort": lambda value, around: bool(value == around[-1].get("port")),
    "subjects/*/apiGroup": _is_subject_group,
    "tolerations/*": _is_not_ready_toleration,
    "volumes/*": lambda value, around: (
        around[0].get("kind") == "Pod" and bool(_TOKEN_VOLUME.fullmatch(str(value.get("name"))))
    ),
    "volumeMounts/*": lambda value, _: value.get("mountPath") == _SERVICE_ACCOUNT_MOUNT,
    "names/listKind": lambda value, around: bool(value == f"{around[-1].get('kind')}List"),
    "names/singular": lambda value, around: bool(value == str(around[-1].get("kind")).lower()),
    "CustomResourceDefinition/spec/version": lambda value, around: bool(value == around[-1]["versions"][0]["name"]),
    "CustomResourceDefinition/spec/versions": _are_versions,
}
