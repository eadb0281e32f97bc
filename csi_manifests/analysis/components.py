"""Which Kubernetes components a bundle starts, and the feature gates each is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from csi_manifests.analysis.context import fact
from csi_manifests.analysis.pods import expand, pods
from csi_manifests.knowledge.gates import FLAG, WORDS, entries_of, flag_values, started
from csi_manifests.knowledge.versions import minor_of
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.images import image_reference
from csi_manifests.text.pointers import pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.knowledge.feature_gates import FeatureGate
    from csi_manifests.models.core_v1 import Container


_IN_SCRIPT = re.compile(rf"{FLAG.replace('-gates', '[-_]gates')}[=\s]+[\"']?([^\s\"']+)")

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

# The gates that stand for all gates of a stage which are not named: component-base/featuregate.
_OF_STAGE = {"alpha": "AllAlpha", "beta": "AllBeta"}

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
        return self.text if isinstance(self.text, bool) else WORDS.get(str(self.text))


class Component(NamedTuple):
    """A component of Kubernetes that the bundle starts or configures."""

    name: str
    manifest: Manifest
    gates: tuple[Gate, ...]

    def has(self, name: str, known: Mapping[str, FeatureGate]) -> bool | None:
        """Return whether one of the gates that a release knows is on here; None where that cannot be known."""
        given = [gate.value for gate in self.gates if gate.name == name]
        if given:
            return given[-1]
        of_stage = _OF_STAGE.get(known[name].stage)
        everything = [found.value for found in self.gates if found.name == of_stage]
        return bool(everything[-1]) if everything else known[name].default


@fact
def components(context: Context) -> dict[int, list[Component]]:
    """Return the components that each object starts or configures, by its ``id``."""
    found: dict[int, list[Component]] = {}
    for pod in pods(context):
        for pointer, container in pod.containers():
            name, gates = _told(container, pointer)
            of = minor_of(image_reference(container.image or "").tag)
            # Those of another release have other gates.
            if name and of in {"", context.release.version}:
                found.setdefault(id(pod.source), []).append(Component(name, pod.source, gates))
    for manifest in context.bundle:
        if isinstance(manifest, Unstructured) and manifest.key.group in _CONFIGURATION_GROUPS:
            found[id(manifest)] = list(_configured(manifest))
    return found


def _told(container: Container, pointer: str) -> tuple[str, tuple[Gate, ...]]:
    """Say which component a container runs, if any, and the gates that it is given."""
    places: list[tuple[str, str]] = [
        (f"{pointer}/{field}/{number}", word)
        for field, words in (("command", container.command), ("args", container.args))
        for number, word in enumerate(words or ())
    ]
    found = started([word for _, word in places], container.image or "")
    # With a command, what is in the image says nothing.
    if found is None or (found.by == "image" and container.command):
        return "", ()
    own = places if found.program is None else places[found.program + 1 :]
    values = _values(own, scripted=found.by == "script")
    return found.component, tuple(gate for place, text in values for gate in _line(place, expand(text, container)))


def _values(places: Sequence[tuple[str, str]], *, scripted: bool) -> Iterator[tuple[str, str]]:
    words = [word for _, word in places]
    if scripted:
        # What ends the shell's own flags does not end those of the component.
        words = ["" if word == "--" else word for word in words]
        for place, word in places:
            if not word.startswith("--"):
                yield from ((place, match[1]) for match in _IN_SCRIPT.finditer(word))
    yield from (
        (places[number][0], words[number][start:]) for number, start in flag_values(words) if number < len(words)
    )


def _line(pointer: str, text: str) -> Iterator[Gate]:
    """Return the gates of a flag's value, but for those that only the cluster knows."""
    return (Gate(pointer, *entry) for entry in entries_of(text) if "$" not in f"{entry.name}{entry.word}")


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
