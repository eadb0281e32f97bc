"""Who the sidecars are, and what they may do.

The full rules are those of the sidecars' v1.0.0; the minimal ones are what v0.4.1 uses from the first claim to the last
restore, as seen in a real API server's audit log, and what its source needs besides when calls are repeated or a class is a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_manifests.models.core_v1 import ServiceAccount
from csi_manifests.models.rbac_v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csi_manifests.models.resource import Resource
    from csi_manifests.setup.setup import Setup


def provisioner_account(setup: Setup) -> ServiceAccount:
    """Return the identity of csi-provisioner."""
    return ServiceAccount(metadata=setup.meta("csi-provisioner"))


def attacher_account(setup: Setup) -> ServiceAccount:
    """Return the identity of csi-attacher."""
    return ServiceAccount(metadata=setup.meta("csi-attacher"))


def registrar_account(setup: Setup) -> ServiceAccount:
    """Return the identity of the plugin's pods. driver-registrar needs its token to start, though it calls nothing."""
    return ServiceAccount(metadata=setup.meta("csi-driver-registrar"))


def snapshotter_account(setup: Setup) -> ServiceAccount:
    """Return the identity of csi-snapshotter."""
    return ServiceAccount(metadata=setup.meta("csi-snapshotter"))


def provisioner_rbac(setup: Setup) -> Iterator[Resource]:
    """Let csi-provisioner make and delete volumes, and read the snapshots that they are restored from."""
    account = provisioner_account(setup)
    elects = "--enable-leader-election" in _flags(setup.provisioner.extra_args)
    yield account
    if setup.rbac == "full":
        rules = [
            _rule("", "secrets", "get list"),
            _rule("", "persistentvolumes", "get list watch create delete"),
            _rule("", "persistentvolumeclaims", "get list watch update"),
            _rule("storage.k8s.io", "storageclasses", "get list watch"),
            _rule("", "events", "list watch create update patch"),
            _rule("snapshot.storage.k8s.io", "volumesnapshots", "get list"),
            _rule("snapshot.storage.k8s.io", "volumesnapshotcontents", "get list"),
        ]
    else:
        rules = [
            *([_rule("", "secrets", "get")] if setup.storage_class.secrets.provisioner else []),
            _rule("", "persistentvolumes", "get list watch create delete"),
            _rule("", "persistentvolumeclaims", "list watch"),
            _rule("storage.k8s.io", "storageclasses", "get list watch"),
            _rule("", "events", "create patch"),
            _rule("snapshot.storage.k8s.io", "volumesnapshots", "get"),
            _rule("snapshot.storage.k8s.io", "volumesnapshotcontents", "get"),
        ]
    if setup.storage_class.volume_binding_mode == "WaitForFirstConsumer":
        # Its library looks up the node that the scheduler chose; the default classes never wait for one.
        rules.append(_rule("", "nodes", "get"))
    yield from _cluster_role(setup, "external-provisioner-runner", rules, account, "csi-provisioner-role")
    if setup.rbac == "full" or elects:
        lock = [_rule("", "endpoints", "get watch list delete update create")]
        yield from _role(setup, "external-provisioner-cfg", lock, account, "csi-provisioner-role-cfg")


def attacher_rbac(setup: Setup) -> Iterator[Resource]:
    """Let csi-attacher answer VolumeAttachments."""
    account = attacher_account(setup)
    elects = "--leader-election" in _flags(setup.attacher.extra_args)
    yield account
    if setup.rbac == "full":
        rules = [
            _rule("", "persistentvolumes", "get list watch update"),
            _rule("", "nodes", "get list watch"),
            _rule("csi.storage.k8s.io", "csinodeinfos", "get list watch"),
            _rule("storage.k8s.io", "volumeattachments", "get list watch update"),
        ]
    else:
        rules = [
            _rule("", "persistentvolumes", "list watch"),
            _rule("storage.k8s.io", "volumeattachments", "list watch update"),
        ]
    yield from _cluster_role(setup, "external-attacher-runner", rules, account, "csi-attacher-role")
    if setup.rbac == "full" or elects:
        lock = [_rule("", "configmaps", "get watch list delete update create")]
        yield from _role(setup, "external-attacher-cfg", lock, account, "csi-attacher-role-cfg")


