"""Rules that say "the API server refuses" something say the truth: a real one refuses the bad example, and takes the good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from csi_manifests.checks.rule import Rule, rules

if TYPE_CHECKING:
    import subprocess

    from .control_plane import ControlPlane

pytestmark = pytest.mark.cluster

ELSEWHERE = {
    "CSI114": "the StatefulSet is taken, its pods are refused later",
    "CSI122": "only spaces around an image are refused; others are never pulled",
    "CSI305": "test_server_holds_custom_resources_against_their_schema",
    "CSI314": "the gate cannot be turned off on 1.20",
    "CSI420": "the volume is refused that csi-provisioner makes",
    "CSI474": "1.13 refuses it, 1.20 takes it",
}
"""Rules whose example a single call to a 1.20 server cannot judge, and why they are right all the same."""
TOLD = [rule for rule in rules() if rule.severity == "error" and "API server" in rule.why and "refuse" in rule.why]


def refusals(cluster: ControlPlane, text: str) -> list[str]:
    """Have the server judge the objects, one by one, and store none."""
    done: list[subprocess.CompletedProcess[str]] = [
        cluster.run("create", "--dry-run=server", "--validate=false", "-f", "-", stdin=document, check=False)
        for document in text.split("---\n")
        if document.strip()
    ]
    return [result.stderr for result in done if result.returncode != 0]


@pytest.mark.parametrize("rule", [rule for rule in TOLD if rule.code not in ELSEWHERE], ids=lambda rule: rule.code)
def test_server_refuses_the_bad_example_and_takes_the_good_one(rule: Rule, cluster: ControlPlane) -> None:
    assert refusals(cluster, rule.bad)
    assert not refusals(cluster, rule.good)


def test_server_holds_custom_resources_against_their_schema(cluster: ControlPlane) -> None:
    (rule,) = (rule for rule in TOLD if rule.code == "CSI305")
    definition, bad = rule.bad.split("---\n")
    good = rule.good.split("---\n")[1]
    cluster.run("create", "-f", "-", stdin=definition)
    try:
        cluster.run("wait", "--for=condition=Established", "--timeout=60s", "-f", "-", stdin=definition)
        assert refusals(cluster, bad)
        assert not refusals(cluster, good)
    finally:
        cluster.run("delete", "-f", "-", stdin=definition)


def test_every_exception_is_one() -> None:
    assert set(ELSEWHERE) <= {rule.code for rule in TOLD}
