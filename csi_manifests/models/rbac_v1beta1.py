"""Who may do what, as ``rbac.authorization.k8s.io/v1beta1`` defines it until 1.21: in the same words as ``v1``."""

from typing import ClassVar

from csi_manifests.models import rbac_v1


class Role(rbac_v1.Role):
    """Rights within its own namespace."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1beta1"


class ClusterRole(rbac_v1.ClusterRole):
    """Rights on cluster-scoped objects, on URLs, and in every namespace or in that of a RoleBinding."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1beta1"


class RoleBinding(rbac_v1.RoleBinding):
    """Gives a role within its own namespace."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1beta1"


class ClusterRoleBinding(rbac_v1.ClusterRoleBinding):
    """Gives a ClusterRole in the whole cluster."""

    API_VERSION: ClassVar[str] = "rbac.authorization.k8s.io/v1beta1"
