"""The flags of sidecars: which a release has, which values are read, and which it cannot do without."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from csi_manifests import check, load, release
from csi_manifests.knowledge import flags
from csi_manifests.knowledge.flags import known_program, limits, logging_flags

RELEASE = release("1.13")
PROGRAMS = (
    "csi-attacher",
    "csi-external-health-monitor-controller",
    "csi-node-driver-registrar",
    "csi-provisioner",
    "csi-resizer",
    "csi-snapshotter",
    "driver-registrar",
    "hostpathplugin",
    "snapshot-controller",
)
Found = dict[str, str]


def pod(program: str, version: str, *args: str, more: str = "") -> str:
    listed = ", ".join(f"'{arg}'" for arg in ("--csi-address=/csi/csi.sock", *args))
    return f"""\
apiVersion: v1
kind: Pod
metadata: {{name: csi}}
spec:
  containers:
  - name: {program}
    image: quay.io/k8scsi/{program}:{version}
    args: [{listed}]
    {more}
"""


def found(text: str, *codes: str) -> Found:
    """Return the findings about flags: severity by code."""
    findings = check(load(text), RELEASE)
    return {
        one.code: one.severity
        for one in findings
        if "CSI425" <= one.code <= "CSI431" and (not codes or one.code in codes)
    }


def messages(text: str, code: str) -> list[tuple[str, str]]:
    return [(one.message, one.fix) for one in check(load(text), RELEASE) if one.code == code]


def test_every_line_of_the_table_can_be_read() -> None:
    for name in PROGRAMS:
        program = known_program(name)
        assert program is not None
        assert program.first <= program.last
        for flag in program.flags.values():
            first, last = flag.releases
            assert program.first <= first <= (last or program.last) <= program.last
            assert flag.ignored is None or first <= flag.ignored
            types = {"bool", "duration", "int", "uint", "float", "gates", "string"}
            assert flag.type in types or "|" in flag.type
    assert known_program("csi-something") is None


def test_table_has_no_other_programs() -> None:
    tables = tomllib.loads(Path(flags.__file__).with_name("flags.toml").read_text(encoding="utf-8"))
    assert tables.keys() - {"logging", "limits"} == set(PROGRAMS)


def test_limits_can_be_read() -> None:
    for name in PROGRAMS:
        for limit in limits(name):
            assert limit.reason
            assert limit.kubernetes.first or limit.kubernetes.last
            assert not limit.releases.last or limit.releases.first <= limit.releases.last


def test_a_line_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"x": {"first": "1.0.0", "last": "1.0.0", "flags": {"a": "bool since 1.0.0"}}}
    monkeypatch.setattr(flags, "_data", lambda: broken)
    known_program.cache_clear()
    with pytest.raises(ValueError, match="cannot read 'bool since"):
        known_program("x")
    known_program.cache_clear()


@pytest.mark.parametrize(
    ("program", "version", "given"),
    [
        (
            "csi-provisioner",
            "v0.4.1",
            ["--v=5", "--provisioner=a", "--connection-timeout=15s", "--enable-leader-election"],
        ),
        ("csi-provisioner", "v0.4.1", ["--logtostderr", "--vmodule=a=1", "--stderrthreshold=INFO", "--log_dir=/tmp"]),
        (
            "csi-provisioner",
            "v0.4.1",
            ["-feature-gates", "Topology=true", "-volume-name-uuid-length=10", "--provisioner", "a"],
        ),
        (
            "csi-provisioner",
            "v1.0.1",
            ["--skip_headers", "--log_file=/a", "--log_file_max_size=5", "--alsologtostderr=false"],
        ),
        (
            "csi-provisioner",
            "v2.0.0",
            ["--leader-election", "--timeout=1m30s", "--kube-api-qps=20.5", "--kube-api-burst=100"],
        ),
        ("csi-attacher", "v0.4.1", ["--timeout=15s", "--resync=10m", "--dummy=F", "--connection-timeout=0"]),
        ("csi-attacher", "v2.0.0", ["--leader-election=true", "--worker-threads=10", "--retry-interval-max=.5h"]),
        (
            "csi-snapshotter",
            "v0.4.1",
            ["--connection-timeout=15s", "--snapshotter=a", "--resync-period=60s", "--v", "5"],
        ),
        ("csi-snapshotter", "v1.1.0", ["--leader-election", "--leader-election-namespace=default"]),
        # The tag v1.0.0 was not looked at, those of the same line were.
        ("csi-snapshotter", "v1.0.0", ["--snapshotter=a", "--connection-timeout=15s"]),
        ("csi-resizer", "v0.1.0", ["--leader-election", "--csiTimeout=10s", "--v=5", "--one_output"]),
        ("csi-node-driver-registrar", "v1.1.0", ["--kubelet-registration-path=/a", "--connection-timeout=1m"]),
        # Releases that nobody has looked at may have any flag.
        ("csi-provisioner", "v99.0.0", ["--brand-new"]),
        ("csi-provisioner", "v0.1.0", ["--very-old"]),
        ("csi-provisioner", "canary", ["--brand-new"]),
        ("csi-provisioner", "v1.0.1", ["--help"]),
        # Programs whose flags are not in the table.
        ("livenessprobe", "v1.0.2", ["--health-port=9898", "--probe-timeout=3s"]),
        ("csi-cluster-driver-registrar", "v1.0.1", ["--pod-info-mount-version=v1"]),
    ],
)
def test_flags_that_a_release_has(program: str, version: str, given: list[str]) -> None:
    assert found(pod(program, version, *given), "CSI425", "CSI427", "CSI428") == {}


@pytest.mark.parametrize(
    ("program", "version", "flag", "message", "fix"),
    [
        ("csi-provisioner", "v0.4.1", "--timeout=5s", "has no flag --timeout, which came with v1.1.0", ""),
        ("csi-provisioner", "v2.0.0", "--provisioner=a", "has no flag --provisioner, which ended with v1.6.1", ""),
        ("csi-attacher", "v2.0.0", "--dummy", "has no flag --dummy, which ended with v1.2.1", ""),
        ("csi-attacher", "v0.4.1", "--skip_headers", "has no flag --skip_headers", ""),
        (
            "csi-snapshotter",
            "v0.4.1",
            "--conection-timeout=5s",
            "has no flag --conection-timeout",
            "--connection-timeout",
        ),
        ("driver-registrar", "v0.3.0", "--mode=node-register", "has no flag --mode, which came with v0.4.0", ""),
        ("hostpathplugin", "v1.0.1", "--statedir=/a", "has no flag --statedir, which came with v1.7.0", ""),
    ],
)
def test_flag_that_a_release_does_not_have(program: str, version: str, flag: str, message: str, fix: str) -> None:
    text = pod(program, version, flag)
    if program == "hostpathplugin":
        text = text.replace("--csi-address=/csi/csi.sock", "--endpoint=unix:///csi/csi.sock")
    assert found(text, "CSI425") == {"CSI425": "error"}
    ((said, mend),) = messages(text, "CSI425")
    assert said == f"{program} {version} {message}"
    assert mend == (
        f"Did you mean '{fix}'?" if fix else "Remove the flag, or use a release of the sidecar that has it."
    )


@pytest.mark.parametrize("version", ["v1.0.1-gke.0", "v1.0.1-aliyun", "1.0.1+build"])
def test_rebuilt_image_may_have_other_flags(version: str) -> None:
    assert found(pod("csi-provisioner", version, "--their-own")) == {"CSI425": "warning"}


@pytest.mark.parametrize(
    ("program", "version", "flag"),
    [
        ("csi-provisioner", "v0.4.1", "--connection-timeout=15"),
        ("csi-provisioner", "v0.4.1", "--connection-timeout=1d"),
        ("csi-provisioner", "v0.4.1", "--connection-timeout=15 s"),
        ("csi-provisioner", "v0.4.1", "--connection-timeout="),
        ("csi-provisioner", "v0.4.1", "--connection-timeout"),
        ("csi-provisioner", "v0.4.1", "--enable-leader-election=yes"),
        ("csi-provisioner", "v0.4.1", "--enable-leader-election=on"),
        ("csi-provisioner", "v0.4.1", "--volume-name-uuid-length=many"),
        ("csi-provisioner", "v0.4.1", "--feature-gates=Topology"),
        ("csi-provisioner", "v0.4.1", "--v=debug"),
        ("csi-provisioner", "v1.1.0", "--leader-election-type=configmaps"),
        ("csi-provisioner", "v1.1.0", "--worker-threads=-1"),
        ("csi-provisioner", "v2.0.0", "--kube-api-qps=fast"),
        ("csi-provisioner", "canary", "--timeout=15"),
        ("driver-registrar", "v0.4.1", "--mode=register"),
    ],
)
def test_values_that_cannot_be_read(program: str, version: str, flag: str) -> None:
    assert found(pod(program, version, flag), "CSI427") == {"CSI427": "error"}


@pytest.mark.parametrize(
    "flag", ["--connection-timeout=$(TIMEOUT)", "--enable-leader-election=$(ELECT)", "--v=$(LEVEL)"]
)
def test_values_that_only_the_cluster_knows_are_let_be(flag: str) -> None:
    assert found(pod("csi-provisioner", "v0.4.1", flag), "CSI427") == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["debug", "--v=5"], {"CSI428": "error"}),
        (["--", "--v=5"], {"CSI428": "error"}),
        (["", "--v=5"], {"CSI428": "error"}),
        (["--v=5", "debug"], {"CSI428": "warning"}),
        (["--enable-leader-election", "true"], {"CSI428": "warning"}),
        (["--enable-leader-election", "true", "--v=5"], {"CSI428": "error"}),
        (["--connection-timeout", "15s", "--v=5"], {}),
        (["-v", "5", "--enable-leader-election"], {}),
    ],
)
def test_arguments_that_are_not_read(given: list[str], expected: Found) -> None:
    # Where the argument is not the last one, it keeps others from being read.
    assert found(pod("csi-provisioner", "v0.4.1", *given, "--provisioner=a"), "CSI428") == dict.fromkeys(
        expected, "error"
    )
    assert found(pod("csi-provisioner", "v0.4.1", "--provisioner=a", *given), "CSI428") == expected


@pytest.mark.parametrize(
    "command", ["[/bin/sh, -c, '/csi-provisioner $0']", "[tini, --, /csi-provisioner]", "[/run.sh]"]
)
def test_program_that_another_one_starts_is_let_be(command: str) -> None:
    text = pod("csi-provisioner", "v0.4.1", "what ever", "--no-such-flag", more=f"command: {command}")
    assert found(text) == {}


@pytest.mark.parametrize(
    ("version", "flag", "expected"),
    [
        ("v1.0.1", "--provisioner=a", {}),
        ("v1.1.0", "--provisioner=a", {"CSI426": "info"}),
        ("v1.6.1", "--connection-timeout=5s", {"CSI426": "info"}),
        ("v2.0.0", "--provisioner=a", {"CSI425": "error"}),
    ],
)
def test_flag_that_is_ignored(version: str, flag: str, expected: Found) -> None:
    assert found(pod("csi-provisioner", version, flag)) == expected


NODE_NAME = "env: [{name: KUBE_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]"
PATH = "--kubelet-registration-path=/var/lib/kubelet/plugins/a/csi.sock"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (pod("driver-registrar", "v0.4.1", PATH, more=NODE_NAME), {}),
        (pod("driver-registrar", "v0.4.1", PATH, more="envFrom: [{configMapRef: {name: node}}]"), {}),
        (pod("driver-registrar", "v0.4.1", PATH), {"CSI429": "error"}),
        (pod("driver-registrar", "v0.4.1", PATH, more="env: [{name: KUBE_NODE_NAME, value: ''}]"), {"CSI429": "error"}),
        (pod("driver-registrar", "v0.4.1", more=NODE_NAME), {"CSI429": "error"}),
        (pod("driver-registrar", "v0.4.1", "--mode=kubernetes-register"), {}),
        (pod("driver-registrar", "v1.0.1", PATH), {}),
        (pod("driver-registrar", "v1.0-canary", PATH), {}),
        (pod("csi-node-driver-registrar", "v1.1.0", PATH), {}),
        (pod("csi-node-driver-registrar", "v1.1.0"), {"CSI429": "error"}),
        (
            pod("csi-node-driver-registrar", "v1.1.0").replace("k8scsi/csi-node-driver-registrar", "own/registrar"),
            {"CSI429": "warning"},
        ),
        (pod("csi-attacher", "v1.0.1", "--leader-election"), {"CSI429": "error"}),
        (pod("csi-attacher", "v1.0.1", "--leader-election", "--leader-election-namespace=a"), {"CSI429": "error"}),
        (pod("csi-attacher", "v1.0.1", "--leader-election=false"), {}),
        (pod("csi-attacher", "v1.1.0", "--leader-election"), {}),
        (pod("csi-provisioner", "v0.4.1"), {"CSI429": "warning"}),
        (pod("csi-provisioner", "v1.0.1"), {}),
        (pod("csi-provisioner", "v3.0.0", "--node-deployment"), {"CSI429": "error"}),
        (pod("csi-provisioner", "v3.0.0", "--node-deployment", more=NODE_NAME.replace("KUBE_", "")), {}),
    ],
)
def test_what_a_sidecar_cannot_do_without(text: str, expected: Found) -> None:
    assert found(text, "CSI429") == expected


NO_TOKEN = "spec:\n  automountServiceAccountToken: false\n"
MOUNTED = "volumeMounts: [{name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (pod("csi-attacher", "v0.4.1"), {"CSI430": "error"}),
        (pod("csi-attacher", "v0.4.1", "--kubeconfig=/etc/kubeconfig"), {}),
        (pod("csi-attacher", "v0.4.1", more=MOUNTED), {}),
        (pod("csi-attacher", "v0.4.1").replace("k8scsi/csi-attacher", "own/thing"), {"CSI430": "warning"}),
        (pod("snapshot-controller", "v2.0.0"), {"CSI430": "error"}),
        (pod("driver-registrar", "v0.4.1"), {"CSI430": "error"}),
        (pod("driver-registrar", "v0.3.0"), {}),
        (pod("driver-registrar", "canary"), {}),
        (pod("csi-node-driver-registrar", "v1.0.1"), {"CSI430": "error"}),
        (pod("csi-node-driver-registrar", "v1.0.2"), {}),
        (pod("livenessprobe", "v1.0.2"), {}),
        (pod("hostpathplugin", "v1.0.1"), {}),
    ],
)
def test_who_needs_a_token(text: str, expected: Found) -> None:
    assert found(text.replace("spec:\n", NO_TOKEN), "CSI430") == expected
    assert found(text, "CSI430") == {}


@pytest.mark.parametrize(
    ("of_pod", "expected"), [("", {"CSI430": "error"}), ("true", {}), ("false", {"CSI430": "error"})]
)
def test_pod_has_the_last_word_on_the_token(of_pod: str, expected: Found) -> None:
    account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: csi}\nautomountServiceAccountToken: false\n"
    word = f"  automountServiceAccountToken: {of_pod}\n" if of_pod else ""
    text = pod("csi-attacher", "v0.4.1").replace("spec:\n", f"spec:\n  serviceAccountName: csi\n{word}")
    assert found(text + account, "CSI430") == expected


@pytest.mark.parametrize(
    ("version", "given", "expected"),
    [
        ("v0.4.1", [], {"CSI431": "info"}),
        ("v0.4.0", ["--v=5"], {"CSI431": "info"}),
        ("v0.4.1", ["--connection-timeout=15s"], {}),
        ("v1.1.0", [], {}),
    ],
)
def test_how_long_the_attacher_waits(version: str, given: list[str], expected: Found) -> None:
    assert found(pod("csi-attacher", version, *given), "CSI431") == expected


REPLICAS = """\
apiVersion: apps/v1
kind: KIND
metadata: {name: x}
spec:
  REPLICAS
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      containers: [{name: x, image: "quay.io/k8scsi/PROGRAM", args: [--csi-address=/csi/csi.sock, FLAG]}]
"""


@pytest.mark.parametrize(
    ("kind", "replicas", "program", "flag", "expected"),
    [
        ("Deployment", "replicas: 2", "csi-provisioner:v1.0.1", "--v=5", "error"),
        ("Deployment", "replicas: 2", "csi-provisioner:v1.0.1", "--enable-leader-election", None),
        ("Deployment", "replicas: 2", "csi-provisioner:v1.0.1", "--enable-leader-election=false", "error"),
        ("Deployment", "replicas: 2", "csi-resizer:v0.1.0", "--leader-election=true", None),
        ("Deployment", "replicas: 2", "snapshot-controller:v2.0.0", "--v=5", "error"),
        ("Deployment", "replicas: 2", "livenessprobe:v1.0.2", "--v=5", None),
        ("Deployment", "replicas: 1", "csi-provisioner:v1.0.1", "--v=5", None),
        ("Deployment", "replicas: 0", "csi-provisioner:v1.0.1", "--v=5", None),
        ("Deployment", "paused: false", "csi-provisioner:v1.0.1", "--v=5", None),
        ("DaemonSet", "minReadySeconds: 0", "csi-provisioner:v1.0.1", "--v=5", "warning"),
        ("DaemonSet", "minReadySeconds: 0", "csi-provisioner:v3.0.0", "--node-deployment", None),
        ("DaemonSet", "minReadySeconds: 0", "csi-node-driver-registrar:v1.1.0", "--v=5", None),
    ],
)
def test_replicas_and_leader_election(kind: str, replicas: str, program: str, flag: str, expected: str | None) -> None:
    text = (
        REPLICAS.replace("KIND", kind).replace("REPLICAS", replicas).replace("PROGRAM", program).replace("FLAG", flag)
    )
    severities = {one.code: one.severity for one in check(load(text), RELEASE)}
    assert severities.get("CSI406") == expected


def test_flags_of_the_logging_libraries() -> None:
    assert set(logging_flags(modern=False)) < set(logging_flags(modern=True))
    assert "skip_headers" not in logging_flags(modern=False)
