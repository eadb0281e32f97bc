"""The host's side of a setup: which feature gates the kubelet and kube-apiserver need, and how each is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.gates import FLAG, WORDS, word_of
from csi_manifests.text.words import did_you_mean
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.knowledge.releases import Release

Component = Literal["kubelet", "kube-apiserver"]
Form = Literal["kubelet-env", "apiserver", "kubeadm", "all"]
Gates = dict[str, bool]
"""Gates by name, in the order in which they are written."""

FORMS: Final[tuple[Form, ...]] = ("kubelet-env", "apiserver", "kubeadm", "all")
KUBEADM: Final = "kubeadm.k8s.io/v1beta1"
"""Since kubeadm 1.13 (``cmd/kubeadm/app/apis/kubeadm/v1beta1``)."""
KUBELET: Final = "kubelet.config.k8s.io/v1beta1"


def article_gates(release: Release) -> Gates:
    """Return the gates that the article sets on every component, in its order."""
    return dict.fromkeys(release.facts["article"]["gates"], True)


def needed_gates(release: Release, component: Component) -> Gates:
    """Give, of the article's gates, those that change what this component does on this release."""
    facts = release.facts
    return {
        name: True
        for name in facts["article"]["effective"]
        if component in facts["gates"][name].get("components", (component,))
    }


def given_gates(release: Release, words: Iterable[str]) -> Gates:
    """Read gates as a user gives them, ``NAME`` or ``NAME=true|false``.

    Raises:
        UsageError: if the release does not know a gate or has locked it, a value is no boolean, or two contradict.

    """
    gates: Gates = {}
    for word in words:
        name, _, text = word.partition("=")
        value = WORDS.get(text or "true")
        if value is None:
            raise UsageError(f"gate {name}: {text!r} is neither true nor false. Write {name}=true or {name}=false.")
        problem = problem_with(release, name)
        if problem:
            raise UsageError(f"gate {name}: {problem}")
        if gates.setdefault(name, value) != value:
            raise UsageError(f"gate {name}: is given both as true and as false. Keep one of the two.")
    return gates


def problem_with(release: Release, name: str, *, value: bool | None = None) -> str:
    """Say why a gate cannot be set on this release; empty where it can.

    A locked gate may stand at the value that it has anyway: without a value, no gate that is locked may be named.
    """
    gate = release.facts["gates"].get(name)
    if gate is None:
        known = release.facts["gates"]
        guess = did_you_mean(name, known)
        fix = f"{guess} Otherwise leave it out." if guess else "Leave it out."
        return f"Kubernetes {release.version} has no such gate (it knows {len(known)}), and no component starts with it. {fix}"
    if gate.get("locked") and value != gate["default"]:
        return f"is locked to {word_of(gate['default'])} in Kubernetes {release.version}, and can no longer be set. Leave it out."
    return ""


def flag_value(gates: Mapping[str, bool]) -> str:
    """Write gates as the value of the flag: ``A=true,B=false``."""
    return ",".join(f"{name}={word_of(value)}" for name, value in gates.items())


def written(form: Form, kubelet: Gates, apiserver: Gates, reasons: Mapping[str, str]) -> str:
    """Write the gates in one form; ``all`` is every form, each under a line that says where it belongs.

    The reasons, by gate, become comments where the form has such; kube-apiserver's bare flag has none.
    """
    if form == "kubelet-env":
        return f"{_comments(kubelet, reasons)}KUBELET_EXTRA_ARGS={FLAG}={flag_value(kubelet)}\n"
    if form == "apiserver":
        return f"{FLAG}={flag_value(apiserver)}\n"
    if form == "kubeadm":
        return writer.join(
            _comments(gates, reasons) + writer.document(content)
            for gates, content in (
                (apiserver, _cluster_configuration(apiserver)),
                (kubelet, _kubelet_configuration(kubelet)),
            )
        )
    return "\n".join(
        f"# {where}\n{text}"
        for where, text in (
            (
                "/etc/default/kubelet on every node (/etc/sysconfig/kubelet with RPMs); then restart the kubelet.",
                written("kubelet-env", kubelet, apiserver, reasons),
            ),
            (
                "/etc/kubernetes/manifests/kube-apiserver.yaml, a line of the container's command; --patch puts it there.",
                _comments(apiserver, reasons) + written("apiserver", kubelet, apiserver, reasons),
            ),
            (
                "Instead of both, for a new cluster: a file for kubeadm init --config.",
                written("kubeadm", kubelet, apiserver, reasons),
            ),
        )
    )


def reasons_for(release: Release, gates: Iterable[str]) -> dict[str, str]:
    """Return what each gate is good for, as far as that is known."""
    known = release.facts["gates"]
    return {name: known[name]["reason"] for name in gates if "reason" in known[name]}


def _comments(gates: Gates, reasons: Mapping[str, str]) -> str:
    return "".join(f"# {name}: {reasons[name]}\n" for name in gates if name in reasons)


def _cluster_configuration(gates: Gates) -> dict[str, Any]:
    args = {FLAG.removeprefix("--"): flag_value(gates)}
    return {"apiVersion": KUBEADM, "kind": "ClusterConfiguration", "apiServer": {"extraArgs": args}}


def _kubelet_configuration(gates: Gates) -> dict[str, Any]:
    return {"apiVersion": KUBELET, "kind": "KubeletConfiguration", "featureGates": dict(gates)}
