"""Objects in as few words as a rule needs, and what the rules say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests import check, load, release
from csi_manifests.analysis.context import Context
from csi_manifests.checks.rule import rules
from csi_manifests.checks.subjects import subjects_in
from csi_manifests.knowledge.releases import Release

if TYPE_CHECKING:
    from csi_manifests import Bundle
    from csi_manifests.findings import Severity

_RULES = {rule.code: rule for rule in rules()}

Table = dict[str, tuple[str, list[str]]]
"""What is told of which objects, by what makes them special."""

SNAPSHOTS = "snapshot.storage.k8s.io"


def told(text: str, *codes: str) -> list[str]:
    """Return the findings whose codes begin so, as SEVERITY CODE OBJECT POINTER."""
    return sayings(load(text), codes)


def sayings(bundle: Bundle, codes: tuple[str, ...]) -> list[str]:
    return [
        f"{finding.severity} {finding.code} {finding.object} {finding.pointer}"
        for finding in check(bundle, release("1.13"))
        if finding.code.startswith(codes)
    ]


def problems(text: str, code: str, kubernetes: str = "1.13") -> list[tuple[Severity, str]]:
    """Return what one rule says of a bundle, as severity and message; no schemas of the release are asked."""
    rule, context = _RULES[code], Context(load(text), Release(kubernetes))
    subjects = [found for manifest in context.bundle for found in subjects_in(manifest, rule.subjects, context)]
    return [(one.severity or rule.severity, one.message) for subject in subjects for one in rule.run(subject, context)]


def account(name: str, namespace: str = "", uid: str = "") -> str:
    return object_text("v1", "ServiceAccount", name, namespace, uid)


def role(name: str, *resources: str, verbs: str = "get", group: str = "") -> str:
    rules = (
        f'[{{apiGroups: ["{group}"], resources: [{", ".join(resources)}], verbs: [{verbs}]}}]' if resources else "[]"
    )
    return object_text("rbac.authorization.k8s.io/v1", "ClusterRole", name) + f"rules: {rules}\n"


def binding(
    name: str, role_name: str, subjects: str, namespace: str = "", kind: str = "ClusterRole", uid: str = ""
) -> str:
    own = "RoleBinding" if namespace else "ClusterRoleBinding"
    return (
        object_text("rbac.authorization.k8s.io/v1", own, name, namespace, uid)
        + f"subjects: [{subjects}]\n"
        + f"roleRef: {{kind: {kind}, name: '{role_name}', apiGroup: rbac.authorization.k8s.io}}\n"
    )


def subject(name: str, namespace: str = "default") -> str:
    return f"{{kind: ServiceAccount, name: {name}, namespace: {namespace}}}"


def claim(name: str, namespace: str = "", spec: str = "") -> str:
    return (
        object_text("v1", "PersistentVolumeClaim", name, namespace)
        + f"spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}{spec and ', ' + spec}}}\n"
    )


def pod(name: str, spec: str = "", namespace: str = "", uid: str = "", labels: str = "") -> str:
    return (
        object_text("v1", "Pod", name, namespace, uid, labels)
        + f"spec: {{containers: [{{name: a, image: 'example.com/{name}:1'}}]{spec and ', ' + spec}}}\n"
    )


def uses(*claims: str) -> str:
    volumes = (
        f"{{name: v{number}, persistentVolumeClaim: {{claimName: {name}}}}}" for number, name in enumerate(claims)
    )
    return f"volumes: [{', '.join(volumes)}]"


def workload(kind: str, name: str, labels: str, selector: str = "", more: str = "", namespace: str = "") -> str:
    own = f"{{matchLabels: {labels}}}"
    return (
        object_text("apps/v1", kind, name, namespace)
        + f"spec:\n  selector: {selector or own}\n"
        + f"  template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: a, image: 'example.com/{name}:1'}}]}}}}\n"
        + more
    )


def service(name: str, selector: str, namespace: str = "", uid: str = "", more: str = "") -> str:
    return (
        object_text("v1", "Service", name, namespace, uid)
        + f"spec: {{selector: {selector}, ports: [{{port: 1}}]{more and ', ' + more}}}\n"
    )


def snapshot(name: str, source: str) -> str:
    return (
        object_text("snapshot.storage.k8s.io/v1alpha1", "VolumeSnapshot", name)
        + f"spec: {{source: {{kind: PersistentVolumeClaim, name: {source}}}}}\n"
    )


def storage_class(name: str) -> str:
    return object_text("storage.k8s.io/v1", "StorageClass", name) + "provisioner: csi-hostpath\n"


def object_text(api_version: str, kind: str, name: str, namespace: str = "", uid: str = "", labels: str = "") -> str:
    fields = {"name": name, "namespace": namespace, "uid": uid and repr(uid), "labels": labels}
    metadata = ", ".join(f"{field}: {value}" for field, value in fields.items() if value)
    return f"---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{{metadata}}}\n"


def definition(group: str, kind: str, version: str, *more: str, schema: str = "", api: str = "v1beta1") -> str:
    plural = kind.lower() + ("es" if kind.endswith("s") else "s")
    entries = [f"{{name: {version}, served: true, storage: true}}"]
    entries += [f"{{name: {name}, served: true, storage: false}}" for name in more]
    said = f"versions: [{', '.join(entries)}]" if more else f"version: {version}"
    return (
        object_text(f"apiextensions.k8s.io/{api}", "CustomResourceDefinition", f"{plural}.{group}")
        + f"spec:\n  group: {group}\n  scope: Cluster\n  names: {{kind: {kind}, plural: {plural}}}\n  {said}\n{schema}"
    )


def sidecar(image: str, name: str = "") -> str:
    name = name or image.partition(":")[0]
    return (
        object_text("v1", "Pod", name) + f"spec: {{containers: [{{name: {name}, image: 'quay.io/k8scsi/{image}'}}]}}\n"
    )
