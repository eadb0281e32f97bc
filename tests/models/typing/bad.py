# mypy: ignore-errors
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportUnknownMemberType=false
"""What users get wrong: each marked line must fail mypy and pyright, once the two lines above are gone, and no other."""

from csi_manifests.models.apiextensions_v1beta1 import JSONSchemaProps
from csi_manifests.models.apps_v1 import StatefulSetSpec, StatefulSetUpdateStrategy
from csi_manifests.models.core_v1 import Container, PodSpec, PodTemplateSpec, ServicePort
from csi_manifests.models.meta_v1 import LabelSelector, ObjectMeta
from csi_manifests.models.rbac_v1 import ClusterRole, PolicyRule, RoleRef
from csi_manifests.models.storage_v1 import StorageClass

meta = ObjectMeta(name="a")
labels = LabelSelector(match_labels={"app": "a"})
template = PodTemplateSpec(spec=PodSpec(containers=[Container(name="a")]))

right = StatefulSetSpec(service_name="a", selector=labels, template=template)
StatefulSetSpec(serviceName="a", selector=labels, template=template)  # error: a wire name
StatefulSetSpec(servicename="a", selector=labels, template=template)  # error: a name that no field has
StatefulSetSpec(service_name="a", template=template)  # error: a required field is missing
StatefulSetSpec(service_name="a", selector=None, template=template)  # error: a required field has no value
StatefulSetSpec(service_name="a", selector=labels, template=template, replicas="1")  # error: a text for a number
StatefulSetSpec(service_name="a", selector={"matchLabels": {}}, template=template)  # error: a dict for a model
StatefulSetSpec("a", labels, template)  # error: fields go by name
StatefulSetUpdateStrategy(type="Recreate")  # error: no such choice
PolicyRule(verbs="get")  # error: a text for a list
PolicyRule(verbs=["get"], nonResourceURLs=["/healthz"])  # error: an irregular wire name
StorageClass(metadata=meta)  # error: a required field is missing
ClusterRole(metadata={"name": "a"}, rules=[])  # error: a dict for a model
RoleRef(kind="ServiceAccount", name="a", api_group="rbac.authorization.k8s.io")  # error: no such choice
StorageClass(metadata=meta, provisioner="a", parameters={"count": 1})  # error: a number for a text
StorageClass(metadata=meta, provisioner="a", reclaim_policy="Recycle")  # error: no such choice
StorageClass(metadata=meta, provisioner="a", kind="StorageClass")  # error: the class says it
ServicePort(port="http")  # error: a name for a number
JSONSchemaProps(default=object())  # error: no JSON
JSONSchemaProps(items=True)  # error: neither a schema nor a list
right.replica = 1  # error: a name that no field has
right.replicas = "1"  # error: a text for a number
meta.namespace = 1  # error: a number for a text
assert right.serviceName  # error: a wire name
