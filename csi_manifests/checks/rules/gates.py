"""3xx: the feature gates that Kubernetes' own components are started with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from csi_manifests.checks.registry import Context, Problem, rule
from csi_manifests.checks.workloads import expand, pods
from csi_manifests.models.apps_v1 import DaemonSet, Deployment, StatefulSet
from csi_manifests.models.core_v1 import Container, Pod
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.models.words import did_you_mean, short
from csi_manifests.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle import Manifest

_COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
_HYPERKUBE = {
    "apiserver": "kube-apiserver",
    "controller-manager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
    "proxy": "kube-proxy",
}
_FLAG = "--feature-gates"
_STARTED = re.compile(rf"(?:^|[\s/])({'|'.join(_COMPONENTS)})\s+-")
_IN_SCRIPT = re.compile(rf"{_FLAG}[=\s]+[\"']?([^\s\"']+)")
_MINOR = re.compile(r"v?(\d+\.\d+)\b.*")
# strconv.ParseBool
_WORDS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
# kubeadm: cmd/kubeadm/app/apis/kubeadm v1alpha3 and v1beta1; kubelet: staging/src/k8s.io/kubelet/config/v1beta1.
_IN_CONFIGURATION = (
    ("kubelet", ("featureGates",), {"KubeletConfiguration"}),
    ("kubelet", ("nodeRegistration", "kubeletExtraArgs", "feature-gates"), {"InitConfiguration", "JoinConfiguration"}),
    ("kube-apiserver", ("apiServer", "extraArgs", "feature-gates"), {"ClusterConfiguration"}),
    ("kube-apiserver", ("apiServerExtraArgs", "feature-gates"), {"ClusterConfiguration"}),
    ("kube-controller-manager", ("controllerManager", "extraArgs", "feature-gates"), {"ClusterConfiguration"}),
    ("kube-controller-manager", ("controllerManagerExtraArgs", "feature-gates"), {"ClusterConfiguration"}),
    ("kube-scheduler", ("scheduler", "extraArgs", "feature-gates"), {"ClusterConfiguration"}),
    ("kube-scheduler", ("schedulerExtraArgs", "feature-gates"), {"ClusterConfiguration"}),
)
_CONFIGURATION_GROUPS = {"kubeadm.k8s.io", "kubelet.config.k8s.io"}


class Gate(NamedTuple):
    """A gate as a component is given it."""

    pointer: str
    name: str
    text: Any
    """What it is set to, as written; None where nothing is."""

    @property
    def value(self) -> bool | None:
        """What that means to the component; None where it is not a boolean."""
        return self.text if isinstance(self.text, bool) else _WORDS.get(str(self.text))


class Component(NamedTuple):
    """A component of Kubernetes that the bundle starts or configures."""

    name: str
    manifest: Manifest
    gates: tuple[Gate, ...]

    def has(self, name: str, facts: dict[str, Any]) -> bool | None:
        """Say whether a gate is on here; None where that cannot be known."""
        given = [gate.value for gate in self.gates if gate.name == name]
        if given:
            return given[-1]
        gate = facts["gates"][name]
        everything = [found.value for found in self.gates if found.name == "AllAlpha"]
        return bool(everything[-1]) if everything and gate["stage"] == "alpha" else bool(gate["default"])


def components(context: Context) -> dict[int, list[Component]]:
    """Give the components that each object starts or configures, by its ``id``; to be called through ``context.derive``."""
    found: dict[int, list[Component]] = {}
    for pod in context.derive(pods):
        for pointer, container in pod.containers():
            name = _component(container)
            minor = _MINOR.fullmatch((container.image or "").rpartition("/")[2].partition(":")[2])
            # Those of another release have other gates.
            if name and (minor is None or minor[1] == context.release.version):
                gates = tuple(_flags(container, pointer))
                found.setdefault(id(pod.resource), []).append(Component(name, pod.resource, gates))
    for manifest in context.bundle:
        if isinstance(manifest, Unstructured) and manifest.key.group in _CONFIGURATION_GROUPS:
            found[id(manifest)] = list(_configured(manifest))
    return found


def _component(container: Container) -> str:
    """Say which component a container runs; nothing, if none."""
    words: list[str] = [*(container.command or ()), *(container.args or ())]
    first, second = (word.rpartition("/")[2] for word in [*words, "", ""][:2])
    if first == "hyperkube":
        return _HYPERKUBE.get(second, second if second in _COMPONENTS else "")
    if first in _COMPONENTS:
        return first
    for word in words:
        started = _STARTED.search(word) if "kube" in word else None
        if started:
            return str(started[1])
    image = (container.image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return image if image in _COMPONENTS and not container.command else ""


def _flags(container: Container, pointer: str) -> Iterator[Gate]:
    for field, words in (("command", container.command or []), ("args", container.args or [])):
        for number, word in enumerate(words):
            place = f"{pointer}/{field}/{number}"
            if word.startswith(f"{_FLAG}="):
                yield from _line(place, expand(word.partition("=")[2], container))
            elif word == _FLAG and number + 1 < len(words):
                yield from _line(f"{pointer}/{field}/{number + 1}", expand(words[number + 1], container))
            else:
                for match in _IN_SCRIPT.finditer(word):
                    yield from _line(place, expand(match[1], container))


def _line(pointer: str, text: str) -> Iterator[Gate]:
    """Read ``A=true,B=false`` as the flag does: spaces do not count, nor what is empty."""
    for entry in text.split(","):
        name, equals, value = entry.partition("=")
        if entry.strip() and "$" not in entry:
            yield Gate(pointer, name.strip(), value.strip() if equals else None)


def _configured(manifest: Unstructured) -> Iterator[Component]:
    for name, path, kinds in _IN_CONFIGURATION:
        value: Any = manifest.content if manifest.key.kind in kinds else None
        for step in path:
            value = cast("dict[str, Any]", value).get(step) if isinstance(value, dict) else None
        if isinstance(value, dict):
            entries = cast("dict[str, Any]", value).items()
            yield Component(name, manifest, tuple(Gate(pointer_of((*path, key)), key, text) for key, text in entries))
        elif isinstance(value, str):
            yield Component(name, manifest, tuple(_line(pointer_of(path), value)))


def _pod(gates: str) -> str:
    return f"""\
