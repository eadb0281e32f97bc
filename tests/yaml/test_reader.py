"""Texts of all sorts become documents, problems or one clear error, as kubectl would read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from csi_manifests.errors import InputError
from csi_manifests.text.places import Location
from csi_manifests.yaml.events import MAX_BYTES
from csi_manifests.yaml.reader import Document, Source, decode, documents, locate, text_at
from csi_manifests.yaml.scalars import plain_value


def read(text: str) -> list[Document]:
    return list(documents(Source("a.yaml", text)))


def contents(text: str) -> list[Any]:
    return [document.content for document in read(text)]


def problems(text: str) -> list[tuple[str, str, int, int]]:
    return [
        (problem.code, "/".join(map(str, problem.path)), problem.location.line, problem.location.column)
        for document in read(text)
        for problem in document.problems
    ]


def failure(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("yes", True),
        ("Y", True),
        ("ON", True),
        ("n", False),
        ("Off", False),
        ("oN", "oN"),
        ("0", 0),
        ("-0", 0),
        ("012", 10),
        ("-012", -10),
        ("0o12", 10),
        ("08", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("+12", 12),
        ("1_000", 1000),
        ("9" * 30, int("9" * 30)),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        ("12:30:45", "12:30:45"),
        ("2018-12-10", "2018-12-10"),
        ("2018-12-10T00:00:00Z", "2018-12-10T00:00:00Z"),
        ("1Gi", "1Gi"),
        ("-", "-"),
        (".", "."),
        ("9" * 401, "9" * 401),
        ("=", "="),
    ],
)
def test_plain_words_are_what_kubectl_takes_them_for(plain: str, value: object) -> None:
    found = plain_value(plain)
    assert found == value
    assert type(found) is type(value)


def test_documents_lists_and_empty_ones() -> None:
    text = "# nothing\n---\n---\na: 1\n...\n# between\n---\n~\n--- # last\n[b, {c: d}]\n...\n"
    assert [(document.origin.document, document.origin.line) for document in read(text)] == [(1, 3), (3, 9)]
    assert contents(text) == [{"a": 1}, ["b", {"c": "d"}]]


def test_strings_in_all_styles() -> None:
    text = "a: yes\nb: 'yes'\nc: \"yes\"\nd: |\n  yes\ne: >-\n  yes\n  no\nf: !!str yes\ng: ! yes\n"
    expected = {"a": True, "b": "yes", "c": "yes", "d": "yes\n", "e": "yes no", "f": "yes", "g": "yes"}
    assert contents(text) == [expected]


def test_tags_of_plain_types_are_read() -> None:
    assert contents('{a: !!int "3", b: !!float 3, c: !!bool "true", d: !!null ""}') == [
        {"a": 3, "b": 3, "c": True, "d": None}
    ]


@pytest.mark.parametrize(
    "value", ["!!binary aGk=", "!!int x", "!!set {a}", "!Ref b", "!!python/object/apply:os.system [x]"]
)
def test_other_tags_are_refused_where_they_stand(value: str) -> None:
    message = failure(f"a:\n  b: {value}\n")
    assert message.startswith("a.yaml:2:6: the tag ")
    assert "is not read here" in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("base: &b {x: 1, w: 2}\nc:\n  <<: *b\n  w: 3\n", {"x": 1, "w": 3}),
        ("base: &b {x: 1, w: 2}\nc:\n  w: 3\n  <<: *b\n", {"x": 1, "w": 3}),
        ("base: &b {x: 1}\nc:\n  <<: [*b, {x: 5, z: 6}]\n", {"x": 1, "z": 6}),
        ("base: &b {x: 1}\nc: {'<<': *b}\n", {"<<": {"x": 1}}),
        ("base: &b {x: 1}\nc: *b\n", {"x": 1}),
    ],
)
def test_merges_and_aliases(text: str, expected: object) -> None:
    assert contents(text)[0]["c"] == expected
    assert problems(text) == []


def test_a_merge_of_no_mapping_is_refused() -> None:
    assert "'<<' at /a merges what is no mapping" in failure("a:\n  <<: text\n")


def test_duplicate_keys_are_found_in_merged_mappings_too() -> None:
    assert problems("a:\n  <<: {b: 1, b: 2}\n") == [("CSI001", "a/<</b", 2, 14)]


def test_anchors_end_with_their_document() -> None:
    assert failure("a: &x 1\n---\nb: *x\n").startswith("a.yaml:3:4: the alias *x stands for nothing complete.")


def test_an_alias_of_what_is_around_it_is_refused() -> None:
    assert "stands for nothing complete" in failure("a: &x [*x]\n")


@pytest.mark.parametrize("anchored", ["yes", "012", "text", "~", "'q'"])
def test_aliases_may_be_keys(anchored: str) -> None:
    (document,) = contents(f"a: &k {anchored}\nb: {{*k : 1}}\n")
    assert list(document["b"].values()) == [1]
    assert all(isinstance(key, str) for key in document["b"])


def test_an_alias_of_a_mapping_is_no_key() -> None:
    assert "a mapping or sequence cannot be a key" in failure("a: &k {x: 1}\nb: {*k : 1}\n")


@pytest.mark.parametrize("text", ["? {a: b}\n: c\n", "? [a]\n: c\n", "{[a]: b}\n", "a: {b}: c\n"])
def test_keys_that_are_no_words_are_refused(text: str) -> None:
    assert failure(text).startswith("a.yaml:1:")


def test_a_template_is_called_one() -> None:
    assert failure("name: {{ .Values.name }}\n").endswith("This looks like a template: render it first.")
    assert failure("a: 1\n{{- if .x }}\nb: 2\n").endswith("This looks like a template: render it first.")


def test_keys_are_strings_and_those_that_yaml_changes_are_told() -> None:
    text = "yes: 1\n012: 2\n1.50: 3\ntrue: 4\n7: 5\n? key\n: 6\n?\n: 7\n'no': 8\n"
    (document,) = contents(text)
    assert document == {"true": 4, "10": 2, "1.5": 3, "7": 5, "key": 6, "": 7, "no": 8}
    assert problems(text) == [
        ("CSI004", "true", 1, 1),
        ("CSI004", "10", 2, 1),
        ("CSI004", "1.5", 3, 1),
        ("CSI001", "true", 4, 1),
    ]


def test_duplicate_keys_say_where_the_second_is() -> None:
    text = "a: 1\nb:\n- c: 1\n  d: 2\n  c: 3\na: 2\n"
    assert problems(text) == [("CSI001", "b/0/c", 5, 3), ("CSI001", "a", 6, 1)]
    assert contents(text) == [{"a": 2, "b": [{"c": 3, "d": 2}]}]


def test_the_number_of_problems_is_bounded() -> None:
    assert len(problems("a: 1\n" * 5000)) == 100


@pytest.mark.parametrize("word", [".inf", "-.INF", ".nan", "1e999"])
def test_numbers_that_json_lacks_are_told_without_showing_them(word: str) -> None:
    (document,) = read(f"a: {word}\n")
    assert document.content == {"a": word}
    (problem,) = document.problems
    assert (problem.code, problem.path) == ("CSI004", ("a",))
    assert word not in problem.message + problem.fix


def test_json_is_read_with_what_yaml_lacks() -> None:
    content = {"a": "\N{GRINNING FACE}\ttab / \\ud83d\\ude00", "b": [1, 1.5, True, None], "c": {"d": "e:f"}}
    for text in (json.dumps(content), json.dumps(content, indent="\t"), json.dumps(content, separators=(",", ":"))):
        assert contents(text) == [content]
        assert contents(text.replace("/", "\\/")) == [content]


def test_escapes_of_json_stay_as_they_are_in_yaml() -> None:
    assert contents("a: |\n  \\ud83d\\ude00\nb: '\\ud83d\\ude00'\n") == [
        {"a": "\\ud83d\\ude00\n", "b": "\\ud83d\\ude00"}
    ]


def test_half_a_pair_is_an_error() -> None:
    assert failure('{"a": "\\ud83d"}').startswith("a.yaml:1:")


def test_duplicate_keys_in_json() -> None:
    assert problems('{"a": 1,\n "b": {"c": 1, "c": 2}}') == [("CSI001", "b/c", 2, 16)]


def test_json_objects_one_after_the_other() -> None:
    text = '{"a": 1}\n{"b": {}}\n\n{\n "c": 1, "c": 2\n}\n'
    assert contents(text) == [{"a": 1}, {"b": {}}, {"c": 2}]
    origin = read(text)[1].origin
    assert locate(origin, ("b",)) == Location("a.yaml", 2, 2)
    assert problems(text) == [("CSI001", "c", 5, 10)]


def test_nesting_is_bounded() -> None:
    assert contents("[" * 100 + "]" * 100) != []
    for text in ("[" * 101 + "]" * 101, "[" * 1_000_000, "- " * 5000 + "a", "{a: " * 101 + "}" * 101):
        assert "nests deeper than 100 levels" in failure(text)


def test_aliases_do_not_nest_deeper_either() -> None:
    lines = [f"a0: &a0 {'[' * 90}{']' * 90}", *(f"a{n}: &a{n} [[[[[*a{n - 1}]]]]]" for n in range(1, 400))]
    assert "nests deeper than 100 levels, with this alias" in failure("\n".join(lines))


def test_aliases_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "aliases stand for more than 100000 values" in failure("\n".join(lines))


def test_the_bound_on_aliases_is_that_of_the_text() -> None:
    bomb = f"a: &a [{'x, ' * 999}]\nb: [{'*a, ' * 60}]\n"
    assert len(contents(bomb)) == 1
    assert "aliases stand for more" in failure(f"---\n{bomb}---\n{bomb}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "Indent with spaces: YAML does not allow tabs there."),
        ("a: 'x\n", "Look at the indentation and the quotes there."),
        ("a: b: c\n", "a.yaml:1:5: is not YAML"),
        ("a: %x\n", "a.yaml:1:4: is not YAML"),
        ("é: é\n  ü: @\n", "a.yaml:2:4: is not YAML"),
        ("a: \x07\n", "a.yaml:1:4: is no text ('\\x07')"),
        ("a: b\nc: d\0\n", "a.yaml:2:5: is no text ('\\x00')"),
        ("a: \ud800\n", "a.yaml:1:4: is no text ('\\ud800')"),
        ("%YAML 3.0\n---\na: 1\n", "a.yaml:1:1: is not YAML"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_place(text: str, expected: str) -> None:
    assert expected in failure(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa: 1", "a: 1"),
        ("a: é".encode("utf-16"), "a: é"),
        ("a: é".encode("utf-16-be"), None),
        (b"\xfe\xff" + "a: é".encode("utf-16-be"), "a: é"),
        ("a: é".encode(), "a: é"),
    ],
)
def test_encodings(data: bytes, text: str | None) -> None:
    if text is None:
        with pytest.raises(InputError):
            decode(data, "a.yaml")
    else:
        assert decode(data, "a.yaml").text == text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a: 1\nb: é\n".encode("latin-1"), "a.yaml:2:1: is not UTF-8 (byte 0xe9). Save it as UTF-8."),
        (b"\x89PNG\r\n\0\0", "a.yaml:1:1: is binary (byte 0x89). Save it as UTF-8."),
        (b"\xff\xfea", "a.yaml:1:1: is not UTF-16 (byte 0x61). Save it as UTF-8."),
        (b"a" * (MAX_BYTES + 1), f"a.yaml: is too large. At most {MAX_BYTES} bytes are read."),
    ],
)
def test_bytes_that_are_no_text(data: bytes, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, "a.yaml")
    assert str(caught.value) == expected


TEXT = """\
# a comment
kind: A
é: {ü: x, "a/b": {c~d: 012}}
list:
- one
- two: 'quoted'
  three:
    - yes
  # between
  four: >
    folded
