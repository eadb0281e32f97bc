"""Check a bundle, or files: run the rules, leave out what comments ignore, say why of each and put them in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from csi_manifests.analysis.context import Context
from csi_manifests.bundle.bundle import Bundle
from csi_manifests.bundle.gathering import gather
from csi_manifests.checks.engine import findings_of, location_of
from csi_manifests.checks.ignoring import leave_out_ignored
from csi_manifests.checks.releases import Choice, release_for
from csi_manifests.checks.report import Report
from csi_manifests.checks.rule import rules_by_word
from csi_manifests.components.plan import build
from csi_manifests.findings import Finding, FindingsError
from csi_manifests.knowledge.kinds import kind_of
from csi_manifests.knowledge.releases import AUTO, DEFAULT_RELEASE, Release
from csi_manifests.knowledge.releases import release as release_of
from csi_manifests.models.resource import Key
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.text.words import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from csi_manifests.bundle.bundle import Item
    from csi_manifests.bundle.gathering import Intake
    from csi_manifests.setup.setup import Setup
    from csi_manifests.yaml.reader import Source


def check(
    bundle: Bundle, release: Release | str = AUTO, *, advice: bool = True, complete: bool = False
) -> list[Finding]:
    """Return all findings, by file, line and code; those of a bundle that no file holds are in the order of its objects.

    The release is ``auto``, the newest that the bundle is for, unless it is said.

    Findings that a comment ignores in the text that an object was read from are left out, as the command does. Without
    ``advice``, so are those that are only good practice. A bundle that is ``complete`` has all that it names.

    Raises:
        UsageError: if the release is not known.

    """
    target = _chosen(bundle, release).release
    sources = {id(item.origin.source): item.origin.source for item in bundle.items if item.origin}
    return _found(bundle, target, (), list(sources.values()), advice=advice, complete=complete)[0]


def check_files(
    paths: Iterable[str | PathLike[str]], release: Release | str = AUTO, *, exclude: Iterable[str] = ()
) -> Report:
    """Check the objects of files, folders and stdin (``-``), as the command ``check`` does; never raises for what is in them.

    Raises:
        UsageError: if the release is not known.

    """
    return check_gathered(gather(paths, exclude), release)


def check_gathered(intake: Intake, release: Release | str = AUTO, *, advice: bool = True) -> Report:
    """Check what was gathered, texts and objects.

    Raises:
        UsageError: if the release is not known.

    """
    target, reason = _chosen(intake.bundle, release)
    findings, ignored, checked = _found(intake.bundle, target, intake.findings, intake.sources, advice=advice)
    keys = [item.resource.key for item in checked.items]
    unchecked = Counter(f"{key.api_version} {key.kind}" for key in keys if not _is_judged(key, target))
    return Report(
        findings,
        len(checked),
        dict(unchecked),
        intake.passed_over,
        intake.unreadable,
        ignored,
        target.version,
        reason,
    )


def _is_judged(key: Key, target: Release) -> bool:
    """Return whether a kind has a schema, or is one of which it is told that this release does not have it."""
    known = kind_of(*key.type)
    state = known.state(key.api_version.rpartition("/")[2], target.minor) if known else None
    return (key.api_version, key.kind) in target.schemas or state in {"later", "gone"}


def _chosen(bundle: Bundle, release: Release | str) -> Choice:
    if release == AUTO:
        return release_for(bundle)
    return Choice(release if isinstance(release, Release) else release_of(release), "")


def build_checked(setup: Setup | None = None, *, second_opinion: bool = False) -> Bundle:
    """Build a setup's bundle and check it, if asked with the package kubernetes-validate as well.

    Raises:
        FindingsError: if there is an error in it.
        UsageError: if kubernetes-validate is asked for and not installed.

    """
    bundle = build(setup)
    kubernetes = setup.kubernetes if setup else DEFAULT_RELEASE
    findings = check(bundle, kubernetes, advice=False, complete=True)
    if second_opinion:
        from csi_manifests.checks.second_opinion import disagreements  # noqa: PLC0415  (of an extra)

        findings += disagreements(bundle, kubernetes)
    require_no_errors(findings)
    return bundle


def require_no_errors(findings: Iterable[Finding]) -> None:
    """Raise the errors among some findings.

    Raises:
        FindingsError: if there is one.

    """
    if errors := [finding for finding in findings if finding.severity == "error"]:
        raise FindingsError(errors)


def _found(
    bundle: Bundle,
    release: Release,
    before: Iterable[Finding],
    sources: Sequence[Source],
    *,
    advice: bool,
    complete: bool = False,
) -> tuple[list[Finding], int, Bundle]:
    """Return the findings of reading and of the rules, in order, how many more are ignored, and what was checked."""
    lost = {id(item): finding for item in bundle.items if (finding := _lost_indentation(item))}
    # Nothing else can be said of an object without its indentation, nor of others with regard to it.
    whole = Bundle(item for item in bundle.items if id(item) not in lost) if lost else bundle
    found = findings_of(Context(whole, release, complete), advice=advice)
    kept, ignored = leave_out_ignored([*before, *lost.values(), *found], sources, advice=advice)
    known = rules_by_word()
    told = (replace(finding, why=known[finding.code].why, name=known[finding.code].name) for finding in kept)
    return sorted(told, key=_order), ignored, whole


def _lost_indentation(item: Item) -> Finding | None:
    """Return the finding of an object whose metadata is empty and whose name stands beside it, as copied from a web page."""
    resource = item.resource
    if not isinstance(resource, Unstructured):
        return None
    content = resource.to_dict()
    if content.get("metadata") or "name" not in content:
        return None
    name = short(content["name"])
    return Finding(
        "CSI003",
        "error",
        f"metadata is empty and name {name} stands beside it: the indentation was lost",
        "Indent what belongs to metadata, spec and so on by two spaces each.",
        location_of(item, ("metadata",)),
        Key(content["apiVersion"], content["kind"], "", name),
        "/metadata",
    )


def _order(finding: Finding) -> tuple[str, int, str, int, str]:
    place = finding.location
    # Without lines there is nothing to sort by, and the order of the objects stands.
    return (place.file, place.line, finding.code, place.column, finding.pointer) if place.line else ("", 0, "", 0, "")
