"""1xx: the names of objects, and of what is made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.parts import among, claims
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
    "an object has a name",
    Resource,
    fix="Give metadata.name; generateName is enough for kubectl create, but not for apply.",
    bad="""\
apiVersion: v1
kind: ServiceAccount
metadata: {namespace: default}
""",
    good="""\
apiVersion: v1
kind: ServiceAccount
metadata: {name: csi-attacher, namespace: default}
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
        for pointer, claim in claims(resource):
            if not claim.metadata.name:
                yield Problem(f"{pointer}/metadata", "the claim template has no name", "Give metadata.name.")


@rule(
    "CSI113",
    "what belongs to the whole cluster is not put into a namespace",
    Resource,
    severity="info",
    fix="Remove metadata.namespace.",
    bad="""\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-hostpath-sc, namespace: storage}
provisioner: csi-hostpath
""",
    good="""\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-hostpath-sc}
provisioner: csi-hostpath
""",
)
def cluster_scoped_has_no_namespace(resource: Resource, _: Context) -> Iterator[Problem]:
    """The API server drops the namespace without a word, so two copies "in two namespaces" are one object, overwritten."""
    if not resource.NAMESPACED and resource.metadata.namespace:
        message = f"a {resource.KIND} is in no namespace, so {resource.metadata.namespace!r} counts for nothing"
        yield Problem("/metadata/namespace", message)


@rule(
    "CSI114",
    "what a StatefulSet gives its pods to be called by fits a pod",
    StatefulSet,
    fix="Choose a shorter or plainer name.",
    bad="""\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: csi.hostpath.attacher}
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
    good="""\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: csi-hostpath-attacher}
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
    for pointer, claim in claims(found):
        if claim.metadata.name and not DNS_LABEL.matches(claim.metadata.name):
            message = f"{claim.metadata.name!r} cannot be the name of a volume: {DNS_LABEL.allowed}"
            yield Problem(f"{pointer}/metadata/name", message)


@rule(
    "CSI115",
    "the name of another object is one that it can have",
    PersistentVolumeClaim,
    PersistentVolume,
    StatefulSet,
    RoleBinding,
    ClusterRoleBinding,
    fix="Write the name as the object itself has it.",
    bad="""\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: hpvc}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
  storageClassName: CSI_hostpath
""",
    good="""\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: hpvc}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
  storageClassName: csi-hostpath-sc
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-hostpath-sc}
provisioner: csi-hostpath
""",
)
def named_objects_can_be_called_so(resource: Resource, _: Context) -> Iterator[Problem]:
    """The API server refuses a claim or volume whose class, or a binding whose account, has a name that none can have."""
    for pointer, name in _foreign_names(resource):
        if name and not DNS_SUBDOMAIN.matches(name):
            yield Problem(pointer, f"nothing can be called {name!r} there: {DNS_SUBDOMAIN.allowed}")


def _foreign_names(resource: Resource) -> Iterator[tuple[str, str | None]]:
    if isinstance(resource, (RoleBinding, ClusterRoleBinding)):
        for number, subject in enumerate(resource.subjects or ()):
            if subject.kind == "ServiceAccount":
                yield f"/subjects/{number}/name", subject.name
    elif isinstance(resource, PersistentVolume):
        yield "/spec/storageClassName", resource.spec.storage_class_name if resource.spec else None
    else:
        for pointer, claim in claims(resource):
            yield f"{pointer}/spec/storageClassName", claim.spec.storage_class_name if claim.spec else None
