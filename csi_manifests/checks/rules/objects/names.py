"""The names of objects, and of what is made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import claims_of
from csi_manifests.analysis.parts import among
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.apps_v1 import StatefulSet
from csi_manifests.models.base import wire_name
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeClaim
from csi_manifests.models.rbac_v1 import ClusterRoleBinding, RoleBinding
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import DNS_LABEL, DNS_SUBDOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_LONGEST_STATEFUL_SET = 52


@rule(
    "CSI112",
    "missing-name",
    "an object has a name",
    Resource,
    fix="Give metadata.name; generateName is enough for kubectl create, but not for apply.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
- metadata: {namespace: default}
+ metadata: {name: csi-attacher, namespace: default}
""",
)
def object_has_a_name(resource: Resource, _: Context) -> Iterator[Problem]:
    """The API server stores nothing without a name. The schema of metadata requires none, so other tools let it pass.

    A claim template needs a name as well: it begins the names of the claims, which are refused without it.
    """
    metadata = resource.metadata
    if not (metadata.name or metadata.generate_name):
        has = among(wire_name(field) for field in sorted(metadata.model_fields_set))
        yield Problem("/metadata", f"neither name nor generateName is given (metadata has: {has})")
    if isinstance(resource, StatefulSet):
        for template in claims_of(resource):
            if not template.claim.metadata.name:
                yield Problem(f"{template.pointer}/metadata", "the claim template has no name", "Give metadata.name.")


@rule(
    "CSI113",
    "needless-namespace",
    "a cluster-scoped object has no namespace",
    Resource,
    severity="info",
    fix="Remove metadata.namespace.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
- metadata: {name: csi-hostpath-sc, namespace: storage}
+ metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
""",
)
def cluster_scoped_has_no_namespace(resource: Resource, _: Context) -> Iterator[Problem]:
    """The API server silently drops the namespace, so two copies "in two namespaces" are one object, overwritten."""
    if not resource.NAMESPACED and resource.metadata.namespace:
        message = f"a {resource.KIND} is cluster-scoped, so {resource.metadata.namespace!r} has no effect"
        yield Problem("/metadata/namespace", message)


@rule(
    "CSI114",
    "invalid-pod-host-name",
    "a StatefulSet's name is valid as a pod's host name and label",
    StatefulSet,
    fix="Choose a shorter or plainer name.",
    example="""\
  apiVersion: apps/v1
  kind: StatefulSet
- metadata: {name: csi.hostpath.attacher}
+ metadata: {name: csi-hostpath-attacher}
  spec:
    serviceName: csi-hostpath-attacher
    selector: {matchLabels: {app: attacher}}
    template:
      metadata: {labels: {app: attacher}}
      spec:
        containers: [{name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1"}]
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath-attacher}
  spec:
    selector: {app: attacher}
    ports: [{name: dummy, port: 12345}]
""",
)
def stateful_set_names_fit_pods(found: StatefulSet, _: Context) -> Iterator[Problem]:
    """The API server takes the StatefulSet and then refuses its pods, so none ever starts.

    The name becomes the pods' host name, which has no dots, and with a hash of up to 10 digits a label, which has 63
    characters at most; the service becomes their subdomain; a claim template's name that of a volume.
    """
    name = found.metadata.name
    if name and "." in name:
        yield Problem(
            "/metadata/name", f"{name!r} has dots, which the pods' host names cannot have", "Write '-' instead."
        )
    elif name and len(name) > _LONGEST_STATEFUL_SET:
        longest = f"{_LONGEST_STATEFUL_SET} fit the label controller-revision-hash of its pods"
        yield Problem("/metadata/name", f"{name!r} has {len(name)} characters; {longest}")
    if found.spec.service_name and not DNS_LABEL.matches(found.spec.service_name):
        message = f"{found.spec.service_name!r} cannot be the pods' subdomain: {DNS_LABEL.allowed}"
        yield Problem("/spec/serviceName", message)
    for template in claims_of(found):
        name = template.claim.metadata.name
        if name and not DNS_LABEL.matches(name):
            message = f"{name!r} cannot be the name of a volume: {DNS_LABEL.allowed}"
            yield Problem(f"{template.pointer}/metadata/name", message)


@rule(
    "CSI115",
    "invalid-referenced-name",
    "the name of another object is valid",
    PersistentVolumeClaim,
    PersistentVolume,
    StatefulSet,
    RoleBinding,
    ClusterRoleBinding,
    fix="Write the name as the object itself has it.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: hpvc}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
-   storageClassName: CSI_hostpath
+   storageClassName: csi-hostpath-sc
+ ---
+ apiVersion: storage.k8s.io/v1
+ kind: StorageClass
+ metadata: {name: csi-hostpath-sc}
+ provisioner: csi-hostpath
""",
)
def named_objects_can_be_called_so(resource: Resource, _: Context) -> Iterator[Problem]:
    """The API server refuses a claim or volume whose class, or a binding whose account, has an invalid name."""
    for pointer, name in _foreign_names(resource):
        if name and not DNS_SUBDOMAIN.matches(name):
            yield Problem(pointer, f"{name!r} is not a valid name there: {DNS_SUBDOMAIN.allowed}")


def _foreign_names(resource: Resource) -> Iterator[tuple[str, str | None]]:
    if isinstance(resource, (RoleBinding, ClusterRoleBinding)):
        for number, subject in enumerate(resource.subjects or ()):
            if subject.kind == "ServiceAccount":
                yield f"/subjects/{number}/name", subject.name
    elif isinstance(resource, PersistentVolume):
        yield "/spec/storageClassName", resource.spec.storage_class_name if resource.spec else None
    else:
        for found in claims_of(resource):
            spec = found.claim.spec
            yield f"{found.pointer}/spec/storageClassName", spec.storage_class_name if spec else None
