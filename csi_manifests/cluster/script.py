"""Write what ``apply`` and ``delete`` would do as a script for the shell: the plan as comments, kubectl's lines below."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from csi_manifests.cluster.apply import MADE_BY, named
from csi_manifests.cluster.kubectl import part
from csi_manifests.cluster.objects import CONTENTS, SETS
from csi_manifests.cluster.plan import apply_steps, delete_phases, namespaces, sleeps, spec
from csi_manifests.cluster.waits import READY
from csi_manifests.text.words import printable
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from csi_manifests.bundle.bundle import Bundle, Manifest
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
_DELETE_HEAD = """\
# What kubectl last complained about; it is shown if the script fails.
errors=$(mktemp)
trap 'code=$?; [ "$code" = 0 ] || cat "$errors" >&2; rm -f "$errors"' EXIT
trap 'exit 130' HUP INT TERM

# ask COMMAND: set "found" to what kubectl says. A kind that is not served (any more) has no objects; any other failure
# is a failure.
ask() {
  found=$("$@" 2>"$errors") && return
  found=
  grep -Eq "the server doesn't have a resource type|could not find the requested resource|no matches for" "$errors"
}

# remove COMMAND: ask for something to be deleted, and end the script if that fails.
remove() {
  ask "$@" || exit 4
  [ -z "$found" ] || printf '%s\\n' "$found"
}

# gone COMMAND: nothing is found. A server that does not say is asked again by until_so.
gone() {
  ask "$@" && [ -z "$found" ]
}
"""
_END = "CSI_MANIFESTS_END"


def apply_script(bundle: Bundle, kubectl: Kubectl, timeout: float) -> str:
    """Write how a staged bundle is applied; runs as it stands."""
    steps = apply_steps(bundle)
    words = kubectl.words
    lines = [f"# apply {len(bundle)} objects in {len(steps)} steps"]
    for number, step in enumerate(steps, 1):
        lines += [_comment(f"{number}. before: {_wanted(key)}") for key in step.needs]
        lines.append(_comment(f"{number}. stage {step.stage}: {named(step.items)}"))
        lines += [_comment(f"   then: {_wanted(key)}") for key in step.awaited]
    lines += [_HEAD]
    for name in namespaces(list(bundle)):
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": MADE_BY}}
        look = shlex.join([*words, "get", f"namespace/{name}"])
        tell = shlex.join(["printf", r"%s\n", json.dumps(manifest)])
        lines.append(f"{look} >/dev/null 2>&1 || {tell} | {shlex.join(words)} apply -f -")
    for number, step in enumerate(steps, 1):
        lines.append(f"\n# {number}. stage {step.stage}")
        lines += [_until(words, key, timeout) for key in step.needs]
        lines += [
            _comment(f"{item.key}: not shown. Apply it from its own file.")
            for item in step.items
            if item.key.kind == "Secret"
        ]
        shown = writer.join(writer.document(item.to_dict()) for item in step.items if item.key.kind != "Secret")
        if shown:
            end = _END
            while end in shown:
                end += "_"
            lines.append(f"{shlex.join(words)} apply -f - <<'{end}'\n{shown}{end}")
        lines += [_until(words, key, timeout) for key in step.awaited]
    return "\n".join(lines) + "\n"


def delete_script(bundle: Bundle, kubectl: Kubectl, timeout: float) -> str:
    """Write how a staged bundle is deleted; what is kept because others need it, only the cluster knows."""
    phases = delete_phases(bundle)
    words = kubectl.words
    lines = [f"# delete {len(bundle)} objects in {len(phases)} phases, each awaited"]
    lines += [_comment(f"{number}. {phase.title}: {named(phase.items)}") for number, phase in enumerate(phases, 1)]
    lines += [
        "# 'csi-manifests delete' keeps the definitions, roles, bindings and classes that something else needs, and refuses",
        "# to take the driver from volumes of others; this script does not look.",
        _HEAD,
        _DELETE_HEAD,
        "# With credentials that it refuses, some servers seem to serve no kind at all.",
        f"{shlex.join([*words, 'get', '--raw', '/api'])} >/dev/null",
    ]
    for number, phase in enumerate(phases, 1):
        lines.append(f"\n# {number}. {phase.title}")
        for item in phase.items:
            grace = ["--grace-period=1"] if item.key.kind == "Pod" and sleeps(item) else []
            asked = _line(words, "delete", item.key, "--ignore-not-found", "--wait=false", *grace)
            lines.append(f"remove {asked}")
        lines += [f"until_so {timeout:.0f} {shlex.quote(test)}" for test in _gone(words, phase.items)]
    return "\n".join(lines) + "\n"


def _gone(words: Sequence[str], items: Sequence[Manifest]) -> Iterator[str]:
    for item in items:
        key = item.key
        yield f"gone {_line(words, 'get', key, '--ignore-not-found', '-o', 'name')}"
        if key.kind == "PersistentVolumeClaim":
            yield _none_names(words, "persistentvolumes", "claimRef", key)
        if key.kind == "VolumeSnapshot":
            yield _none_names(words, CONTENTS, "volumeSnapshotRef", key)
        labels = part(spec(item), "selector", "matchLabels") if key.kind in SETS else {}
        if labels:
            selector = ",".join(f"{name}={value}" for name, value in labels.items())
            pods = shlex.join([*words, "get", "pods", "-n", key.namespace, "-l", selector, "-o", "name"])
            yield f"gone {pods}"


def _none_names(words: Sequence[str], resource: str, field: str, key: Key) -> str:
    listed = f"{{range .items[*]}}{{.spec.{field}.namespace}}/{{.spec.{field}.name}} {{end}}"
    asked = shlex.join([*words, "get", resource, "-o", f"jsonpath={listed}"])
    named_there = shlex.quote(f" {key.namespace}/{key.name} ")
    return f'ask {asked} && case " $found" in *{named_there}*) false;; esac'


def _until(words: Sequence[str], key: Key, timeout: float) -> str:
    test = READY[key.group, key.kind].test.format(get=_line(words, "get", key))
    return f"until_so {timeout:.0f} {shlex.quote(test)}  {_comment(_wanted(key))}"


def _wanted(key: Key) -> str:
    return f"{key} {READY[key.group, key.kind].words}"


def _line(words: Sequence[str], verb: str, key: Key, *flags: str) -> str:
    """Write a call of kubectl about one object, each word quoted: names come from anybody's files."""
    kind = f"{key.kind.lower()}.{key.group}" if key.group else key.kind.lower()
    place = ["-n", key.namespace] if key.namespace else []
    return shlex.join([*words, verb, f"{kind}/{key.name}", *place, *flags])


def _comment(text: str) -> str:
    return f"# {printable(text)}"
