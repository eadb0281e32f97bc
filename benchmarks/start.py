"""How long the commands take from a standing start, against importing pydantic and starting Python."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from pairs import COMMAND, PYDANTIC, compare, python

from csi_manifests import build
from csi_manifests.output.folder import files_of, write_files

ARTICLE = Path(__file__).parent.parent / "tests" / "article"


def main() -> int:
    """Print each ratio; 1 if one is beyond its goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = files_of(build())
        write_files(folder, files, ())
        article = [str(path) for path in sorted(ARTICLE.glob("*.yaml")) if path.name != "snapshot-crds.yaml"]
        within = [
            compare("render / import pydantic", [*COMMAND, "render"], PYDANTIC, 4.5),
            compare("--help / python -c pass", [*COMMAND, "--help"], python("pass"), 6),
            compare("check of 17 files / import pydantic", [*COMMAND, "check", *article], PYDANTIC, 5),
        ]
        if kubectl := shutil.which("kubectl"):
            (folder / "kustomization.yaml").write_text(_all(list(files)))
            compare(
                "render / kubectl kustomize of the same files", [*COMMAND, "render"], [kubectl, "kustomize", name], None
            )
    return 0 if all(within) else 1


def _all(files: list[Path]) -> str:
    names = "".join(f"- {path}\n" for path in files if path.suffix)
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{names}"


if __name__ == "__main__":
    sys.exit(main())
