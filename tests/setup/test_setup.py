"""What a setup refuses, what its rules for permissions and instances are, series, and files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import csi_manifests
from csi_manifests import Setup, build
from csi_manifests.errors import InputError, InvalidError, UsageError
from csi_manifests.models.annotations import models_in
from csi_manifests.setup.parts import Choice, Image, ProvisionerSetup, SeriesSetup, StorageClassSetup
from csi_manifests.setup.reading import read_setup, write_setup

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel


def test_minimal_rules_are_what_was_used() -> None:
    bundle = build(Setup(rbac="minimal"))
    article = build()
    roles = {resource.name: resource.to_dict()["rules"] for resource in bundle if resource.key.kind == "ClusterRole"}
    allowed = {
        name: {f"{rule['resources'][0]} {verb}" for rule in rules for verb in rule["verbs"]}
        for name, rules in roles.items()
    }
    assert set(allowed) == {"external-provisioner-runner", "external-attacher-runner", "external-snapshotter-runner"}
    assert allowed["external-attacher-runner"] == {
        *(f"persistentvolumes {verb}" for verb in ("list", "watch")),
        *(f"volumeattachments {verb}" for verb in ("list", "watch", "update")),
    }
    assert "customresourcedefinitions create" in allowed["external-snapshotter-runner"]
    assert not any("secrets" in rule for rules in allowed.values() for rule in rules)
    assert not [resource for resource in bundle if resource.key.kind in {"Role", "RoleBinding"}]
    others = [item.resource for item in article.items if item.stage != "rbac"]
    assert [item.resource for item in bundle.items if item.stage != "rbac"] == others


def test_minimal_rules_read_secrets_only_for_secret_parameters() -> None:
    secret = {"name": "n", "namespace": "s"}
    setup = Setup.model_validate({"rbac": "minimal", "storage_class": {"secrets": {"provisioner": secret}}})
    with_secrets = {r.name for r in build(setup) if r.key.kind == "ClusterRole" and "secrets" in str(r.to_dict())}
    assert with_secrets == {"external-provisioner-runner"}


def test_minimal_rules_elect_a_leader_only_with_its_flag() -> None:
    setup = Setup.model_validate({"rbac": "minimal", "provisioner": {"extra_args": ["--enable-leader-election"]}})
    assert [resource.name for resource in build(setup) if resource.key.kind == "Role"] == ["external-provisioner-cfg"]


def test_instances_share_no_name_but_those_of_definitions() -> None:
    one, other = build(Setup(instance="a")), build(Setup(instance="b"))
    shared = {resource.key for resource in one} & {resource.key for resource in other}
    assert {key.kind for key in shared} == {"CustomResourceDefinition"}
    assert len(shared) == 5
    (plugin,) = (resource.to_dict() for resource in one if resource.key.kind == "DaemonSet")
    assert plugin["spec"]["template"]["spec"]["volumes"][0]["hostPath"]["path"].endswith("/csi-hostpath-a")
    merged = one.merge(other)
    assert len(merged) == 30 + 30 + 5


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"restores": [{"name": "r", "snapshot": "snapshot-20181210", "pod": "p", "size": "1Mi"}]}, "restores[0].size", "1Mi is less than the 1Gi"),
    ({"restores": [{"name": "r", "snapshot": "nope", "pod": "p"}]}, "restores[0].snapshot", "it has: snapshot-20181210"),
    ({"restores": [{"name": "r", "snapshot": "snapshot-20181210", "pod": "p", "size": "2Ti"}]}, "restores[0].size", "1Ti"),
    ({"provisioner": {"replicas": 2}}, "provisioner.replicas", "one node"),
    ({"kubelet_root": "/" + "k" * 90}, "kubelet_root", "107"),
    ({"kubelet_root": "var/lib/kubelet"}, "kubelet_root", "absolute"),
    ({"kubelet_root": "/var/../etc"}, "kubelet_root", "'..'"),
    ({"claim": {"access_modes": ["ReadWriteMany"]}}, "claim.access_modes[0]", "does not support ReadWriteMany, only ReadWriteOnce"),
    ({"claim": {"access_modes": []}}, "claim.access_modes", "at least 1"),
    ({"claim": {"size": "2Ti"}}, "claim.size", "at most 1Ti"),
    ({"claim": {"size": "0"}}, "claim.size", "more than 0"),
    ({"claim": {"size": "1GB"}}, "claim.size", "not a quantity"),
    ({"claim": {"name": "restore-20181210"}}, "restores", "2 claims have the name"),
    ({"pod": {"name": "my-csi-app2"}}, "restores", "2 pods have the name"),
    ({"snapshots": [{"name": "s"}, {"name": "s"}], "restores": []}, "snapshots", "2 snapshots have the name"),
    ({"instance": "x" * 28}, "instance", "at most 27"),
    ({"driver": "d" * 60, "instance": "blue"}, "driver", "63"),
    ({"driver": "a/b"}, "driver", "letters, digits"),
    ({"labels": {"app": "x"}}, "labels['app']", "choose another key"),
    ({"pod_labels": {"app": "x"}}, "pod_labels['app']", "choose another key"),
    ({"storage_class": {"parameters": {"csiNodeStageSecretName": "x"}}}, "storage_class.parameters['csiNodeStageSecretName']", "storageClass.secrets"),
    ({"series": [{"snapshot": "model"}]}, "series[0].snapshot", "{date}"),
    ({"series": [{"dates": ["2018-02-30"]}]}, "series[0].dates[0]", "YYYY-MM-DD"),
    ({"series": [{"restore_dates": ["2018-12-10"]}]}, "series[0].restore_dates[0]", "2018-12-10 is not among dates"),
    ({"series": [{"dates": ["2018-12-10"]}]}, "snapshots", "series included"),
    ({"registry": "https://r"}, "registry", "a host"),
    ({"plugin": {"image": "UPPER/case"}}, "plugin.image", "lower-case"),
    ({"attacher": {"connection_timeout": "15"}}, "attacher.connection_timeout", "'15s'"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "where", "reason"), REFUSED)
def test_what_cannot_work_is_refused_with_the_reason(given: dict[str, Any], where: str, reason: str) -> None:
    with pytest.raises(InvalidError) as refused:
        Setup.model_validate(given)
    place, _, said = str(refused.value).removeprefix("Setup: ").partition(": ")
    assert place == where
    assert reason in said


class TestSeries:
    SETUP = Setup(
        snapshots=[],
        restores=[],
        series=[
            SeriesSetup(
                snapshot="model-{date}",
                dates=[date(2018, 12, 10), date(2018, 12, 17)],
                restore="back-{date}",
                pod="server-{date}",
                restore_dates=[date(2018, 12, 17)],
            )
        ],
    )

    def names(self, setup: Setup) -> list[str]:
        return [item.resource.name for item in build(setup).items if item.stage in {"snapshot", "restore"}]

    def test_names_are_the_pattern_with_the_day(self) -> None:
        assert self.names(self.SETUP) == ["model-20181210", "model-20181217", "back-20181217", "server-20181217"]

    def test_a_day_is_that_day_alone(self) -> None:
        assert self.names(self.SETUP.on(date(2018, 12, 24))) == ["model-20181224", "back-20181224", "server-20181224"]

    def test_a_day_that_is_listed_already_is_the_same_object(self) -> None:
        day = build(self.SETUP.on(date(2018, 12, 10)))
        assert list(day.select("snapshot"))[0] in list(build(self.SETUP))  # noqa: RUF015  (the one there is)

    def test_a_clash_with_the_setups_own_is_refused(self) -> None:
        setup = Setup(series=[SeriesSetup()])
        with pytest.raises(InvalidError, match="snapshot-20181210"):
            setup.on(date(2018, 12, 10))

    def test_the_article_s_own_day_by_default_pattern(self) -> None:
        setup = Setup(snapshots=[], restores=[], series=[SeriesSetup()])
        assert self.names(setup.on(date(2018, 12, 10))) == ["snapshot-20181210", "restore-20181210", "restore-20181210"]


class TestFile:
    def test_an_empty_choice_is_the_article(self, tmp_path: Path) -> None:
        file = tmp_path / "setup.yaml"
        file.write_text("namespace: default\n")
        assert build(read_setup(file)) == build()

    @pytest.mark.parametrize("setup", [Setup(), TestSeries.SETUP, Setup(instance="b", registry="r", rbac="minimal")])
    def test_written_and_read_it_is_the_same(self, setup: Setup, tmp_path: Path) -> None:
        file = tmp_path / "setup.yaml"
        file.write_text(write_setup(setup))
        assert read_setup(file) == setup

    def test_later_goes_over_earlier(self, tmp_path: Path) -> None:
        file = tmp_path / "setup.json"
        file.write_text('{"namespace": "file", "driver": "file"}')
        setup = read_setup(file, {"driver": "flag"})
        assert (setup.namespace, setup.driver) == ("file", "flag")

    def test_a_part_keeps_the_defaults_of_the_rest(self, tmp_path: Path) -> None:
        file = tmp_path / "setup.yaml"
        file.write_text("provisioner: {image: {tag: v0.4.2}, logLevel: 3}\nkubernetes: 1.13\n")
        setup = read_setup(file)
        assert str(setup.provisioner.image) == "quay.io/k8scsi/csi-provisioner:v0.4.2"
        assert setup.provisioner.connection_timeout == "15s"

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("namespce: x\n", "setup.yaml:1:1: /namespce: there is no field 'namespce'. Did you mean 'namespace'?"),
            (
                "storage_class: {}\n",
                "setup.yaml:1:1: /storage_class: there is no field 'storage_class'. Did you mean 'storageClass'?",
            ),
            (
                "\nstorageClass:\n  reclaimPolicy: delete\n",
                "setup.yaml:3:3: /storageClass/reclaimPolicy: 'delete' is not one of",
            ),
            ("claim: {size: 1GB}\n", "setup.yaml:1:9: /claim/size: '1GB' is not a quantity"),
            (
                "restores:\n- {name: r, snapshot: x, pod: p}\n",
                "setup.yaml:2:13: /restores/0/snapshot: 'x' is not a snapshot",
            ),
            ("namespace: a\nnamespace: b\n", "setup.yaml:2:1: the key 'namespace' is given twice"),
            ("labels: {a: yes}\n", "setup.yaml:1:10: /labels/a: true is not a string. Quote it."),
        ],
    )
    def test_an_error_says_where(self, text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "setup.yaml").write_text(text)
        with pytest.raises(UsageError) as refused:
            read_setup("setup.yaml")
        assert says in str(refused.value)

    @pytest.mark.parametrize("text", ["", "- a\n", "a: 1\n---\nb: 1\n", "text\n"])
    def test_what_is_no_setup_is_no_input(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "setup.yaml"
        file.write_text(text)
        with pytest.raises(
            InputError, match=r"setup\.yaml: is not a setup \(YAML documents in it: \d\)\. Write one mapping"
        ):
            read_setup(file)


def test_every_part_is_exported() -> None:
    def parts(model: type[BaseModel]) -> set[type[BaseModel]]:
        below = {part for field in model.model_fields.values() for part in models_in(field.annotation)}
        own = {part for part in below if issubclass(part, Choice)}
        return own.union(*map(parts, own))

    assert {part.__name__ for part in parts(Setup)} == {
        name
        for name in csi_manifests.__all__
        if getattr(getattr(csi_manifests, name), "__module__", "") == Choice.__module__
    }


def test_in_code_parts_are_typed() -> None:
    setup = Setup(
        storage_class=StorageClassSetup(reclaim_policy="Retain"),
        provisioner=ProvisionerSetup(image=Image(registry="r", repository="p", tag="t")),
    )
    assert str(setup.provisioner.image) == "r/p:t"
    assert setup.replace(namespace="x").storage_class.reclaim_policy == "Retain"
    with pytest.raises(InvalidError):
        setup.namespace = "x"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("busybox", (None, "busybox", None, None)),
        ("busybox:1.29", (None, "busybox", "1.29", None)),
        ("library/busybox", (None, "library/busybox", None, None)),
        ("r.io/a/b:t", ("r.io", "a/b", "t", None)),
        ("localhost/a", ("localhost", "a", None, None)),
        ("host:5000/a:t", ("host:5000", "a", "t", None)),
        ("host:5000/a", ("host:5000", "a", None, None)),
        (f"r.io/a:t@sha256:{'0' * 64}", ("r.io", "a", "t", f"sha256:{'0' * 64}")),
    ],
)
def test_images_are_read_as_people_write_them(text: str, parts: tuple[str | None, ...]) -> None:
    image = Setup.model_validate({"pod": {"image": text}}).pod.image
    assert (image.registry, image.repository, image.tag, image.digest) == parts
    assert str(image) == (text if "@" not in text else text.replace(":t@", "@"))
