"""Claims, volumes and their classes by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.analysis.claims import ClaimView
from csi_manifests.analysis.parts import among, climbs, given, repeated
from csi_manifests.checks.rule import Problem, rule
from csi_manifests.models.core_v1 import PersistentVolume, PersistentVolumeSpec
from csi_manifests.models.scalars import quantity
from csi_manifests.models.storage_v1 import StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.analysis.context import Context

_NO_SOURCES = {
    "storage_class_name",
    "capacity",
    "access_modes",
    "volume_mode",
    "persistent_volume_reclaim_policy",
    "mount_options",
    "claim_ref",
    "node_affinity",
}
_SOURCES = tuple(field for field in PersistentVolumeSpec.model_fields if field not in _NO_SOURCES)
_CSI_SECRETS = (
    ("controllerPublishSecretRef", "controller_publish_secret_ref"),
    ("nodeStageSecretRef", "node_stage_secret_ref"),
    ("nodePublishSecretRef", "node_publish_secret_ref"),
)
_MOST_PARAMETERS = 512
_LONGEST_PARAMETERS = 256 * 1024


@rule(
    "CSI185",
    "missing-access-mode",
    "a claim has an access mode",
    ClaimView,
    fix="Give accessModes, such as [ReadWriteOnce].",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
+   accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
""",
)
def claim_has_an_access_mode(found: ClaimView, _: Context) -> Iterator[Problem]:
    """The API server refuses the claim; made from a template of a StatefulSet, it is refused when the pod is to be made."""
    if found.claim.spec is None or not found.claim.spec.access_modes:
        yield Problem(f"{found.pointer}/spec/accessModes", "no access mode is given")


@rule(
    "CSI186",
    "missing-claim-size",
    "a claim has a size",
    ClaimView,
    fix="Give resources.requests.storage, such as 1Gi.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
-   resources: {limits: {storage: 1Gi}}
+   resources: {requests: {storage: 1Gi}}
""",
)
def claim_says_how_much(found: ClaimView, _: Context) -> Iterator[Problem]:
    """The API server refuses a claim without a size, and one of nothing or less; limits do not count."""
    resources = found.claim.spec.resources if found.claim.spec else None
    requests = (resources.requests if resources else None) or {}
    where = f"{found.pointer}/spec/resources/requests/storage"
    if "storage" not in requests:
        yield Problem(where, f"no storage is requested (requested is: {among(requests)})")
    elif quantity(requests["storage"]) <= 0:
        yield Problem(where, f"{requests['storage']} is not more than 0")


@rule(
    "CSI187",
    "incomplete-persistent-volume",
    "a PersistentVolume has a capacity and access modes",
    PersistentVolume,
    fix="Give capacity with storage and nothing else, and accessModes.",
    example="""\
  apiVersion: v1
  kind: PersistentVolume
  metadata: {name: pv-1}
  spec:
-   capacity: {size: 1Gi}
+   capacity: {storage: 1Gi}
    accessModes: [ReadWriteOnce]
    csi: {driver: csi-hostpath, volumeHandle: volume-1}
""",
)
def volume_says_how_large(volume: PersistentVolume, _: Context) -> Iterator[Problem]:
    """The API server refuses a volume without a size or without access modes; the schema requires neither."""
    spec = volume.spec or PersistentVolumeSpec()
    capacity = spec.capacity or {}
    if list(capacity) != ["storage"]:
        yield Problem("/spec/capacity", f"the capacity is not storage alone (it is: {among(capacity)})")
    elif quantity(capacity["storage"]) <= 0:
        yield Problem("/spec/capacity/storage", f"{capacity['storage']} is not more than 0")
    if not spec.access_modes:
        yield Problem("/spec/accessModes", "no access mode is given")


@rule(
    "CSI188",
    "invalid-volume-source",
    "a PersistentVolume has exactly one source, and that is complete",
    PersistentVolume,
    fix="Keep one source, and complete it.",
    example="""\
  apiVersion: v1
  kind: PersistentVolume
  metadata: {name: pv-1}
  spec:
    capacity: {storage: 1Gi}
    accessModes: [ReadWriteOnce]
    csi: {driver: csi-hostpath, volumeHandle: volume-1}
-   hostPath: {path: /tmp/volume-1}
""",
)
def volume_is_one_thing(volume: PersistentVolume, _: Context) -> Iterator[Problem]:
    """The API server refuses a volume made of nothing or of two things, and a local one that does not say its node.

    It does not look at nodeStageSecretRef, and the mount then fails where a name or namespace is missing.
    """
    spec = volume.spec or PersistentVolumeSpec()
    found = given(spec, _SOURCES)
    if len(found) != 1:
        yield Problem("/spec", f"one source is needed (there is: {among(found)})")
    if spec.host_path is not None and climbs(spec.host_path.path):
        yield Problem(
            "/spec/hostPath/path", f"{spec.host_path.path!r} climbs with '..'", "Write the path without '..'."
        )
    if spec.local is not None:
        if climbs(spec.local.path):
            yield Problem("/spec/local/path", f"{spec.local.path!r} climbs with '..'", "Write the path without '..'.")
        if spec.node_affinity is None:
            yield Problem(
                "/spec/nodeAffinity", "it is local, and does not say on which node", "Give nodeAffinity.required."
            )
    if spec.node_affinity is not None:
        needed = spec.node_affinity.required
        if needed is None or not needed.node_selector_terms:
            yield Problem(
                "/spec/nodeAffinity/required", "nodeAffinity has no terms", "Give nodeSelectorTerms, or leave it out."
            )
    for wire, field in _CSI_SECRETS if spec.csi else ():
        secret = getattr(spec.csi, field)
        if secret is not None and not (secret.name and secret.namespace):
            has = among(given(secret, ("name", "namespace")))
            yield Problem(f"/spec/csi/{wire}", f"name and namespace are needed (there is: {has})", "Give both.")


@rule(
    "CSI190",
    "invalid-class-parameters",
    "the parameters of a class have keys and are not too large",
    StorageClass,
    fix="Give every parameter a key, at most 512 parameters, and at most 256 KiB in all.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
- parameters: {"": ext4}
+ parameters: {fsType: ext4}
""",
)
def parameters_can_be_stored(found: StorageClass, _: Context) -> Iterator[Problem]:
    """The API server does not know what parameters mean, but refuses an empty key, and too many or too long ones."""
    parameters = found.parameters or {}
    if "" in parameters:
        yield Problem("/parameters", "a parameter has no key")
    if len(parameters) > _MOST_PARAMETERS:
        yield Problem("/parameters", f"there are {len(parameters)} parameters; at most {_MOST_PARAMETERS} are allowed")
    size = sum(len(text.encode()) for entry in parameters.items() for text in entry)
    if size > _LONGEST_PARAMETERS:
        yield Problem("/parameters", f"keys and values have {size} bytes; at most {_LONGEST_PARAMETERS} are allowed")