def registrar_rbac(setup: Setup) -> Iterator[Resource]:
    """Return the account of the plugin's pods. The full rules let it write events, which v0.4.1 never does."""
    account = registrar_account(setup)
    yield account
    if setup.rbac == "full":
        rules = [_rule("", "events", "get list watch create update patch")]
        yield from _cluster_role(setup, "driver-registrar-runner", rules, account, "csi-driver-registrar-role")


def snapshotter_rbac(setup: Setup) -> Iterator[Resource]:
    """Let csi-snapshotter make and delete snapshots, and define their kinds.

    It must be allowed to create CRDs even where they exist: it tolerates a conflict, and stops when it is forbidden.
    """
    account = snapshotter_account(setup)
    yield account
    if setup.rbac == "full":
        rules = [
            _rule("", "persistentvolumes", "get list watch"),
            _rule("", "persistentvolumeclaims", "get list watch"),
            _rule("storage.k8s.io", "storageclasses", "get list watch"),
            _rule("", "events", "list watch create update patch"),
            _rule("", "secrets", "get list"),
            _rule("snapshot.storage.k8s.io", "volumesnapshotclasses", "get list watch"),
            _rule("snapshot.storage.k8s.io", "volumesnapshotcontents", "create get list watch update delete"),
            _rule("snapshot.storage.k8s.io", "volumesnapshots", "get list watch update"),
            _rule("apiextensions.k8s.io", "customresourcedefinitions", "create list watch delete"),
        ]
    else:
        rules = [
            _rule("", "persistentvolumes", "get"),
            _rule("", "persistentvolumeclaims", "get"),
            _rule("storage.k8s.io", "storageclasses", "get"),
            _rule("", "events", "create patch"),
            *([_rule("", "secrets", "get")] if setup.snapshot_class.secret else []),
            _rule("snapshot.storage.k8s.io", "volumesnapshotclasses", "list watch"),
            _rule("snapshot.storage.k8s.io", "volumesnapshotcontents", "create list watch update delete"),
            # Not seen in the log, but the releases around v0.4.1 read a snapshot once more before they bind it.
            _rule("snapshot.storage.k8s.io", "volumesnapshots", "get list watch update"),
            _rule("apiextensions.k8s.io", "customresourcedefinitions", "create"),
        ]
    yield from _cluster_role(setup, "external-snapshotter-runner", rules, account, "csi-snapshotter-role")


def _rule(group: str, resource: str, verbs: str) -> PolicyRule:
    return PolicyRule(api_groups=[group], resources=[resource], verbs=verbs.split())


def _flags(args: list[str]) -> set[str]:
    return {f"--{arg.lstrip('-').partition('=')[0]}" for arg in args if not arg.endswith("=false")}


def _subject(account: ServiceAccount) -> Subject:
    return Subject(kind="ServiceAccount", name=account.name, namespace=account.namespace)


def _cluster_role(
    setup: Setup, name: str, rules: list[PolicyRule], account: ServiceAccount, binding: str
) -> Iterator[Resource]:
    role = ClusterRole(metadata=setup.cluster_meta(name), rules=rules)
    reference = RoleRef(kind="ClusterRole", name=role.name, api_group="rbac.authorization.k8s.io")
    yield role
    yield ClusterRoleBinding(metadata=setup.cluster_meta(binding), subjects=[_subject(account)], role_ref=reference)


def _role(
    setup: Setup, name: str, rules: list[PolicyRule], account: ServiceAccount, binding: str
) -> Iterator[Resource]:
    role = Role(metadata=setup.meta(name), rules=rules)
    reference = RoleRef(kind="Role", name=role.name, api_group="rbac.authorization.k8s.io")
    yield role
    yield RoleBinding(metadata=setup.meta(binding), subjects=[_subject(account)], role_ref=reference)
