"""The flags that sidecars are started with: whether their release has them, reads them and needs others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.paths import cleaned, mount_of
from csi_manifests.analysis.programs import Flag, Sidecar, is_script, words_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.flags import Program, known_program
from csi_manifests.knowledge.gates import WORDS
from csi_manifests.knowledge.versions import dotted
from csi_manifests.models.core_v1 import ServiceAccount
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.findings import Severity

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  (where a token is, not one)

# As Go reads them: time.ParseDuration, strconv.ParseInt with base 0, strconv.ParseFloat.
_DURATION = re.compile(r"[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_UINT = re.compile(r"\d+|0[xX][0-9a-fA-F]+")
_INT = re.compile(rf"[-+]?(?:{_UINT.pattern})")
_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_GATE = re.compile(r"[A-Za-z]\w*=(?:true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)")
_EXAMPLES = {
    "duration": "15s or 1m30s",
    "bool": "true or false",
    "int": "5",
    "uint": "5",
    "float": "0.5",
    "gates": "Topology=true",
}
_HELP = frozenset({"h", "help"})


def _v(version: tuple[int, ...]) -> str:
    return f"v{dotted(version)}"


@rule(
    "CSI425",
    "unknown-flag",
    "a sidecar's release has the flags that it is given",
    Sidecar,
    fix="Remove the flag, or use a release of the sidecar that has it.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-snapshotter
      image: quay.io/k8scsi/csi-snapshotter:v1.0.1
-     args: [--csi-address=/csi/csi.sock, --leader-election]
+     args: [--csi-address=/csi/csi.sock]
""",
)
def flag_exists(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """A program that is given a flag it does not have prints its usage and ends, again and again: CrashLoopBackOff."""
    program = known_program(sidecar.program)
    if program is None:
        return
    if sidecar.version is None or not program.covers(sidecar.version):
        return
    known = program.flags_in(sidecar.version)
    for flag in sidecar.given:
        if flag.name in known or flag.name in _HELP:
            continue
        other = program.flags.get(flag.name)
        message = f"{sidecar} has no flag --{flag.name}"
        fix = did_you_mean(f"--{flag.name}", [f"--{name}" for name in known])
        if other is not None and other.releases.first > sidecar.version:
            message += f", which came with {_v(other.releases.first)}"
            fix = ""
        elif other is not None and other.releases.last:
            message += f", which ended with {_v(other.releases.last)}"
            fix = ""
        # A rebuilt image, as its tag says by what is added to the release, may have been changed.
        severity: Severity = "error" if sidecar.is_upstream else "warning"
        yield Problem(sidecar.pointer + flag.pointer, message, fix, severity)


@rule(
    "CSI426",
    "ineffective-flag",
    "a flag has an effect",
    Sidecar,
    severity="info",
    fix="Remove the flag: the next major release refuses to start with it.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.1.0
-     args: [--csi-address=/csi/csi.sock, --provisioner=driver.example.com]
+     args: [--csi-address=/csi/csi.sock]
""",
)
def flag_is_read(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """Some releases still accept a flag that no longer has an effect, so what it asks for does not happen."""
    program = known_program(sidecar.program)
    if program is None:
        return
    for flag in sidecar.given if sidecar.version else ():
        known = program.flags.get(flag.name)
        if (
            known
            and known.ignored
            and sidecar.version
            and known.is_in(sidecar.version)
            and known.is_ignored_in(sidecar.version)
        ):
            message = f"{sidecar} ignores --{flag.name}, as every release from {_v(known.ignored)} on"
            yield Problem(sidecar.pointer + flag.pointer, message)


def _type_of(flag: Flag, sidecar: Sidecar, program: Program) -> str:
    """Return the type of a flag, in the sidecar's release or, where that is not known, in any."""
    own = program.flags.get(flag.name)
    return own.type if own else program.flags_in(sidecar.version or program.last).get(flag.name, "")


@rule(
    "CSI427",
    "invalid-flag-value",
    "a flag's value has the type of the flag",
    Sidecar,
    fix="Write the value as the flag's type asks for.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-snapshotter
      image: quay.io/k8scsi/csi-snapshotter:v1.0.1
-     args: [--csi-address=/csi/csi.sock, --connection-timeout=15]
+     args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
""",
)
def flag_value_is_of_its_type(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """A program ends at once when it cannot read a flag's value; a duration needs a unit, and d is not one."""
    program = known_program(sidecar.program)
    if program is None:
        return
    words = dict(words_of(sidecar.container))
    for flag in sidecar.given:
        kind = _type_of(flag, sidecar, program)
        pointer = sidecar.pointer + flag.pointer
        if flag.joined and "=" not in words[flag.pointer]:
            if kind not in {"bool", ""}:
                yield Problem(pointer, f"--{flag.name} has no value")
        elif "$(" not in flag.value and not _is(kind, flag.value) and (flag.joined or kind != "bool"):
            choices = kind.replace("|", " or ") if "|" in kind else f"a {kind}, such as {_EXAMPLES.get(kind, '')}"
            yield Problem(pointer, f"--{flag.name} is {flag.value!r}, not {choices}")


def _is(kind: str, value: str) -> bool:
    patterns = {"duration": _DURATION, "int": _INT, "uint": _UINT, "float": _FLOAT}
    if kind in patterns:
        return patterns[kind].fullmatch(value) is not None
    if kind == "bool":
        return value in WORDS
    if kind == "gates":
        return all(_GATE.fullmatch(part.strip()) for part in value.split(",") if part)
    return "|" not in kind or value in kind.split("|")


@rule(
    "CSI428",
    "unread-argument",
    "a program reads all of its arguments",
    Sidecar,
    fix="Join a flag and its value by '=', and remove what is not a flag.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
-     args: [--csi-address=/csi/csi.sock, --enable-leader-election, 'true', --provisioner=driver.example.com]
+     args: [--csi-address=/csi/csi.sock, --enable-leader-election=true, --provisioner=driver.example.com]
""",
)
def all_arguments_are_read(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """Go programs stop reading flags at the first argument that is not one, and a boolean flag never takes the next argument as its value."""
    program = known_program(sidecar.program)
    if program is None:
        return
    rest = _unread(sidecar, program)
    if rest:
        pointer, word = rest[0]
        flags = [text for _, text in rest[1:] if text.startswith("-")]
        said = f", nor anything after it, as {flags[0]}" if flags else ""
        message = f"{sidecar} does not read {word!r}{said}"
        yield Problem(sidecar.pointer + pointer, message, severity="error" if flags else "warning")


def _unread(sidecar: Sidecar, program: Program) -> list[tuple[str, str]]:
    words = [] if is_script(sidecar.container) else list(words_of(sidecar.container))
    places = {flag.pointer: flag for flag in sidecar.given}
    number = 0
    while number < len(words):
        flag = places.get(words[number][0])
        if flag is None:
            return words[number:]
        takes_next = not flag.joined and _type_of(flag, sidecar, program) != "bool"
        number += 2 if takes_next else 1
    return []


@rule(
    "CSI429",
    "missing-flag",
    "a sidecar has the flags and variables that it needs",
    Sidecar,
    fix="Add the flag or the variable.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v1.0.1
-     args: [--csi-address=/csi/csi.sock, --leader-election]
+     args: [--csi-address=/csi/csi.sock, --leader-election, --leader-election-namespace=default, --leader-election-identity=a]
""",
)
def required_flags_are_given(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """Some programs end at once, or never do anything, without a flag or variable that others have a default for."""
    if is_script(sidecar.container):
        return
    yield from _required(sidecar)


def _required(sidecar: Sidecar) -> Iterator[Problem]:
    flags, version = sidecar.flags, sidecar.version
    before_1_0 = version is not None and version < (1, 0, 0)
    if sidecar.program == "driver-registrar" and flags.get("mode") != "kubernetes-register":
        if before_1_0 and not _has_variable(sidecar, "KUBE_NODE_NAME"):
            fix = "Add the variable KUBE_NODE_NAME, from the field spec.nodeName."
            yield Problem(sidecar.pointer, f"{sidecar} ends at once without the variable KUBE_NODE_NAME", fix)
        yield from _registration_path(sidecar)
    elif sidecar.program == "csi-node-driver-registrar" and flags.get("mode") != "kubelet-registration-probe":
        yield from _registration_path(sidecar)
    elif sidecar.program == "csi-attacher" and version is not None and version < (1, 1, 0):
        missing = [name for name in ("leader-election-namespace", "leader-election-identity") if not flags.get(name)]
        if WORDS.get(flags.get("leader-election", "")) and missing:
            message = f"{sidecar} with --leader-election ends at once without --{' and --'.join(missing)}"
            yield Problem(sidecar.pointer_of("leader-election"), message)
    elif sidecar.program == "csi-provisioner" and before_1_0 and not flags.get("provisioner"):
        message = f"{sidecar} does not ask the driver for its name, and has no --provisioner"
        yield Problem(sidecar.pointer, message, "Add --provisioner with the driver's name.", "warning")
    elif (
        sidecar.program == "csi-provisioner"
        and WORDS.get(flags.get("node-deployment", ""))
        and not _has_variable(sidecar, "NODE_NAME")
    ):
        fix = "Add the variable NODE_NAME, from the field spec.nodeName."
        yield Problem(
            sidecar.pointer, f"{sidecar} with --node-deployment ends at once without the variable NODE_NAME", fix
        )


def _registration_path(sidecar: Sidecar) -> Iterator[Problem]:
    if not sidecar.flags.get("kubelet-registration-path"):
        fix = "Add --kubelet-registration-path with the path of the driver's socket on the node."
        severity: Severity = "error" if sidecar.is_sure else "warning"
        message = f"{sidecar} has no --kubelet-registration-path: the kubelet never knows the driver"
        yield Problem(sidecar.pointer, message, fix, severity)


def _has_variable(sidecar: Sidecar, name: str) -> bool:
    given = [variable for variable in sidecar.container.env or () if variable.name == name]
    return bool(sidecar.container.env_from) or any(variable.value or variable.value_from for variable in given)


@rule(
    "CSI430",
    "missing-token",
    "a sidecar that calls the API server has a token",
    Sidecar,
    fix="Set automountServiceAccountToken: true in the pod or, if the pod does not set it, in its ServiceAccount.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
-   automountServiceAccountToken: false
+   automountServiceAccountToken: true
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
      args: [--csi-address=/csi/csi.sock]
""",
)
def token_is_mounted(sidecar: Sidecar, context: Context) -> Iterator[Problem]:
    """Without its account's token a sidecar ends when it starts; so does driver-registrar 0.4, although it makes no call at all."""
    spec = sidecar.pod.spec
    mounts, where = spec.automount_service_account_token, "the pod"
    if mounts is None:
        name = spec.service_account_name or spec.service_account or "default"
        item = context.bundle.index.get(("", "ServiceAccount", sidecar.pod.namespace, name))
        account = item.resource if item else None
        mounts = account.automount_service_account_token if isinstance(account, ServiceAccount) else None
        where = f"ServiceAccount {name!r}"
    if mounts is False and _needs_token(sidecar):
        message = f"{sidecar} needs a token, and {where} has automountServiceAccountToken: false"
        yield Problem(sidecar.pointer, message, severity="error" if sidecar.is_sure else "warning")


def _needs_token(sidecar: Sidecar) -> bool:
    if sidecar.flags.keys() & {"kubeconfig", "master"} or _has_variable(sidecar, "KUBECONFIG"):
        return False
    if mount_of(cleaned(_TOKEN), sidecar.container) is not None:
        return False
    if sidecar.program == "driver-registrar":
        return sidecar.version is not None and sidecar.version >= (0, 4, 0)
    if sidecar.program == "csi-node-driver-registrar":
        return sidecar.version == (1, 0, 1)
    return sidecar.program not in {"livenessprobe", "hostpathplugin"}


@rule(
    "CSI431",
    "long-attacher-wait",
    "csi-attacher waits no longer for the driver than other sidecars",
    Sidecar,
    severity="info",
    fix="Add --connection-timeout=15s, or apply the driver before its sidecars.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi}
  spec:
    containers:
    - name: csi-attacher
      image: quay.io/k8scsi/csi-attacher:v0.4.1
-     args: [--csi-address=/csi/csi.sock]
+     args: [--csi-address=/csi/csi.sock, --connection-timeout=15s]
""",
)
def attacher_does_not_wait(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """If it starts before the driver has made its socket, csi-attacher 0.4 looks again only after this time, a minute by default."""
    waits = sidecar.program == "csi-attacher" and sidecar.version is not None and sidecar.version[:2] == (0, 4)
    if waits and "connection-timeout" not in sidecar.flags:
        yield Problem(sidecar.pointer, f"{sidecar} has no --connection-timeout, which is 60 s by default")
