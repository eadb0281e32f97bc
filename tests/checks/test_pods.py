"""The rules about pods: what they must not alarm at, since a server takes it, and what they must."""

from __future__ import annotations

from typing import Any

import pytest
from one_object import container, of_kind, pod, said

C = "/spec/containers/0"
DIGEST = "0123456789abcdef" * 4

RIGHT_CONTAINERS = [
    "{image: 'localhost:5000/a'}",
    "{image: 'registry.example:5000/a/b_c/d--e:v1.0.0-rc1'}",
    f"{{image: 'quay.io/a/b:v1@sha256:{DIGEST}'}}",
    "{image: 'Registry.Example/a'}",
    "{ports: [{containerPort: 80, name: a}, {containerPort: 80, name: b, protocol: UDP}]}",
    "{ports: [{containerPort: 80, hostPort: 8080, hostIP: 10.0.0.1}, {containerPort: 80, hostPort: 8080}]}",
    "{ports: [{containerPort: 80, hostPort: 0, name: '', protocol: ''}]}",
    "{env: [{name: A, value: ''}, {name: B}]}",
    "{env: [{name: A, value: '', valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}",
    "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.host, apiVersion: v1}}}]}",
    """{env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['a.b/C']"}}}]}""",
    """{env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['A.b/C']"}}}]}""",
    "{env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}]}",
    "{env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: '0'}}}]}",
    "{livenessProbe: {httpGet: {port: 80}, successThreshold: 0}}",
    "{readinessProbe: {tcpSocket: {port: http}, successThreshold: 5}}",
    "{lifecycle: {}}",
    "{resources: {requests: {cpu: 1000m}, limits: {cpu: 1}}}",
    "{resources: {requests: {cpu: 1}}}",
    "{resources: {limits: {example.com/device: 1, hugepages-2Mi: 2Mi, ephemeral-storage: 1Gi}}}",
    "{resources: {requests: {example.com/device: 1000m}, limits: {example.com/device: 1}}}",
    "{securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}}}",
    "{securityContext: {privileged: true, allowPrivilegeEscalation: true}}",
]  # fmt: skip
RIGHT_REFERENCES = [
    "{args: ['--a=$(A)'], env: [{name: A, value: b}]}",
    "{args: ['--a=$$(A)', '$A', '${A}', '$()', '$(date +%s)', $]}",
    "{args: ['$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)', '$(A_B_PORT_443_TCP_ADDR)']}",
    "{args: ['$(A)'], envFrom: [{configMapRef: {name: a}}]}",
    "{command: [sh, -c, 'echo $(hostname)']}",
    "{command: [/bin/bash, -ec, 'echo $(hostname)']}",
    "{args: [-c, 'echo $(hostname)']}",
    "{command: [nsenter, --, /bin/sh, run, '$(A)']}",
    "{env: [{name: A, value: b}, {name: B, value: 'unix://$(A)'}]}",
]
RIGHT_PODS = [
    "{hostNetwork: true, containers: [{name: a, image: a, ports: [{containerPort: 80}, {containerPort: 81, hostPort: 81}]}]}",
    "{hostNetwork: true, initContainers: [{name: b, image: a, ports: [{containerPort: 80, hostPort: 81}]}]}",
    (
        "{hostNetwork: true, initContainers: [{name: b, image: a, ports: [{containerPort: 80}]}], "
        "containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}"
    ),
    "{restartPolicy: Never, activeDeadlineSeconds: 1}",
    "{tolerations: [{operator: Exists}, {key: a}, {key: a, operator: Equal, value: ''}, {key: a, operator: '', effect: ''}]}",
    "{tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: -1}]}",
    "{tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]}",
    "{affinity: {}}",
    "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{}]}}}}",
    "{affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: a}}]}}}",
    "{hostPID: true, shareProcessNamespace: false}",
    "{dnsPolicy: None, dnsConfig: {nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3]}}",
    "{serviceAccount: default, serviceAccountName: default, enableServiceLinks: true, priority: 0, schedulerName: default-scheduler}",
    "{volumes: [{name: a, hostPath: {path: /a..b/..c, type: ''}}, {name: b, hostPath: {path: 'C:\\\\data'}}]}",
    "{volumes: [{name: a, configMap: {name: a, defaultMode: 420, items: [{key: a, path: b/c.d..e, mode: 0400}]}}]}",
    "{volumes: [{name: a, secret: {secretName: a, defaultMode: 256, optional: true}}]}",
    "{volumes: [{name: a, projected: {sources: []}}, {name: b, emptyDir: {}}, {name: c, downwardAPI: {}}]}",
    (
        "{volumes: [{name: a, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}, "
        "{path: b, resourceFieldRef: {resource: limits.cpu, containerName: a}}]}}]}"
    ),
    (
        "{volumes: [{name: a, persistentVolumeClaim: {claimName: a}}], "
        "containers: [{name: a, image: a, volumeDevices: [{name: a, devicePath: /dev/a}]}]}"
    ),
]
RIGHT_MOUNTS = [
    "[{name: v, mountPath: /a}, {name: v, mountPath: /a/b}, {name: v, mountPath: b, subPath: ''}]",
    "[{name: v, mountPath: /a, subPath: a..b/..c}, {name: v, mountPath: /b, subPath: .}]",
    "[{name: v, mountPath: 'C:\\\\data', mountPropagation: HostToContainer}]",
]


