"""Who listens and dials where, and above all what must raise no alarm."""

from __future__ import annotations

import pytest

from csi_manifests import check, load, release
from csi_manifests.analysis.context import Context
from csi_manifests.analysis.paths import Place
from csi_manifests.analysis.pods import pods
from csi_manifests.analysis.programs import hostpath_name, sockets

RELEASE = release("1.13")
PLUGINS = "/var/lib/kubelet/plugins"


def context(text: str) -> Context:
    return Context(load(text), RELEASE)


def found(text: str) -> dict[str, str]:
    """Return the findings of these rules, infos left out: severity by code."""
    findings = check(load(text), RELEASE)
    return {one.code: one.severity for one in findings if "CSI401" <= one.code <= "CSI449" and one.severity != "info"}


def pod(*containers: str, volumes: str = "{name: socket-dir, emptyDir: {}}", name: str = "csi") -> str:
    """Write a pod whose containers all have the socket's directory at /csi, unless they say otherwise."""
    mount = "volumeMounts: [{name: socket-dir, mountPath: /csi}]"
    lines = [f"  - {{{text if 'volumeMounts' in text else f'{text}, {mount}'}}}" for text in containers]
    head = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n"
    return head + "\n".join(lines) + f"\n  volumes: [{volumes}]\n"


ATTACHER = "name: csi-attacher, image: 'quay.io/k8scsi/csi-attacher:v1.0.1', args: [--csi-address=/csi/csi.sock]"
ELSEWHERE = ATTACHER.replace("/csi/csi.sock", "/csi/other.sock")
DRIVER = "name: driver, image: 'example.com/driver:v1', args: ['--endpoint=unix:///csi/csi.sock']"
HOST = f"{{name: socket-dir, hostPath: {{path: {PLUGINS}/driver.example.com}}}}"


@pytest.mark.parametrize(
    "driver",
    [
        DRIVER,
        DRIVER.replace("unix:///csi", "unix://csi"),
        DRIVER.replace("--endpoint", "--csiEndpoint"),
        DRIVER.replace("--endpoint=", "-csi-endpoint', '"),
        DRIVER.replace("unix:///csi", "/csi"),
        "name: driver, image: 'example.com/driver:v1', env: [{name: CSI_ENDPOINT, value: 'unix:///csi/csi.sock'}]",
        "name: driver, image: 'example.com/driver:v1', env: [{name: SOCK, value: /csi/csi.sock}], args: [--listen=$(SOCK)]",
        "name: driver, image: 'example.com/driver:v1', command: [sh, -c, 'exec /driver --bind /csi/csi.sock --v=5']",
        "name: driver, image: 'a/driver:v1', args: ['--endpoint=unix:///p/csi.sock'], volumeMounts: [{name: socket-dir, mountPath: /p}]",
    ],
)
def test_driver_is_found_however_it_is_told_its_socket(driver: str) -> None:
    assert found(pod(ATTACHER, driver)) == {}
    assert found(pod(ELSEWHERE, driver)) == {"CSI402": "error"}


@pytest.mark.parametrize(
    "text",
    [
        # Nothing tells where the driver listens: its image may.
        pod(ATTACHER, "name: driver, image: 'example.com/driver:v1'"),
        pod(ATTACHER, "name: driver, image: 'example.com/driver:v1', args: [--config=/etc/driver.yaml]"),
        pod(
            ATTACHER,
            "name: driver, image: 'example.com/driver:v1', args: ['--endpoint=$(E)'], "
            "env: [{name: E, valueFrom: {configMapKeyRef: {name: config, key: endpoint}}}]",
        ),
        # Nor where the sidecar looks.
        pod(
            "name: csi-attacher, image: 'quay.io/k8scsi/csi-attacher:v1.0.1', args: ['--csi-address=$(A)'], "
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: config, key: address}}}]",
            DRIVER,
        ),
        pod("name: csi-attacher, image: 'quay.io/k8scsi/csi-attacher:v1.0.1', command: [sh, -c, 'csi-attacher']", DRIVER),
        pod("name: csi-attacher, image: 'example.com/our-own:v3'", DRIVER),
        # No driver here at all.
        pod(ATTACHER),
        pod(ELSEWHERE, "name: log, image: 'example.com/fluentd:v1', volumeMounts: []"),
        # Sockets that are no drivers'.
        pod(
            ATTACHER,
            DRIVER,
            "name: agent, image: 'example.com/agent:v1', args: ['--docker-endpoint=unix:///run/docker.sock'], volumeMounts: []",
        ),
        # A driver on the node that the directory is shared with, under other names.
        pod(ATTACHER, volumes=HOST)
        + "---\n"
        + pod(DRIVER.replace("/csi/csi", "/plugin/csi") + ", volumeMounts: [{name: d, mountPath: /plugin}]", volumes=HOST.replace("socket-dir", "d"), name="driver").replace(
            "spec:\n", "spec:\n  nodeName: worker\n"
        ),
        # An init container that tidies up is no driver.
        pod(ATTACHER, DRIVER).replace(
            "  containers:", "  initContainers:\n  - {name: tidy, image: 'busybox:1', command: [rm, -f, /x/old.sock]}\n  containers:"
        ),
    ],
)  # fmt: skip
def test_no_alarm(text: str) -> None:
    assert found(text) == {}


