"""The feature gates that Kubernetes' own components are started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.components import Component
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.gates import word_of
from csi_manifests.text.words import did_you_mean, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context


@rule(
    "CSI311",
    "unknown-feature-gate",
    "the release knows the feature gate",
    Component,
    fix="Correct the name, or leave the gate out.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: kube-apiserver, namespace: kube-system}
  spec:
    hostNetwork: true
    containers:
      - name: kube-apiserver
        image: k8s.gcr.io/kube-apiserver:v1.13.0
-       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSources=true"]
+       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSource=true"]
""",
)
def gate_is_known(component: Component, context: Context) -> Iterator[Problem]:
    """A component does not start with a gate that it does not know: ``unrecognized feature gate``.

    A gate is removed some releases after its feature is on for good.
    """
    known = context.release.facts["gates"]
    for gate in component.gates:
        if gate.name not in known:
            message = f"{component.name} of Kubernetes {context.release.version} has no gate {gate.name!r}"
            guess = did_you_mean(gate.name, known)
            yield Problem(gate.pointer, f"{message}. {guess}" if guess else message)


@rule(
    "CSI312",
    "malformed-feature-gate",
    "a feature gate is set to true or false",
    Component,
    fix="Write Name=true or Name=false.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: kube-apiserver, namespace: kube-system}
  spec:
    hostNetwork: true
    containers:
      - name: kube-apiserver
        image: k8s.gcr.io/kube-apiserver:v1.13.0
-       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSource=on"]
+       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSource=true"]
""",
)
def gate_is_boolean(component: Component, context: Context) -> Iterator[Problem]:
    """A component does not start with a gate that has another value or none, nor with a locked gate that is turned off."""
    known = context.release.facts["gates"]
    for gate in component.gates:
        if gate.text is None:
            yield Problem(gate.pointer, f"gate {gate.name!r} has no value")
        elif gate.value is None or (isinstance(gate.text, str) and gate.pointer.endswith(f"/featureGates/{gate.name}")):
            yield Problem(gate.pointer, f"gate {gate.name!r} is {short(gate.text)}, neither true nor false")
        elif known.get(gate.name, {}).get("locked") and gate.value != known[gate.name]["default"]:
            message = f"gate {gate.name!r} is locked to {word_of(known[gate.name]['default'])}"
            yield Problem(gate.pointer, message, "Leave the gate out.")


@rule(
    "CSI313",
    "needless-feature-gate",
    "setting a feature gate has an effect",
    Component,
    severity="info",
    fix="Leave the gate out.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: kube-apiserver, namespace: kube-system}
  spec:
    hostNetwork: true
    containers:
      - name: kube-apiserver
        image: k8s.gcr.io/kube-apiserver:v1.13.0
-       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSource=true,CSIPersistentVolume=true"]
+       command: [kube-apiserver, "--feature-gates=VolumeSnapshotDataSource=true"]
""",
)
def gate_changes_something(component: Component, context: Context) -> Iterator[Problem]:
    """The gate of a feature that is generally available is on; some releases later it is gone, and a component that names it does not start.

    Turned off, such a gate takes away what every cluster has, and is a warning.
    """
    known = context.release.facts["gates"]
    for gate in component.gates:
        if gate.value is None or known.get(gate.name, {}).get("stage") != "GA":
            continue
        if gate.value:
            yield Problem(gate.pointer, f"gate {gate.name!r} is on for good in Kubernetes {context.release.version}")
        else:
            reason = known[gate.name].get("reason")
            message = f"gate {gate.name!r} is turned off, though it is on in every cluster"
            yield Problem(gate.pointer, f"{message}. {reason}" if reason else message, severity="warning")
