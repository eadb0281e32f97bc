"""The driver's name, which every class, flag and object must spell alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from csi_manifests.analysis.classes import CSI_DRIVERS, ClassView, attaches, classes
from csi_manifests.analysis.context import fact
from csi_manifests.analysis.drivers import Group, group_of, groups
from csi_manifests.analysis.pods import PodView
from csi_manifests.analysis.programs import Sidecar, sidecars_of, sockets
from csi_manifests.analysis.snapshots import ContentView
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.knowledge.flags import known_program
from csi_manifests.models.core_v1 import PersistentVolume
from csi_manifests.models.scalars import DRIVER_NAME
from csi_manifests.models.unstructured import Unstructured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from csi_manifests.analysis.context import Context
    from csi_manifests.bundle.bundle import Manifest
    from csi_manifests.findings import Severity
    from csi_manifests.models import csi_v1alpha1, storage_v1

    CSIDriver = csi_v1alpha1.CSIDriver | storage_v1.CSIDriver
    Named = ClassView | CSIDriver | PersistentVolume | ContentView

Told = Literal["provisioner", "snapshotter"]
_CSI_DRIVER = "CSIDriver"
_FLAGS: dict[str, Told] = {"csi-provisioner": "provisioner", "csi-snapshotter": "snapshotter"}
"""The flag by which a sidecar is told the driver's name."""
_NEAR = 0.75
"""How alike two names must be for one to be taken for the other, misspelt."""
_COMPARED = 20
"""How many names one is compared with at most."""


@dataclass(frozen=True)
class DriverNames:
    """The names of the bundle's drivers, and who uses them."""

    by_group: dict[int, list[str]]
    """What each group's driver is called: what it says itself, or else what its sidecars or its other copies are told."""
    by_image: dict[str, list[str]]
    """The same by the driver's image, which its copies in other pods share."""
    programs: Counter[tuple[str, str]]
    """How many of each sidecar work with a driver's image."""
    served: dict[Told, frozenset[str]]
    """The names that csi-provisioner and csi-snapshotter answer to."""
    all: tuple[str, ...]
    unclear: bool
    """Whether there is a driver whose name cannot be seen."""
    told: Counter[str]
    """How often each name is given as a flag."""
    classes: dict[str, Counter[str]]
    """How often each name is used, by the kind that uses it."""


@fact
def driver_names(context: Context) -> DriverNames:
    """Gather the names of drivers."""
    found = groups(context)
    by_group = {id(group): group.own_names or [name for _, name in _told(group)] for group in found}
    by_image: dict[str, list[str]] = {}
    for group in found:
        for image in group.images:
            by_image.setdefault(image, []).extend(by_group[id(group)])
    served: dict[Told, set[str]] = {"provisioner": set(), "snapshotter": set()}
    told: Counter[str] = Counter()
    for group in found:
        mine = by_group[id(group)]
        # Copies of a driver in other pods have the same image, and only one of them may say the name.
        mine = by_group[id(group)] = mine or [name for image in sorted(group.images) for name in by_image[image]]
        given = [(_FLAGS[sidecar.program], name) for sidecar, name in _told(group)]
        told.update(name for _, name in given)
        for flag, its in served.items():
            its.update([*group.own_names, *(name for to, name in given if to == flag)] or mine)
    everything = tuple(sorted({name for mine in by_group.values() for name in mine} | set(told)))
    frozen: dict[Told, frozenset[str]] = {flag: frozenset(its) for flag, its in served.items()}
    programs = Counter(
        (image, sidecar.program) for group in found for image in group.images for sidecar in group.sidecars
    )
    return DriverNames(
        by_group,
        by_image,
        programs,
        frozen,
        everything,
        any(not mine for mine in by_group.values()),
        told,
        _classes(context),
    )


def _told(group: Group) -> Iterator[tuple[Sidecar, str]]:
    """Return the names that a group's sidecars are told and heed."""
    for sidecar in group.sidecars:
        name = _told_name(sidecar)
        if name:
            yield sidecar, name


def _told_name(sidecar: Sidecar) -> str:
    flag = _FLAGS.get(sidecar.program)
    name = sidecar.flags.get(flag, "") if flag else ""
    if not flag or not name or "$(" in name:
        return ""
    program = known_program(sidecar.program)
    known = program.flags.get(flag) if program else None
    heeded = known is None or sidecar.version is None or not known.is_ignored_in(sidecar.version)
    return name if heeded else ""