def test_sidecar_of_a_driver_elsewhere_is_a_warning_beside_a_complete_one() -> None:
    complete = pod(ATTACHER, DRIVER, volumes=HOST)
    other = pod(ATTACHER, volumes=HOST.replace("driver.example.com", "other.example.com"), name="other")
    assert found(f"{complete}---\n{other}") == {"CSI402": "warning"}


def test_driver_of_a_beta_workload_is_seen_and_so_are_its_defects() -> None:
    text = pod(ATTACHER, volumes=HOST).replace("spec:\n", "spec:\n  nodeName: worker\n")
    daemon = """\
---
apiVersion: extensions/v1beta1
kind: DaemonSet
metadata: {name: driver}
spec:
  template:
    metadata: {labels: {app: driver}}
    spec:
      somethingNew: true
      containers:
      - {name: 7}
      - name: driver
        image: example.com/driver:v1
        startupProbe: {exec: {command: [true]}}
        args: ["--endpoint=unix:///csi/SOCKET"]
        volumeMounts: [{name: socket-dir, mountPath: /csi}]
      - name: csi-provisioner
        image: quay.io/k8scsi/csi-provisioner:v1.0.1
        args: [--csi-address=/csi/csi.sock, --no-such-flag]
        volumeMounts: [{name: socket-dir, mountPath: /csi}]
      volumes: [{name: socket-dir, hostPath: {path: DIR}}]
"""
    daemon = daemon.replace("DIR", f"{PLUGINS}/driver.example.com")
    assert found(text + daemon.replace("SOCKET", "csi.sock")) == {"CSI425": "error"}
    assert found(text + daemon.replace("SOCKET", "other.sock")) == {"CSI402": "error", "CSI425": "error"}


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("metadata: {name: x}", None),
        ("spec: 1", None),
        ("spec: {template: []}", None),
        ("spec: {template: {spec: null}}", None),
        ("spec: {template: {metadata: 1, spec: {containers: 5}}}", None),
        (
            "spec: {template: {metadata: {labels: []}, spec: {containers: [[], {}, {name: a, args: 7}], volumes: {}}}}",
            ["a"],
        ),
    ],
)
def test_nonsense_is_passed_over(content: str, names: list[str] | None) -> None:
    found = pods(context(f"apiVersion: apps/v1beta1\nkind: StatefulSet\n{content}\n"))
    assert [[one.name for _, one in each.containers()] for each in found] == ([] if names is None else [names])


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ((0, 4, 1), "csi-hostpath"),
        ((1, 0, 2), "csi-hostpath"),
        ((1, 1, 0), "csi-hostpath"),
        ((1, 2, 0), "hostpath.csi.k8s.io"),
        (None, None),
    ],
)
def test_what_the_hostpath_driver_calls_itself(version: tuple[int, int, int] | None, name: str | None) -> None:
    assert hostpath_name(version) == name


def test_hostpath_driver_without_endpoint_listens_in_its_container() -> None:
    hostpath = "name: hostpath, image: 'quay.io/k8scsi/hostpathplugin:v1.0.1', args: [--nodeid=x]"
    (driver,) = sockets(context(pod(hostpath))).drivers
    assert driver.sockets == (Place("container", "Pod/default/csi hostpath", "/tmp/csi.sock"),)
    assert found(pod(ATTACHER, hostpath)) == {"CSI402": "error"}