apiVersion: v1
kind: Pod
metadata: {{name: kube-apiserver, namespace: kube-system}}
spec:
  hostNetwork: true
  containers:
    - name: kube-apiserver
      image: k8s.gcr.io/kube-apiserver:v1.13.0
      command: [kube-apiserver, --feature-gates={gates}]
"""


def _bad(gates: str) -> str:
    return _pod(gates).replace(f"--feature-gates={gates}", f'"--feature-gates={gates}"')


@rule(
    "CSI311",
    "the release knows the feature gate",
    Pod,
    StatefulSet,
    DaemonSet,
    Deployment,
    Unstructured,
    fix="Correct the name, or leave the gate out.",
    bad=_bad("VolumeSnapshotDataSources=true"),
    good=_bad("VolumeSnapshotDataSource=true"),
)
def gate_is_known(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """A component does not start with a gate that it does not know: ``unrecognized feature gate``.

    Gates go when what they guard has been on for good for some releases.
    """
    known = context.release.facts["gates"]
    for component in context.derive(components).get(id(manifest), ()):
        for gate in component.gates:
            if gate.name not in known:
                message = f"{component.name} of Kubernetes {context.release.version} has no gate {gate.name!r}"
                guess = did_you_mean(gate.name, known)
                yield Problem(gate.pointer, f"{message}. {guess}" if guess else message)


@rule(
    "CSI312",
    "a feature gate is set to true or false",
    Pod,
    StatefulSet,
    DaemonSet,
    Deployment,
    Unstructured,
    fix="Write Name=true or Name=false.",
    bad=_bad("VolumeSnapshotDataSource=on"),
    good=_bad("VolumeSnapshotDataSource=true"),
)
def gate_is_boolean(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """A component does not start with a gate that has no value or another one, nor with one that is locked and turned off."""
    known = context.release.facts["gates"]
    for component in context.derive(components).get(id(manifest), ()):
        for gate in component.gates:
            if gate.text is None:
                yield Problem(gate.pointer, f"gate {gate.name!r} has no value")
            elif gate.value is None or (
                isinstance(gate.text, str) and gate.pointer.endswith(f"/featureGates/{gate.name}")
            ):
                yield Problem(gate.pointer, f"gate {gate.name!r} is {short(gate.text)}, neither true nor false")
            elif known.get(gate.name, {}).get("locked") and gate.value != known[gate.name]["default"]:
                word = "true" if known[gate.name]["default"] else "false"
                yield Problem(gate.pointer, f"gate {gate.name!r} is locked to {word}", "Leave the gate out.")


@rule(
    "CSI313",
    "a feature gate changes something",
    Pod,
    StatefulSet,
    DaemonSet,
    Deployment,
    Unstructured,
    severity="info",
    fix="Leave the gate out.",
    bad=_bad("VolumeSnapshotDataSource=true,CSIPersistentVolume=true"),
    good=_bad("VolumeSnapshotDataSource=true"),
)
def gate_changes_something(manifest: Manifest, context: Context) -> Iterator[Problem]:
    """What is generally available is on; some releases later the gate is gone, and a component that names it does not start.

    Turned off, such a gate takes away what every cluster has, and is a warning.
    """
    known = context.release.facts["gates"]
    for component in context.derive(components).get(id(manifest), ()):
        for gate in component.gates:
            if gate.value is None or known.get(gate.name, {}).get("stage") != "GA":
                continue
            if gate.value:
                yield Problem(
                    gate.pointer, f"gate {gate.name!r} is on for good in Kubernetes {context.release.version}"
                )
            else:
                reason = known[gate.name].get("reason")
                message = f"gate {gate.name!r} is turned off, though it is on in every cluster"
                yield Problem(gate.pointer, f"{message}. {reason}" if reason else message, severity="warning")