def _classes(context: Context) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {
        "StorageClass": Counter(),
        "VolumeSnapshotClass": Counter(),
        _CSI_DRIVER: Counter(),
    }
    for class_ in classes(context):
        found[class_.kind][class_.driver] += 1
    for resource in context.bundle:
        kind = resource.key.kind
        if kind == _CSI_DRIVER:
            found[kind][resource.name] += 1
        elif isinstance(resource, Unstructured) and kind in found:
            content = resource.content
            found[kind][str(content.get("provisioner") or content.get("snapshotter") or content.get("driver"))] += 1
    return found


@rule(
    "CSI401",
    "driver-name-mismatch",
    "driver names agree",
    ClassView,
    *CSI_DRIVERS,
    PersistentVolume,
    ContentView,
    PodView,
    fix="Use one name: the one that the driver reports.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
- provisioner: hostpath.csi.example.com
+ provisioner: csi-hostpath
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v1.0.1
      args: ["--endpoint=unix:///csi/csi.sock"]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, emptyDir: {}}]
""",
)
def names_agree(resource: Named | PodView, context: Context) -> Iterator[Problem]:
    """A driver is found by its name alone. Claims and snapshots that use another name wait for ever, and nothing says why."""
    if isinstance(resource, ClassView):
        flag = _FLAGS[resource.program]
        yield from _of_class(
            resource.kind, resource.driver, resource.pointer, driver_names(context).served[flag], context
        )
    elif isinstance(resource, CSI_DRIVERS):
        known = frozenset(driver_names(context).all)
        yield from _of_class(_CSI_DRIVER, resource.name, "/metadata/name", known, context)
    elif isinstance(resource, PersistentVolume):
        if resource.spec and resource.spec.csi:
            yield from _nearly(resource.spec.csi.driver, "/spec/csi/driver", context)
    elif isinstance(resource, ContentView):
        yield from _nearly(resource.driver, resource.pointer, context)
    else:
        yield from _of_flags(resource.source, context)


def _of_class(kind: str, name: str, pointer: str, known: frozenset[str], context: Context) -> Iterator[Problem]:
    found = driver_names(context)
    # Provisioners whose names have a '/' are not CSI drivers.
    if not known or found.unclear or name in known or "/" in name:
        return
    near = _near(name, known)
    alone = not any(found.classes[kind][other] for other in known)
    has = ", ".join(sorted(known))
    message = f"{pointer.rpartition('/')[2]} is {name!r}; the driver is called {near[0]!r}" if near else ""
    # With a right one beside it, it may be for a driver that another bundle brings.
    severity: Severity = "error" if near or alone else "warning"
    yield Problem(pointer, message or f"no driver in the bundle is called {name!r} (it has: {has})", severity=severity)


def _near(name: str, known: Iterable[str]) -> list[str]:
    import difflib  # noqa: PLC0415  (on the way to an error only)

    return difflib.get_close_matches(name.lower(), sorted(known)[:_COMPARED], 1, _NEAR)


def _nearly(name: str, pointer: str, context: Context) -> Iterator[Problem]:
    """Report a name only if it is surely misspelt: volumes and snapshots may belong to drivers elsewhere."""
    found = driver_names(context)
    near = _near(name, found.all)
    if near and name not in found.all and not found.unclear:
        yield Problem(pointer, f"driver is {name!r}; the driver of the bundle is called {near[0]!r}")


def _of_flags(resource: Manifest, context: Context) -> Iterator[Problem]:
    for sidecar in sidecars_of(resource, context):
        name = _told_name(sidecar)
        group = group_of(context).get(id(sidecar))
        if not name or group is None:
            continue
        found = driver_names(context)
        others = group.own_names or _others(sidecar, name, group, found)
        if not others or name in others:
            continue
        flag = _FLAGS[sidecar.program]
        used = any(counter[name] for counter in found.classes.values())
        who = "the driver calls itself" if group.own_names else "other sidecars of the driver are told"
        message = f"--{flag} is {name!r}, {who} {others[0]!r}"
        # Where the classes use this name too, volumes are made; what reads the driver's own name still differs.
        yield Problem(sidecar.pointer_of(flag), message, severity="warning" if used else "error")


def _others(sidecar: Sidecar, name: str, group: Group, found: DriverNames) -> list[str]:
    """Return the names that outweigh this one where the driver does not say its own."""
    if found.told[name] > 1 or any(counter[name] for counter in found.classes.values()):
        return []
    beside = [other for told, other in _told(group) if told is not sidecar]
    # Copies of a driver share their sidecars; if each has its own, they are drivers of other names.
    shared = [image for image in sorted(group.images) if found.programs[image, sidecar.program] == 1]
    rivals = [
        other for other in beside or (name for image in shared for name in found.by_image[image]) if other != name
    ]
    # Of two names that nothing else tells apart, the first one counts.
    weighty = [
        other for other in rivals if found.told[other] > 1 or any(counter[other] for counter in found.classes.values())
    ]
    first = next((told for told, _ in _told(group)), sidecar)
    return weighty or (rivals if first is not sidecar else [])


@rule(
    "CSI420",
    "invalid-driver-name-flag",
    "a flag gives a valid name of a driver",
    Sidecar,
    fix="Use a domain name that is yours, such as driver.example.com: letters, digits, '-' and '.', at most 63.",
    example="""\
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-provisioner}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
-     args: [--csi-address=/csi/csi.sock, --provisioner=csi/hostpath]
+     args: [--csi-address=/csi/csi.sock, --provisioner=driver.example.com]
""",
)
def name_is_one(sidecar: Sidecar, _: Context) -> Iterator[Problem]:
    """The API server refuses a PersistentVolume of a driver whose name is invalid, so every claim stays Pending.

    From CSI 1.0 on the name is a domain name, which has no '_': it becomes the name of objects and part of labels.
    """
    for flag in ("provisioner", "snapshotter", "drivername"):
        name = sidecar.flags.get(flag, "")
        if not name or "$(" in name:
            continue
        if not DRIVER_NAME.matches(name):
            message = (
                f"{name!r} is not a valid name for a CSI driver: {DRIVER_NAME.allowed}, at most {DRIVER_NAME.limit}"
            )
            yield Problem(sidecar.pointer_of(flag), message)
        elif sidecar.csi_major and ("_" in name or name.endswith("-")):
            message = f"{name!r} is not a domain name, which CSI 1.0 requires"
            yield Problem(sidecar.pointer_of(flag), message, severity="warning")


@rule(
    "CSI421",
    "unserved-class",
    "a class has the sidecars that it needs",
    ClassView,
    severity="warning",
    fix="Add the sidecar to the driver.",
    example="""\
  apiVersion: snapshot.storage.k8s.io/v1alpha1
  kind: VolumeSnapshotClass
  metadata: {name: csi-hostpath-snapclass}
  snapshotter: csi-hostpath
  ---
  apiVersion: v1
  kind: Pod
  metadata: {name: csi-hostpath}
  spec:
    containers:
    - name: csi-provisioner
      image: quay.io/k8scsi/csi-provisioner:v1.0.1
      args: [--csi-address=/csi/csi.sock]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
    - name: hostpath
      image: quay.io/k8scsi/hostpathplugin:v1.0.1
      args: ["--endpoint=unix:///csi/csi.sock"]
      volumeMounts: [{name: socket-dir, mountPath: /csi}]
