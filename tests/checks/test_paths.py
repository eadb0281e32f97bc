"""Where a container's paths really are, which program it runs, and with which flags."""

from __future__ import annotations

import pytest

from csi_manifests import load, release
from csi_manifests.analysis.context import Context
from csi_manifests.analysis.paths import Place, cleaned, resolve, socket_path
from csi_manifests.analysis.pods import pods
from csi_manifests.analysis.programs import flags_of, sidecars
from csi_manifests.knowledge.versions import version_of
from csi_manifests.text.images import image_reference

PLUGINS = "/var/lib/kubelet/plugins"


def context(text: str) -> Context:
    return Context(load(text), release("1.13"))


def pod(container: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: csi}}\nspec:\n  containers:\n  - {{{container}}}\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/csi/csi.sock", "/csi/csi.sock"),
        ("unix:///csi/csi.sock", "/csi/csi.sock"),
        ("unix://csi/csi.sock", "/csi/csi.sock"),
        ("unix:/csi/csi.sock", "/csi/csi.sock"),
        ("unix:csi/csi.sock", "/csi/csi.sock"),
        ("//csi/./x/..//csi.sock", "/csi/csi.sock"),
        ("/var/run/csi/csi.sock", "/run/csi/csi.sock"),
        ("tcp://127.0.0.1:10000", None),
        ("csi.sock", None),
        ("unix://", None),
        ("", None),
        ("$(ADDRESS)", None),
        ("unix://$(PATH)/csi.sock", None),
    ],
)
def test_address_of_a_socket(text: str, path: str | None) -> None:
    assert socket_path(text) == path


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/", "/"),
        ("/a/", "/a"),
        ("//a", "/a"),
        ("/var/run", "/run"),
        ("/var/running", "/var/running"),
        ("/a/../..", "/"),
    ],
)
def test_path_written_the_shortest_way(path: str, plain: str) -> None:
    assert cleaned(path) == plain


