"""Where the images of a driver come from, and what their containers must be allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import PodView, pods
from csi_manifests.analysis.programs import sidecars_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.text.images import image_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity

# Registries of kubernetes-csi that are no longer written to, and where their images are now.
_RETIRED = {
    "quay.io/k8scsi/": "releases since 2020 are elsewhere, now in registry.k8s.io/sig-storage",
    "k8s.gcr.io/": "it has been frozen since 2023 in favour of registry.k8s.io",
}
_MOVING = re.compile(r"(?:.*[-.])?(?:latest|canary|nightly|edge|master|main|head)", re.IGNORECASE)


@rule(
    "CSI440",
    "moving-image-tag",
    "an image has a fixed tag or a digest",
    PodView,
    severity="warning",
    fix="Give the image a tag of a release, or a digest.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
-     image: quay.io/k8scsi/csi-attacher:canary
+     image: registry.example.com/csi-attacher:v1.0.1
      args: [--csi-address=/csi/csi.sock]
""",
)
def image_is_pinned(pod: PodView, context: Context) -> Iterator[Problem]:
    """With a tag that moves, or none, each node gets what is newest when it pulls: nodes differ, and a restart may bring another CSI."""
    severity: Severity = "warning" if sidecars_of(pod.source, context) else "info"
    for pointer, container in pod.containers():
        image = container.image or ""
        tag = image_reference(image).tag
        if not image or "@" in image:
            continue
        if not tag:
            yield Problem(f"{pointer}/image", f"{image!r} has no tag, which means latest", severity=severity)
        elif _MOVING.fullmatch(tag):
            yield Problem(
                f"{pointer}/image", f"{image!r} stands for another image from time to time", severity=severity
            )


class _Seen(NamedTuple):
    """The images of a bundle from one registry: the first, and how many."""

    source: int
    pointer: str
    image: str
    images: int


@fact
def _retired(context: Context) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for pod in pods(context):
        for pointer, container in pod.containers():
            image = container.image or ""
            prefix = next((prefix for prefix in _RETIRED if image.startswith(prefix)), "")
            if prefix:
                first = found.get(prefix, _Seen(id(pod), f"{pointer}/image", image, 0))
                found[prefix] = first._replace(images=first.images + 1)
    return found


@rule(
    "CSI441",
    "unmaintained-registry",
    "images come from a registry that is maintained",
    PodView,
    severity="info",
    fix="Copy the images into a registry of your own while they can still be pulled.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
-     image: quay.io/k8scsi/csi-attacher:v1.0.1
+     image: registry.example.com/csi-attacher:v1.0.1
      args: [--csi-address=/csi/csi.sock]
""",
)
def registry_is_kept_up(pod: PodView, context: Context) -> Iterator[Problem]:
    """An image that nobody maintains may be gone one day, before every node has pulled it. Reported once for each registry."""
    for prefix, seen in _retired(context).items():
        if seen.source == id(pod):
            more = f", and {seen.images - 1} more from there" if seen.images > 1 else ""
            yield Problem(seen.pointer, f"{seen.image}{more}: {prefix.rstrip('/')} is retired; {_RETIRED[prefix]}")


@fact
def _first_privileged(context: Context) -> tuple[int, str, str] | None:
    for pod in pods(context):
        if sidecars_of(pod.source, context):
            for pointer, container in pod.containers():
                if container.security_context and container.security_context.privileged:
                    return (id(pod), pointer, container.name)
    return None


@rule(
    "CSI442",
    "privileged-required",
    "the cluster allows the privileged containers that the driver needs",
    PodView,
    severity="info",
    fix="Start kube-apiserver with --allow-privileged=true, as kubeadm does; a PodSecurityPolicy must allow it too.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
      image: registry.example.com/csi-attacher:v1.0.1
-     securityContext: {privileged: true}
      args: [--csi-address=/csi/csi.sock]
""",
)
def privileged_is_allowed(pod: PodView, context: Context) -> Iterator[Problem]:
    """kube-apiserver refuses privileged containers unless told otherwise, and drivers cannot mount without them. Reported once."""
    first = _first_privileged(context)
    if first is not None and first[0] == id(pod):
        yield Problem(f"{first[1]}/securityContext/privileged", f"container {first[2]!r} is privileged")
