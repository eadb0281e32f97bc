"""The host's side of a setup: which feature gates the kubelet and kube-apiserver need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from csi_manifests.errors import UsageError
from csi_manifests.knowledge.feature_gates import removed_in
from csi_manifests.knowledge.gates import WORDS, word_of
from csi_manifests.knowledge.releases import DEFAULT_RELEASE
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from csi_manifests.knowledge.releases import Release

HostComponent = Literal["kubelet", "kube-apiserver"]
Gates = dict[str, bool]
"""Gates by name, in the order in which they are written."""

_DEFAULT: Final = ("VolumeSnapshotDataSource", "KubeletPluginsWatcher", "CSINodeInfo", "CSIDriverRegistry")
"""The gates of the setup that README names, in its order; it sets them on both components."""


class HostGates(NamedTuple):
    """The gates of a host's two components, and what each gate is good for, where that is to be said."""

    kubelet: Gates
    apiserver: Gates
    reasons: Mapping[str, str]


def host_gates(release: Release, given: Iterable[str] = (), *, needed: bool = False) -> HostGates:
    """Return the gates given as ``NAME`` or ``NAME=true|false``; without any, the default or only the needed ones.

    The default is for 1.13. On any other release only the needed ones are set, if there are any: later releases do not
    know all of the default ones.

    Raises:
        UsageError: if a given gate cannot be set.

    """
    if gates := given_gates(release, given):
        return HostGates(gates, gates, {})
    if not needed and release.version == DEFAULT_RELEASE:
        return HostGates(default_gates(), default_gates(), {})
    kubelet, apiserver = needed_gates(release, "kubelet"), needed_gates(release, "kube-apiserver")
    return HostGates(kubelet, apiserver, reasons_for(release, [*kubelet, *apiserver]))


def default_gates() -> Gates:
    """Return the default gates, which are set on every component, in their order."""
    return dict.fromkeys(_DEFAULT, True)


def needed_gates(release: Release, component: HostComponent) -> Gates:
    """Return those of the default gates that this component of this release reads and has off unless told otherwise."""
    known = {name: release.gates[name] for name in _DEFAULT if name in release.gates}
    return {name: True for name, gate in known.items() if not gate.default and component in gate.components}


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
    known = release.gates
    if removed := removed_in(name, release.minor):
        return (
            f"was removed in Kubernetes {removed}, and no component of {release.version} starts with it. Leave it out."
        )
    if name not in known:
        guess = did_you_mean(name, known)
        fix = f"{guess} Otherwise leave it out." if guess else "Leave it out."
        return f"Kubernetes {release.version} has no such gate (it knows {len(known)}), and no component starts with it. {fix}"
    gate = known[name]
    if gate.locked and value != gate.default:
        return f"is locked to {word_of(gate.default)} in Kubernetes {release.version}, and can no longer be set. Leave it out."
    return ""


def flag_value(gates: Mapping[str, bool]) -> str:
    """Write gates as the value of the flag: ``A=true,B=false``."""
    return ",".join(f"{name}={word_of(value)}" for name, value in gates.items())


def reasons_for(release: Release, gates: Iterable[str]) -> dict[str, str]:
    """Return what each gate is good for, as far as that is known."""
    return {name: release.gates[name].reason for name in gates if release.gates[name].reason}


def notes(gates: HostGates, release: Release, *, bare: bool) -> list[str]:
    """Return what is to be said beside the gates: that there are none, or, beside a bare flag, what each is good for."""
    if not (gates.kubelet or gates.apiserver):
        return [f"Kubernetes {release.version} needs no feature gate."]
    return reason_lines(gates.apiserver, gates.reasons) if bare else []


def reason_lines(gates: Gates, reasons: Mapping[str, str]) -> list[str]:
    """Return a line for each gate that has a reason."""
    return [f"{name}: {reasons[name]}" for name in gates if name in reasons]
