"""``check``, run as a user runs it: what it reads, what it says where, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from csi_manifests import build, emit
from csi_manifests.cli import main
from csi_manifests.output import formats
from csi_manifests.output.bundle.json import emit as emit_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Run

ARTICLE = Path(__file__).parents[1] / "article"
FORMATS = formats("findings")

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: b}\n"
ERROR = GOOD.replace("a: b", "a: 012")
WARNING = GOOD + "# csi-manifests: ignore CSI101 nothing is\n"
UNKNOWN = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n"

FOR_1_16 = b"35 objects checked against Kubernetes 1.16 (the newest that it is for: on 1.17, driver-registrar v0.4.1 does not work)"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_clean_file(process: Run) -> None:
    done = process("check", "-", stdin=GOOD.encode())
    assert (done.returncode, done.stdout) == (0, b"")
    assert (
        done.stderr == b"1 object checked against Kubernetes 1.37 (the newest known): 0 errors, 0 warnings, 0 info.\n"
    )


@pytest.mark.parametrize("form", ["yaml", "json", "crlf", "utf-16", "bom"])
def test_our_own_bundle_has_no_error_or_warning(run: Run, form: str) -> None:
    text = emit_json(build()) if form == "json" else emit(build())
    text = text.replace("\n", "\r\n") if form == "crlf" else text
    data = text.encode("utf-16" if form == "utf-16" else "utf-8-sig" if form == "bom" else "utf-8")
    done = run("check", "-", "--fail-on", "warning", stdin=data)
    assert done.returncode == 0, done.stdout.decode()
    assert FOR_1_16 + b": 0 errors, 0 warnings," in done.stderr


def test_the_release_may_come_from_the_variable(run: Run) -> None:
    done = run("check", "-", env={"CSI_MANIFESTS_KUBERNETES": "1.99"})
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"'1.99'" in done.stderr


def test_the_article_has_no_error(run: Run) -> None:
    done = run("check", ARTICLE, "--kubernetes=1.13")
    assert done.returncode == 0
    assert b"35 objects checked against Kubernetes 1.13: 0 errors" in done.stderr


def test_a_finding_says_everything(run: Run, tmp_path: Path) -> None:
    done = run("check", "a.yaml", cwd=write(tmp_path, a=ERROR))
    assert done.returncode == 1
    first, why, fix, end = done.stdout.decode().split("\n")
    said = "012 is not a string: YAML 1.1, and with it kubectl, takes it for a number"
    assert first == f"a.yaml:4:8: error CSI004 unquoted-text: ConfigMap default/a: /data/a: {said}"
    assert why.startswith("    why: ")
    assert fix == "    fix: Quote it."
    assert end == ""
    assert done.stderr == b"1 object checked against Kubernetes 1.37 (the newest known): 1 error, 0 warnings, 0 info.\n"


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (GOOD, [], 0),
        (GOOD, ["--fail-on", "info"], 0),
        (WARNING, [], 0),
        (WARNING, ["--fail-on", "warning"], 1),
        (WARNING, ["--fail-on", "info"], 1),
        (ERROR, [], 1),
        (ERROR, ["--fail-on", "error"], 1),
        (ERROR, ["--fail-on", "info"], 1),
        (UNKNOWN, [], 0),
        (UNKNOWN, ["--fail-on-unchecked"], 1),
        (GOOD, ["--fail-on-unchecked"], 0),
        (GOOD, ["--kubernetes", "v1.13.0"], 0),
        (GOOD, ["--kubernetes", "1.99"], 2),
        (GOOD, ["--fail-on", "never"], 2),
        (GOOD, ["--format", "xml"], 2),
        (GOOD, ["--nonsense"], 2),
        ("", [], 3),
        ("text", [], 3),
        ("a: [", [], 3),
        ("a: 1", [], 3),
        (f"{ERROR}---\na: 1\n", [], 3),
        ("kind: ConfigMap\nmetadata: {name: a}\n", [], 1),
        ("apiVersion: v1\nkind: A\nmetadata:\nname: a\n", [], 1),
    ],
)
def test_exit_codes(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, text: str, options: list[str], code: int
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert main(["check", str(file), *options]) == code
    out, err = capsysbinary.readouterr()
    assert err
    assert code != 2 or out == b""
    assert text not in {ERROR, WARNING} or code == 2 or out


def test_infos_fail_only_when_asked(run: Run) -> None:
    infos = run("check", "-", "--format", "json", stdin=emit(build()).encode())
    assert json.loads(infos.stdout)["summary"]["info"] > 0
    assert infos.returncode == 0
    assert run("check", "-", "--fail-on", "info", stdin=emit(build()).encode()).returncode == 1


def test_nothing_named_is_wrong_usage(run: Run) -> None:
    done = run("check")
    assert done.returncode == 2
    assert b"Missing argument" in done.stderr


def test_kinds_without_a_schema_are_named(run: Run) -> None:
    done = run("check", "-", stdin=f"{UNKNOWN}---\n{GOOD}---\n{UNKNOWN.replace('name: a', 'name: b')}".encode())
    assert b"2 of kinds without a schema here: example.com/v1 Thing (2)." in done.stderr


@pytest.mark.parametrize("path", ["absent.yaml", "/", "", "a\nb.yaml"])
def test_what_cannot_be_read(run: Run, tmp_path: Path, path: str) -> None:
    done = run("check", path if path != "/" else str(tmp_path), cwd=tmp_path)
    assert done.returncode == 3
    assert b"nothing was checked" in done.stderr
    assert len(done.stderr.splitlines()) == (1 if path == "/" else 2)


def test_all_is_checked_even_if_something_is_unreadable(run: Run, tmp_path: Path) -> None:
    done = run("check", "absent.yaml", "a.yaml", cwd=write(tmp_path, a=ERROR))
    assert done.returncode == 3
    assert b"a.yaml:4:8: error CSI004" in done.stdout
    assert b"Error: absent.yaml: cannot be read (No such file or directory)." in done.stderr


def test_a_folder_as_people_have_them(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    for name, text in {
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": GOOD,
        "overlay/Kustomization": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nbases: [../base]\n",
        "chart/Chart.yaml": "apiVersion: v1\nname: chart\nversion: 0.1.0\n",
        "chart/values.yaml": "replicas: 1\n",
        "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n",
        "chart/templates/_helpers.tpl": '{{ define "a" }}{{ end }}\n',
        "README.md": "# Read me\n",
        "ci.json": '{"a": 1}',
        "tests/broken.yaml": ERROR,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = run("check", "deploy", "--exclude", "tests", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().replace(os.sep, "/").splitlines() == [
        "passed over: deploy/ci.json:1: a document without apiVersion and kind is no Kubernetes object",
        "passed over: deploy/base/kustomization.yaml:1: a document without apiVersion and kind is no Kubernetes object",
        "passed over: deploy/chart/Chart.yaml:1: a document without apiVersion and kind is no Kubernetes object",
        "passed over: deploy/chart/values.yaml:1: a document without apiVersion and kind is no Kubernetes object",
        "passed over: deploy/chart/templates/a.yaml: is a template. Render it first.",
        "passed over: deploy/overlay/Kustomization:1: is a Kustomization, input for kustomize",
        "1 object checked against Kubernetes 1.37 (the newest known): 0 errors, 0 warnings, 0 info; 6 passed over.",
    ]
    assert run("check", "deploy", cwd=tmp_path).returncode == 1
    for name in ("chart", "chart/templates/a.yaml", "base/kustomization.yaml", "README.md"):
        assert run("check", f"deploy/{name}", cwd=tmp_path).returncode == 3


def test_a_dump_of_a_cluster(run: Run) -> None:
    dump = """
