"""``csi-manifests schema``: its output, its committed copy, and that it says what the reader of setups says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from csi_manifests import UsageError
from csi_manifests.output import emit, things
from csi_manifests.setup.reading import read_setup, write_setup
from csi_manifests.setup.setup import Setup
from csi_manifests.text.plain_data import is_list, mapping
from csi_manifests.yaml.events import Source
from csi_manifests.yaml.reader import documents

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parents[2]
NAMES = things("schema")
SCHEMA: dict[str, Any] = json.loads(emit("schema.setup", "json"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)

TAKEN = [
    "{}",
    "kubernetes: 1.13",
    "kubernetes: '1.13'",
    "kubernetes: v1.13",
    "kubernetes: 1.13.4",
    "namespace:",
    "namespace: ~\ninstance: null\nlabels: null\nplugin: null\nsnapshots: ~\nrestores: ~",
    "labels: {a: b, c: null}",
    "namespace: csi\ninstance: two\nkubeletRoot: /data/kubelet\nregistry: mirror.example:5000/k8s",
    "pullSecrets: [a, b.c]",
    "rbac: minimal\nsnapshotCrds: no",
    "podLabels: {a: b}\npodAnnotations: {a/b: c d}\nnodeSelector: {disk: ssd}\npriorityClass: high",
    "tolerations: [{}, {key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 3, value: ''}]",
    "tolerations: [{key: '', operator: '', effect: ''}]",
    "plugin: {image: 'quay.io/k8scsi/hostpathplugin:v0.4.2', pullPolicy: Never, logLevel: 0, extraArgs: [--a]}",
    "plugin: {image: {tag: v0.4.2}}",
    "plugin: {image: {registry: null, repository: a, tag: null}}",
    f"driverRegistrar: {{image: {{digest: 'sha256:{'0' * 64}'}}}}",
    "pod: {image: alpine, command: [sleep, '1'], mountPath: /data/a, name: a}",
    "pod: {image: {tag: '1.0'}}",
    "provisioner: {replicas: 0, connectionTimeout: 1m30s, logLevel: null}",
    "attacher: {resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 0.5, example.com/a: '2'}}}",
    "storageClass: {name: a, default: yes, parameters: {a: b}, reclaimPolicy: Retain, mountOptions: [noatime]}",
    "storageClass: {volumeBindingMode: WaitForFirstConsumer, secrets: {nodeStage: {name: a, namespace: b}}}",
    "snapshotClass: {name: a, default: true, parameters: {}, secret: {name: a, namespace: b}}",
    "claim: {size: 1073741824, accessModes: [ReadWriteOnce]}\nrestores: []",
    "claim: {size: 1.5Gi}\nrestores: [{name: a, snapshot: snapshot-20181210, pod: b, size: 2Gi}]",
    "snapshots: [{name: snapshot-20181210}, {name: a}]",
    "series: [{dates: [2018-12-10, '2018-12-11'], restoreDates: [2018-12-11], snapshot: 'model-{date}'}]\nsnapshots: []\nrestores: []",
]

REFUSED = [
    "namespaces: a",
    "kubelet_root: /a",
    "plugin: {images: a}",
    "plugin: {image: {tags: a}}",
    "provisioner: {replica: 1}",
    "tolerations: [{keys: a}]",
    "attacher: {resources: {limit: {}}}",
    "storageClass: {secrets: {nodeStages: {}}}",
    "snapshotClass: {secret: {name: a}}",
    "snapshots: [{names: a}]",
    "snapshots: [null]",
    "snapshots: [{}]",
    "restores: [{name: a, snapshot: snapshot-20181210}]",
    "series: [{date: [2018-12-10]}]",
    "kubernetes: 1.14",
    "kubernetes: [1.13]",
    "namespace: 1",
    "snapshotCrds: 'yes'",
    "rbac: admin",
    "labels: {a: 1}",
    "attacher: {logLevel: 11}",
    "attacher: {logLevel: '5'}",
    "pod: {command: []}",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_copy_is_up_to_date(name: str) -> None:
    file = ROOT / "schemas" / f"{name}.schema.json"
    there = file.read_text() if file.exists() else ""
    assert there == emit(f"schema.{name}", "json"), (
        f"refresh it: csi-manifests schema {name} > {file.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_is_printed_the_same_every_time(process: Run, name: str) -> None:
    for seed in ("0", "1"):
        done = process("schema", name, env={"PYTHONHASHSEED": seed})
        assert (done.stdout.decode(), done.stderr, done.returncode) == (emit(f"schema.{name}", "json"), b"", 0)


def test_every_committed_copy_is_of_a_schema() -> None:
    assert [file.name for file in sorted(ROOT.glob("schemas/*.schema.json"))] == [
        f"{name}.schema.json" for name in NAMES
    ]


def test_a_form_that_a_schema_does_not_have(run: Run) -> None:
    done = run("schema", "findings", "--format", "markdown")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"The schema of findings cannot be printed as markdown. Choose from: json." in done.stderr


def test_a_schema_that_does_not_exist(run: Run) -> None:
    done = run("schema", "setups")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"'setups'" in done.stderr


def test_it_is_a_schema() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMA)
    assert list(schemas_of(SCHEMA, "$id")) == []


def schemas_of(value: Any, key: str) -> list[Any]:
    if is_list(value):
        return [found for item in value for found in schemas_of(item, key)]
    below = [found for item in mapping(value).values() for found in schemas_of(item, key)]
    return [*([mapping(value)[key]] if key in mapping(value) else []), *below]


def test_every_field_is_described_and_nothing_else_allowed() -> None:
    for name, part in {"Setup": SCHEMA, **SCHEMA["$defs"]}.items():
        assert part["additionalProperties"] is False
        assert "title" not in part or part is SCHEMA
        if name in ("Toleration", "ResourceRequirements"):
            continue
        for field, schema in part["properties"].items():
            refs = [SCHEMA["$defs"][one["$ref"].rpartition("/")[2]] for one in schema.get("anyOf", ()) if "$ref" in one]
            assert any("description" in one for one in (schema, *refs)), (name, field)
            assert "title" not in schema


@pytest.mark.parametrize("text", TAKEN)
def test_takes_what_the_reader_takes(text: str, tmp_path: Path) -> None:
    file = tmp_path / "setup.yaml"
    file.write_text(text)
    setup = read_setup(file)
    assert said_of(text) == []
    assert said_of(write_setup(setup)) == []


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_what_the_reader_refuses(text: str, tmp_path: Path) -> None:
    file = tmp_path / "setup.yaml"
    file.write_text(text)
    with pytest.raises(UsageError):
        read_setup(file)
    assert said_of(text) != []


def test_defaults_are_those_of_the_setup() -> None:
    for wire, part in SCHEMA["properties"].items():
        if "default" in part:
            assert read_data({wire: part["default"]}) == Setup(), wire


def read_data(data: dict[str, Any]) -> Setup:
    return Setup.model_validate(data, by_alias=True, by_name=False, context="file")


def said_of(text: str) -> list[str]:
    (document,) = documents(Source("a", text))
    return [error.message for error in VALIDATOR.iter_errors(document.content)]
