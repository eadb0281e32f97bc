"""What ``check`` says of the article's own files, as a stranger would hand them over: reviewed, and no error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest
    from conftest import Run

ROOT = Path(__file__).parents[2]
REVIEWED = ROOT / "snapshots" / "article-findings.txt"


def test_article_has_no_error_and_the_findings_are_the_reviewed_ones(run: Run, request: pytest.FixtureRequest) -> None:
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "tests" / "article").glob("*.yaml"))
    done = run("check", "--kubernetes=1.13", *(file for file in files if file.name != "snapshot-crds.yaml"), cwd=ROOT)
    assert done.returncode == 0
    assert b"32 objects checked" in done.stderr
    assert b" 0 errors" in done.stderr
    if request.config.getoption("--snapshot-update"):
        REVIEWED.write_bytes(done.stdout)
    assert done.stdout == REVIEWED.read_bytes()
