"""``csi-manifests gates``, run as a user runs it: what it prints, and files patched in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from gate_manifests import HEAD, KUBEADM, LINE, NEEDED, patched

from csi_manifests.errors import UsageError
from csi_manifests.host.gates import given_gates, host_gates
from csi_manifests.host.replacement import replace
from csi_manifests.host.static_pod import GateInFileError, patch
from csi_manifests.knowledge.releases import Release
from csi_manifests.output import emit
from csi_manifests.output.folder import HEADER, write_files

if TYPE_CHECKING:
    from conftest import Run


# --- what is printed ---


def test_the_line_for_the_kubelet_is_the_article_s(run: Run) -> None:
    done = run("gates", "--for", "kubelet-env")
    assert (done.stdout.decode(), done.stderr, done.returncode) == (
        f"KUBELET_EXTRA_ARGS=--feature-gates={LINE}\n",
        b"",
        0,
    )


def test_the_flag_for_the_server_is_the_article_s(run: Run) -> None:
    done = run("gates", "--for", "apiserver")
    assert (done.stdout.decode(), done.stderr, done.returncode) == (f"--feature-gates={LINE}\n", b"", 0)


def test_kubeadm_gets_both_documents(run: Run) -> None:
    done = run("gates", "--for", "kubeadm")
    names = ("VolumeSnapshotDataSource", "KubeletPluginsWatcher", "CSINodeInfo", "CSIDriverRegistry")
    assert list(yaml.safe_load_all(done.stdout)) == [
        {
            "apiVersion": "kubeadm.k8s.io/v1beta1",
            "kind": "ClusterConfiguration",
            "apiServer": {"extraArgs": {"feature-gates": LINE}},
        },
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "featureGates": dict.fromkeys(names, True),
        },
    ]


def test_all_says_where_each_form_goes(run: Run) -> None:
    done = run("gates")
    text = done.stdout.decode()
    for form in ("kubelet-env", "apiserver", "kubeadm"):
        assert run("gates", "--for", form).stdout.decode() in text
    assert [line for line in text.splitlines() if line.startswith("# ")] == [
        "# /etc/default/kubelet on every node (/etc/sysconfig/kubelet with RPMs); then restart the kubelet.",
        "# /etc/kubernetes/manifests/kube-apiserver.yaml, a line of the container's command; --patch puts it there.",
        "# Instead of both, for a new cluster: a file for kubeadm init --config.",
    ]
    assert run("gates", "--for", "all").stdout == done.stdout


def test_needed_leaves_out_what_changes_nothing_and_says_why(run: Run) -> None:
    kubelet = run("gates", "--needed", "--for", "kubelet-env").stdout.decode().splitlines()
    assert kubelet[-1] == "KUBELET_EXTRA_ARGS=--feature-gates=CSINodeInfo=true,CSIDriverRegistry=true"
    assert [line.split(":")[0] for line in kubelet[:-1]] == ["# CSINodeInfo", "# CSIDriverRegistry"]
    server = run("gates", "--needed", "--for", "apiserver")
    assert server.stdout.decode() == f"--feature-gates={NEEDED}\n"
    assert [line.split(":")[0] for line in server.stderr.decode().splitlines()] == [
        word.partition("=")[0] for word in NEEDED.split(",")
    ]
    kubeadm = run("gates", "--needed", "--for", "kubeadm").stdout.decode()
    assert kubeadm.count("# VolumeSnapshotDataSource: ") == 1
    assert kubeadm.count("# CSINodeInfo: ") == 2
    assert "KubeletPluginsWatcher" not in kubeadm


def test_own_gates(run: Run) -> None:
    done = run("gates", "--for", "apiserver", "--gate", "CSIBlockVolume", "--gate=TTLAfterFinished=false")
    assert done.stdout == b"--feature-gates=CSIBlockVolume=true,TTLAfterFinished=false\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--gate", "VolumeSnapshotDatasource"], "Did you mean 'VolumeSnapshotDataSource'?"),
        (["--gate", "CSIMigration"], "gate CSIMigration: Kubernetes 1.13 has no such gate"),
        (["--gate", "CSINodeInfo=yes"], "'yes' is neither true nor false"),
        (["--gate", "CSINodeInfo", "--gate", "CSINodeInfo=false"], "both as true and as false"),
        (["--gate", "CSINodeInfo", "--needed"], "--needed and --gate"),
        (["--kubernetes", "1.38"], "1.38"),
        (["--for", "kubelet"], "'kubelet' is not one of"),
        (["--in-place"], "--in-place goes with --patch"),
        (["--backup", "a"], "--backup goes with --patch"),
        (["--patch", "-", "--in-place"], "stdin cannot be written"),
        (["--patch", "-", "--backup", "a"], "--backup goes with --in-place"),
        (["--patch", "-", "--for", "kubelet-env"], "leave --for kubelet-env out"),
    ],
)
def test_wrong_usage(run: Run, args: list[str], said: str) -> None:
    done = run("gates", *args)
    assert (done.stdout, done.returncode) == (b"", 2)
    assert said in done.stderr.decode()


def test_a_locked_gate_is_refused() -> None:
    known = Release("1.25")
    with pytest.raises(UsageError, match=r"gate CSIInlineVolume: is locked to true in Kubernetes 1\.25.*Leave it out"):
        given_gates(known, ["CSIInlineVolume=false"])
    with pytest.raises(UsageError, match="locked"):
        given_gates(known, ["CSIInlineVolume"])
    pod = f"{HEAD}  - command: [kube-apiserver]\n"
    with pytest.raises(GateInFileError, match=r"a\.yaml:6:\d+: --feature-gates has CSIInlineVolume: is locked to true"):
        patch(pod.replace("]", ', "--feature-gates=CSIInlineVolume=0"]').encode(), "a.yaml", {}, known)
    # The server takes a locked gate at the value that it has.
    patch(pod.replace("]", ', "--feature-gates=CSIInlineVolume=1"]').encode(), "a.yaml", {}, known)


def test_a_removed_gate_is_refused() -> None:
    with pytest.raises(UsageError, match=r"gate CSINodeInfo: was removed in Kubernetes 1\.21"):
        given_gates(Release("1.25"), ["CSINodeInfo"])


@pytest.mark.parametrize(
    ("version", "kubelet", "apiserver"),
    [
        (
            "1.13",
            ["CSINodeInfo", "CSIDriverRegistry"],
            ["VolumeSnapshotDataSource", "CSINodeInfo", "CSIDriverRegistry"],
        ),
        *((f"1.{minor}", list[str](), ["VolumeSnapshotDataSource"]) for minor in (14, 15, 16)),
        *((f"1.{minor}", list[str](), list[str]()) for minor in range(17, 38)),
    ],
)
def test_each_release_needs_the_gates_that_it_has_off(version: str, kubelet: list[str], apiserver: list[str]) -> None:
    gates = host_gates(Release(version), needed=True)
    assert (list(gates.kubelet), list(gates.apiserver)) == (kubelet, apiserver)
    assert set(gates.reasons) == {*kubelet, *apiserver}


def test_later_releases_get_what_they_need_instead_of_the_article_s_line() -> None:
    assert host_gates(Release("1.16")) == host_gates(Release("1.16"), needed=True)
    assert host_gates(Release("1.13")) != host_gates(Release("1.13"), needed=True)


@pytest.mark.parametrize("form", ["all", "apiserver", "kubeadm", "kubelet-env"])
def test_nothing_is_printed_for_a_release_that_needs_no_gates(form: str) -> None:
    assert emit("gates", form, host_gates(Release("1.17"))) == ""


def test_only_what_a_release_needs_is_printed() -> None:
    gates = host_gates(Release("1.16"))
    assert emit("gates", "kubelet-env", gates) == ""
    assert emit("gates", "apiserver", gates) == "--feature-gates=VolumeSnapshotDataSource=true\n"
    (document,) = yaml.safe_load_all(emit("gates", "kubeadm", gates))
    assert document["apiServer"] == {"extraArgs": {"feature-gates": "VolumeSnapshotDataSource=true"}}
    assert "/etc/default/kubelet" not in emit("gates", "all", gates)


# --- in place ---


def test_in_place_leaves_nothing_that_the_kubelet_would_start(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kube-apiserver.yaml"
    file.write_bytes(KUBEADM)
    file.chmod(0o600)
    done = run("gates", "--patch", file, "--in-place")
    backup = tmp_path / ".kube-apiserver.yaml.backup"
    assert (done.stdout, done.returncode) == (b"", 0)
    assert f"what it was is in {backup}\n" in done.stderr.decode()
    assert {path.name for path in tmp_path.iterdir()} == {file.name, backup.name}
    assert backup.read_bytes() == KUBEADM
    assert {path.stat().st_mode & 0o777 for path in (file, backup)} == {0o600}
    before = file.stat()
    assert run("gates", "--patch", file, "--in-place").returncode == 0
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns, len(list(tmp_path.iterdir()))) == (before.st_ino, before.st_mtime_ns, 2)
    assert run("gates", "--patch", file, "--in-place", "--gate", "TTLAfterFinished").returncode == 0
    assert (tmp_path / ".kube-apiserver.yaml.backup.1").read_bytes() == patched(KUBEADM).encode()
    assert backup.read_bytes() == KUBEADM


def test_backup_elsewhere(run: Run, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "manifests", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    file = folder / "kube-apiserver.yaml"
    file.write_bytes(KUBEADM)
    refused = run("gates", "--patch", file, "--in-place", "--backup", elsewhere / ".." / "manifests" / "old.yaml")
    assert refused.returncode == 2
    assert "would start it as a second pod" in refused.stderr.decode()
    assert file.read_bytes() == KUBEADM
    done = run("gates", "--patch", file, "--in-place", "--backup", elsewhere / "old.yaml")
    assert done.returncode == 0
    assert [path.name for path in folder.iterdir()] == ["kube-apiserver.yaml"]
    assert (elsewhere / "old.yaml").read_bytes() == KUBEADM
    taken = run("gates", "--patch", file, "--in-place", "--backup", elsewhere / "old.yaml")
    assert taken.returncode == 2
    assert "exists already" in taken.stderr.decode()


def test_in_place_follows_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "manifests").mkdir()
    real, link = tmp_path / "real" / "a.yaml", tmp_path / "manifests" / "b.yaml"
    real.write_bytes(KUBEADM)
    link.symlink_to(real)
    assert run("gates", "--patch", link, "--in-place").returncode == 0
    assert link.is_symlink()
    assert real.read_text() == patched(KUBEADM)


def test_a_backup_that_cannot_be_written_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(KUBEADM)
    done = run("gates", "--patch", file, "--in-place", "--backup", tmp_path / "none" / "b")
    assert (done.stdout, done.returncode) == (b"", 3)
    assert "Nothing was changed." in done.stderr.decode()
    assert file.read_bytes() == KUBEADM


# --- interrupted ---


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("call", ["os.fsync", "os.chown", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_an_interrupted_replacement_leaves_only_the_file(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kube-apiserver.yaml"
    file.write_bytes(KUBEADM)
    monkeypatch.setattr(call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace(file, b"new")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == {file: KUBEADM}


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_an_interrupted_rendering_leaves_no_file(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, {Path("a/b.yaml"): HEADER}, ["a"])
    assert not list((tmp_path / "a").iterdir())