@pytest.mark.parametrize("body", RIGHT_CONTAINERS + RIGHT_REFERENCES)
def test_containers_that_a_server_takes(body: str) -> None:
    assert said(container(body)) == []


@pytest.mark.parametrize("spec", RIGHT_PODS)
def test_pods_that_a_server_takes(spec: str) -> None:
    assert said(pod(spec)) == []


@pytest.mark.parametrize("mounts", RIGHT_MOUNTS)
def test_mounts_that_a_server_takes(mounts: str) -> None:
    assert said(container(f"{{volumeMounts: {mounts}}}", "{volumes: [{name: v, emptyDir: {}}]}")) == []


WRONG_CONTAINERS = [
    ("{image: ''}", "CSI122", "error", "/image"),
    ("{image: ' a'}", "CSI122", "error", "/image"),
    ("{image: '$(IMAGE)'}", "CSI122", "error", "/image"),
    ("{image: 'a:b:c'}", "CSI122", "error", "/image"),
    ("{image: 'a/B'}", "CSI122", "error", "/image"),
    ("{env: [{name: A, value: b}, {name: A, value: b}]}", "CSI123", "warning", "/env/1/name"),
    ("{env: [{name: A, valueFrom: {}}]}", "CSI124", "error", "/env/0/valueFrom"),
    ("{envFrom: [{}]}", "CSI124", "error", "/envFrom/0"),
    ("{env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]}", "CSI125", "error",
     "/env/0/valueFrom/fieldRef/fieldPath"),
    ("{env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]}", "CSI125", "error",
     "/env/0/valueFrom/fieldRef/fieldPath"),
    ("""{env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['a b']"}}}]}""", "CSI125", "error",
     "/env/0/valueFrom/fieldRef/fieldPath"),
    ("{env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name, apiVersion: v2}}}]}", "CSI125", "error",
     "/env/0/valueFrom/fieldRef/apiVersion"),
    ("{env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.disk}}}]}", "CSI125", "error",
     "/env/0/valueFrom/resourceFieldRef/resource"),
    ("{env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1Mi}}}]}", "CSI125", "error",
     "/env/0/valueFrom/resourceFieldRef/divisor"),
    ("{args: ['--a=$(A)']}", "CSI126", "warning", "/args/0"),
    ("{image: 'quay.io/k8scsi/csi-attacher:v0.4.1', args: ['--csi-address=$(A)']}", "CSI126", "error", "/args/0"),
    ("{env: [{name: B, value: '$(A)'}, {name: A, value: b}]}", "CSI126", "warning", "/env/0/value"),
    ("{env: [{name: A, value: '$(A)'}]}", "CSI126", "warning", "/env/0/value"),
    ("{ports: [{containerPort: 80, name: a}, {containerPort: 80, name: a, protocol: UDP}]}", "CSI127", "error",
     "/ports/1/name"),
    ("{ports: [{containerPort: 80}, {containerPort: 80, protocol: TCP}]}", "CSI128", "warning", "/ports/1/containerPort"),
    ("{ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]}", "CSI130", "error", "/ports/1"),
    ("{lifecycle: {preStop: {exec: {}}}}", "CSI131", "error", "/lifecycle/preStop/exec"),
    ("{lifecycle: {postStart: {}}}", "CSI131", "error", "/lifecycle/postStart"),
    ("{readinessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}}", "CSI131", "error", "/readinessProbe"),
    ("{readinessProbe: {exec: {command: [a]}, periodSeconds: -1}}", "CSI132", "error", "/readinessProbe/periodSeconds"),
    ("{resources: {limits: {mem: 1Gi}}}", "CSI134", "error", "/resources/limits/mem"),
    ("{resources: {limits: {memory: -1}}}", "CSI134", "error", "/resources/limits/memory"),
    ("{resources: {requests: {a.b/c: 1}}}", "CSI134", "error", "/resources/requests/a.b~1c"),
    ("{resources: {requests: {a.b/c: 1}, limits: {a.b/c: 2}}}", "CSI134", "error", "/resources/requests/a.b~1c"),
    ("{securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}}", "CSI135", "error",
     "/securityContext/allowPrivilegeEscalation"),
    ("{volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /a/}]}", "CSI143", "warning",
     "/volumeMounts/1/mountPath"),
    ("{volumeMounts: [{name: w, mountPath: /a}]}", "CSI142", "error", "/volumeMounts/0/name"),
    ("{volumeDevices: [{name: w, devicePath: /a}]}", "CSI142", "error", "/volumeDevices/0/name"),
    ("{volumeMounts: [{name: v, mountPath: /a, subPath: a/../..}]}", "CSI146", "error", "/volumeMounts/0/subPath"),
    ("{volumeMounts: [{name: p, mountPath: /a}], volumeDevices: [{name: p, devicePath: /b}]}", "CSI150", "error",
     "/volumeDevices/0/name"),
    ("{volumeDevices: [{name: p, devicePath: /a}, {name: p, devicePath: /b}]}", "CSI150", "error",
     "/volumeDevices/1/name"),
    ("{env: [{name: A, valueFrom: {secretKeyRef: {key: a}}}]}", "CSI149", "error",
     "/env/0/valueFrom/secretKeyRef/name"),
    ("{envFrom: [{configMapRef: {}}]}", "CSI149", "error", "/envFrom/0/configMapRef/name"),
]  # fmt: skip
WRONG_PODS = [
    ("{containers: [], initContainers: [{name: a, image: a}]}", "CSI120", "error", "/containers"),
    (("{containers: [{name: a, image: a, ports: [{containerPort: 80, name: x}]}, "
     "{name: b, image: a, ports: [{containerPort: 81, name: x}]}]}"), "CSI127", "warning", "/containers/1/ports/0/name"),
    ("{initContainers: [{name: b, image: a, lifecycle: {}}]}", "CSI133", "error", "/initContainers/0/lifecycle"),
    ("{tolerations: [{key: a, operator: Exists, value: b}]}", "CSI156", "error", "/tolerations/0/value"),
    ("{tolerations: [{key: a, tolerationSeconds: 5}]}", "CSI156", "error", "/tolerations/0/tolerationSeconds"),
    ("{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}}", "CSI157",
     "error", "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"),
    ("{dnsPolicy: None}", "CSI158", "error", "/dnsPolicy"),
    ("{activeDeadlineSeconds: 0}", "CSI158", "error", "/activeDeadlineSeconds"),
    (("{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
     "[{matchExpressions: [{key: a, operator: Gt, values: ['1', '2']}]}]}}}}"), "CSI162", "error",
     "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values"),
    (("{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "[{topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: In}]}}]}}}"), "CSI162", "error",
     "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0/labelSelector/matchExpressions/0/values"),
    ("{volumes: [{name: a}]}", "CSI141", "warning", "/volumes/0"),
    ("{volumes: [{name: a, hostPath: {path: data}}]}", "CSI147", "warning", "/volumes/0/hostPath/path"),
    ("{volumes: [{name: a, secret: {secretName: a, defaultMode: 400}}]}", "CSI148", "warning",
     "/volumes/0/secret/defaultMode"),
    ("{volumes: [{name: a, configMap: {name: a, items: [{key: a, path: ..a}]}}]}", "CSI148", "error",
     "/volumes/0/configMap/items/0/path"),
    ("{volumes: [{name: a, projected: {defaultMode: 600, sources: []}}]}", "CSI148", "error",
     "/volumes/0/projected/defaultMode"),
    ("{volumes: [{name: a, projected: {sources: [{secret: {}}]}}]}", "CSI149", "error",
     "/volumes/0/projected/sources/0/secret/name"),
    ("{volumes: [{name: a, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: spec.nodeName}}]}}]}", "CSI125",
     "error", "/volumes/0/downwardAPI/items/0/fieldRef/fieldPath"),
    ("{volumes: [{name: a, downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}}]}", "CSI125",
     "error", "/volumes/0/downwardAPI/items/0/resourceFieldRef"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "severity", "pointer"), WRONG_CONTAINERS)