+   - name: csi-snapshotter
+     image: quay.io/k8scsi/csi-snapshotter:v1.0.1
+     args: [--csi-address=/csi/csi.sock]
+     volumeMounts: [{name: socket-dir, mountPath: /csi}]
    volumes: [{name: socket-dir, emptyDir: {}}]
""",
)
def class_is_served(class_: ClassView, context: Context) -> Iterator[Problem]:
    """csi-provisioner makes the volumes, csi-attacher attaches them, csi-snapshotter makes the snapshots; without one, its objects wait."""
    name = class_.driver
    programs = _programs(context).get(name, frozenset())
    acting = programs & {"csi-provisioner", "csi-attacher", "csi-snapshotter"}
    if not acting or sockets(context).strangers:
        return
    wanted = [class_.program]
    if class_.program == "csi-provisioner" and name not in _unattached(context):
        wanted.append("csi-attacher")
    for program in wanted:
        if program not in programs | _astray(context):
            yield Problem(class_.pointer, f"driver {name!r} has {', '.join(sorted(acting))}, and no {program}")


@fact
def _unattached(context: Context) -> set[str]:
    """Return the drivers of which a CSIDriver says, or may say, that nothing is to be attached."""
    drivers = (found for found in context.bundle if found.key.kind == _CSI_DRIVER)
    return {found.name for found in drivers if not attaches(found)}


@fact
def _astray(context: Context) -> frozenset[str]:
    """Return the programs whose driver is not found: they are in the bundle all the same."""
    lonely = (group for group in groups(context) if not group.drivers)
    return frozenset(sidecar.program for group in lonely for sidecar in group.sidecars)


@fact
def _programs(context: Context) -> dict[str, frozenset[str]]:
    """Return the sidecars' programs by the name of their driver."""
    found: dict[str, set[str]] = {}
    by_group = driver_names(context).by_group
    for group in groups(context):
        for name in by_group[id(group)]:
            found.setdefault(name, set()).update(sidecar.program for sidecar in group.sidecars)
    return {name: frozenset(programs) for name, programs in found.items()}
