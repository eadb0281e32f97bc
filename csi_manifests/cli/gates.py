"""``csi-manifests gates``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csi_manifests.cli._output import note, product
from csi_manifests.knowledge.releases import DEFAULT_RELEASE

if TYPE_CHECKING:
    from csi_manifests.host.gates import Form, Gates
    from csi_manifests.knowledge.releases import Release

FORMS = ("kubelet-env", "apiserver", "kubeadm", "all")


@click.command(short_help="Print, or patch in, the hosts' feature gates.")
@click.option(
    "--kubernetes",
    default=DEFAULT_RELEASE,
    show_default=True,
    envvar="CSI_MANIFESTS_KUBERNETES",
    help="The Kubernetes release of the host.",
)
@click.option("--for", "form", type=click.Choice(FORMS), help="Print one form only, ready to be piped.  [default: all]")
@click.option(
    "--needed",
    is_flag=True,
    help="Only the gates that change anything on this release, with the reasons; for each component its own.",
)
@click.option(
    "--gate",
    "given",
    multiple=True,
    metavar="NAME[=true|false]",
    help="This gate instead of those of the procedure; may be given several times.",
)
@click.option(
    "--patch",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Print kube-apiserver's static pod with the gates merged into it; - is stdin.",
)
@click.option("--in-place", is_flag=True, help="Write the file itself, and keep what it was.")
@click.option(
    "--backup",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to keep it.  [default: .NAME.backup beside the file]",
)
def command(
    kubernetes: str,
    form: Form | None,
    needed: bool,
    given: tuple[str, ...],
    patch: str | None,
    in_place: bool,
    backup: Path | None,
) -> None:
    """Print the feature gates that kubelet and kube-apiserver need on the host.

    \b
      csi-manifests gates
      csi-manifests gates --for kubeadm > kubeadm.yaml
      csi-manifests gates --patch /etc/kubernetes/manifests/kube-apiserver.yaml --in-place

    --patch replaces or inserts one line of the manifest, and keeps every other byte; a second time it changes nothing.
    kube-apiserver merges several --feature-gates, later over earlier: what is missing goes to the last of them, and a
    gate that stands at another value is changed where it counts. Gates that you did not ask for stay. What was changed
    is said on stderr.

    The kubelet starts every file of its manifest folder whose name does not begin with a dot: so do the backup and the
    temporary file. A second backup gets a number, and the first stays.

    Exit code 1: kube-apiserver would not start with the manifest, because a gate in it is unknown to the release or
    locked, or the server in it is of another release. 2: so for a gate given with --gate. 3: the file is no manifest of
    kube-apiserver, or written in a way in which no line can be changed.
    """
    from csi_manifests.host.gates import reasons_for, written
    from csi_manifests.knowledge.releases import release

    known = release(kubernetes)
    if needed and given:
        raise click.UsageError("--needed and --gate both choose the gates: leave one of them out.")
    kubelet, apiserver = _chosen(known, given, needed=needed)
    if patch is None:
        if in_place or backup is not None:
            raise click.UsageError(f"{'--in-place' if in_place else '--backup'} goes with --patch FILE.")
        reasons = reasons_for(known, [*kubelet, *apiserver]) if needed else {}
        product(written(form or "all", kubelet, apiserver, reasons))
        if form == "apiserver":
            # The flag goes into a list or onto a command line, where a comment would be one more argument.
            for gate in apiserver:
                if gate in reasons:
                    note(f"{gate}: {reasons[gate]}")
        return
    if form not in (None, "apiserver"):
        raise click.UsageError(f"--patch takes kube-apiserver's manifest: leave --for {form} out.")
    if backup is not None and not in_place:
        raise click.UsageError("--backup goes with --in-place: without it the file is not touched.")
    if in_place and patch == "-":
        raise click.UsageError("--in-place needs a file: stdin cannot be written.")
    _patch(patch, apiserver, known, in_place=in_place, backup=backup)


def _chosen(known: Release, given: tuple[str, ...], *, needed: bool) -> tuple[Gates, Gates]:
    """Return the gates of the kubelet and of kube-apiserver."""
    from csi_manifests.host.gates import article_gates, given_gates, needed_gates

    if needed:
        return needed_gates(known, "kubelet"), needed_gates(known, "kube-apiserver")
    gates = given_gates(known, given) if given else article_gates(known)
    return gates, gates


def _patch(patch: str, gates: Gates, known: Release, *, in_place: bool, backup: Path | None) -> None:
    from csi_manifests.host.replacement import back_up, backup_place, read_bytes, replace
    from csi_manifests.host.static_pod import patch as patched

    path = Path(patch)
    name = "<stdin>" if patch == "-" else patch
    keep = backup_place(path, backup) if in_place else None
    data = sys.stdin.buffer.read() if patch == "-" else read_bytes(path)
    result = patched(data, name, gates, known)
    for line in result.notes:
        note(f"{name}: {line}")
    if not result.notes:
        note(f"{name}: has all these gates already, nothing changed")
    if keep is None:
        sys.stdout.buffer.write(result.data)
        sys.stdout.buffer.flush()
    elif result.notes:
        back_up(path, keep)
        replace(path, result.data)
        note(f"{name}: written; what it was is in {keep}")
