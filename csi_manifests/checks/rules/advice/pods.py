"""Advice for pods with programs of kubernetes-csi: privileges, the network, resources, priorities, images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.pods import PodView, pod_of
from csi_manifests.analysis.programs import CONTROLLERS, REGISTRARS, Sidecar, sidecars_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apps_v1 import DaemonSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.models.core_v1 import Container

_INDOORS = CONTROLLERS | {"livenessprobe"}


@rule(
    "CSI505",
    "needless-privileges",
    "a sidecar is privileged only where it must be",
    Sidecar,
    severity="info",
    fix="Leave privileged out.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
-         securityContext: {privileged: true}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def sidecar_is_not_privileged(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """A privileged container is root on its node.

    Sidecars only speak over a socket; with SELinux they need it for a socket on the node, never for one in an emptyDir.
    """
    rights = sidecar.container.security_context
    if sidecar.program != "hostpathplugin" and rights is not None and rights.privileged and not _mounts_node(sidecar):
        yield Problem(
            f"{sidecar.pointer}/securityContext/privileged", f"{sidecar} is privileged and uses nothing of the node"
        )


@rule(
    "CSI506",
    "needless-host-network",
    "a controller does not use the node's network",
    PodView,
    severity="info",
    fix="Leave hostNetwork out.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
-       hostNetwork: true
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def controller_is_not_in_host_network(pod: PodView, context: Context) -> Iterator[Problem]:
    """In the node's network a pod reaches all that listens on localhost there, and network policies do not hold."""
    found = sidecars_of(pod.source, context)
    if not found or not found[0].pod.spec.host_network:
        return
    pod = found[0].pod
    if len(found) == sum(1 for _ in pod.containers()) and all(one.program in _INDOORS for one in found):
        message = f"nothing here needs more than the API server and a socket: {', '.join(map(str, found))}"
        yield Problem(f"{pod.pointer}/hostNetwork", message)


@rule(
    "CSI507",
    "missing-resource-requests",
    "a sidecar has resource requests",
    PodView,
    severity="info",
    fix="Give resources.requests with cpu and memory: 10m and 20Mi are enough for most.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
          imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
+         resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def sidecar_requests_resources(pod: PodView, context: Context) -> Iterator[Problem]:
    """Without requests a sidecar is the first to be evicted, or killed for memory, on a full node: then volumes are neither made nor mounted."""
    bare = [one for one in sidecars_of(pod.source, context) if not _requests(one.container)]
    if bare:
        names = ", ".join(repr(one.container.name) for one in bare)
        yield Problem(bare[0].pointer, f"no requests: {names}")


@rule(
    "CSI508",
    "missing-priority-class",
    "the driver's pods on the nodes have a priority",
    DaemonSet,
    severity="info",
    fix="Name a PriorityClass in priorityClassName; in kube-system, system-node-critical.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-node, namespace: default}
  spec:
    selector: {matchLabels: {app: csi-node}}
    template:
      metadata: {labels: {app: csi-node}}
      spec:
+       priorityClassName: storage
        containers:
        - name: driver-registrar
          image: quay.io/k8scsi/driver-registrar:v0.4.1
          args: [--csi-address=/csi/csi.sock, --kubelet-registration-path=/var/lib/kubelet/plugins/csi-example/csi.sock]
          env: [{name: KUBE_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}, {name: registration-dir, mountPath: /registration}]
        volumes:
        - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/csi-example, type: DirectoryOrCreate}}
        - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins, type: Directory}}
""",
)
def node_driver_has_priority(resource: DaemonSet, context: Context) -> Iterator[Problem]:
    """When a node is full, pods of a higher priority push the driver off it, and with it the volumes of all others."""
    pod = pod_of(resource)
    drives = any(one.program in REGISTRARS or one.program == "hostpathplugin" for one in sidecars_of(resource, context))
    if pod is not None and drives and not pod.spec.priority_class_name:
        yield Problem(pod.pointer, "has no priorityClassName")


@rule(
    "CSI509",
    "needless-image-pull",
    "a sidecar can start without the registry",
    PodView,
    severity="info",
    fix="Write imagePullPolicy: IfNotPresent, or leave it out.",
    example="""\
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: csi-attacher, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: csi-attacher}}
    template:
      metadata: {labels: {app: csi-attacher}}
      spec:
        serviceAccountName: csi-attacher
        containers:
        - name: csi-attacher
          image: quay.io/k8scsi/csi-attacher:v0.4.1
-         imagePullPolicy: Always
+         imagePullPolicy: IfNotPresent
          args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
          resources: {requests: {cpu: 10m, memory: 20Mi}}
          volumeMounts: [{name: socket-dir, mountPath: /csi}]
        volumes: [{name: socket-dir, emptyDir: {}}]
  ---
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher, namespace: default}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: csi-attacher-role}
  subjects: [{kind: ServiceAccount, name: csi-attacher, namespace: default}]
  roleRef: {kind: ClusterRole, name: external-attacher-runner, apiGroup: rbac.authorization.k8s.io}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: external-attacher-runner}
  rules:
  - {apiGroups: [""], resources: [persistentvolumes], verbs: [list, watch, update]}
  - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
  - {apiGroups: [csi.storage.k8s.io], resources: [csinodeinfos], verbs: [list, watch]}
  - {apiGroups: [storage.k8s.io], resources: [volumeattachments], verbs: [list, watch, update]}
""",
)
def fixed_image_is_not_pulled_again(pod: PodView, context: Context) -> Iterator[Problem]:
    """With Always the kubelet asks the registry at every start, though a release's image does not change.

    Without the registry the driver does not start, and volumes cannot be mounted.
    """
    again = [
        one
        for one in sidecars_of(pod.source, context)
        if one.container.image_pull_policy == "Always" and _is_fixed(one)
    ]
    if again:
        names = ", ".join(repr(one.container.name) for one in again)
        yield Problem(f"{again[0].pointer}/imagePullPolicy", f"a fixed image is pulled at every start: {names}")


def _mounts_node(sidecar: Sidecar) -> bool:
    volumes = (sidecar.pod.volume(mount.name) for mount in sidecar.container.volume_mounts or ())
    return any(volume is not None and volume.host_path is not None for volume in volumes)


def _requests(container: Container) -> bool:
    resources = container.resources
    return resources is not None and bool(resources.requests or resources.limits)


def _is_fixed(sidecar: Sidecar) -> bool:
    return sidecar.is_upstream or "@sha256:" in (sidecar.container.image or "")
