"""4xx: the flags that sidecars are started with: whether their release has them, reads them and needs others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csi_manifests.analysis.paths import mount_of, normal
from csi_manifests.analysis.pods import POD_SOURCES
from csi_manifests.analysis.programs import CONTROLLERS, Flag, Sidecar, is_script, sidecars_of, words_of
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.flags import Program, known_program
from csi_manifests.knowledge.gates import WORDS
from csi_manifests.models.apps_v1 import DaemonSet, DaemonSetSpec, Deployment, StatefulSet
from csi_manifests.models.core_v1 import ServiceAccount
from csi_manifests.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.findings import Severity
    from csi_manifests.knowledge.flags import Version

_ELECTING = ("leader-election", "enable-leader-election", "node-deployment")
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

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: csi}
spec:
  containers:
  - name: PROGRAM
    image: quay.io/k8scsi/PROGRAM:VERSION
    args: [--csi-address=/csi/csi.sockFLAGS]
"""


def _pod(program: str, version: str, flags: str = "") -> str:
    return _POD.replace("PROGRAM", program).replace("VERSION", version).replace("FLAGS", flags)


def _with_program(resource: Manifest, context: Context) -> Iterator[tuple[Sidecar, Program]]:
    """Return the sidecars of an object whose flags are known."""
    for sidecar in sidecars_of(resource, context):
        program = known_program(sidecar.program)
        if program is not None:
            yield sidecar, program


def _v(version: Version) -> str:
    return f"v{'.'.join(map(str, version))}"


@rule(
    "CSI425",
    "a sidecar's release has the flags it is given",
    *POD_SOURCES,
    fix="Take the flag out, or use a release of the sidecar that has it.",
    bad=_pod("csi-snapshotter", "v1.0.1", ", --leader-election"),
    good=_pod("csi-snapshotter", "v1.0.1"),
)
def flag_exists(resource: Manifest, context: Context) -> Iterator[Problem]:
    """A program that is given a flag it does not have prints its usage and ends, and so on for ever: CrashLoopBackOff."""
    for sidecar, program in _with_program(resource, context):
        if sidecar.version is None or not program.covers(sidecar.version):
            continue
        known = program.flags_in(sidecar.version)
        for flag in sidecar.given:
            if flag.name in known or flag.name in _HELP:
                continue
            other = program.flags.get(flag.name)
            message = f"{sidecar} has no flag --{flag.name}"
            fix = did_you_mean(f"--{flag.name}", [f"--{name}" for name in known])
            if other is not None and other.first > sidecar.version:
                message += f", which came with {_v(other.first)}"
                fix = ""
            elif other is not None and other.last is not None:
                message += f", which ended with {_v(other.last)}"
                fix = ""
            # A rebuilt image, as its tag says by what is added to the release, may have been changed.
            severity: Severity = "error" if sidecar.is_upstream else "warning"
            yield Problem(sidecar.pointer + flag.pointer, message, fix, severity)


@rule(
    "CSI426",
    "a flag does something",
    *POD_SOURCES,
    severity="info",
    fix="Take the flag out: the next major release refuses to start with it.",
    bad=_pod("csi-provisioner", "v1.1.0", ", --provisioner=driver.example.com"),
    good=_pod("csi-provisioner", "v1.1.0"),
)
def flag_is_read(resource: Manifest, context: Context) -> Iterator[Problem]:
    """Some releases still take a flag that no longer means anything, so what it asks for does not happen."""
    for sidecar, program in _with_program(resource, context):
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
    "a flag's value can be read",
    *POD_SOURCES,
    fix="Write the value as the flag's type asks for.",
    bad=_pod("csi-snapshotter", "v1.0.1", ", --connection-timeout=15"),
    good=_pod("csi-snapshotter", "v1.0.1", ", --connection-timeout=15s"),
)
def flag_value_is_of_its_type(resource: Manifest, context: Context) -> Iterator[Problem]:
    """A program ends at once when it cannot read a flag's value; a duration needs its unit, and 1d is none."""
    for sidecar, program in _with_program(resource, context):
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
    "a program reads all of its arguments",
    *POD_SOURCES,
    fix="Join a flag and its value by '=', and take out what is no flag.",
    bad=_pod("csi-provisioner", "v1.0.1", ", --enable-leader-election, 'true', --provisioner=driver.example.com"),
    good=_pod("csi-provisioner", "v1.0.1", ", --enable-leader-election=true, --provisioner=driver.example.com"),
)
def all_arguments_are_read(resource: Manifest, context: Context) -> Iterator[Problem]:
    """Go programs stop reading flags at the first argument that is none, and a boolean flag takes no argument for its value."""
    for sidecar, program in _with_program(resource, context):
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
    "a sidecar has the flags and variables it cannot do without",
    *POD_SOURCES,
    fix="Add the flag or the variable.",
    bad=_pod("csi-attacher", "v1.0.1", ", --leader-election"),
    good=_pod(
        "csi-attacher",
        "v1.0.1",
        ", --leader-election, --leader-election-namespace=default, --leader-election-identity=a",
    ),
)
def required_flags_are_given(resource: Manifest, context: Context) -> Iterator[Problem]:
    """Some programs end at once, or never do anything, without a flag or variable that others have a default for."""
    for sidecar in sidecars_of(resource, context):
        if is_script(sidecar.container):
            continue
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


