"""What the words of servers, kubelets and sidecars mean, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]+)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_ACCOUNT = "system:serviceaccount:"

_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"VolumeSnapshotDataSource is disabled by feature-gate",
        (
            "The API server must be started with --feature-gates=VolumeSnapshotDataSource=true. "
            "'csi-manifests gates' prints the gates that the setup needs, and where they go."
        ),
    ),
    (
        r"driver name (\S+) not found in the list of registered CSI drivers",
        (
            "The kubelet of that node refused or never saw the registration of {0}. Look at the log of driver-registrar there. "
            "With the gate CSINodeInfo the definition csinodeinfos.csi.storage.k8s.io must exist first (stage crds); "
            "and --kubelet-root must be the kubelet's own --root-dir."
        ),
    ),
    (
        r"selfLink was empty, can't make reference",
        (
            "csi-provisioner v0.4.1 cannot work on Kubernetes 1.20 and later, whose objects have no selfLink. Use an older "
            "cluster; on 1.20 to 1.23 --feature-gates=RemoveSelfLink=false on the API server helps."
        ),
    ),
    (
        r"ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName",
        (
            "The node cannot pull the image. For a mirror use --registry, for credentials pullSecrets in the setup file; "
            "for another image the part's own 'image'."
        ),
    ),
    (
        r"unable to validate against any pod security policy|disallowed by cluster policy|violates PodSecurity",
        (
            "The driver's container must be privileged, to mount for other pods. Allow that in its namespace "
            "(--allow-privileged on the API server, and the policy of the namespace)."
        ),
    ),
    (
        r"hostPath type check failed: (\S+)",
        "The node has no {0}: is --kubelet-root the kubelet's own --root-dir?",
    ),
    (
        (
            r"can't bind|field is immutable|may not change fields|updates to \S+ .*are forbidden|updates to parameters are forbidden"
            r"|is immutable after creation|forbidden: only dynamic resources requests"
        ),
        "Kubernetes does not change that in place: delete the object ('csi-manifests delete', or kubectl delete), then apply again.",
    ),
    (
        r'no matches for kind "([^"]+)"',
        "The server does not serve {0}: the CustomResourceDefinitions go first (stage crds).",
    ),
    (
        # What kubectl says while it remembers, for ten minutes, that the kind was served.
        r"the server could not find the requested resource",
        "The server does not serve that kind, or no longer: the CustomResourceDefinitions go first (stage crds).",
    ),
    (
        r"context .*does not exist|no context exists|context was not found",
        "'kubectl config get-contexts' lists those there are.",
    ),
    (
        (
            r"connection to the server \S+ was refused|Unable to connect to the server|dial tcp|no such host|i/o timeout"
            r"|request canceled while waiting|context deadline exceeded"
        ),
        "Does the cluster run, and is it the one that is meant? --context and --kubeconfig choose it.",
    ),
    (
        r"must be logged in to the server|\(Unauthorized\)|provide credentials",
        "The server does not know the credentials of this kubeconfig, or no longer.",
    ),
    (
        r'namespaces "([^"]+)" not found',
        "The namespace {0} is missing, or was deleted meanwhile.",
    ),
)


def advised(text: str) -> list[str]:
    """Return what to do about a message, a line each; nothing if it is not known."""
    return list(dict.fromkeys([*_rules(text), *_meanings(text)]))


def _meanings(text: str) -> Iterator[str]:
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, text)
        if found is not None:
            yield meaning.format(*(group.strip("\"',:;") for group in found.groups()))


def _rules(text: str) -> Iterator[str]:
    """Write the rule of RBAC that would allow what was forbidden."""
    for found in _FORBIDDEN.finditer(text):
        resource, _, part = found["resource"].partition("/")
        what = f"{resource}/{part}" if part else resource
        rule = f'{{apiGroups: ["{found["group"]}"], resources: ["{what}"], verbs: ["{found["verb"]}"]}}'
        where = f"a Role in namespace {found['namespace']}, or a ClusterRole" if found["namespace"] else "a ClusterRole"
        if found["user"].startswith(_ACCOUNT):
            namespace, _, name = found["user"].removeprefix(_ACCOUNT).partition(":")
            yield f"ServiceAccount {namespace}/{name} lacks a right. Add to {where} that is bound to it: - {rule}"
        else:
            yield f"{found['user']} lacks a right. Ask for {where} with: - {rule}"
