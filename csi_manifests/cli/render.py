"""``csi-manifests render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csi_manifests.bundle.stages import STAGES as NAMES
from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup
from csi_manifests.cli._stages import STAGES
from csi_manifests.output import emit

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle


@click.command(cls=SetupCommand, short_help="Render the setup's manifests, validated.")
@click.option("--stage", "stages", type=STAGES, help="Render only these stages, separated by commas.")
@click.option(
    "--date",
    "day",
    metavar="YYYY-MM-DD|today",
    help="Of the setup's series, render the snapshots and restores of this day only.",
)
@click.option(
    "--out",
    is_flag=False,
    flag_value="out",
    metavar="[DIR]",
    help="Write files to DIR/STAGE/ instead of one text to stdout.  [DIR: out]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="json is one v1 List.",
)
@click.option(
    "--comments/--no-comments",
    default=True,
    help="A line over each object that names its file and stage.  [default: comments]",
)
@click.option(
    "--show-config",
    is_flag=True,
    help="Print the setup that results from file, variables and flags, and render nothing.",
)
@click.option(
    "--second-opinion", is_flag=True, help="Also ask kubernetes-validate about every object (extra second-opinion)."
)
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
    """Render the setup's manifests, validated, in an order that can be applied.

    \b
      csi-manifests render > bundle.yaml
      csi-manifests render --stage crds,rbac,driver | kubectl apply -f -
      csi-manifests render --out manifests --driver my-hostpath

    Nothing is printed or written if a rule of 'csi-manifests check' finds an error; for its warnings and advice, run it.
    """
    setup = chosen_setup(config, flags)
    if show_config:
        from csi_manifests.setup.reading import write_setup

        product(write_setup(setup))
        return
    if day:
        from csi_manifests.setup.reading import setup_on

        setup = setup_on(setup, day)
    from csi_manifests.checks.checking import build_checked

    whole = build_checked(setup, second_opinion=second_opinion)
    bundle = whole.select(*stages) if stages else whole
    if not len(bundle):
        hint = " Give --date, or days under series.dates." if setup.series else ""
        raise click.UsageError(f"Nothing to render: the setup has no object in {', '.join(stages or ())}.{hint}")
    if out is not None:
        if out in {"", "-"}:
            raise click.UsageError(f"--out takes a folder, not {out!r}. Is a variable empty?")
        if day:
            raise click.UsageError(
                "--out keeps what the whole setup renders, --date renders a day of it: give one of the two."
            )
        if form != "yaml":
            raise click.UsageError("--out writes YAML files: leave --format out.")
        _write(bundle, Path(out), stages or NAMES, comments=comments)
    else:
        # JSON has no comments.
        options = {"comments": comments} if form == "yaml" else {}
        product(emit("bundle", form, bundle, **options))


def _write(bundle: Bundle, out: Path, stages: tuple[str, ...], *, comments: bool) -> None:
    from csi_manifests.output.bundle.files import files_of, write_files

    files = files_of(bundle, comments=comments)
    for path in write_files(out, files, stages):
        note(f"removed {path}: this setup no longer has it")
    note(f"wrote {len(files)} files to {out}")