RESOLVED = """\
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec:
  containers:
  - name: c
    image: x
    env:
    - {name: DIR, value: /csi}
    - {name: SOCKET, value: $(DIR)/csi.sock}
    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    volumeMounts:
    - {name: host, mountPath: /csi/}
    - {name: deep, mountPath: /csi/deep}
    - {name: host, mountPath: /part, subPath: some/part}
    - {name: empty, mountPath: /empty}
    - {name: bare, mountPath: /bare}
    - {name: claim, mountPath: /claim}
    - {name: missing, mountPath: /missing}
    - {name: root, mountPath: /rootfs}
  volumes:
  - {name: host, hostPath: {path: /var/lib/kubelet/plugins/x/}}
  - {name: deep, hostPath: {path: /deep}}
  - {name: empty, emptyDir: {}}
  - {name: bare}
  - {name: claim, persistentVolumeClaim: {claimName: c}}
  - {name: root, hostPath: {path: /}}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/csi/csi.sock", Place("host", "", f"{PLUGINS}/x/csi.sock")),
        ("$(SOCKET)", Place("host", "", f"{PLUGINS}/x/csi.sock")),
        ("unix://$(SOCKET)", Place("host", "", f"{PLUGINS}/x/csi.sock")),
        ("/csi", Place("host", "", f"{PLUGINS}/x")),
        ("/csi/deep/csi.sock", Place("host", "", "/deep/csi.sock")),
        ("/csi/deeper/csi.sock", Place("host", "", f"{PLUGINS}/x/deeper/csi.sock")),
        ("/part/csi.sock", Place("host", "", f"{PLUGINS}/x/some/part/csi.sock")),
        ("/empty/csi.sock", Place("pod", "Pod/default/pod empty", "csi.sock")),
        ("/bare/csi.sock", Place("pod", "Pod/default/pod bare", "csi.sock")),
        ("/rootfs/var/run/x.sock", Place("host", "", "/run/x.sock")),
        ("/csix/csi.sock", Place("container", "Pod/default/pod c", "/csix/csi.sock")),
        ("/claim/csi.sock", None),
        ("/missing/csi.sock", None),
        ("/csi/$(NODE).sock", None),
        ("/csi/$(UNKNOWN).sock", None),
    ],
)
def test_path_is_followed_to_where_it_is(path: str, place: Place | None) -> None:
    (pod,) = pods(context(RESOLVED))
    assert resolve(path, pod.spec.containers[0], pod) == place


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("name: x, image: 'quay.io/k8scsi/csi-attacher:v0.4.1'", "csi-attacher v0.4.1"),
        ("name: x, image: 'localhost:5000/mirror/csi-attacher:0.4.1'", "csi-attacher v0.4.1"),
        ("name: x, image: 'gcr.io/gke-release/csi-attacher:v0.4.1-gke.0'", "csi-attacher v0.4.1"),
        ("name: x, image: 'quay.io/k8scsi/csi-attacher:v1.0-canary'", "csi-attacher"),
        ("name: x, image: 'localhost:5000/csi-attacher'", "csi-attacher"),
        (f"name: x, image: 'quay.io/k8scsi/csi-attacher@sha256:{'a' * 64}'", "csi-attacher"),
        # Named after the program, but the tag is somebody's own.
        ("name: csi-attacher, image: 'example.com/storage:v7.1.0'", "csi-attacher"),
        ("name: attacher, image: 'example.com/storage:v7.1.0', args: [--csi-address=/csi/csi.sock]", "csi-attacher"),
        ("name: x, image: 'example.com/mirrored-csi-attacher:v3.0.0', args: [--csi-address=/a.sock]", "csi-attacher"),
        ("name: x, image: 'example.com/storage:v7', args: [--csi-address=/a.sock, --snapshotter=x]", "csi-snapshotter"),
        # Other people's programs.
        ("name: provisioner, image: 'quay.io/external_storage/local-volume-provisioner:v2.3.0'", None),
        (
            "name: nfs, image: 'quay.io/kubernetes_incubator/nfs-provisioner:v2.1.0', args: [-provisioner=example.com/nfs]",
            None,
        ),
        ("name: liveness-probe, image: 'example.com/probe:v1.0.0', args: [--port=80]", None),
        ("name: x, image: 'example.com/csi-attacher-ui:v1.0.0'", None),
    ],
)
def test_program_is_recognised_by_image_name_or_flags(text: str, program: str | None) -> None:
    found = sidecars(context(pod(text)))
    assert [str(sidecar) for sidecar in found] == ([program] if program else [])


@pytest.mark.parametrize(
    ("image", "repository", "version"),
    [
        ("quay.io/k8scsi/csi-attacher:v0.4.1", "quay.io/k8scsi/csi-attacher", (0, 4, 1)),
        ("localhost:5000/csi-attacher", "localhost:5000/csi-attacher", None),
        ("localhost:5000/csi-attacher:1.2.3-rc1@sha256:ab", "localhost:5000/csi-attacher", (1, 2, 3)),
        ("csi-attacher:canary", "csi-attacher", None),
        ("", "", None),
    ],
)
def test_parts_of_an_image(image: str, repository: str, version: tuple[int, int, int] | None) -> None:
    assert (image_reference(image).name, version_of(image_reference(image).tag)) == (repository, version)


def test_flags_are_read_as_go_reads_them() -> None:
    text = pod(
        "name: c, image: 'x:1', command: [/csi-attacher, -v=5], "
        "args: [--csi-address, $(A)/csi.sock, --leader-election, -resync=10m, --dummy=false], env: [{name: A, value: /csi}]"
    )
    (view,) = pods(context(text))
    assert [(flag.pointer, flag.name, flag.value) for flag in flags_of(view.spec.containers[0])] == [
        ("/command/1", "v", "5"),
        ("/args/0", "csi-address", "/csi/csi.sock"),
        ("/args/2", "leader-election", "true"),
        ("/args/3", "resync", "10m"),
        ("/args/4", "dummy", "false"),
    ]