apiVersion: v1
items:
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"PersistentVolumeClaim"}
      pv.kubernetes.io/bind-completed: "yes"
    creationTimestamp: "2018-12-10T00:00:00Z"
    deletionTimestamp: null
    finalizers: [kubernetes.io/pvc-protection]
    managedFields: [{manager: kubectl, operation: Update}]
    name: csi-pvc
    namespace: default
    resourceVersion: "123"
    selfLink: /api/v1/namespaces/default/persistentvolumeclaims/csi-pvc
    uid: 0d6d29ad-fc11-11e8-a1a5-000c29a9a0e1
  spec:
    accessModes: [ReadWriteOnce]
    dataSource: null
    resources: {requests: {storage: 1Gi}}
    storageClassName: slow
    volumeMode: Filesystem
    volumeName: pvc-0d6d29ad
  status: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, phase: Bound}
- apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: slow, creationTimestamp: null}
  mountOptions: null
  provisioner: csi-hostpath
  reclaimPolicy: Delete
  volumeBindingMode: Immediate
kind: List
metadata: {resourceVersion: "", selfLink: ""}
"""
    done = run("check", "-", stdin=dump.encode())
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
    assert b"2 objects checked" in done.stderr
    wrong = dump.replace("reclaimPolicy: Delete", "reclaimPolicy: delete")
    done = run("check", "-", stdin=wrong.encode())
    assert done.returncode == 1
    line = wrong.splitlines().index("  reclaimPolicy: delete") + 1
    assert done.stdout.startswith(
        f"<stdin>:{line}:3: error CSI103 unknown-value: StorageClass slow: /reclaimPolicy: ".encode()
    )


def test_findings_come_by_file_line_and_code(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, b=f"{WARNING}---\n{ERROR}", a=f"{ERROR}---\n{ERROR.replace('{a: 012', '{z: no, a: 012')}")
    done = run("check", "b.yaml", "a.yaml", "--format", "json", cwd=folder)
    found = [(each["file"], each["line"], each["code"]) for each in json.loads(done.stdout)["findings"]]
    assert found == sorted(found)
    assert len(found) >= 5
    assert {file for file, _, _ in found} == {"a.yaml", "b.yaml"}
    assert ("a.yaml", 4, "CSI004") in found


def test_the_same_bytes_every_time(process: Run) -> None:
    texts = {
        process("check", ARTICLE, "--format", form, env={"PYTHONHASHSEED": seed}).stdout
        for seed in "123"
        for form in ["json"]
    }
    assert len(texts) == 1


def test_a_comment_ignores_a_finding(run: Run) -> None:
    text = ERROR + "# csi-manifests: ignore CSI004 octal on purpose\n"
    done = run("check", "-", stdin=text.encode())
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"0 info; 1 ignored by comments." in done.stderr
    done = run("check", "-", stdin=(ERROR + "# csi-manifests: ignore CSI004\n").encode())
    assert done.returncode == 1
    assert b"error CSI005" in done.stdout


def test_a_comment_ignores_an_object_that_is_almost_one(run: Run) -> None:
    text = "apiVersion: v1\nkind: A\nmetadata:\nname: a\n# csi-manifests: ignore CSI003 it is so\n"
    done = run("check", "-", stdin=text.encode())
    assert done.stdout == b""
    assert b"1 ignored by comments; nothing was checked." in done.stderr
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("env", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, True)]
)
def test_colour_only_on_a_terminal(tmp_path: Path, env: dict[str, str], *, colored: bool) -> None:
    file = write(tmp_path, a=ERROR) / "a.yaml"
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "csi_manifests", "check", str(file)]
    with subprocess.Popen(command, stdout=end, stderr=subprocess.DEVNULL, env={**clean, **env}) as process:
        os.close(end)
        shown = b"".join(_everything(terminal))
    os.close(terminal)
    assert process.returncode == 1
    assert (b"\x1b[" in shown) == colored
    assert b"error CSI004" in re.sub(rb"\x1b\[[0-9;]*m", b"", shown)


def _everything(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(descriptor, 4096)
        except OSError:  # how a terminal says that nobody writes any more
            return
        if not data:
            return
        yield data


def test_no_colour_in_a_pipe(process: Run) -> None:
    assert b"\x1b" not in process("check", "-", stdin=ERROR.encode()).stdout


def test_nothing_in_a_manifest_reaches_the_terminal_raw(run: Run) -> None:
    key = r'"a\e[31m\n::error ::b\u202e"'
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {key}, {key}: 1}}\ndata: {{{key}: 1, {key}: 2}}\n"
    odd = 'apiVersion: a/v1\nkind: "A\\n\\e[31m"\nmetadata: {name: b}\n'
    done = run("check", "-", stdin=f"{text}---\n{odd}".encode())
    assert done.returncode == 1
    for line in (done.stdout + done.stderr).decode().splitlines():
        assert line.isprintable()
        assert not line.startswith("::")


@pytest.mark.parametrize("form", FORMATS)
def test_a_closed_pipe_is_quiet(form: str, tmp_path: Path) -> None:
    file = write(tmp_path, a="---\n".join(ERROR.replace("name: a", f"name: a{n}") for n in range(2000))) / "a.yaml"
    command = f"{sys.executable} -m csi_manifests check {file} --format {form} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert b"Bug" not in done.stderr


def test_help_tells_the_exit_codes_apart(run: Run) -> None:
    done = run("check", "--help")
    assert done.returncode == 0
    for word in (b"--fail-on", b"--fail-on-unchecked", b"--exclude", b"csi-manifests: ignore socket-mismatch"):
        assert word in done.stdout


# What YAML is made of, so that a good part of it parses.
PIECES = st.one_of(
    st.sampled_from(
        [
            "apiVersion: v1\n", "kind: Pod\n", "kind: ConfigMap\n", "kind: List\n", "metadata:\n", "  name: a\n", "spec:\n",
            "items:\n", "data:\n", "- ", "  - ", ": ", "? ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "---\n", "...\n", "|\n",
            ">\n", "'", '"', "#", "\t", "\r", "\n", "!!str ", "!x ", "%YAML 1.1\n", "yes", "012", "null", ".inf", "\0", "\ufeff",
            "# csi-manifests: ignore CSI101 x\n", "@", "`", "é", "\u2028", "\\ud83d", "{{", GOOD, "  ",
        ]
    ),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.lists(PIECES, max_size=30).map("".join).map(str.encode), st.binary(max_size=200)),
    st.sampled_from(FORMATS),
)
@example(b"apiVersion: v1\nkind: ConfigMap\nmetadata: {*a : b}\n", "text")
@example(b"apiVersion: v1\nkind: ConfigMap\nmetadata: {&a yes: b, *a : b}\n", "text")
@example(b"apiVersion: v1\nkind: List\nitems: {}\n", "json")
@example("\ufeff\ufeff0".encode(), "text")
@example("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {²: ²}}\n".encode(), "sarif")
@example(b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {" + b"9" * 5000 + b": 1}}\n", "text")
def test_no_text_gives_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes, form: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(data.decode(errors="surrogateescape").encode(errors="replace") if form == "text" else data)
    assert main(["--debug", "check", str(file), "--format", form]) in {0, 1, 3}
