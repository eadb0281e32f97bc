"""What is wrong with pods, containers and claims is found in every kind that has them, a model or not."""

from __future__ import annotations

import pytest

from csi_manifests import check, load
from csi_manifests.analysis.context import Context
from csi_manifests.analysis.pods import pods
from csi_manifests.checks.rule import rules
from csi_manifests.checks.subjects import PARTS
from csi_manifests.knowledge.kinds import kinds
from csi_manifests.knowledge.releases import release

POD = """\
metadata: {labels: {app: a}}
spec:
  containers:
  - {name: a, image: "busybox:1.36", volumeMounts: [{name: nowhere, mountPath: /x}]}
  - {name: a, image: "busybox:1.36"}
"""


def holder(group: str, kind: str, version: str, path: tuple[str, ...]) -> str:
    """Write an object of a kind with a pod that has two mistakes, where that kind has its pod."""
    head = f"apiVersion: {group}/{version}" if group else f"apiVersion: {version}"
    text = f"{head}\nkind: {kind}\nmetadata: {{name: x}}\n"
    if not path:
        return f"{text}{POD.partition(chr(10))[2]}"
    for depth, step in enumerate(path):
        text += f"{'  ' * depth}{step}:\n"
    return text + "".join(f"{'  ' * len(path)}{line}\n" for line in POD.splitlines())


@pytest.mark.parametrize(
    ("group", "kind", "version", "path"),
    [
        pytest.param(kind.group, kind.name, version, kind.pod, id=f"{kind.api_version(version)} {kind.name}")
        for kind in kinds().values()
        if kind.pod is not None
        for version in kind.versions
    ],
)
def test_two_mistakes_are_found_wherever_the_pod_is(group: str, kind: str, version: str, path: tuple[str, ...]) -> None:
    found = {
        finding.code: finding.pointer
        for finding in check(load(holder(group, kind, version, path)), release("1.13"))
        if finding.code in {"CSI121", "CSI142"}
    }
    pointer = "".join(f"/{step}" for step in (*path, "spec"))
    assert found == {
        "CSI121": f"{pointer}/containers/1/name",
        "CSI142": f"{pointer}/containers/0/volumeMounts/0/name",
    }


JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: x}
spec:
  template:
    spec:
      containers:
      - {name: 1, image: "busybox:1.36"}
      - {name: csi-attacher, image: "quay.io/k8scsi/csi-attacher:v0.4.1", args: [--csi-address=/csi/csi.sock, --nonsense]}
"""


def test_what_cannot_be_read_moves_no_pointer() -> None:
    found = [finding for finding in check(load(JOB), release("1.13")) if finding.code == "CSI425"]
    assert [finding.pointer for finding in found] == ["/spec/template/spec/containers/1/args/1"]


def test_of_a_pod_that_is_read_in_part_nothing_is_said_to_be_missing() -> None:
    text = JOB.replace("name: 1,", "name: a, volumeMounts: [{name: v, mountPath: /x}],")
    whole = text + "      volumes: [{name: v, emptyDir: {}}]\n"
    partly = text + "      volumes: [{name: v, emptyDir: {sizeLimit: []}}, {name: V, emptyDir: {}}]\n"
    for each in (whole, partly):
        assert "CSI142" not in {finding.code for finding in check(load(each), release("1.13"))}


def test_a_message_names_the_kind_that_was_written() -> None:
    (pod,) = pods(Context(load(JOB), release("1.13")))
    assert pod.where == "Job 'x'"


def test_every_part_is_looked_at_by_a_rule() -> None:
    assert {subject for rule in rules() for subject in rule.subjects} >= set(PARTS)


TEMPLATES = """\
apiVersion: apps/v1beta1
kind: StatefulSet
metadata: {name: x}
spec:
  template:
    metadata: {labels: {app: a}}
    spec:
      containers: [{name: a, image: "busybox:1.36", volumeMounts: [{name: data, mountPath: /x}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [], resources: {requests: {storage: 1Gi}}}
"""


def test_claim_templates_of_a_beta_kind_are_claims() -> None:
    found = [(finding.code, finding.pointer) for finding in check(load(TEMPLATES), release("1.13"))]
    assert [code for code, _ in found if code in {"CSI142", "CSI143"}] == []
    assert any(pointer.startswith("/spec/volumeClaimTemplates/0/spec/accessModes") for _, pointer in found)
