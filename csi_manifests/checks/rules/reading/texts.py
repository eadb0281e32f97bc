"""The codes that reading reports: their documentation."""

from csi_manifests.checks.rule import declare

declare(
    "CSI001",
    "duplicate-key",
    "a key is given once",
    why="kubectl keeps the last of the two and silently drops the other; later releases refuse the file.",
    fix="Keep one of the two.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
  metadata:
-   name: csi-attacher
+   name: csi-provisioner
    namespace: default
-   name: csi-provisioner
""",
)
declare(
    "CSI002",
    "not-an-object",
    "a document is a Kubernetes object",
    why="An object is known by its apiVersion and kind, both texts that are not empty: without them kubectl refuses the file.",
    fix="Give apiVersion and kind, and quote them if they look like numbers.",
    example="""\
+ apiVersion: v1
  kind: ServiceAccount
  metadata: {name: csi-attacher}
""",
)
declare(
    "CSI003",
    "lost-indentation",
    "what belongs to metadata is indented below it",
    why="Copied from a web page, a manifest often loses its indentation: metadata is then empty, with the name beside it.",
    fix="Indent what belongs to metadata, spec and so on by two spaces each.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
  metadata:
- name: csi-attacher
- namespace: default
+   name: csi-attacher
+   namespace: default
""",
)
declare(
    "CSI004",
    "unquoted-text",
    "a text that YAML takes for another type is quoted",
    why="kubectl reads YAML 1.1, in which bare true, yes, no, on, off, y and n are booleans and 012 is ten.",
    fix="Quote it.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata:
    name: csi-hostpath-sc
-   annotations: {storageclass.kubernetes.io/is-default-class: yes}
+   annotations: {storageclass.kubernetes.io/is-default-class: "true"}
  provisioner: csi-hostpath
""",
)
declare(
    "CSI005",
    "malformed-ignore",
    "a comment that ignores a finding names the rule and gives a reason",
    why="A comment without a known rule, or without a reason, ignores nothing, so that nobody has to guess what was meant.",
    fix="Write the rule's code or name, then the reason, on a line of its own.",
    example="""\
- apiVersion: v1
- kind: ServiceAccount
- # csi-manifests: ignore CSI113
- metadata: {name: csi-attacher}
+ apiVersion: storage.k8s.io/v1
+ kind: StorageClass
+ # csi-manifests: ignore CSI113 kustomize writes the namespace everywhere
+ metadata: {name: csi-hostpath-sc, namespace: storage}
+ provisioner: csi-hostpath
""",
)
declare(
    "CSI006",
    "unused-ignore",
    "a comment that ignores a finding is still needed",
    severity="warning",
    why="The finding is gone, or belongs to another rule; left in place, the comment would hide the next one.",
    fix="Remove the comment, or correct the rule it names.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
- # csi-manifests: ignore CSI113 kustomize writes the namespace everywhere
  metadata: {name: csi-attacher}
""",
)
