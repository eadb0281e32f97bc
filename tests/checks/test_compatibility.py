"""Which release a bundle is for, on which it works, and what is said of fields that a release does not have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from csi_manifests import build, check, check_files, emit, load
from csi_manifests.bundle.gathering import gather
from csi_manifests.checks.compatibility import compatibility, spans
from csi_manifests.checks.releases import release_for
from csi_manifests.knowledge.releases import releases

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

CRD = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: pools.example.com}
spec: {group: example.com, version: v1, scope: Cluster, names: {kind: Pool, plural: pools}}
"""
POOL = "apiVersion: example.com/v1\nkind: Pool\nmetadata: {name: a}\n"
DRIVER = "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: a}\nspec: {attachRequired: false}\n"


def test_the_newest_release_is_meant_where_nothing_speaks_against_it() -> None:
    choice = release_for(load(DRIVER))
    assert (choice.release.version, choice.reason) == (releases()[-1], "the newest known")


def test_an_api_that_is_gone_decides() -> None:
    choice = release_for(load(f"{CRD}---\n{POOL}"))
    assert choice.release.version == "1.21"
    assert choice.reason == (
        "the newest that it is for: on 1.22, apiextensions.k8s.io/v1beta1 CustomResourceDefinition is gone"
    )


def test_a_sidecar_that_is_too_old_decides() -> None:
    choice = release_for(build())
    assert choice.release.version == "1.16"
    assert choice.reason.startswith("the newest that it is for: on 1.17, ")
    assert choice.reason.endswith(" v0.4.1 does not work")


def test_what_no_release_has_together_is_said() -> None:
    choice = release_for(load(f"{CRD}---\n{DRIVER.replace('CSIDriver', 'VolumeAttributesClass')}"))
    assert choice.reason.startswith("none has all of it; here ")


def test_the_library_and_the_summary_mean_the_same_release(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(emit(build()))
    report = check_files([file])
    assert report.kubernetes == "1.16"
    assert "against Kubernetes 1.16 (the newest that it is for: on 1.17, " in str(report)
    assert [each.code for each in report.findings] == [each.code for each in check(load(file))]


def test_outcomes_of_our_own_bundle(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(emit(build()))
    outcomes = compatibility(gather([file]))
    assert [outcome.kubernetes for outcome in outcomes] == list(releases())
    (span,) = spans(outcomes)
    assert (str(span), span.end and span.end.kubernetes) == ("1.13 to 1.16", "1.17")
    by_release = {outcome.kubernetes: outcome for outcome in outcomes}
    assert by_release["1.22"].first is not None
    assert by_release["1.22"].first.code == "CSI301"


@pytest.mark.parametrize(
    ("text", "code", "last"),
    [
        (DRIVER, 0, "Works on 1.18 to 1.37, the newest known."),
        (CRD, 0, "Works on 1.13 to 1.21; from 1.22 on: CSI301 unserved-api-version: "),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A}\n", 1, "Works on no release from 1.13 to 1.37."),
    ],
)
def test_the_command(run: Run, tmp_path: Path, text: str, code: int, last: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    done = run("compat", "a.yaml", cwd=tmp_path)
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr, len(lines)) == (code, b"", len(releases()) + 1)
    assert lines[-1].startswith(last)


def test_formats(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CRD)
    content = json.loads(run("compat", "a.yaml", "--format=json", cwd=tmp_path).stdout)
    assert content["version"] == 1
    assert [each["kubernetes"] for each in content["releases"] if each["works"]] == list(releases()[:9])
    page = run("compat", "a.yaml", "--format=markdown", cwd=tmp_path).stdout.decode()
    assert page.count("\n| 1.") == len(releases())


def test_nothing_to_check_is_no_success(run: Run, tmp_path: Path) -> None:
    assert run("compat", "missing.yaml", cwd=tmp_path).returncode == 3


PROBE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
      - name: a
        image: busybox:1.36
        startupProbe: {exec: {command: ["true"]}}
        startupProb: {}
"""


def test_a_field_of_a_later_release_is_told_with_that_release() -> None:
    found = {each.pointer: each for each in check(load(PROBE), "1.13") if each.code == "CSI102"}
    later = found["/spec/template/spec/containers/0/startupProbe"]
    assert later.message == "Kubernetes 1.13 has no field 'startupProbe' here; it comes with 1.16"
    typo = found["/spec/template/spec/containers/0/startupProb"]
    assert typo.message == "there is no field 'startupProb'"


def test_a_field_is_taken_from_the_release_that_brought_it() -> None:
    text = CRD.replace("scope: Cluster", "preserveUnknownFields: false, scope: Cluster")
    assert "CSI102" in {each.code for each in check(load(text), "1.13")}
    assert "CSI102" not in {each.code for each in check(load(text), "1.15")}


BETA = """\
apiVersion: apps/v1beta1
kind: StatefulSet
metadata: {name: a}
spec:
  replicas: "3"
  serviceName: a
  template:
    metadata: {labels: {app: a}}
    spec:
      containers: [{name: a, image: "busybox:1.36", args: run, ports: [{containerPort: "80"}]}]
"""


def test_wrong_types_in_a_kind_without_a_model_are_found() -> None:
    found = {each.pointer: each.message for each in check(load(BETA), "1.13") if each.code == "CSI101"}
    assert found == {
        "/spec/replicas": "'3' is not an integer",
        "/spec/template/spec/containers/0/args": "'run' is not a list",
        "/spec/template/spec/containers/0/ports/0/containerPort": "'80' is not an integer",
    }


def test_a_kind_that_the_release_does_not_have_is_not_called_unchecked(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CRD)
    assert check_files([tmp_path / "a.yaml"], "1.25").unchecked == {}
