"""The bundle that is applied or deleted: without errors, and with a stage for every object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from csi_manifests.bundle.stages import STAGES
from csi_manifests.checks.checking import build_checked, check, check_gathered, require_no_errors
from csi_manifests.cluster.plan import DEPLOYED, staged, with_namespace
from csi_manifests.knowledge.releases import AUTO, releases
from csi_manifests.text.words import counted

if TYPE_CHECKING:
    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.bundle.gathering import Intake
    from csi_manifests.cluster.kubectl import Kubectl
    from csi_manifests.setup.setup import Setup


def setup_bundle(setup: Setup) -> Bundle:
    """Return the bundle of a setup.

    Raises:
        FindingsError: if there is an error in it.

    """
    return staged(build_checked(setup))


def file_bundle(intake: Intake, namespace: str, release: str = AUTO) -> Bundle:
    """Return the bundle of gathered files, checked for a release; what says no namespace goes to that one.

    Raises:
        UsageError: if the release is not known.
        InputError: if a file could not be read, or there are no objects.
        FindingsError: if there is an error in them.

    """
    bundle = intake.required()
    require_no_errors(check_gathered(intake, release, advice=False).findings)
    return staged(with_namespace(bundle, namespace))


def unfit_for_server(bundle: Bundle, kubectl: Kubectl) -> str:
    """Say what is wrong with a bundle on the release of the server; empty if nothing is, or that release is not known."""
    release = kubectl.server_release()
    errors = check(bundle, release, advice=False) if release in releases() else []
    errors = [finding for finding in errors if finding.severity == "error"]
    if not errors:
        return ""
    more = f", and {counted(len(errors) - 1, 'more error')}" if len(errors) > 1 else ""
    return (
        f"the server is Kubernetes {release}, on which this does not work: {errors[0].label}: {errors[0].object}: "
        f"{errors[0].message}{more}. 'csi-manifests check --kubernetes {release}' says more."
    )


def left_out(bundle: Bundle) -> dict[str, int]:
    """Return the stages of a staged bundle that use the driver, which no one has to apply, and how many objects each has."""
    counts = Counter(item.stage for item in bundle.items)
    return {stage: counts[stage] for stage in STAGES if stage not in DEPLOYED and counts[stage]}
