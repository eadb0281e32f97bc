"""What is written reads back the same in YAML 1.1, YAML 1.2 and our own reader, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, cast

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from csi_manifests import InvalidError, Unstructured, build, emit
from csi_manifests.text.plain_data import is_list, is_mapping
from csi_manifests.yaml.reader import Source, documents
from csi_manifests.yaml.writer import document, join

TRAPS = """
y n yes No ON off true NULL ~ null = << .inf .NaN nan -.INF 012 0x1F 0o17 0b1 1_000 1e3 1E+3 1. .5 +1 -1 - -- --- ...
12:30:45 1:2 2018-12-10 2018-12-10T00:00:00Z 1Gi 100m 10s v1 -v --v=5 -x -1a * & ! | > % @ ` ? : , [ ] { } # a#b
{a [a 'a \\"a a: a:b :a ?a -a !a &a *a <a =a $(VAR) é \N{GRINNING FACE} 0 00 08 1.0 1.2.3 +.inf 0.0e0 e3 Infinity
""".split()  # noqa: SIM905  (a list in quotes would hide them)
LINES = (
    "", " ", "  a", "a ", "\n", "\n\n", "a\n", "a\n\n", "a\nb", "a\n b\n", " a\nb", "a\n\nb\n", "a \nb", "a\tb", "\ta", "a\t",
    "a\n\tb\n", "a\r\nb", "a\rb", "# a", "a\n# b\n", "a # b", "a: b\nc: d\n", "---\n", "a\n---\nb\n", "a\n...\n", "\ufeffa",
    "a\u2028b", "a\x85b", "a\x00b", "\x1b[31m", "\x7f", "\ufffe", "a" * 500, "word " * 100, "a\n" + "b " * 200 + "c\n",
    " \n a\n", "\n a\n", "a\n \n", "'", '"', "\\", "\\n", "'\n'", "a'b\"c\\d", "key: 'x\n",
)  # fmt: skip

TEXTS = st.one_of(
    st.sampled_from((*TRAPS, *LINES)),
    st.text(),
    st.text(alphabet=" \t\n#:-'\"\\|>[]{},&*!?%@`0123456789abeEnNoOyY.+_~<=é\N{GRINNING FACE}", max_size=30),
)
VALUES = st.recursive(
    st.one_of(
        TEXTS,
        st.none(),
        st.booleans(),
        st.integers(min_value=-(2**63), max_value=2**64),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
CONTENTS = st.dictionaries(TEXTS, VALUES, max_size=4)


def in_yaml_1_1(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


def in_yaml_1_2(text: str) -> list[Any]:
    reader = cast("Any", YAML(typ="safe", pure=True))
    return list(reader.load_all(text))


def in_our_reader(text: str) -> list[Any]:
    found = list(documents(Source("written", text)))
    assert not [problem for each in found for problem in each.problems]
    return [each.content for each in found]


def same(one: Any, other: Any) -> bool:
    """Compare values and their types: 1, 1.0 and true are three things."""
    if is_mapping(one) and is_mapping(other):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


READERS = (in_yaml_1_1, in_yaml_1_2, in_our_reader)


@settings(deadline=None)
@given(CONTENTS, CONTENTS)
@example({text: text for text in TRAPS}, {"list": [*TRAPS]})
@example({text: text for text in LINES}, {"list": [*LINES]})
@example({"x" * 200: {"y\nz": 1}}, {"f": [1e16, 1e-7, 1.5e300, -0.0, 5e-324, 1e22]})
def test_all_readers_read_what_was_written(one: dict[str, Any], other: dict[str, Any]) -> None:
    text = join([document(one), document(other)])
    for reader in READERS:
        read = reader(text)
        assert len(read) == 2
        assert same(read[0], one), reader
        assert same(read[1], other), reader


@settings(deadline=None)
@given(CONTENTS)
def test_no_aliases_no_tags_no_folds(content: dict[str, Any]) -> None:
    for event in yaml.parse(document({"one": content, "two": content})):
        assert not isinstance(event, yaml.AliasEvent)
        if isinstance(event, (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            assert cast("Any", event).anchor is None
            assert cast("Any", event).tag is None
        if isinstance(event, yaml.ScalarEvent):
            scalar = cast("Any", event)
            assert scalar.style != ">"
            # A line break in the file is one in the text.
            broken = scalar.end_mark.line > scalar.start_mark.line
            assert not broken or scalar.style == "|"


def test_one_object_twice_is_written_twice() -> None:
    labels = {"app": "a"}
    assert document({"a": labels, "b": labels}) == "a:\n  app: a\nb:\n  app: a\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain text", "plain text"),
        ("yes", '"yes"'),
        ("012", '"012"'),
        ("1Gi", "1Gi"),
        ("10s", "10s"),
        ("--v=5", "--v=5"),
        ("$(ADDRESS)", "$(ADDRESS)"),
        ("unix:///csi/csi.sock", "unix:///csi/csi.sock"),
        ("quay.io/k8scsi/csi-attacher:v0.4.1", "quay.io/k8scsi/csi-attacher:v0.4.1"),
        ("*", "'*'"),
        ("", '""'),
        ("é", "é"),
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        (1e21, "1.0e+21"),
        ({}, "{}"),
        ([], "[]"),
        ((), "[]"),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\nb", "|-\n  a\n  b"),
        ("x" * 300, "x" * 300),
        ("word " * 60 + "end", "word " * 60 + "end"),
    ],
)
def test_values_look_as_people_write_them(value: object, written: str) -> None:
    assert document({"a": value}) == f"a: {written}\n"


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {None: 1}, {True: 1}, float("nan"), float("inf"), "\ud800", {"\udfff": 1}, b"x", {1, 2}]
)
def test_what_is_no_plain_data_is_refused(value: object) -> None:
    with pytest.raises(InvalidError, match=r"is not (plain data|a number that JSON has|a text that YAML can hold)"):
        document({"a": value})


def test_the_comment_stands_over_the_document() -> None:
    assert document({"a": 1}, "file · stage x") == "# file · stage x\na: 1\n"
    assert join([document({"a": 1}, "one"), document({"a": 2}, "two")]) == "# one\na: 1\n---\n# two\na: 2\n"


def test_an_unstructured_object_is_written_as_it_is() -> None:
    content = {"apiVersion": "v1", "kind": "A", "b": {"z": None, "a": [1, "1"]}}
    text = emit(build().with_(Unstructured(content)))
    assert text.endswith('---\napiVersion: v1\nkind: A\nb:\n  z: null\n  a:\n  - 1\n  - "1"\n')


def test_the_same_bytes_under_every_hash_seed() -> None:
    program = (
        "import sys; from csi_manifests import Bundle, Unstructured, build, emit;"
        "odd = {'apiVersion': 'v1', 'kind': 'A', 'd': {c: {c: [c]} for c in 'zyxyes~é'}};"
        "sys.stdout.buffer.write(emit(build().with_(Unstructured(odd))).encode())"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": zone},
            check=True,
            capture_output=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("4242", "America/New_York"))
    }
    assert len(written) == 1
    assert len(written.pop()) > 10_000