def test_containers_that_are_wrong(body: str, code: str, severity: str, pointer: str) -> None:
    volumes = "{volumes: [{name: v, emptyDir: {}}, {name: p, persistentVolumeClaim: {claimName: a}}]}"
    assert said(container(body, volumes)) == [(code, severity, C + pointer)]


@pytest.mark.parametrize(("spec", "code", "severity", "pointer"), WRONG_PODS)
def test_pods_that_are_wrong(spec: str, code: str, severity: str, pointer: str) -> None:
    assert said(pod(spec)) == [(code, severity, "/spec" + pointer)]


TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}"
CLAIM = "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"
MOUNTING = (
    "template: {metadata: {labels: {a: b}}, "
    "spec: {containers: [{name: a, image: a, volumeMounts: [{name: data, mountPath: /data}]}]}}"
)
RIGHT_WORKLOADS = [
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}"),
    ("Deployment", f"{{selector: {{matchExpressions: [{{key: a, operator: Exists, values: []}}]}}, {TEMPLATE}}}"),
    ("Deployment", f"{{selector: {{matchExpressions: [{{key: c, operator: NotIn, values: [b]}}]}}, {TEMPLATE}}}"),
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, strategy: {{rollingUpdate: {{maxSurge: 0}}}}, {TEMPLATE}}}"),
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, strategy: {{type: Recreate}}, {TEMPLATE}}}"),
    ("DaemonSet", (f"{{selector: {{matchLabels: {{a: b}}}}, "
     f"updateStrategy: {{type: OnDelete, rollingUpdate: {{maxUnavailable: 0}}}}, {TEMPLATE}}}")),
    ("StatefulSet", (f"{{serviceName: '', selector: {{matchLabels: {{a: b}}}}, "
     f"updateStrategy: {{rollingUpdate: {{partition: 0}}}}, {TEMPLATE}}}")),
    ("StatefulSet", (f"{{serviceName: a, selector: {{matchLabels: {{a: b}}}}, {MOUNTING}, "
     f"volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {CLAIM}, status: {{phase: Pending}}}}]}}")),
]  # fmt: skip
WRONG_WORKLOADS = [
    ("Deployment", f"{{selector: {{matchLabels: {{a: c}}}}, {TEMPLATE}}}", "CSI161", "error", "/spec/selector"),
    ("Deployment", f"{{selector: {{matchExpressions: [{{key: a, operator: NotIn, values: [b]}}]}}, {TEMPLATE}}}",
     "CSI161", "error", "/spec/selector"),
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, strategy: {{type: Recreate, rollingUpdate: {{}}}}, {TEMPLATE}}}",
     "CSI163", "error", "/spec/strategy/rollingUpdate"),
    ("Deployment", ("{selector: {matchLabels: {a: b}}, "
     f"strategy: {{rollingUpdate: {{maxSurge: 0, maxUnavailable: 0%}}}}, {TEMPLATE}}}"),
     "CSI163", "error", "/spec/strategy/rollingUpdate"),
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, strategy: {{rollingUpdate: {{maxUnavailable: 101%}}}}, {TEMPLATE}}}",
     "CSI163", "error", "/spec/strategy/rollingUpdate/maxUnavailable"),
    ("Deployment", f"{{selector: {{matchLabels: {{a: b}}}}, minReadySeconds: 600, {TEMPLATE}}}",
     "CSI163", "error", "/spec/progressDeadlineSeconds"),
    ("StatefulSet", ("{serviceName: a, selector: {matchLabels: {a: b}}, "
     f"updateStrategy: {{type: OnDelete, rollingUpdate: {{partition: 1}}}}, {TEMPLATE}}}"),
     "CSI163", "error", "/spec/updateStrategy/rollingUpdate"),
    ("StatefulSet", f"{{serviceName: a.b, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}",
     "CSI114", "error", "/spec/serviceName"),
    ("StatefulSet", (f"{{serviceName: a, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, "
     f"volumeClaimTemplates: [{{metadata: {{}}, spec: {CLAIM}}}]}}"),
     "CSI112", "error", "/spec/volumeClaimTemplates/0/metadata"),
    ("StatefulSet", (f"{{serviceName: a, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, "
     f"volumeClaimTemplates: [{{metadata: {{name: a.b}}, spec: {CLAIM}}}]}}"),
     "CSI114", "error", "/spec/volumeClaimTemplates/0/metadata/name"),
    ("StatefulSet", (f"{{serviceName: a, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, "
     f"volumeClaimTemplates: [{{metadata: {{name: a}}, spec: {CLAIM}}}, {{metadata: {{name: a}}, spec: {CLAIM}}}]}}"),
     "CSI140", "warning", "/spec/volumeClaimTemplates/1/metadata/name"),
    ("DaemonSet", "{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}", "CSI111", "error", "/spec/template/spec"),
    ("DaemonSet", ("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
     "spec: {activeDeadlineSeconds: 5, containers: [{name: a, image: a}]}}}"),
     "CSI155", "error", "/spec/template/spec/activeDeadlineSeconds"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "spec"), RIGHT_WORKLOADS)
def test_workloads_that_a_server_takes(kind: str, spec: str) -> None:
    assert said(of_kind(kind, f"{{spec: {spec}}}")) == []


@pytest.mark.parametrize(("kind", "spec", "code", "severity", "pointer"), WRONG_WORKLOADS)
def test_workloads_that_are_wrong(kind: str, spec: str, code: str, severity: str, pointer: str) -> None:
    assert said(of_kind(kind, f"{{spec: {spec}}}")) == [(code, severity, pointer)]


@pytest.mark.parametrize(("length", "expected"), [(52, []), (53, [("CSI114", "error", "/metadata/name")])])
def test_the_longest_name_of_a_stateful_set(length: int, expected: list[Any]) -> None:
    spec = f"{{serviceName: a, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}"
    assert said(of_kind("StatefulSet", f"{{spec: {spec}}}", "a" * length)) == expected
