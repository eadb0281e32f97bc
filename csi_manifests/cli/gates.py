"""``csi-manifests gates``."""

from __future__ import annotations

from pathlib import Path

import click

from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import release_option
from csi_manifests.output import emit, formats


@click.command(short_help="Print or patch the feature gates of hosts.")
@release_option("The Kubernetes release of the host.")
@click.option("--for", "form", type=click.Choice(formats("gates")), help="Print only this form.  [default: all]")
@click.option("--needed", is_flag=True, help="Use only the gates that change anything on this release; say why.")
@click.option(
    "--gate",
    "given",
    multiple=True,
    metavar="NAME[=true|false]",
    help="Use this gate, not the default ones; may be repeated.",
)
@click.option(
    "--patch", "file", type=click.Path(), metavar="FILE", help="Print this manifest with the gates added; - is stdin."
)
@click.option("--in-place", is_flag=True, help="Write FILE instead of printing it, and keep a backup.")
@click.option(
    "--backup", type=click.Path(path_type=Path), metavar="PATH", help="The backup.  [default: .NAME.backup beside FILE]"
)
def command(
    kubernetes: str,
    form: str | None,
    needed: bool,
    given: tuple[str, ...],
    file: str | None,
    in_place: bool,
    backup: Path | None,
) -> None:
    """Print the feature gates that kubelet and kube-apiserver need on the host; nothing, if the release needs none.

    \b
      csi-manifests gates
      csi-manifests gates --for kubeadm > kubeadm.yaml
      csi-manifests gates --patch /etc/kubernetes/manifests/kube-apiserver.yaml --in-place

    --patch replaces or inserts one line, and keeps every other byte. It keeps the gates that are in the manifest already,
    and changes the value of one only if you ask for another. What was changed is said on stderr; a second run changes
    nothing.

    The kubelet starts every file in its manifest folder unless the name begins with a dot. The names of the backup and of
    temporary files there do. A backup never replaces another.

    Exit code 1: kube-apiserver would not start with the manifest, as a gate in it is locked or unknown to the release, or
    its image is of another release; 3: the file is not a manifest of kube-apiserver, or no line of it can be changed.
    """
    from csi_manifests.host.gates import host_gates, notes
    from csi_manifests.host.replacement import patch_file, patch_in_place
    from csi_manifests.knowledge.releases import release

    if needed and given:
        raise click.UsageError("--needed and --gate both choose the gates: leave one of them out.")
    if file is None and (in_place or backup is not None):
        raise click.UsageError(f"{'--in-place' if in_place else '--backup'} goes with --patch FILE.")
    if file is not None and form not in (None, "apiserver"):
        raise click.UsageError(f"--patch takes kube-apiserver's manifest: leave --for {form} out.")
    if backup is not None and not in_place:
        raise click.UsageError("--backup goes with --in-place: without it the file is not touched.")
    if in_place and file == "-":
        raise click.UsageError("--in-place needs a file: stdin cannot be written.")
    known = release(kubernetes)
    gates = host_gates(known, given, needed=needed)
    if file is None:
        product(emit("gates", form or "all", gates))
        # The bare flag has no place for comments.
        for line in notes(gates, known, bare=form == "apiserver"):
            note(line)
        return
    patched = (
        patch_in_place(file, gates.apiserver, known, backup) if in_place else patch_file(file, gates.apiserver, known)
    )
    for line in patched.notes:
        note(line)
    if not in_place:
        product(patched.data)
