"""How drivers register with the kubelet: what works, however it is written, and what does not."""

from __future__ import annotations

import pytest

from csi_manifests import check, load, release

RELEASE = release("1.13")
NODE = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node}
spec:
  selector: {matchLabels: {app: node}}
  template:
    metadata: {labels: {app: node}}
    spec:
      hostNetwork: true
      containers:
      - name: registrar
        image: quay.io/k8scsi/csi-node-driver-registrar:v1.1.0
        args: [--csi-address=/csi/csi.sock, --kubelet-registration-path=/var/lib/kubelet/plugins/d.example.com/csi.sock]
        volumeMounts: [{name: socket-dir, mountPath: /csi}, {name: registration-dir, mountPath: /registration}]
      - name: driver
        image: example.com/driver:v1
        args: ["--endpoint=unix:///csi/csi.sock"]
        securityContext: {privileged: true}
        volumeMounts:
        - {name: socket-dir, mountPath: /csi}
        - {name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
      volumes:
      - {name: socket-dir, hostPath: {path: /var/lib/kubelet/plugins/d.example.com, type: DirectoryOrCreate}}
      - {name: registration-dir, hostPath: {path: /var/lib/kubelet/plugins_registry/, type: Directory}}
      - {name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
"""
OLD = NODE.replace("csi-node-driver-registrar:v1.1.0", "driver-registrar:v0.4.1").replace(
    "args: [--csi-address=/csi",
    "env: [{name: KUBE_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]\n        args: [--csi-address=/csi",
)
PATH = "--kubelet-registration-path=/var/lib/kubelet/plugins/d.example.com/csi.sock"
PODS = "{name: pods-dir, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}"
Found = dict[str, str]


def found(text: str) -> Found:
    findings = check(load(text), RELEASE)
    return {one.code: one.severity for one in findings if "CSI401" <= one.code <= "CSI449" and one.severity != "info"}


def changed(*pairs: tuple[str, str], text: str = NODE) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "text",
    [
        NODE,
        OLD,
        # Drivers of 0.x may register in the old directory, next to which their sockets are, on 1.13.
        changed(("plugins_registry/", "plugins"), text=OLD),
        changed(("plugins_registry/", "plugins/"), ("type: Directory}", "type: DirectoryOrCreate}"), text=OLD),
        # Below the directory is in it.
        changed(("plugins_registry/", "plugins_registry/d.example.com")),
        # The path of the socket, written in other ways.
        changed((PATH, PATH.replace("/csi.sock", "//csi.sock"))),
        changed((f"=/csi/csi.sock, {PATH}]", f"=$(DIR)/csi.sock, '{PATH.replace('/var', '$(ROOT)')}']\n        env: [{{name: DIR, value: /csi}}, {{name: ROOT, value: /var}}]")),
        changed((f", {PATH}]", ", '--kubelet-registration-path=$(FROM_NODE)']\n        env: [{name: FROM_NODE, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]")),
        # One mount of the whole root, for all.
        changed((PODS, PODS.replace("/kubelet/pods", "/kubelet")), ("path: /var/lib/kubelet/pods,", "path: /var/lib/kubelet,")),
        # The socket anywhere on the node.
        changed(("path: /var/lib/kubelet/plugins/d.example.com", "path: /opt/csi"), (PATH, "--kubelet-registration-path=/opt/csi/csi.sock")),
        # Another root, for everything.
        NODE.replace("/var/lib/kubelet", "/var/snap/microk8s/common/var/lib/kubelet"),
        # The pods of both roots, of which one is the kubelet's.
        changed(
            (f"        - {PODS}\n", f"        - {PODS}\n        - {PODS.replace('pods-dir', 'more').replace('/var/lib', '/data')}\n"),
            ("      - {name: pods-dir, hostPath", "      - {name: more, hostPath: {path: /data/kubelet/pods}}\n      - {name: pods-dir, hostPath"),
        ),
        # Logs are no pods of the kubelet's root.
        changed(
            (f"        - {PODS}\n", f"        - {PODS}\n        - {{name: logs, mountPath: /var/log/pods}}\n"),
            ("      - {name: pods-dir, hostPath", "      - {name: logs, hostPath: {path: /var/log/pods}}\n      - {name: pods-dir, hostPath"),
        ),
        # A driver that mounts from outside of its container.
        changed((PODS, "{name: root, mountPath: /rootfs}"), ("{name: pods-dir, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}", "{name: root, hostPath: {path: /}}")),
        changed((f"        - {PODS}\n", ""), ("hostNetwork: true", "hostPID: true")),
        # Only the other half of driver-registrar, which does not register.
        changed((PATH, "--mode=kubernetes-register"), ("{name: registration-dir, mountPath: /registration}", "{name: pods-dir, mountPath: /x}"), text=OLD),
    ],
)  # fmt: skip
def test_registration_that_works(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (changed((PATH, "--kubelet-registration-path=plugins/csi.sock")), {"CSI410": "error"}),
        (changed((PATH, "--kubelet-registration-path=/csi/csi.sock")), {"CSI410": "error"}),
        (
            changed(
                ("hostPath: {path: /var/lib/kubelet/plugins/d.example.com, type: DirectoryOrCreate}", "emptyDir: {}")
            ),
            {"CSI410": "error"},
        ),
        (changed(("plugins_registry/", "plugins")), {"CSI411": "error"}),
        (changed(("plugins_registry/", "registry"), text=OLD), {"CSI411": "error"}),
        (
            changed(("hostPath: {path: /var/lib/kubelet/plugins_registry/, type: Directory}", "emptyDir: {}")),
            {"CSI411": "error"},
        ),
        (changed((", {name: registration-dir, mountPath: /registration}", "")), {"CSI411": "error"}),
        (changed(("kubelet/plugins/d.example.com", "kubelet/plugins_registry/d")), {"CSI412": "warning"}),
        (changed(("/var/lib/kubelet/pods, type", "/data/kubelet/pods, type")), {"CSI413": "error"}),
        (changed(("/var/lib/kubelet/plugins_registry", "/data/kubelet/plugins_registry")), {"CSI413": "error"}),
        (changed(("mountPath: /var/lib/kubelet/pods", "mountPath: /kubelet/pods")), {"CSI414": "error"}),
        (changed((f"        - {PODS}\n", "")), {"CSI414": "warning"}),
        (changed((", mountPropagation: Bidirectional", "")), {"CSI415": "error"}),
        (
            changed((", mountPropagation: Bidirectional", ""), ("hostNetwork: true", "hostPID: true")),
            {"CSI415": "warning"},
        ),
        (changed(("type: DirectoryOrCreate", "type: Directory")), {"CSI416": "warning"}),
    ],
)
def test_registration_that_does_not_work(text: str, expected: Found) -> None:
    assert found(text) == expected


def test_directory_is_told_by_release_and_csi() -> None:
    (told,) = [one for one in check(load(changed(("plugins_registry/", "plugins"))), RELEASE) if one.code == "CSI411"]
    assert told.message == (
        "registration directory is /var/lib/kubelet/plugins; "
        "the kubelet of 1.13 looks for drivers of CSI 1.x in /var/lib/kubelet/plugins_registry"
    )
    assert told.pointer == "/spec/template/spec/volumes/1/hostPath/path"


HOSTPATH = """\
apiVersion: v1
kind: Pod
metadata: {name: hostpath}
spec:
  containers:
  - name: hostpath
    image: quay.io/k8scsi/hostpathplugin:VERSION
    args: ["--endpoint=unix:///csi/csi.sock", FLAG]
    volumeMounts: [{name: data, mountPath: /MOUNT}]
  volumes: [{name: data, VOLUME}]
"""


@pytest.mark.parametrize(
    ("version", "flag", "mount", "volume", "severity"),
    [
        ("v0.4.1", "--v=5", "csi-data-dir", "hostPath: {path: /data}", "info"),
        ("v1.1.0", "--v=5", "csi-data-dir", "hostPath: {path: /data}", None),
        ("v1.1.0", "--v=5", "csi-data-dir", "emptyDir: {}", "warning"),
        ("v1.1.0", "--v=5", "data", "hostPath: {path: /data}", "warning"),
        ("v1.7.0", "--statedir=/data", "data", "hostPath: {path: /data}", None),
        ("v1.7.0", "--statedir=/elsewhere", "data", "hostPath: {path: /data}", "warning"),
        ("v1.1.0", "--v=5", "csi-data-dir", "persistentVolumeClaim: {claimName: data}", None),
        ("canary", "--v=5", "data", "emptyDir: {}", None),
    ],
)
def test_where_the_hostpath_driver_keeps_volumes(
    version: str, flag: str, mount: str, volume: str, severity: str | None
) -> None:
    text = HOSTPATH.replace("VERSION", version).replace("FLAG", flag).replace("MOUNT", mount).replace("VOLUME", volume)
    assert {one.code: one.severity for one in check(load(text), RELEASE)}.get("CSI417") == severity
