"""``csi-manifests render``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from csi_manifests.bundle.stages import STAGES
from csi_manifests.cli._output import format_option, note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.cli._stages import stage_option
from csi_manifests.output import emit


@click.command(cls=SetupCommand, short_help="Render the manifests of a setup, checked.")
@stage_option("Render")
@click.option(
    "--date",
    "day",
    metavar="YYYY-MM-DD|today",
    help="Render this day of the setup's series: its snapshots and restores.",
)
@click.option(
    "--out",
    is_flag=False,
    flag_value="out",
    metavar="[DIR]",
    help="Write files to DIR/STAGE/ instead of one text to stdout.  [DIR: out]",
)
@format_option("bundle", "json is one v1 List.", default="yaml")
@click.option(
    "--comments/--no-comments",
    default=True,
    help="Write a line above each object that names its file and stage.  [default: comments]",
)
@click.option("--show-config", is_flag=True, help="Print the setup that file, variables and flags result in, and stop.")
@click.option("--second-opinion", is_flag=True, help="Also check with kubernetes-validate (extra second-opinion).")
def command(
    stages: tuple[str, ...] | None,
    day: str | None,
    out: str | None,
    form: str,
    comments: bool,
    show_config: bool,
    second_opinion: bool,
    config: str | None,
    **flags: Any,
) -> None:
    """Render the manifests of a setup, checked, in an order in which they can be applied.

    \b
      csi-manifests render > bundle.yaml
      csi-manifests render --stage crds,rbac,driver | kubectl apply -f -
      csi-manifests render --out manifests --driver my-hostpath

    If a rule of 'csi-manifests check' finds an error, nothing is printed or written, and the exit code is 1. Warnings and
    advice are not shown: 'csi-manifests check' shows them.
    """
    from csi_manifests.checks.checking import build_checked
    from csi_manifests.output.folder import files_of, write_files
    from csi_manifests.setup.reading import setup_on, write_setup

    setup = chosen_setup(config, flags)
    if show_config:
        product(write_setup(setup))
        return
    whole = build_checked(setup_on(setup, day) if day else setup, second_opinion=second_opinion)
    bundle = whole.select(*stages) if stages else whole
    if not len(bundle):
        hint = " Give --date, or days under series.dates." if setup.series else ""
        raise click.UsageError(f"Nothing to render: the setup has no object in {', '.join(stages or ())}.{hint}")
    if out is None:
        # JSON has no comments.
        options = {"comments": comments} if form == "yaml" else {}
        product(emit("bundle", form, bundle, **options))
        return
    if out in {"", "-"}:
        raise click.UsageError(f"--out takes a folder, not {out!r}. Is a variable empty?")
    if day:
        raise click.UsageError(
            "--out writes all days of a setup, --date renders one of them: leave one of the two out."
        )
    if form != "yaml":
        raise click.UsageError(f"--out writes YAML files: leave --format {form} out.")
    files = files_of(bundle, comments=comments)
    for path in write_files(Path(out), files, stages or STAGES):
        note(f"removed {path}: this setup no longer has it")
    note(f"wrote {len(files)} files to {out}")
