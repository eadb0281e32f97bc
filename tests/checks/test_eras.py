"""The hostpath driver as upstream deployed it on later releases: each bundle works on those it is for, and says why not on others."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from csi_manifests import check_files
from csi_manifests.bundle.gathering import gather
from csi_manifests.checks.compatibility import compatibility, spans

FOLDER = Path(__file__).parent.parent / "bundles" / "eras"

NO_SERVICE = {"CSI201 /spec/serviceName"}
"""Upstream's StatefulSet names a Service that is not there: its pod runs, and has no name in DNS."""
NO_ROLE = {"CSI201 /roleRef/name"}
"""Upstream binds a role that only the csi-snapshot-metadata sidecar brings, which is another bundle."""


class Era(NamedTuple):
    """What is to be said of a bundle."""

    works_on: str
    """The releases without an error, as ``compat`` writes them."""
    warnings: set[str]
    """What upstream really has wrong: codes and pointers."""
    ends_with: str | None
    """The code of what ends it on the release after."""


ERAS = {
    "1.15": Era("1.13 to 1.21", set(), "CSI436"),
    "1.17": Era("1.17 to 1.21", NO_SERVICE, "CSI301"),
    "1.20": Era("1.20 to 1.37", NO_SERVICE, None),
    "1.30": Era("1.20 to 1.37", NO_SERVICE | NO_ROLE, None),
}


def file_of(kubernetes: str) -> Path:
    return FOLDER / f"hostpath-on-{kubernetes}.yaml"


def test_every_bundle_is_accounted_for() -> None:
    assert set(FOLDER.iterdir()) == {file_of(kubernetes) for kubernetes in ERAS}


@pytest.mark.parametrize(("kubernetes", "era"), ERAS.items(), ids=ERAS)
def test_bundle_has_no_error_on_its_release(kubernetes: str, era: Era) -> None:
    found = check_files([file_of(kubernetes)], kubernetes).findings
    assert [str(finding) for finding in found if finding.severity == "error"] == []
    assert {f"{each.code} {each.pointer}" for each in found if each.severity == "warning"} == era.warnings


@pytest.mark.parametrize(("kubernetes", "era"), ERAS.items(), ids=ERAS)
def test_bundle_works_on_the_releases_of_its_era(kubernetes: str, era: Era) -> None:
    (span,) = spans(compatibility(gather([file_of(kubernetes)])))
    assert str(span) == era.works_on
    assert (span.end and span.end.first and span.end.first.code) == era.ends_with