def two(first: str, second: str, names: tuple[str, str] = ("one", "two")) -> str:
    return f"{pod(first, volumes=HOST, name=names[0])}---\n{pod(second, volumes=HOST, name=names[1])}"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            f"{DRIVER[:-1]}, --drivername=a.example.com]",
            f"{DRIVER[:-1]}, --drivername=b.example.com]",
            {"CSI404": "error"},
        ),
        (f"{DRIVER[:-1]}, --drivername=a.example.com]", f"{DRIVER[:-1]}, --drivername=a.example.com]", {}),
        (DRIVER, DRIVER.replace("example.com/driver", "example.com/other"), {"CSI404": "warning"}),
        (DRIVER, DRIVER.replace(":v1", ":v2"), {}),
        (DRIVER, DRIVER.replace("csi.sock", "second.sock"), {}),
    ],
)
def test_two_drivers_on_one_socket(first: str, second: str, expected: dict[str, str]) -> None:
    assert found(two(first, second)) == expected


def test_variant_of_a_driver_for_other_nodes_shares_its_socket() -> None:
    text = two(DRIVER, DRIVER.replace("example.com/driver", "example.com/driver-arm"))
    assert found(text.replace("spec:\n", "spec:\n  nodeSelector: {arch: amd64}\n", 1)) == {}


def test_livenessprobes_on_the_ports_of_one_node() -> None:
    probe = "name: liveness-probe, image: 'quay.io/k8scsi/livenessprobe:v1.0.2', args: [--csi-address=/csi/csi.sock]"
    network = "spec:\n  hostNetwork: true\n"
    both = f"{pod(DRIVER, probe, name='one')}---\n{pod(DRIVER, probe, name='two')}"
    assert found(both) == {}
    assert found(both.replace("spec:\n", network)) == {"CSI407": "warning"}
    daemon = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      hostNetwork: true
      SELECTOR
      containers:
      - {name: probe, image: "quay.io/k8scsi/livenessprobe:v1.0.2", args: [--csi-address=/csi/csi.sock]}
"""
    same = [daemon.replace("NAME", name).replace("SELECTOR", "nodeSelector: {disk: ssd}") for name in ("one", "two")]
    assert found("---\n".join(same)) == {"CSI407": "error"}
    other = daemon.replace("NAME", "two").replace("SELECTOR", "nodeSelector: {disk: none}")
    assert found(f"{same[0]}---\n{other}") == {"CSI407": "warning"}


APART = """\
---
apiVersion: apps/v1
kind: KIND
metadata: {name: driver}
spec:
  selector: {matchLabels: {app: driver}}
  template:
    metadata: {labels: {app: driver}}
    spec:
      SPEC
      containers:
      - name: driver
        image: example.com/driver:v1
        args: ["--endpoint=unix:///csi/csi.sock"]
        volumeMounts: [{name: socket-dir, mountPath: /csi}]
      volumes: [{name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/driver.example.com}}]
"""
NEAR = """\
  affinity:
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
      - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: APP}}}
"""


@pytest.mark.parametrize(
    ("kind", "driver", "sidecar", "expected"),
    [
        ("DaemonSet", "", "", {}),
        ("DaemonSet", "nodeSelector: {a: b}", "", {"CSI405": "warning"}),
        ("DaemonSet", "nodeSelector: {a: b}", "  nodeSelector: {a: b, c: d}\n", {}),
        ("Deployment", "", "", {"CSI405": "warning"}),
        ("Deployment", "nodeSelector: {a: b}", "  nodeSelector: {a: b}\n", {}),
        ("Deployment", "nodeName: worker", "", {}),
        ("Deployment", "", NEAR.replace("APP", "driver"), {}),
        ("Deployment", "", NEAR.replace("APP", "other"), {"CSI405": "warning"}),
        (
            "Deployment",
            "",
            NEAR.replace("matchLabels: {app: APP}", "matchExpressions: [{key: app, operator: Exists}]"),
            {},
        ),
    ],
)
def test_sidecar_on_the_node_of_its_driver(kind: str, driver: str, sidecar: str, expected: dict[str, str]) -> None:
    text = pod(ATTACHER, volumes=HOST).replace("spec:\n", f"spec:\n{sidecar}")
    apart = APART.replace("KIND", kind).replace("SPEC", driver or "enableServiceLinks: true")
    assert found(text + apart) == expected
