"""The custom resources that must be known before the first object of their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.models.apiextensions_v1beta1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceValidation,
    JSONSchemaProps,
)
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.snapshot_v1alpha1 import VolumeSnapshot, VolumeSnapshotClass, VolumeSnapshotContent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.bundle.bundle import Bundle
    from csi_manifests.setup.setup import Setup


def csi_driver_crd(setup: Setup) -> Iterator[CustomResourceDefinition]:
    """Define CSIDriver, by which a driver tells the cluster how to treat it; no such object is in the setup."""
    spec = JSONSchemaProps(
        description="Specification of the CSI Driver.",
        properties={
            "attachRequired": JSONSchemaProps(
                description="Indicates this CSI volume driver requires an attach operation, and that Kubernetes "
                "should call attach and wait for any attach operation to complete before proceeding to mount.",
                type="boolean",
            ),
            "podInfoOnMountVersion": JSONSchemaProps(
                description="Indicates this CSI volume driver requires additional pod information "
                "(like podName, podUID, etc.) during mount operations.",
                type="string",
            ),
        },
    )
    yield _crd(setup, "csi.storage.k8s.io", "CSIDriver", "csidrivers", {"spec": spec})


def csi_node_info_crd(setup: Setup) -> Iterator[CustomResourceDefinition]:
    """Define CSINodeInfo, which the kubelet writes; without it the gate CSINodeInfo makes registration fail.

    This is the shape of 1.12. The kubelet of 1.13 writes another into it, which v1beta1 definitions let pass.
    """
    text = JSONSchemaProps(type="string")
    drivers = JSONSchemaProps(
        description="List of CSI drivers running on the node and their properties.",
        items=JSONSchemaProps(
            properties={
                "driver": JSONSchemaProps(description="The CSI driver that this object refers to.", type="string"),
                "nodeID": JSONSchemaProps(description="The node from the driver point of view.", type="string"),
                "topologyKeys": JSONSchemaProps(
                    description="List of keys supported by the driver.", items=text, type="array"
                ),
            }
        ),
        type="array",
    )
    yield _crd(setup, "csi.storage.k8s.io", "CSINodeInfo", "csinodeinfos", {"csiDrivers": drivers})


def snapshot_crds(setup: Setup) -> Iterator[CustomResourceDefinition]:
    """Define the kinds of snapshots exactly as csi-snapshotter v0.4.1 does when it starts, so that both agree."""
    if not setup.snapshot_crds:
        return
    for kind, plural in (
        (VolumeSnapshotClass, "volumesnapshotclasses"),
        (VolumeSnapshotContent, "volumesnapshotcontents"),
        (VolumeSnapshot, "volumesnapshots"),
    ):
        yield _crd(setup, "snapshot.storage.k8s.io", kind.KIND, plural, None, namespaced=kind.NAMESPACED)


def _crd(
    setup: Setup,
    group: str,
    kind: str,
    plural: str,
    properties: dict[str, JSONSchemaProps] | None,
    *,
    namespaced: bool = False,
) -> CustomResourceDefinition:
    schema = CustomResourceValidation(open_api_v3_schema=JSONSchemaProps(properties=properties))
    return CustomResourceDefinition(
        # Instances share these: a definition's name is that of its kind.
        metadata=ObjectMeta(name=f"{plural}.{group}", labels=dict(setup.labels) or None),
        spec=CustomResourceDefinitionSpec(
            group=group,
            version="v1alpha1",
            names=CustomResourceDefinitionNames(kind=kind, plural=plural),
            scope="Namespaced" if namespaced else "Cluster",
            validation=schema if properties else None,
        ),
    )


def with_snapshot_crds(bundle: Bundle, setup: Setup) -> Bundle:
    """Return a bundle with those of the snapshot CRDs that it lacks."""
    missing = [crd for crd in snapshot_crds(setup) if not bundle.has("apiextensions.k8s.io", crd.KIND, crd.name)]
    return bundle.with_(*missing, stage="crds", file="snapshot-crds.yaml")
