"""What the rules about single objects say of an object that is written in part."""

from __future__ import annotations

from typing import Any

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.objects import as_resource
from csi_manifests.checks.checking import check
from csi_manifests.checks.rule import rules_by_word
from csi_manifests.knowledge.releases import release
from csi_manifests.yaml.reader import Source, documents

RELEASE = release("1.13")


def parsed(text: str) -> Any:
    """Read a value as kubectl would."""
    return next(documents(Source("<test>", text))).content


def said(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return code, severity and pointer of every finding of the rules about one object."""
    findings = check(Bundle([Item(as_resource(manifest))]), RELEASE)
    mine = (each for each in findings if rules_by_word()[each.code].folder == "objects")
    return [(each.code, each.severity, each.pointer) for each in mine]


def of_kind(kind: str, body: str, name: str = "a") -> dict[str, Any]:
    """Complete an object of which only the body is written."""
    groups = {
        "StatefulSet": "apps/v1",
        "DaemonSet": "apps/v1",
        "Deployment": "apps/v1",
        "StorageClass": "storage.k8s.io/v1",
        "CustomResourceDefinition": "apiextensions.k8s.io/v1beta1",
    }
    rbac = "rbac.authorization.k8s.io/v1" if "Role" in kind else "v1"
    return {"apiVersion": groups.get(kind, rbac), "kind": kind, "metadata": {"name": name}, **parsed(body)}


def pod(spec: str) -> dict[str, Any]:
    """Return a pod; what its spec does not say of containers is one that is right."""
    content = {"containers": [{"name": "a", "image": "a"}], **parsed(spec)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": content}


def container(body: str, beside: str = "{}") -> dict[str, Any]:
    """Return a pod with one container, which has a name and an image, and what else its spec says."""
    made = pod(beside)
    made["spec"]["containers"] = [{"name": "a", "image": "a", **parsed(body)}]
    return made