@rule(
    "CSI191",
    "invalid-allowed-topologies",
    "the topologies that a class allows are complete and different",
    StorageClass,
    fix="Give every label once in a term, with values, and no two terms that say the same.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
  allowedTopologies:
- - matchLabelExpressions: [{key: topology.hostpath.csi/node, values: []}]
+ - matchLabelExpressions: [{key: topology.hostpath.csi/node, values: [node-1]}]
""",
)
def topologies_differ(found: StorageClass, _: Context) -> Iterator[Problem]:
    """The API server refuses a label without values or twice in a term, a value twice, and a term that is empty or repeated."""
    terms: list[tuple[str, frozenset[tuple[str, frozenset[str]]]]] = []
    for number, term in enumerate(found.allowed_topologies or ()):
        pointer = f"/allowedTopologies/{number}/matchLabelExpressions"
        labels = [(f"{pointer}/{place}", label) for place, label in enumerate(term.match_label_expressions or ())]
        terms.append((pointer, frozenset((label.key, frozenset(label.values)) for _, label in labels)))
        if not labels:
            yield Problem(pointer, "the term has no labels")
        for where, label in labels:
            if not label.values:
                yield Problem(f"{where}/values", f"the label {label.key!r} has no values")
            values = ((f"{where}/values/{place}", value) for place, value in enumerate(label.values))
            for place, value, first in repeated(values):
                yield Problem(place, f"the value {value!r} is given already, at {first}")
        for where, key, first in repeated((where, label.key) for where, label in labels):
            yield Problem(f"{where}/key", f"the label {key!r} is given already, at {first}")
    for where, _labels, first in repeated(entry for entry in terms if entry[1]):
        yield Problem(where, f"the term says the same as {first}")
