"""``csi-manifests diff``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csi_manifests.cli._output import note, product
from csi_manifests.cli._setup import SetupCommand, chosen_setup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csi_manifests.bundle import Bundle
    from csi_manifests.diff import Difference
    from csi_manifests.models.resource import Key

# Warnings and log lines of kubectl, and that it does not know a kind.
_BESIDE = re.compile(r"^Warning:|^[IWEF]\d{4} |no matches for kind|^error: unable to recognize multiple")


@click.command(cls=SetupCommand)
@click.argument("old", required=False, metavar="[A]")
@click.argument("new", required=False, metavar="[B]")
@click.option("--live", is_flag=True, help="Compare the cluster with A, or with the setup.")
@click.option(
    "--kubectl", default="kubectl", show_default=True, metavar="PATH", help="The kubectl to ask the cluster with."
)
@click.option("--context", metavar="NAME", help="The kubeconfig's context to use.")
@click.option("--kubeconfig", metavar="FILE", help="The kubeconfig to use.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write the differences.",
)
@click.pass_context
def command(
    ctx: click.Context,
    old: str | None,
    new: str | None,
    live: bool,
    kubectl: str,
    context: str | None,
    kubeconfig: str | None,
    form: str,
    config: str | None,
    **flags: Any,
) -> int:
    """Compare two bundles, or a cluster with one, by object and JSON pointer.

    \b
      csi-manifests diff old.yaml new.yaml
      csi-manifests diff bundle.yaml --namespace csi      with what the setup renders now
      csi-manifests diff --live                           the cluster with the setup
      csi-manifests diff --live bundle.yaml               the cluster with a bundle

    A and B are files or folders of manifests, - for stdin, or setup files: a mapping without apiVersion and kind. What is
    compared is what an API server would take: 1Gi is 1024Mi, no namespace is default, and an item of a list is known by
    its name. Positions in pointers are those of B; of what is gone, those of A.

    With --live, status and all else that the server writes itself do not count, nor does a field that the bundle leaves
    to the server's default and that has it. Other objects of the cluster are not looked at.

    Exit code 0: no difference; 1: some; 2 and above: nothing was compared.
    """
    chosen = [name for name in ("config", *flags) if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if (new is not None and live) or (old is not None and chosen and (new is not None or live)):
        what = "--live takes one bundle" if live else "A and B are both given"
        said = f" and --{chosen[0].replace('_', '-')}" if chosen else ""
        raise click.UsageError(f"{what}{said}: there is nothing left to compare with. Leave one out.")
    if old is None and not live:
        raise click.UsageError("Say what to compare: A and B, A with the setup, or --live.")
    if old == "-" and new == "-":
        raise click.UsageError("A and B cannot both be stdin.")
    if live:
        from csi_manifests.diff import diff_live

        bundle = bundle_of(old) if old is not None else _rendered(config, flags)
        found = diff_live(bundle, live_objects(bundle, kubectl, context, kubeconfig).get)
    else:
        from csi_manifests.diff import diff

        before = bundle_of(str(old))
        bundle = bundle_of(new) if new is not None else _rendered(config, flags)
        found = diff(before, bundle)
    _show(found, form)
    note(_summary(found, len(bundle)))
    return int(bool(found))


def bundle_of(path: str) -> Bundle:
    """Read a bundle from a file, a folder or stdin, or build that of a setup file.

    Raises:
        InputError: if there is no object to be had from it.
        UsageError: if it is a setup with a wrong key or value.

    """
    from csi_manifests.errors import InputError
    from csi_manifests.intake import gather

    if path != "-" and not Path(path).is_dir() and _is_setup(Path(path)):
        return _rendered(path, {})
    intake = gather([path])
    problems = [*intake.unreadable, *(str(finding).partition("\n")[0] for finding in intake.findings)]
    if problems:
        raise InputError("\n".join(problems))
    for line in intake.passed_over:
        note(f"passed over: {line}")
    if not intake.items:
        raise InputError(f"{path}: holds no Kubernetes objects. Is it the right folder?")
    return intake.bundle


def _is_setup(path: Path) -> bool:
    from csi_manifests.loader import read
    from csi_manifests.reader import documents

    found = [document.content for document in documents(read(path))]
    return len(found) == 1 and isinstance(found[0], dict) and not ({"apiVersion", "kind", "metadata"} & found[0].keys())


def _rendered(config: str | None, flags: dict[str, Any]) -> Bundle:
    from csi_manifests.composer import build

    return build(chosen_setup(config, flags))


def _show(found: Sequence[Difference], form: str) -> None:
    if form == "json":
        content = {"differences": [difference.to_dict() for difference in found]}
        product(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    else:
        product("".join(f"{difference}\n" for difference in found))


def _summary(found: Sequence[Difference], objects: int) -> str:
    if not found:
        return f"no difference in {objects} {'object' if objects == 1 else 'objects'}"
    differing = len({difference.object for difference in found})
    return f"{len(found)} difference{'s' * (len(found) > 1)} in {differing} object{'s' * (differing > 1)}"


def live_objects(bundle: Bundle, kubectl: str, context: str | None, kubeconfig: str | None) -> dict[Key, dict[str, Any]]:
    """Ask the cluster for every object of a bundle, in one call; what it does not have is not in the answer.

    Raises:
        ClusterError: if kubectl is not there, or the cluster does not answer or allow it.

    """
    import subprocess

    from csi_manifests.diff import key_of, normal
    from csi_manifests.errors import ClusterError
    from csi_manifests.loader import as_resource

    options = [f"--context={context}"] * bool(context) + [f"--kubeconfig={kubeconfig}"] * bool(kubeconfig)
    line = [kubectl, *options, "get", "--filename=-", "--ignore-not-found", "--output=json"]
    # With the namespace said, or kubectl would take that of its context.
    wanted = {"apiVersion": "v1", "kind": "List", "items": [normal(resource) for resource in bundle]}
    try:
        done = subprocess.run(line, input=json.dumps(wanted), capture_output=True, text=True, check=False)  # noqa: S603  (the user's own kubectl)
    except OSError as error:
        raise ClusterError(f"{kubectl}: cannot be run ({error.strerror}). Give kubectl's path with --kubectl.") from None
    # Objects of a kind whose CustomResourceDefinition is not there are not there either.
    complaints = [said for said in dict.fromkeys(done.stderr.splitlines()) if said and not _BESIDE.search(said)]
    if done.returncode and complaints:
        raise ClusterError(f"{kubectl} get: " + "\n".join(complaints))
    content: dict[str, Any] = json.loads(done.stdout or "{}")
    found: list[dict[str, Any]] = content.get("items", []) if content.get("kind") == "List" else [content] if content else []
    return {key_of(as_resource(each)): each for each in found}