---
"kind": B
copy: &c {x: 1}
use: *c
merged:
  <<: *c
"""


@pytest.mark.parametrize(
    ("document", "path", "place"),
    [
        (0, (), (2, 1)),
        (0, ("kind",), (2, 1)),
        (0, ("é", "ü"), (3, 5)),
        (0, ("é", "a/b", "c~d"), (3, 19)),
        (0, ("list", 0), (5, 3)),
        (0, ("list", 1), (6, 3)),
        (0, ("list", 1, "three", 0), (8, 7)),
        (0, ("list", 1, "four"), (10, 3)),
        (0, ("list", 1, "missing", "more"), (6, 3)),
        (0, ("list", 7), (4, 1)),
        (0, ("nothing",), (2, 1)),
        (1, ("kind",), (13, 1)),
        (1, ("use", "x"), (15, 1)),
        (1, ("merged", "x"), (16, 1)),
    ],
)
def test_values_are_found_again(document: int, path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    origin = read(TEXT)[document].origin
    assert locate(origin, path) == Location("a.yaml", *place)
    windows = read(TEXT.replace("\n", "\r\n"))[document].origin
    assert locate(windows, path) == Location("a.yaml", *place)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("é", "a/b", "c~d"), "012"),
        (("list", 1, "three", 0), "yes"),
        (("list", 1, "two"), None),
        (("list", 1, "four"), None),
        (("list",), None),
        (("nothing",), None),
    ],
)
def test_the_authors_words_are_found_again(path: tuple[str | int, ...], text: str | None) -> None:
    assert text_at(read(TEXT)[0].origin, path) == text


def test_a_text_of_one_scalar() -> None:
    (document,) = read("just text\n")
    assert document.content == "just text"
    assert text_at(document.origin, ()) == "just text"
    assert locate(document.origin, ()) == Location("a.yaml", 1, 1)


def test_places_in_a_document_that_begins_oddly() -> None:
    text = "\n  a: 1\n  b: [é, {c: x}]\n...\n%TAG ! tag:yaml.org,2002:\n---  # c\n- - d: !str 7\n    e: {f: yes}\n--- {g: h}\n"
    first, second, third = read(text)
    assert locate(first.origin, ("b", 1, "c")) == Location("a.yaml", 3, 11)
    assert locate(second.origin, (0, 0, "e", "f")) == Location("a.yaml", 8, 9)
    assert text_at(second.origin, (0, 0, "e", "f")) == "yes"
    assert locate(third.origin, ("g",)) == Location("a.yaml", 9, 6)


def test_places_in_json_with_pairs_of_escapes() -> None:
    text = '{"a": "\\ud83d\\ude00",\n "b": 1}\n{"c": "\\ud83d\\ude00", \n "d": {"e": 2}}\n'
    first, second = read(text)
    assert locate(first.origin, ("b",)) == Location("a.yaml", 2, 2)
    assert locate(second.origin, ("c",)) == Location("a.yaml", 3, 2)
    assert locate(second.origin, ("d", "e")) == Location("a.yaml", 4, 8)


def test_pointers_do_not_tell_keys_from_positions() -> None:
    (document,) = read("a:\n  '1': x\nb:\n- y\n- z\n")
    assert locate(document.origin, ("a", "1")) == Location("a.yaml", 2, 3)
    assert locate(document.origin, ("b", "1")) == Location("a.yaml", 5, 3)
    assert locate(document.origin, ("b", "²")) == Location("a.yaml", 3, 1)
    assert locate(document.origin, ("b", "9" * 5000)) == Location("a.yaml", 3, 1)
