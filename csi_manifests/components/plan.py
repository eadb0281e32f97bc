"""Compose a setup's bundle: which component goes into which stage and file, in the order in which they are applied."""

from __future__ import annotations

from os import fspath
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_manifests.bundle.bundle import Bundle, Item
from csi_manifests.bundle.gathering import Intake, gather
from csi_manifests.bundle.stages import require_stage
from csi_manifests.components import classes, crds, driver, rbac, workload
from csi_manifests.errors import InvalidError
from csi_manifests.models.resource import Resource
from csi_manifests.models.unstructured import Unstructured
from csi_manifests.setup.reading import is_setup, read_setup
from csi_manifests.setup.setup import Setup
from csi_manifests.text.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from csi_manifests.bundle.bundle import Manifest


class Step(NamedTuple):
    """A component, and the stage and file its objects belong to."""

    stage: str
    file: str
    component: Callable[[Setup], Iterable[Manifest]]


PLAN = (
    Step("crds", "csidriver.yaml", crds.csi_driver_crd),
    Step("crds", "csinodeinfo.yaml", crds.csi_node_info_crd),
    Step("crds", "snapshot-crds.yaml", crds.snapshot_crds),
    Step("rbac", "csi-provisioner-rbac.yaml", rbac.provisioner_rbac),
    Step("rbac", "csi-attacher-rbac.yaml", rbac.attacher_rbac),
    Step("rbac", "csi-driver-registrar-rbac.yaml", rbac.registrar_rbac),
    Step("rbac", "csi-snapshotter-rbac.yaml", rbac.snapshotter_rbac),
    # The plugin first: a sidecar that starts before the socket is there waits, or gives up and starts again.
    Step("driver", "csi-hostpathplugin.yaml", driver.plugin),
    Step("driver", "csi-hostpath-provisioner.yaml", driver.provisioner),
    Step("driver", "csi-hostpath-attacher.yaml", driver.attacher),
    Step("driver", "csi-hostpath-snapshotter.yaml", driver.snapshotter),
    Step("classes", "csi-storageclass.yaml", classes.storage_class),
    Step("classes", "csi-snapshotclass.yaml", classes.snapshot_class),
    Step("workload", "csi-pvc.yaml", workload.claim),
    Step("workload", "csi-app.yaml", workload.pod),
    Step("snapshot", "csi-snapshot.yaml", workload.snapshots),
    Step("restore", "csi-restore.yaml", workload.restored_claims),
    Step("restore", "csi-app2.yaml", workload.restored_pods),
)
"""The default setup: seventeen files, and the snapshot CRDs."""


def build(setup: Setup | None = None, plan: Iterable[Step] = PLAN) -> Bundle:
    """Build a setup's bundle; without one, that of the default setup.

    A plan of your own adds components, or leaves some out.

    Raises:
        UsageError: if a step names a stage that does not exist.
        InvalidError: if it is not a setup, or a component makes something else than objects.

    """
    given: Any = Setup() if setup is None else setup
    if not isinstance(given, Setup):
        raise InvalidError(f"{short(given)}, of type {type(given).__name__}, is not a setup. Write Setup(...).")
    return Bundle(_items(given, plan))


def _items(setup: Setup, plan: Iterable[Step]) -> Iterator[Item]:
    for step in plan:
        require_stage(step.stage)
        made: Any = step.component(setup)
        for manifest in made if hasattr(made, "__iter__") else [made]:
            if not isinstance(manifest, (Resource, Unstructured)):
                raise _not_an_object(step, manifest)
            yield Item(manifest, step.stage, step.file)


def _not_an_object(step: Step, made: object) -> InvalidError:
    name = getattr(step.component, "__name__", step.component)
    return InvalidError(
        f"{step.stage}/{step.file}: the component {name} made {short(made)}, of type {type(made).__name__}, which is "
        "not a Kubernetes object. Yield models such as ConfigMap, or Unstructured({...})."
    )


def gather_or_build(path: str | PathLike[str]) -> Intake:
    """Read manifests from a file, a folder or stdin (``-``), or build what a setup file says.

    Raises:
        UsageError: if it is a setup with a key that is unknown or a value that cannot be.
        InputError: if it is a file that cannot be read, or is not YAML.

    """
    name = fspath(path)
    if name == "-" or not is_setup(name):
        return gather([name])
    return Intake(name, list(build(read_setup(name)).items))
