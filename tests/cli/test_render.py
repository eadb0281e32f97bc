"""``csi-manifests render``, run as a user runs it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from csi_manifests import Setup, build, emit, load
from csi_manifests.bundle.stages import STAGES

if TYPE_CHECKING:
    from conftest import Run


def documents(output: bytes) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(output))


def test_module_and_script_print_the_bundle(process: Run) -> None:
    done = process("render")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == emit(build())
    script = subprocess.run(
        [Path(sys.executable).with_name("csi-manifests"), "render"], capture_output=True, check=True
    )
    assert script.stdout == done.stdout


def test_reads_back_as_the_same_bundle(run: Run) -> None:
    assert load(run("render").stdout.decode()) == build()


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_bytes_do_not_depend_on_the_process(process: Run, seed: str) -> None:
    done = process("render", env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "LANG": "C"})
    assert done.stdout.decode() == emit(build())


def test_json_is_one_list_of_the_same_objects(run: Run) -> None:
    done = run("render", "--format", "json")
    content = json.loads(done.stdout)
    assert (content["apiVersion"], content["kind"]) == ("v1", "List")
    assert content["items"] == documents(run("render").stdout)


def test_comments_name_file_and_stage_and_can_be_left_out(run: Run) -> None:
    assert b"# csi-pvc.yaml \xc2\xb7 stage workload\n" in run("render").stdout
    assert b"#" not in run("render", "--no-comments").stdout


@pytest.mark.parametrize("release", ["1.13", "v1.13", "1.13.0", "v1.13.12"])
def test_release_may_be_written_as_people_do(run: Run, release: str) -> None:
    assert run("render", "--kubernetes", release).stdout == run("render").stdout


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_is_its_part_of_the_whole(run: Run, stage: str) -> None:
    done = run("render", "--stage", stage)
    assert done.returncode == 0
    assert done.stdout.decode() == emit(build().select(stage))


def test_stages_come_in_canonical_order(run: Run) -> None:
    done = run("render", "--stage", "workload, crds")
    assert done.stdout.decode() == emit(build().select("crds", "workload"))


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--stage", "crd"], "Did you mean 'crds'?"),
        (["--stage", ""], "'' is not a stage"),
        (["--kubernetes", "1.14"], "--kubernetes: Kubernetes '1.14' is not known. Known: 1.13."),
        (["--kubernetes", "latest"], "Known: 1.13."),
        (["--namespce", "x"], "--namespace"),
        (["--format", "xml"], "'json'"),
        (["--namespace", "Kube System"], "--namespace: 'Kube System' is not a DNS-1123 label"),
        (["extra"], "unexpected extra argument"),
        (["--date", "2018-12-10"], "no series"),
        (["--out", "x", "--format", "json"], "--format"),
        (["--out", ""], "Is a variable empty?"),
        (["--out", "-"], "Is a variable empty?"),
    ],
)
def test_wrong_usage_is_exit_2_and_prints_nothing(run: Run, args: list[str], says: str, tmp_path: Path) -> None:
    done = run("render", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr.decode()
    assert not list(tmp_path.iterdir())


def test_unknown_command_is_exit_2_with_a_guess(run: Run) -> None:
    done = run("rendr")
    assert done.returncode == 2
    assert b"Did you mean 'render'?" in done.stderr


def test_help_and_version(run: Run) -> None:
    assert b"Exit codes" in run("--help").stdout
    assert b"--kubelet-root" in run("render", "--help").stdout
    assert run("--version").stdout.startswith(b"csi-manifests 0.")


def test_shell_completion_comes_with_the_argument_library(process: Run) -> None:
    done = process(env={"_CSI_MANIFESTS_COMPLETE": "bash_source"})
    assert b"_csi_manifests_completion" in done.stdout


def test_full_disk_behind_stdout_is_exit_3() -> None:
    command = f"{sys.executable} -m csi_manifests render > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"Error: stdout: cannot be written (No space left on device).\n")


def test_misspelt_variable_is_exit_2(run: Run) -> None:
    done = run("render", env={"CSI_MANIFESTS_NAMESPCE": "x"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"CSI_MANIFESTS_NAMESPCE: there is no such choice. Did you mean 'CSI_MANIFESTS_NAMESPACE'?" in done.stderr


def test_a_setup_file_is_named_by_the_flag_and_not_by_a_variable(run: Run) -> None:
    done = run("render", env={"CSI_MANIFESTS_CONFIG": "setup.yaml"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"CSI_MANIFESTS_CONFIG: there is no such choice." in done.stderr


def test_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m csi_manifests render | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert done.stdout == "# csidriver.yaml \u00b7 stage crds\n".encode()
    assert done.stderr == b""


def test_bug_is_one_line_and_debug_shows_where(process: Run, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import csi_manifests.components.plan as c\nc.PLAN = None\nc.build.__defaults__ = (None, None)\n"
    )
    done = process("render", env={"PYTHONPATH": f"{tmp_path}"})
    assert (done.returncode, done.stdout) == (70, b"")
    assert done.stderr.startswith(b"Bug: TypeError")
    assert b"Traceback" not in done.stderr
    assert b"Traceback" in process("--debug", "render", env={"PYTHONPATH": f"{tmp_path}"}).stderr


class TestOut:
    def test_writes_a_folder_for_each_stage(self, run: Run, tmp_path: Path) -> None:
        done = run("render", "--out", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, b"")
        written = {path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*") if path.is_file()}
        bundle = build()
        assert {str(path) for path in written} == {
            *(f"{item.stage}/{item.file}" for item in bundle.items),
            *(f"{stage}/Kustomization" for stage in STAGES),
        }
        for stage in STAGES:
            kustomization = yaml.safe_load((tmp_path / "out" / stage / "Kustomization").read_text())
            objects = [
                content
                for name in kustomization["resources"]
                for content in yaml.safe_load_all((tmp_path / "out" / stage / name).read_text())
            ]
            assert objects == [resource.to_dict() for resource in bundle.select(stage)]

    def test_second_run_changes_nothing(self, run: Run, tmp_path: Path) -> None:
        run("render", "--out", tmp_path)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        run("render", "--out", tmp_path)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before

    def test_removes_what_it_no_longer_makes_and_nothing_else(self, run: Run, tmp_path: Path) -> None:
        run("render", "--out", tmp_path)
        (tmp_path / "crds" / "mine.yaml").write_text("a: 1\n")
        done = run("render", "--out", tmp_path, "--no-snapshot-crds")
        assert f"removed {tmp_path}/crds/snapshot-crds.yaml" in done.stderr.decode()
        assert not (tmp_path / "crds" / "snapshot-crds.yaml").exists()
        assert (tmp_path / "crds" / "mine.yaml").exists()

    def test_other_stages_stay_when_one_is_rendered(self, run: Run, tmp_path: Path) -> None:
        run("render", "--out", tmp_path)
        before = sorted(tmp_path.rglob("*"))
        done = run("render", "--out", tmp_path, "--stage", "workload")
        assert b"removed" not in done.stderr
        assert sorted(tmp_path.rglob("*")) == before

    def test_leaves_the_files_of_others_alone(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "workload").mkdir()
        (tmp_path / "workload" / "csi-pvc.yaml").write_text("mine: true\n")
        done = run("render", "--out", tmp_path)
        assert (done.returncode, done.stdout) == (3, b"")
        assert b"workload/csi-pvc.yaml: was not written by csi-manifests" in done.stderr
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["csi-pvc.yaml"]

    def test_to_a_file_is_exit_3(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = run("render", "--out", tmp_path / "file")
        assert (done.returncode, done.stdout) == (3, b"")
        assert len(done.stderr.splitlines()) == 1
        assert b"cannot be written" in done.stderr

    def test_full_disk_leaves_the_old_files_whole(self, tmp_path: Path) -> None:
        """A limit on the size of files stands for a full disk: both fail in the middle of writing."""
        subprocess.run(
            [sys.executable, "-m", "csi_manifests", "render", "--out", str(tmp_path)], check=True, capture_output=True
        )
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        done = subprocess.run(
            [sys.executable, "-m", "csi_manifests", "render", "--out", str(tmp_path), "--namespace", "other"],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        )
        assert (done.returncode, done.stdout) == (3, b"")
        assert b"cannot be written (File too large)" in done.stderr
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_second_opinion_agrees(run: Run) -> None:
    done = run("render", "--second-opinion")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == run("render").stdout


def test_plain_render_never_imports_the_second_opinion() -> None:
    script = "import sys; from csi_manifests.cli import main; main(['render']); assert 'kubernetes_validate' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_an_object_that_refers_to_nothing_is_never_printed(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from csi_manifests.cli import main  # noqa: PLC0415  (as above)
    from csi_manifests.components import plan  # noqa: PLC0415  (to be changed)

    steps = [step for step in plan.PLAN if step.file != "csi-attacher-rbac.yaml"]
    monkeypatch.setattr(plan.build, "__defaults__", (None, steps))
    assert main(["render"]) == 1
    done = capfdbinary.readouterr()
    assert done.out == b""
    assert (
        b"error CSI201 dangling-reference: StatefulSet default/csi-hostpath-attacher: /spec/template/spec/serviceAccountName"
        in done.err
    )
    assert b"no ServiceAccount 'csi-attacher'" in done.err


def test_setup_in_python_is_what_the_flags_say(run: Run) -> None:
    done = run("render", "--namespace", "storage", "--driver", "my-driver")
    assert done.stdout.decode() == emit(build(Setup(namespace="storage", driver="my-driver")))
