"""Write what ``apply`` and ``delete`` would do as a script for the shell: the plan as comments, kubectl's lines below."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from csi_manifests.cluster.apply import MADE_BY, named
from csi_manifests.cluster.plan import SETS, apply_steps, delete_phases, namespaces, sleeps, spec
from csi_manifests.cluster.waits import READY
from csi_manifests.writer import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.bundle import Bundle, Manifest
    from csi_manifests.cluster.kubectl import Kubectl
    from csi_manifests.models.resource import Key

_HEAD = """\
set -eu

# until_so SECONDS CONDITION: try each second, and give up with exit code 4 when the time is over.
until_so() {
  left=$1
  until eval "$2"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "not so in time: $2" >&2; exit 4; }
    sleep 1
  done
}
"""
_END = "CSI_MANIFESTS_END"


def apply_script(bundle: Bundle, kubectl: Kubectl, timeout: float) -> str:
    """Write how a staged bundle is applied; runs as it stands."""
    steps = apply_steps(bundle)
    command = shlex.join(kubectl.words)
    lines = [f"# apply {len(bundle)} objects in {len(steps)} steps"]
    for number, step in enumerate(steps, 1):
        lines += [f"# {number}. before: {_wanted(key)}" for key in step.needs]
        lines.append(f"# {number}. stage {step.stage}: {named(step.items)}")
        lines += [f"#    then: {_wanted(key)}" for key in step.awaited]
    lines += [_HEAD]
    labels = ",".join(f'"{name}": "{value}"' for name, value in MADE_BY.items())
    for name in namespaces(list(bundle)):
        if name == "default":  # which every cluster has
            continue
        manifest = (
            f'{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{name}", "labels": {{{labels}}}}}}}'
        )
        lines.append(f"{command} get namespace {name} >/dev/null 2>&1 || echo '{manifest}' | {command} apply -f -")
    for number, step in enumerate(steps, 1):
        lines.append(f"\n# {number}. stage {step.stage}")
        lines += [_until(command, key, timeout) for key in step.needs]
        lines += [
            f"# {item.key}: not shown. Apply it from its own file." for item in step.items if item.key.kind == "Secret"
        ]
        shown = yaml.join(yaml.document(item.to_dict()) for item in step.items if item.key.kind != "Secret")
        if shown:
            lines.append(f"{command} apply -f - <<'{_END}'\n{shown}{_END}")
        lines += [_until(command, key, timeout) for key in step.awaited]
    return "\n".join(lines) + "\n"


def delete_script(bundle: Bundle, kubectl: Kubectl, timeout: float) -> str:
    """Write how a staged bundle is deleted; what is kept because others need it, only the cluster knows."""
    phases = delete_phases(bundle)
    command = shlex.join(kubectl.words)
    lines = [f"# delete {len(bundle)} objects in {len(phases)} phases, each awaited"]
    lines += [f"# {number}. {phase.title}: {named(phase.items)}" for number, phase in enumerate(phases, 1)]
    lines += [
        "# 'csi-manifests delete' keeps the definitions that something else needs, and refuses to take the driver from",
        "# volumes of others; this script does not look.",
        _HEAD,
    ]
    for number, phase in enumerate(phases, 1):
        lines.append(f"\n# {number}. {phase.title}")
        for item in phase.items:
            grace = " --grace-period=1" if item.key.kind == "Pod" and sleeps(item) else ""
            # A kind that the server no longer serves is no error here: its objects are gone.
            lines.append(f"{_line(command, 'delete', item.key)} --ignore-not-found --wait=false{grace} || true")
        lines += [f"until_so {timeout:.0f} {shlex.quote(test)}" for test in _gone(command, phase.items)]
    return "\n".join(lines) + "\n"


def _gone(command: str, items: Sequence[Manifest]) -> Iterator[str]:
    for item in items:
        key = item.key
        yield f'[ -z "$({_line(command, "get", key)} --ignore-not-found -o name 2>/dev/null)" ]'
        if key.kind == "PersistentVolumeClaim":
            yield _none_names(command, "persistentvolumes", "claimRef", key)
        if key.kind == "VolumeSnapshot":
            yield _none_names(command, "volumesnapshotcontents.snapshot.storage.k8s.io", "volumeSnapshotRef", key)
        if key.kind in SETS:
            labels = ",".join(
                f"{name}={value}" for name, value in spec(item)["selector"].get("matchLabels", {}).items()
            )
            yield f'[ -z "$({command} get pods -n {key.namespace} -l {labels} -o name)" ]'


def _none_names(command: str, resource: str, field: str, key: Key) -> str:
    listed = f"{{range .items[*]}}{{.spec.{field}.namespace}}/{{.spec.{field}.name}} {{end}}"
    return f"case \" $({command} get {resource} -o jsonpath='{listed}' 2>/dev/null)\" in *' {key.namespace}/{key.name} '*) false;; esac"


def _until(command: str, key: Key, timeout: float) -> str:
    test = READY[key.group, key.kind].test.format(get=_line(command, "get", key))
    return f"until_so {timeout:.0f} {shlex.quote(test)}  # {_wanted(key)}"


def _wanted(key: Key) -> str:
    return f"{key} {READY[key.group, key.kind].words}"


def _line(command: str, verb: str, key: Key) -> str:
    kind = f"{key.kind.lower()}.{key.group}" if key.group else key.kind.lower()
    return f"{command} {verb} {kind}/{key.name}" + (f" -n {key.namespace}" if key.namespace else "")
