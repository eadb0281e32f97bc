"""The codes that the schemas and the grammar of single values report: their documentation."""

from csi_manifests.checks.rule import declare

declare(
    "CSI101",
    "wrong-type",
    "a value has the type of its field",
    why="The API server refuses a text where a list or a number belongs, a list where a mapping belongs, and so on.",
    fix="Write the value in the form that the message asks for.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
-   accessModes: ReadWriteOnce
+   accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
""",
)
declare(
    "CSI102",
    "unknown-field",
    "an object has only fields that are known",
    why="kubectl refuses a field that it does not know; with validation off the server drops it, and the setting is lost.",
    fix="Correct the spelling, or move the field to where it belongs.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
  provisioner: csi-hostpath
- reclaimpolicy: Delete
+ reclaimPolicy: Delete
""",
)
declare(
    "CSI103",
    "unknown-value",
    "a value is one of those allowed",
    why="The schema only asks for a text; the API server refuses all but the few that have a meaning.",
    fix="Take one of those named in the message, in this spelling.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
-   accessModes: [ReadWriteSingle]
+   accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
""",
)
declare(
    "CSI104",
    "invalid-quantity",
    "an amount is a valid quantity",
    why="The API server refuses amounts that it cannot read: 1GB, 1 Gi and 1gi are not quantities, 1G and 1Gi are.",
    fix="Write a number and at most one suffix: n u m k M G T P E, or Ki Mi Gi Ti Pi Ei.",
    example="""\
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: csi-pvc}
  spec:
    accessModes: [ReadWriteOnce]
-   resources: {requests: {storage: 1GB}}
+   resources: {requests: {storage: 1G}}
""",
)
declare(
    "CSI105",
    "invalid-name",
    "a name has only allowed characters",
    why="Names become parts of URLs, host names and paths, so the API server refuses capitals, underscores and the like.",
    fix="Use lower-case letters, digits and '-', beginning and ending with a letter or digit.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
- metadata: {name: CSI_attacher}
+ metadata: {name: csi-attacher}
""",
)
declare(
    "CSI106",
    "invalid-label",
    "a label or annotation is well formed",
    why="The API server refuses keys that are not a name with at most one prefix, and label values that are free text.",
    fix="Write prefix/name or name as the key; keep label values to 63 letters, digits, '-', '_' and '.'.",
    example="""\
  apiVersion: v1
  kind: ServiceAccount
- metadata: {name: csi-attacher, labels: {role: the attacher}}
+ metadata: {name: csi-attacher, labels: {role: attacher}}
""",
)
declare(
    "CSI107",
    "invalid-port",
    "a port is a valid number or name",
    why="The API server refuses numbers outside 1 to 65535, and names of more than 15 characters or without a letter.",
    fix="Use 1 to 65535, or a name of lower-case letters, digits and '-'.",
    example="""\
  apiVersion: v1
  kind: Service
  metadata: {name: csi-hostpath-attacher}
  spec:
    selector: {app: csi-hostpath-attacher}
-   ports: [{name: dummy, port: 123456}]
+   ports: [{name: dummy, port: 12345}]
""",
)
declare(
    "CSI108",
    "invalid-percentage",
    "a count or percentage is valid",
    why="The API server refuses negative counts, and texts other than digits with a percent sign.",
    fix="Write a number from 0, or a text such as 25%.",
    example="""\
  apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: csi-hostpathplugin}
  spec:
    selector: {matchLabels: {app: csi-hostpathplugin}}
-   updateStrategy: {rollingUpdate: {maxUnavailable: half}}
+   updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}
    template:
      metadata: {labels: {app: csi-hostpathplugin}}
      spec:
        containers: [{name: hostpath, image: "quay.io/k8scsi/hostpathplugin:v0.4.1"}]
""",
)
declare(
    "CSI109",
    "malformed-value",
    "names of variables and keys, bytes and times are well formed",
    why="The API server refuses names of variables and keys with other characters, bytes that are not base64, times in another form.",
    fix="Write it as the message says; plain text of a Secret goes below stringData.",
    example="""\
  apiVersion: v1
  kind: Secret
  metadata: {name: credentials}
- data: {password: plain text}
+ data: {password: cGxhaW4gdGV4dA==}
""",
)
declare(
    "CSI110",
    "invalid-driver-name",
    "a driver's name is valid",
    why="The name becomes a directory of the kubelet and part of annotations; the kubelet and the API server refuse others.",
    fix="Use letters, digits, '-' and '.', at most 63 of them, as in csi-hostpath or hostpath.csi.k8s.io.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
- provisioner: csi hostpath
+ provisioner: csi-hostpath
""",
)
declare(
    "CSI111",
    "missing-field",
    "a required field is present",
    why="The API server refuses the object without it, or could do nothing with it.",
    fix="Add the field.",
    example="""\
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: csi-hostpath-sc}
+ provisioner: csi-hostpath
""",
)
