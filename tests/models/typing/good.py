"""What users write: every line must pass mypy and pyright, both strict and without a plugin."""

from typing import Any, assert_type

from csi_manifests.knowledge.kinds import is_namespaced
from csi_manifests.models.apiextensions_v1beta1 import JSONSchemaProps
from csi_manifests.models.apps_v1 import StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy
from csi_manifests.models.core_v1 import Container, PodSpec, PodTemplateSpec, ResourceRequirements, ServicePort
from csi_manifests.models.lookup import model_for
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.rbac_v1 import ClusterRole, PolicyRule, RoleRef, Subject
from csi_manifests.models.resource import Resource
from csi_manifests.models.scalars import quantity
from csi_manifests.models.storage_v1 import StorageClass

labels = {"app": "csi-hostpath-attacher"}
container = Container(
    name="csi-attacher",
    image="quay.io/k8scsi/csi-attacher:v0.4.1",
    args=["--v=5"],
    image_pull_policy="Always",
    resources=ResourceRequirements(requests={"cpu": 0.5, "memory": "64Mi", "example.com/device": 1}),
)
attacher = StatefulSet(
    metadata=ObjectMeta(name="csi-hostpath-attacher", labels=labels, annotations={}),
    spec=StatefulSetSpec(
        service_name="csi-hostpath-attacher",
        replicas=1,
        selector=LabelSelector(match_labels=labels),
        template=PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[container])),
        pod_management_policy="Parallel",
        update_strategy=StatefulSetUpdateStrategy(type="OnDelete"),
    ),
)
attacher.metadata.namespace = None
assert_type(attacher.spec, StatefulSetSpec)
attacher.spec.template.spec.container("csi-attacher").image = "registry.example.com/csi-attacher:v0.4.2"
assert_type(attacher.name, str)
assert_type(attacher.to_dict(), dict[str, Any])
assert_type(StatefulSet.from_dict({}), StatefulSet)

role = ClusterRole(
    metadata=ObjectMeta(name="external-attacher-runner"),
    rules=[PolicyRule(api_groups=[""], resources=["persistentvolumes"], verbs=["get", "list", "watch", "update"])],
)
reference = RoleRef(kind="ClusterRole", name=role.name, api_group="rbac.authorization.k8s.io")
subjects = [Subject(kind="ServiceAccount", name="csi-attacher", namespace="default", api_group="")]
klass = StorageClass(metadata=ObjectMeta(name="csi-hostpath-sc"), provisioner="csi-hostpath", reclaim_policy="Delete")
port = ServicePort(port=12345, target_port="dummy")
schema = JSONSchemaProps(
    default={"a": [1, None, True]},
    items=[JSONSchemaProps(ref="#/definitions/a", maximum=1)],
    additional_properties=False,
    dependencies={"a": ["b"], "c": JSONSchemaProps(not_=JSONSchemaProps(enum=[None, 1]))},
)

assert_type(model_for("v1", "Pod"), type[Resource] | None)
assert_type(is_namespaced("", "Pod"), bool | None)
double = quantity("1Gi") * 2
