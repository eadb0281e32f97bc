"""The feature gates that Kubernetes' own components are started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.components import Component
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.feature_gates import removed_in
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
    release = context.release
    for gate in component.gates:
        if gate.name in release.gates:
            continue
        message = f"{component.name} of Kubernetes {release.version} has no gate {gate.name!r}"
        if removed := removed_in(gate.name, release.minor):
            yield Problem(gate.pointer, f"{message}, which was removed in {removed}", "Leave the gate out.")
        else:
            guess = did_you_mean(gate.name, release.gates)
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
    """A component does not start with a gate that has another value or none, nor with a locked gate that is not at its default."""
    known = context.release.gates
    for gate in component.gates:
        if gate.text is None:
            yield Problem(gate.pointer, f"gate {gate.name!r} has no value")
        elif gate.value is None or (isinstance(gate.text, str) and gate.pointer.endswith(f"/featureGates/{gate.name}")):
            yield Problem(gate.pointer, f"gate {gate.name!r} is {short(gate.text)}, neither true nor false")
        elif gate.name in known and not known[gate.name].takes(gate.value):
            message = f"gate {gate.name!r} is locked to {word_of(known[gate.name].default)}"
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

    So goes a deprecated gate. Turned off, the gate of such a feature takes away what every cluster has, and is a warning.
    """
    release = context.release
    for gate in component.gates:
        known = release.gates.get(gate.name)
        if known is None or gate.value is None or not known.takes(gate.value):
            continue  # Said by the two rules above.
        if known.stage == "deprecated":
            message = f"gate {gate.name!r} is deprecated in Kubernetes {release.version}"
            yield Problem(gate.pointer, message, "Leave the gate out before you upgrade to a release without it.")
        elif known.stage == "GA" and gate.value == known.default:
            state = "on" if known.default else "off"
            yield Problem(gate.pointer, f"gate {gate.name!r} is {state} for good in Kubernetes {release.version}")
        elif known.stage == "GA" and known.default:
            message = f"gate {gate.name!r} is turned off, though it is on in every cluster"
            found = f"{message}. {known.reason}" if known.reason else message
            yield Problem(gate.pointer, found, severity="warning")