_NO_TOKEN = _pod("csi-provisioner", "v1.0.1").replace("spec:", "spec:\n  automountServiceAccountToken: MOUNT")


@rule(
    "CSI430",
    "a sidecar that talks to the API server has a token",
    *POD_SOURCES,
    fix="Let automountServiceAccountToken be true, in the pod or, where it does not say, in its ServiceAccount.",
    bad=_NO_TOKEN.replace("MOUNT", "false"),
    good=_NO_TOKEN.replace("MOUNT", "true"),
)
def token_is_mounted(resource: Manifest, context: Context) -> Iterator[Problem]:
    """Without its account's token a sidecar ends when it starts; driver-registrar 0.4 too, although it then makes no call at all."""
    for sidecar in sidecars_of(resource, context):
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
    if mount_of(normal(_TOKEN), sidecar.container) is not None:
        return False
    if sidecar.program == "driver-registrar":
        return sidecar.version is not None and sidecar.version >= (0, 4, 0)
    if sidecar.program == "csi-node-driver-registrar":
        return sidecar.version == (1, 0, 1)
    return sidecar.program not in {"livenessprobe", "hostpathplugin"}


@rule(
    "CSI431",
    "csi-attacher does not wait longer than the others for the driver",
    *POD_SOURCES,
    severity="info",
    fix="Add --connection-timeout=15s, or apply the driver before its sidecars.",
    bad=_pod("csi-attacher", "v0.4.1"),
    good=_pod("csi-attacher", "v0.4.1", ", --connection-timeout=15s"),
)
def attacher_does_not_wait(resource: Manifest, context: Context) -> Iterator[Problem]:
    """If it starts before the driver has made its socket, csi-attacher 0.4 looks again only after this time, a minute by default."""
    for sidecar in sidecars_of(resource, context):
        waits = sidecar.program == "csi-attacher" and sidecar.version is not None and sidecar.version[:2] == (0, 4)
        if waits and "connection-timeout" not in sidecar.flags:
            yield Problem(sidecar.pointer, f"{sidecar} has no --connection-timeout, which is 60 s by default")


_TWICE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: csi-provisioner}
spec:
  replicas: 2
  selector: {matchLabels: {app: csi-provisioner}}
  template:
    metadata: {labels: {app: csi-provisioner}}
    spec:
      containers:
      - name: csi-provisioner
        image: quay.io/k8scsi/csi-provisioner:v1.0.1
        args: [FLAGS--csi-address=/csi/csi.sock]
"""


@rule(
    "CSI406",
    "of a sidecar's replicas one acts at a time",
    Deployment,
    StatefulSet,
    DaemonSet,
    fix="Set replicas to 1, or turn the sidecar's leader election on.",
    bad=_TWICE.replace("FLAGS", ""),
    good=_TWICE.replace("FLAGS", "--enable-leader-election, "),
)
def replicas_elect_a_leader(workload: Deployment | StatefulSet | DaemonSet, context: Context) -> Iterator[Problem]:
    """Each replica answers every claim: volumes and snapshots are made twice, and one of each pair is never deleted."""
    on_each_node = isinstance(workload, DaemonSet)
    replicas = None if isinstance(workload.spec, DaemonSetSpec) else workload.spec.replicas
    if not on_each_node and (replicas or 1) < 2:  # noqa: PLR2004  (more than one)
        return
    for sidecar in sidecars_of(workload, context):
        if sidecar.program in CONTROLLERS and not any(WORDS.get(sidecar.flags.get(name, "")) for name in _ELECTING):
            if on_each_node:
                yield Problem(
                    sidecar.pointer, f"{sidecar} runs on every node without leader election", severity="warning"
                )
            else:
                fix = "Set replicas to 1: this release has no leader election." if _has_no_election(sidecar) else ""
                yield Problem(sidecar.pointer, f"{replicas} replicas of {sidecar} run without leader election", fix)


def _has_no_election(sidecar: Sidecar) -> bool:
    return sidecar.program == "csi-snapshotter" and sidecar.version is not None and sidecar.version < (1, 1, 0)
