"""``csi-manifests gates --patch``: one line changes in whatever way the manifest is written, or the error is clear."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from gate_manifests import BY_HAND, GATES, HEAD, KUBEADM, LINE, NEEDED, changed, flags_of, patched
from hypothesis import given
from hypothesis import strategies as st

from csi_manifests.errors import CsiManifestsError, InputError
from csi_manifests.host.static_pod import patch
from csi_manifests.knowledge.releases import release

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


# --- the manifest ---


def test_patch_adds_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kube-apiserver.yaml"
    file.write_bytes(KUBEADM)
    done = run("gates", "--patch", file)
    assert (file.read_bytes(), done.returncode) == (KUBEADM, 0)
    assert changed(KUBEADM, done.stdout) == [f"+     - --feature-gates={LINE}\n"]
    assert done.stderr.decode().splitlines() == [f"{file}: {gate}=true added" for gate in GATES]
    again = run("gates", "--patch", "-", stdin=done.stdout)
    assert (again.stdout, again.returncode) == (done.stdout, 0)
    assert again.stderr == b"<stdin>: has all these gates already, nothing changed\n"


def test_patch_keeps_what_people_write(run: Run) -> None:
    done = run("gates", "--patch", "-", stdin=BY_HAND)
    before, after = (line for line in changed(BY_HAND, done.stdout))
    assert (
        before
        == "-               -   'PodPriority=true, CSINodeInfo=false,TTLAfterFinished=true'   # was off in 1.12\n"
    )
    assert after == (
        "+               -   'PodPriority=true, CSINodeInfo=true,TTLAfterFinished=true,VolumeSnapshotDataSource=true,"
        "KubeletPluginsWatcher=true,CSIDriverRegistry=true'   # was off in 1.12\n"
    )
    assert b"<stdin>: CSINodeInfo changed from false to true\n" in done.stderr


def test_patch_with_needed_gates(run: Run) -> None:
    done = run("gates", "--needed", "--patch", "-", stdin=KUBEADM)
    assert changed(KUBEADM, done.stdout) == [f"+     - --feature-gates={NEEDED}\n"]


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("    command: [kube-apiserver]\n", f'    command: [kube-apiserver, "--feature-gates={LINE}"]\n'),
        ("    command: ['kube-apiserver', ]\n", f"    command: ['kube-apiserver', '--feature-gates={LINE}', ]\n"),
        (
            "    command: [kube-apiserver, --v=2] # a\n",
            f'    command: [kube-apiserver, "--feature-gates={LINE}",--v=2] # a\n',
        ),
        (
            '    command: [\n      "kube-apiserver", # the server\n      "--v=2"\n    ]\n',
            f'    command: [\n      "kube-apiserver", # the server\n      "--feature-gates={LINE}",\n      "--v=2"\n    ]\n',
        ),
        (
            "    command: [kube-apiserver, --feature-gates=CSINodeInfo=true]\n",
            f'    command: [kube-apiserver, "--feature-gates=CSINodeInfo=true,{LINE.replace("CSINodeInfo=true,", "")}"]\n',
        ),
        ("    command:\n    - kube-apiserver", f"    command:\n    - kube-apiserver\n    - --feature-gates={LINE}"),
        (
            "    command:\r\n    - kube-apiserver",
            f"    command:\r\n    - kube-apiserver\r\n    - --feature-gates={LINE}",
        ),
        (
            "    command:\n    -\n      kube-apiserver # a\n    # b\n    - --v=2\n",
            f"    command:\n    -\n      kube-apiserver # a\n    - --feature-gates={LINE}\n    # b\n    - --v=2\n",
        ),
        (
            '    command:\n      - "kube-apiserver"\n    args:\n    - --v\n    - "2"\n',
            f'    command:\n      - "kube-apiserver"\n      - "--feature-gates={LINE}"\n    args:\n    - --v\n    - "2"\n',
        ),
        (
            "    image: k8s.gcr.io/kube-apiserver@sha256:0\n    args:\n    - --v=2\n",
            f"    image: k8s.gcr.io/kube-apiserver@sha256:0\n    args:\n    - --feature-gates={LINE}\n    - --v=2\n",
        ),
        (
            "    image: kube-apiserver:v1.13.4\n    args: [--v=2]\n",
            f'    image: kube-apiserver:v1.13.4\n    args: ["--feature-gates={LINE}", --v=2]\n',
        ),
        (
            "    command: [/hyperkube, apiserver]\n    image: k8s.gcr.io/hyperkube:v1.13.1\n",
            f'    command: [/hyperkube, apiserver, "--feature-gates={LINE}"]\n    image: k8s.gcr.io/hyperkube:v1.13.1\n',
        ),
        (
            "    command:\n    - kube-apiserver\n    - --feature_gates=\n",
            f"    command:\n    - kube-apiserver\n    - --feature_gates={LINE}\n",
        ),
        (
            "    command:\n    - kube-apiserver\n    - --feature-gates\n    - ''\n    - --v=2\n",
            f"    command:\n    - kube-apiserver\n    - --feature-gates\n    - '{LINE}'\n    - --v=2\n",
        ),
    ],
)
def test_every_way_of_writing_it(command: str, result: str) -> None:
    before, after = (f"{HEAD}  - name: a\n{text}" for text in (command, result.replace('",--v', '", --v')))
    assert patched(before) == after


def test_several_flags_are_merged_as_the_server_does() -> None:
    flags = [
        "--feature-gates=CSINodeInfo=false,PodPriority=true",
        "--v=2",
        "--feature-gates=CSINodeInfo=False,CSIDriverRegistry=0",
        "--feature-gates=CSIDriverRegistry=T,TTLAfterFinished=true",
    ]
    before = f"{HEAD}  - command:\n    - kube-apiserver\n" + "".join(f"    - {flag}\n" for flag in flags)
    after = patched(before)
    assert [line[2:].strip() for line in changed(before, after) if line[0] == "+"] == [
        "- --feature-gates=CSINodeInfo=true,CSIDriverRegistry=0",
        "- --feature-gates=CSIDriverRegistry=T,TTLAfterFinished=true,VolumeSnapshotDataSource=true,KubeletPluginsWatcher=true",
    ]
    assert flags_of(after) == {**GATES, "PodPriority": True, "TTLAfterFinished": True}


def test_json_and_other_encodings() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "é"},
        "spec": {"containers": [{"command": ["kube-apiserver", "--v=2"]}]},
    }
    for indent in (None, 4):
        text = json.dumps(pod, indent=indent, ensure_ascii=False)
        result = patched(text)
        pod_after = json.loads(result)
        assert pod_after["spec"]["containers"][0]["command"] == ["kube-apiserver", f"--feature-gates={LINE}", "--v=2"]
        assert re.sub(r'"--feature-gates=[^"]*",\s+', "", result) == text
    assert patched("\ufeff" + KUBEADM.decode())[0] == "\ufeff"
    wide = patch(KUBEADM.decode().encode("utf-16"), "a", GATES, release("1.13")).data
    assert wide.decode("utf-16").encode() == patched(KUBEADM).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.yaml: holds no objects"),
        ("just text\n", "a.yaml:1:1: 'just text' is not a Pod"),
        ("apiVersion: v1\nkind: Service\n", "a.yaml:2:1: is a v1 Service, not a v1 Pod"),
        (
            "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n",
            "a.yaml:3:8: no container runs kube-apiserver (it has none)",
        ),
        (f"{HEAD}  - {{name: etcd, command: [etcd]}}\n", "a.yaml:5:3: no container runs kube-apiserver (it has: etcd)"),
        (
            f"{HEAD}  - command: [kube-apiserver]\n" * 1 + "  - command: [kube-apiserver]\n",
            "2 containers run kube-apiserver (line 6, line 7)",
        ),
        (
            f"{HEAD}  - image: kube-apiserver:v1.13.0\n    command: [sh, -c, 'exec kube-apiserver --v=2']\n",
            "a.yaml:7:5: kube-apiserver is started within another program",
        ),
        (f"{HEAD}  - image: kube-apiserver:v1.13.0\n", "a.yaml:6:5: kube-apiserver is started without any flags"),
        ("a: {{ .Values.a }}\n{{- end }}\n", "This looks like a template: render it first."),
        ("a: [\n", "is not YAML"),
        (f"x: &a [kube-apiserver]\n{HEAD}  - command: *a\n", "a.yaml:7:5: "),
        (
            f"{HEAD}  - command:\n    - kube-apiserver\n    - >-\n      --feature-gates=CSINodeInfo=true\n",
            "is not written plainly on one line",
        ),
        (f"{HEAD}  - command:\n    - !!str kube-apiserver\n", "is not written plainly on one line"),
        (f"{HEAD}  - command: [kube-apiserver]\n    command: [kube-apiserver]\n", "given twice"),
    ],
)
def test_what_is_no_manifest_of_the_server(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        patched(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_in_place_of_what_is_no_manifest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"")
    done = run("gates", "--patch", tmp_path / "a.yaml", "--in-place")
    assert (done.stdout, done.returncode) == (b"", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "[kube-apiserver, --feature-gates=CSIMigration=true]",
            "--feature-gates has CSIMigration: Kubernetes 1.13 has no such gate",
        ),
        ("[kube-apiserver, --feature-gates=CSINodeinfo=true]", "Did you mean 'CSINodeInfo'?"),
        ("[kube-apiserver, --feature-gates=CSINodeInfo]", "has 'CSINodeInfo', which is not a gate with true or false"),
        ("[kube-apiserver, --feature-gates=CSINodeInfo=yes]", "has 'CSINodeInfo=yes'"),
        ("[kube-apiserver, --feature-gates]", "--feature-gates has no value"),
        (
            "[kube-apiserver]\n    image: k8s.gcr.io/kube-apiserver:v1.20.2",
            "the image is k8s.gcr.io/kube-apiserver:v1.20.2",
        ),
    ],
)
def test_a_manifest_that_would_not_start(run: Run, command: str, said: str) -> None:
    done = run("gates", "--patch", "-", stdin=f"{HEAD}  - command: {command}\n".encode())
    assert (done.stdout, done.returncode) == (b"", 1)
    assert re.match(r"Error: <stdin>:\d+:\d+: ", done.stderr.decode())
    assert said in done.stderr.decode()


def test_missing_file(run: Run) -> None:
    done = run("gates", "--patch", "no-such-file")
    assert (done.stdout, done.returncode) == (b"", 3)
    assert done.stderr == b"Error: no-such-file: cannot be read (No such file or directory).\n"


# --- any manifest ---

NAMES = sorted(release("1.13").gates)
SPACE = st.sampled_from(["", " ", "   "])
COMMENT = st.sampled_from(["", "  ", " # a", "\t# tab\tand more ", "   #"])
BETWEEN = st.sampled_from(["", "    # a comment\t\n", "\n", "  \n"])
TRUTH = st.sampled_from(["true", "false", "1", "F", "True"])


@st.composite
def gate_lists(draw: st.DrawFn) -> str:
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), TRUTH), max_size=5))
    return ",".join(f"{draw(SPACE)}{name}={value}{draw(SPACE)}" for name, value in pairs)


@st.composite
def items(draw: st.DrawFn, text: str) -> str:
    quote = draw(st.sampled_from(["", "'", '"']))
    quote = quote or ("'" if not text or text != text.strip() else "")
    return f"    - {draw(SPACE)}{quote}{text}{quote}{draw(COMMENT)}\n{draw(BETWEEN)}"


@st.composite
def manifests(draw: st.DrawFn) -> str:
    lines = ["kube-apiserver"]
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["other", "joined", "apart"]))
        gates = draw(gate_lists())
        lines += {"other": ["--v=2"], "joined": [f"--feature-gates={gates}"], "apart": ["--feature-gates", gates]}[kind]
    body = "".join(draw(items(line)) for line in lines)
    text = f"{draw(BETWEEN)}{HEAD}  - image: a  # ü\n    command:{draw(COMMENT)}\n{body}    name: kube-apiserver\n"
    text = draw(st.sampled_from([text, text.rstrip("\n"), text.removesuffix("    name: kube-apiserver\n")]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(manifests(), st.dictionaries(st.sampled_from(NAMES), st.booleans(), min_size=1, max_size=4))
def test_any_manifest_keeps_its_other_bytes(before: str, gates: dict[str, bool]) -> None:
    after = patched(before, gates)
    assert flags_of(after) == {**flags_of(before), **gates}
    olds, news = (text.splitlines(keepends=True) for text in (before, after))
    if "--feature-gates" in before:
        assert len(olds) == len(news)
        assert all(
            old == new or ("=" in old and "=" in new) or "''" in old or '""' in old
            for old, new in zip(olds, news, strict=True)
        )
    else:
        (added,) = (line for line in news if "--feature-gates" in line)
        news.remove(added)
        assert "".join(news).removesuffix("\r\n").removesuffix("\n") == before.removesuffix("\r\n").removesuffix("\n")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_clear_error(data: bytes) -> None:
    with pytest.raises(CsiManifestsError):
        patch(data, "a", GATES, release("1.13"))


@pytest.mark.parametrize("script", ["kube-apiserver", "exec /usr/bin/kube-apiserver", "kube-apiserver --v=2"])
def test_a_script_is_not_taken_for_the_program(script: str) -> None:
    text = f"{HEAD}  - image: k8s.gcr.io/kube-apiserver-amd64:v1.13.0\n    command: [sh, -c, '{script}']\n"
    with pytest.raises(InputError, match="within another program, such as a shell"):
        patched(text)
