"""The grammar of single values is the API server's."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from csi_manifests.models import scalars
from csi_manifests.models.base import Model
from csi_manifests.models.checked import ModelError
from csi_manifests.models.meta_v1 import ObjectMeta
from csi_manifests.models.scalars import (
    GRAMMARS,
    Count,
    Grammar,
    GrammarError,
    IntOrPercent,
    Labels,
    Number,
    OrBlank,
    OrZero,
    PortNumber,
    PortReference,
    Quantity,
    ResourceList,
    quantity,
)

# What a suffix is worth, spelled out.
SUFFIXES = {
    "n": (1, 10**9),
    "u": (1, 10**6),
    "m": (1, 10**3),
    "": (1, 1),
    "k": (10**3, 1),
    "M": (10**6, 1),
    "G": (10**9, 1),
    "T": (10**12, 1),
    "P": (10**15, 1),
    "E": (10**18, 1),
    "Ki": (1024, 1),
    "Mi": (1048576, 1),
    "Gi": (1073741824, 1),
    "Ti": (1099511627776, 1),
    "Pi": (1125899906842624, 1),
    "Ei": (1152921504606846976, 1),
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("0n", 0), ("0Ki", 0), ("0E", 0), ("0e5", 0), ("-0", 0), ("00", 0),
        ("1", 1), ("+1", 1), ("-1", -1), ("007", 7), ("5000", 5000),
        ("100m", Fraction(1, 10)), ("1n", Fraction(1, 10**9)), ("3u", Fraction(3, 10**6)),
        ("1k", 1000), ("1M", 10**6), ("2G", 2 * 10**9), ("1E", 10**18), ("1.01E", 1010000000000000000),
        ("1Ki", 1024), ("1Gi", 2**30), ("1Ei", 2**60), ("9Ei", 9 * 2**60), ("-2Mi", -(2**21)),
        ("0.5", Fraction(1, 2)), (".5", Fraction(1, 2)), ("5.", 5), ("1.G", 10**9), (".001", Fraction(1, 1000)),
        ("1.5Gi", 1610612736), ("0.5Mi", 524288), ("0.025Ti", Fraction(2**40, 40)), (".0001k", Fraction(1, 10)),
        ("1e3", 1000), ("1E3", 1000), ("1e+3", 1000), ("1E-3", Fraction(1, 1000)), ("1.1E-9", Fraction(11, 10**10)),
        ("1e0", 1), ("-3.01e2", -301), ("12e03", 12000),
        ("9223372036854775807", 2**63 - 1), ("9223372036854775808", 2**63), ("9223372036854775807Ki", (2**63 - 1) * 1024),
        (" 1Gi ", 2**30),
        (1, 1), (0, 0), (0.5, Fraction(1, 2)), (1e22, 10**22), (1e-7, Fraction(1, 10**7)), (-3, -3),
    ],
)  # fmt: skip
def test_quantities(text: str | float, number: int | Fraction) -> None:
    assert quantity(text) == number
    assert TypeAdapter(Quantity).validate_python(text, strict=True) == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 Gi", "1gb", "1GB", "1gi", "1K", "1ki", "1KI", "1KiB", "1B", "1Zi", "1Q", "1i", ".5i", "-3.01i", "0.1mi",
        "0.1am", "1.1.M", "1..5", "1+1.0M", "1-", "++1", "--1", "+-1", "1,5", "1_000", "0x10", "1/2", "aoeu",
        "1e", "1E+", "-3.01e-", "1e1.5", "1e3k", "1Gi1", "Gi", "m", "e3", "+", "-", ".", "+.", "-.Ki",
        "1\n", "1Gi\n", "\n1", "1\t", "\uff11", "\u0663", "\u22121", "1µ", "NaN", "nan", "Inf", "inf", "1" * 401,
    ],
)  # fmt: skip
def test_no_quantities(text: str) -> None:
    with pytest.raises(GrammarError) as caught:
        quantity(text)
    assert caught.value.code == "CSI104"
    with pytest.raises(ValidationError):
        TypeAdapter(Quantity).validate_python(text, strict=True)


@pytest.mark.parametrize("value", [True, None, [], {}, b"1", float("nan"), float("inf")])
def test_what_is_no_quantity_at_all(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Quantity).validate_python(value, strict=True)


digits = st.text("0123456789", min_size=1, max_size=20)


@given(
    sign=st.sampled_from(["", "+", "-"]),
    whole=digits,
    part=st.none() | digits,
    suffix=st.sampled_from(sorted(SUFFIXES)),
)
def test_quantity_with_a_suffix(sign: str, whole: str, part: str | None, suffix: str) -> None:
    times, by = SUFFIXES[suffix]
    expected = Fraction(int(whole + (part or "")) * times, by * 10 ** len(part or ""))
    text = f"{sign}{whole}" + ("" if part is None else f".{part}") + suffix
    assert quantity(text) == (-expected if sign == "-" else expected)


@given(whole=st.integers(0, 10**12), exponent=st.integers(-30, 30), letter=st.sampled_from("eE"), padded=st.booleans())
def test_quantity_with_an_exponent(whole: int, exponent: int, letter: str, *, padded: bool) -> None:
    text = f"{whole}{letter}{exponent:+03d}" if padded else f"{whole}{letter}{exponent}"
    assert quantity(text) == (whole * 10**exponent if exponent >= 0 else Fraction(whole, 10**-exponent))


@given(st.integers() | st.floats(-1e30, 1e30).map(lambda value: round(value, 20)))
def test_quantity_of_a_number(value: float) -> None:
    assert quantity(value) == Fraction(str(value))


@given(st.text("0123456789.+-eEKMGTPkminu ", max_size=8))
def test_quantity_knows_its_own_grammar(text: str) -> None:
    if scalars.QUANTITY.matches(text):
        assert quantity(text) == quantity(text.strip())
    else:
        with pytest.raises(GrammarError):
            quantity(text)


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 400, "1e" + "9" * 398])
def test_a_huge_quantity_is_no_trouble(text: str) -> None:
    assert quantity(text) > 0


A63, A64 = "a" * 63, "a" * 64
LONG = ".".join([A63, A63, A63, "a" * 61])

RIGHT = {
    scalars.DNS_SUBDOMAIN: ["a", "1", "a-b", "a.b", "a--b", "0.0", LONG, "a" * 253],
    scalars.DNS_LABEL: ["a", "1", "a-b", "1-1", A63],
    scalars.DNS_LABEL_1035: ["a", "a1", "a-b", A63],
    scalars.RESOURCE_KIND: ["VolumeSnapshot", "a", "CSIDriver", "A-1"],
    scalars.PATH_SEGMENT: ["a", "system:csi", "A B", "...", ".a", "ä", "a\n"],
    scalars.NAME_PREFIX: ["", "a-", "system:node-", "."],
    scalars.QUALIFIED_NAME: ["a", "A_b.c-1", "1", A63, f"example.com/{A63}", f"{LONG}/a", "a/b"],
    scalars.ANNOTATION_KEY: ["a", "A/b", "Example.COM/A_b", "pv.kubernetes.io/bound-by-controller"],
    scalars.PROVISIONER: ["csi-hostpath", "kubernetes.io/no-provisioner", "Com.Example", "a_b"],
    scalars.LABEL_VALUE: ["", "a", "A_b.c-1", A63],
    scalars.PORT_NAME: ["a", "http", "1a", "a-1", "a" * 15],
    scalars.PERCENT: ["0%", "25%", "100%", "250%"],
    scalars.ENV_NAME: ["a", "_", "-", "A.b-c_1", ".a", ".-", "-..", "a.."],
    scalars.CONFIG_KEY: ["a", ".a", "1", "a..", ".dockerconfigjson", "a" * 253],
    scalars.BASE64: ["", "YQ==", "YWI=", "YWJj", "YWJj\nYWJj\n", "YQ=\r\n=", "\nYQ==", "Y\nW\nJ\nj"],
    scalars.TIME: [
        "2018-12-10T00:00:00Z",
        "2018-12-31T23:59:59.123456789Z",
        "2018-12-10T00:00:00+09:00",
        "2018-12-10T00:00:00.5-01:30",
    ],
    scalars.DRIVER_NAME: ["csi-hostpath", "a", "org.democratic-csi.nfs", "A.B", "csi_driver", "a-", A63],
}
WRONG = {
    scalars.DNS_SUBDOMAIN: ["", "A", "a_b", "-a", "a-", ".a", "a.", "a..b", "a.-b", "a/b", "a\n", "ä", "\u0131", "a" * 254],
    scalars.DNS_LABEL: ["", "A", "a.b", "-a", "a-", "a\n", A64],
    scalars.DNS_LABEL_1035: ["", "1", "1a", "A", "a.b", "a-", A64],
    scalars.RESOURCE_KIND: ["", "1a", "a.b", "a-", "a\n", A64],
    scalars.PATH_SEGMENT: ["", ".", "..", "a/b", "a%b"],
    scalars.NAME_PREFIX: ["a/", "%"],
    scalars.QUALIFIED_NAME: [
        "", "/", "a/", "/a", "a/b/c", "A/b", "a_b/c", "-a", "a-", "_", "a b", "a\n", "a/b\n", "ä", A64, f"a/{A64}", f"{LONG}a/a",
    ],
    scalars.ANNOTATION_KEY: ["", "a/", "a_b/c", "a/b/c", "\u017f", "a\n", f"a/{A64}"],
    scalars.PROVISIONER: ["", "a/", "a b", "csi/hostpath/x"],
    scalars.LABEL_VALUE: ["-a", "a-", "_", "a/b", "a b", "a\n", "\n", "ä", A64],
    scalars.PORT_NAME: ["", "1", "1-1", "A", "a--b", "-a", "a-", "a_b", "a\n", "a" * 16],
    scalars.PERCENT: ["", "%", "25", "-1%", "2.5%", "25 %", "25%\n", "\u0663%"],
    scalars.ENV_NAME: ["", ".", "..", "..a", "1a", "a b", "a=b", "a\n", "ä"],
    scalars.CONFIG_KEY: ["", ".", "..", "..a", "a/b", "a b", "a\n", "a" * 254],
    scalars.BASE64: ["a", "ab", "abc", "YQ", "YQ=", "YQ===", "=", "====", "YW=J", "YWJj YWJj", "YW-_", "ä==="],
    scalars.TIME: [
        "", "2018-12-10", "2018-12-10T00:00:00", "2018-12-10 00:00:00Z", "2018-12-10t00:00:00Z", "2018-12-10T00:00:00z",
        "2018-13-10T00:00:00Z", "2018-12-32T00:00:00Z", "2018-12-10T24:00:00Z", "2018-12-10T00:00:60Z", "18-12-10T00:00:00Z",
        "2018-12-10T00:00:00.Z", "2018-12-10T00:00:00+0900", "2018-12-10T00:00:00Z\n", "\uff12018-12-10T00:00:00Z",
    ],
    scalars.DRIVER_NAME: ["", "-a", "_a", "a_", "a.", ".a", "a/b", "a b", "a\n", "ä", A64],
}  # fmt: skip


def test_every_grammar_is_tried() -> None:
    assert {*RIGHT, scalars.QUANTITY} == {*WRONG, scalars.QUANTITY} == set(GRAMMARS)
    assert set(GRAMMARS) == {one for one in vars(scalars).values() if isinstance(one, Grammar)}


@pytest.mark.parametrize(("grammar", "text"), [(grammar, text) for grammar, texts in RIGHT.items() for text in texts])
def test_right(grammar: Grammar, text: str) -> None:
    assert grammar.matches(text)
    assert grammar(text) == text


@pytest.mark.parametrize(("grammar", "text"), [(grammar, text) for grammar, texts in WRONG.items() for text in texts])
def test_wrong(grammar: Grammar, text: str) -> None:
    assert not grammar.matches(text)
    with pytest.raises(GrammarError, match="is not") as caught:
        grammar(text)
    assert caught.value.code == grammar.code
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["a", "a-", "a--", "a.b-", "1-"])
def test_beginnings(text: str) -> None:
    assert scalars.DNS_SUBDOMAIN.begins(text)


@pytest.mark.parametrize("text", ["", "-", "-a", "A-", "a_-", "a.", "a.-", "a-\n", "a" * 254])
def test_no_beginnings(text: str) -> None:
    assert not scalars.DNS_SUBDOMAIN.begins(text)


def test_beginnings_of_free_names() -> None:
    assert scalars.PATH_SEGMENT.begins("system:Node-")
    assert scalars.PATH_SEGMENT.begins("--")
    assert not scalars.PATH_SEGMENT.begins("a/")


@given(st.binary(), st.integers(1, 80))
def test_base64_of_anything(content: bytes, width: int) -> None:
    text = base64.b64encode(content).decode()
    assert scalars.BASE64.matches(text)
    assert scalars.BASE64.matches("\n".join(text[start : start + width] for start in range(0, len(text), width)))


@pytest.mark.parametrize("value", [1, 80, 65535])
def test_ports(value: int) -> None:
    assert TypeAdapter(PortNumber).validate_python(value) == value
    assert TypeAdapter(PortReference).validate_python(value) == value


@pytest.mark.parametrize("value", [0, -1, 65536, 2**31])
def test_no_ports(value: int) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PortNumber).validate_python(value)
    with pytest.raises(ValidationError):
        TypeAdapter(PortReference).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (PortReference, "80"),
        (PortReference, "a" * 16),
        (IntOrPercent, "5"),
        (IntOrPercent, -1),
        (IntOrPercent, 2**31),
        (Count, -1),
        (Count, 2**31),
        (Count, True),
        (Number, float("inf")),
        (Number, float("nan")),
        (Number, "1"),
        (Number, True),
        (Labels, {"a": "b c"}),
        (Labels, {"a b": "c"}),
        (Labels, {"a": 1}),
        (ResourceList, {"cpu!": 1}),
        (ResourceList, {"cpu": "1x"}),
    ],
)
def test_wrong_values(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value, strict=True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (PortReference, "http"),
        (IntOrPercent, 0),
        (IntOrPercent, "0%"),
        (Count, 2**31 - 1),
        (Number, 1),
        (Number, 2**70),
        (Number, 0.5),
        (Labels, {"example.com/a": ""}),
        (ResourceList, {"cpu": 0.5, "memory": "1Gi", "example.com/device": 1}),
    ],
)
def test_right_values(kind: Any, value: object) -> None:
    result = TypeAdapter(kind).validate_python(value, strict=True)
    assert (result, type(result)) == (value, type(value))


class Choices(Model):
    text: OrBlank[scalars.DnsLabel] = None
    port: OrZero[PortNumber] = None


def test_blanks() -> None:
    assert Choices.from_dict({"text": "", "port": 0}).to_dict() == {}
    assert Choices.from_dict({"text": "a", "port": 1}).to_dict() == {"text": "a", "port": 1}
    for wrong in ({"text": " "}, {"text": 0}, {"text": False}, {"port": False}, {"port": ""}, {"port": 0.0}):
        with pytest.raises(ModelError):
            Choices.from_dict(wrong)


def test_an_error_keeps_its_code_through_pydantic() -> None:
    with pytest.raises(ModelError) as caught:
        ObjectMeta.from_dict({"name": "a", "labels": {"a": "b c"}})
    (found,) = caught.value.cause.errors()
    assert found["loc"] == ("labels", "a")
    assert "ctx" in found
    error = found["ctx"]["error"]
    assert isinstance(error, GrammarError)
    assert error.code == "CSI106"
    assert str(error).startswith("'b c' is not a label value: empty, or letters, ")
