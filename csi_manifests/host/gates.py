"""The host's side of a setup: which feature gates the kubelet and kube-apiserver need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.gates import WORDS, word_of
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.knowledge.releases import Release

Component = Literal["kubelet", "kube-apiserver"]
Gates = dict[str, bool]
"""Gates by name, in the order in which they are written."""


class HostGates(NamedTuple):
    """The gates of a host's two components, and what each gate is good for, where that is to be said."""

    kubelet: Gates
    apiserver: Gates
    reasons: Mapping[str, str]


def host_gates(release: Release, given: Iterable[str] = (), *, needed: bool = False) -> HostGates:
    """Return the gates given as ``NAME`` or ``NAME=true|false``; without any, the default or only the needed ones.

    Raises:
        UsageError: if a given gate cannot be set.

    """
    if gates := given_gates(release, given):
        return HostGates(gates, gates, {})
    if not needed:
        return HostGates(article_gates(release), article_gates(release), {})
    kubelet, apiserver = needed_gates(release, "kubelet"), needed_gates(release, "kube-apiserver")
    return HostGates(kubelet, apiserver, reasons_for(release, [*kubelet, *apiserver]))


def article_gates(release: Release) -> Gates:
    """Return the default gates, which are set on every component, in their order."""
    return dict.fromkeys(release.facts["article"]["gates"], True)


def needed_gates(release: Release, component: Component) -> Gates:
    """Return the default gates that change what this component does on this release."""
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


def reasons_for(release: Release, gates: Iterable[str]) -> dict[str, str]:
    """Return what each gate is good for, as far as that is known."""
    known = release.facts["gates"]
    return {name: known[name]["reason"] for name in gates if "reason" in known[name]}


def reason_lines(gates: Gates, reasons: Mapping[str, str]) -> list[str]:
    """Return a line for each gate that has a reason."""
    return [f"{name}: {reasons[name]}" for name in gates if name in reasons]
