"""The grammar of single values: names, labels, quantities, ports.

Each grammar stands here once, with the code that ``check`` reports it under. Constructing a model in Python raises
``InvalidError``; a loaded file gets a finding with that code.

Sources: apimachinery ``pkg/util/validation/validation.go`` and ``pkg/api/resource/quantity.go``, core
``pkg/apis/core/validation/validation.go``, all at Kubernetes v1.13.0; the driver's name from the CSI specification 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints


class GrammarError(ValueError):
    """A value whose type is right and whose text is not."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        """Keep the code of the finding, and the JSON pointer of the value below the model that was checked."""
        super().__init__(message)
        self.code = code
        self.pointer = pointer


# A bundle says few names, each in many places; longer texts are seldom names, and are not kept.
_REMEMBERED = 253


@dataclass(frozen=True, eq=False, slots=True)
class Grammar:
    """What the text of a value must look like, and what to say when it does not."""

    code: str
    noun: str
    allowed: str
    pattern: re.Pattern[str]
    limit: int | None = None

    def matches(self, value: str) -> bool:
        """Return whether the value is of this grammar."""
        return self._fits_again(value) if len(value) <= _REMEMBERED else self._fits(value)

    @lru_cache(maxsize=10_000)  # noqa: B019  (grammars are a few, and stay)
    def _fits_again(self, value: str) -> bool:
        return self._fits(value)

    def _fits(self, value: str) -> bool:
        return (self.limit is None or len(value) <= self.limit) and self.pattern.fullmatch(value) is not None

    def begins(self, value: str) -> bool:
        """Return whether a name of this grammar can begin with the value, as ``generateName`` has it."""
        return self.matches(value.rstrip("-") or value)

    def __call__(self, value: str) -> str:
        """Return the value back, or raise :class:`GrammarError`."""
        if not self.matches(value):
            raise GrammarError(self.code, self.complaint(value))
        return value

    def complaint(self, value: str) -> str:
        """Say what is wrong with a value, and what would be right."""
        limit = f", at most {self.limit} characters" if self.limit is not None else ""
        return f"{value!r} is not {self.noun}: {self.allowed}{limit}"

    def or_empty(self, value: str) -> str:
        """Do the same where an empty text stands for a value that the server has yet to fill in."""
        return self(value) if value else value


_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_QUALIFIED = r"(?=[^/]{1,63}\Z)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"

DNS_SUBDOMAIN = Grammar(
    "CSI105",
    "a DNS-1123 subdomain",
    "lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
    re.compile(_SUBDOMAIN),
    253,
)
DNS_LABEL = Grammar(
    "CSI105",
    "a DNS-1123 label",
    "lower-case letters, digits and '-', beginning and ending with a letter or digit",
    re.compile(_LABEL),
    63,
)
DNS_LABEL_1035 = Grammar(
    "CSI105",
    "a DNS-1035 label",
    "lower-case letters, digits and '-', beginning with a letter, ending with a letter or digit",
    re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?"),
    63,
)
RESOURCE_KIND = Grammar(
    "CSI105",
    "a kind",
    "letters, digits and '-', beginning with a letter, ending with a letter or digit",
    re.compile(r"[A-Za-z](?:[-A-Za-z0-9]*[A-Za-z0-9])?"),
    63,
)
PATH_SEGMENT = Grammar(
    "CSI105",
    "a path segment",
    "any text but '.' and '..', without '/' and '%'",
    re.compile(r"(?!\.{1,2}\Z)[^/%]+"),
)
NAME_PREFIX = Grammar("CSI105", "the beginning of a name", "any text without '/' and '%'", re.compile(r"[^/%]*"))
QUALIFIED_NAME = Grammar(
    "CSI106",
    "a qualified name",
    "an optional DNS subdomain and '/', then 1 to 63 letters, digits, '-', '_' or '.', "
    "beginning and ending with a letter or digit",
    re.compile(rf"(?:(?=[^/]{{1,253}}/){_SUBDOMAIN}/)?{_QUALIFIED}"),
)
# The server checks annotation keys and provisioners in lower case, label keys as they are.
ANNOTATION_KEY = Grammar(
    "CSI106",
    "an annotation key",
    QUALIFIED_NAME.allowed,
    re.compile(QUALIFIED_NAME.pattern.pattern, re.IGNORECASE | re.ASCII),
)
PROVISIONER = Grammar("CSI110", "the name of a provisioner", QUALIFIED_NAME.allowed, ANNOTATION_KEY.pattern)
LABEL_VALUE = Grammar(
    "CSI106",
    "a label value",
    "empty, or letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
    re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?"),
    63,
)
# The server drops spaces around it (and reads a lone sign, dot or suffix as zero, which nobody means: refused here).
QUANTITY = Grammar(
    "CSI104",
    "a quantity",
    "a decimal number and at most one suffix of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent like e3",
    re.compile(r" *([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)? *", re.ASCII),
    400,
)
PORT_NAME = Grammar(
    "CSI107",
    "a port name",
    "lower-case letters, digits and single '-' inside, at least one letter",
    re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"),
    15,
)
PERCENT = Grammar("CSI108", "a percentage", "digits and '%', such as '25%'", re.compile(r"\d+%", re.ASCII))
ENV_NAME = Grammar(
    "CSI109",
    "the name of an environment variable",
    "letters, digits, '_', '-' and '.', but not '.', nor beginning with a digit or '..'",
    re.compile(r"(?!\.\Z|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*"),
)
CONFIG_KEY = Grammar(
    "CSI109",
    "a key of a ConfigMap or Secret",
    "letters, digits, '_', '-' and '.', but not '.', nor beginning with '..'",
    re.compile(r"(?!\.\Z|\.\.)[-._a-zA-Z0-9]+"),
    253,
)
# Go skips line breaks wherever they are.
_DIGIT64 = r"[A-Za-z0-9+/][\r\n]*"
BASE64 = Grammar(
    "CSI109",
    "base64",
    "the base64 text of the bytes, padded with '=' to a multiple of four",
    re.compile(rf"[\r\n]*(?:(?:{_DIGIT64}){{4}})*(?:(?:{_DIGIT64}){{2}}=[\r\n]*=[\r\n]*|(?:{_DIGIT64}){{3}}=[\r\n]*)?"),
)
TIME = Grammar(
    "CSI109",
    "a time",
    "as RFC 3339 writes it with capital letters, such as '2018-12-10T00:00:00Z'",
    re.compile(
        r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
        r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
        re.ASCII,
    ),
)
# As Kubernetes 1.13 reads it, which allows '_' inside and '-' at the end; the CSI specification allows neither.
DRIVER_NAME = Grammar(
    "CSI110",
    "the name of a CSI driver",
    "letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
    re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[-A-Za-z0-9])?"),
    63,
)

GRAMMARS = (
    DNS_SUBDOMAIN, DNS_LABEL, DNS_LABEL_1035, RESOURCE_KIND, PATH_SEGMENT, NAME_PREFIX, QUALIFIED_NAME, ANNOTATION_KEY,
    PROVISIONER, LABEL_VALUE, QUANTITY, PORT_NAME, PERCENT, ENV_NAME, CONFIG_KEY, BASE64, TIME, DRIVER_NAME,
)  # fmt: skip


_SCALES = {
    "": Fraction(1),
    **{suffix: Fraction(1000) ** power for power, suffix in enumerate("num", -3)},
    **{suffix: Fraction(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Fraction(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}


def quantity(value: str | float) -> Fraction:
    """Return the exact number a quantity stands for: ``"1Gi"`` is 1073741824, ``"100m"`` a tenth.

    Raises:
        GrammarError: if the text is no quantity.

    """
    found = QUANTITY.pattern.fullmatch(QUANTITY(str(value)))
    number, suffix = found.groups("") if found else ("0", "")
    scale = _SCALES.get(suffix)
    if scale is None:
        # An exponent beyond any disk would only cost memory here.
        scale = Fraction(10) ** max(-30, min(30, int(suffix[1:])))
    return Fraction(number) * scale


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def _zero_is_none(value: Any) -> Any:
    return None if type(value) is int and value == 0 else value


def _null_is_empty(value: Any) -> Any:
    return [] if value is None else value


def _quantity(value: Any) -> Any:
    QUANTITY(str(value))
    return value


def _int_or_percent(value: Any) -> Any:
    if isinstance(value, str):
        return PERCENT(value)
    if value < 0:
        raise GrammarError("CSI108", f"{value} is negative: a count from 0, or {PERCENT.allowed}")
    return value


def _port(value: Any) -> Any:
    if isinstance(value, str):
        return PORT_NAME(value)
    if not 1 <= value <= 65535:  # noqa: PLR2004  (the range of TCP and UDP)
        raise GrammarError("CSI107", f"{value} is not a port: 1 to 65535")
    return value


_T = TypeVar("_T")
OrBlank = Annotated[_T | None, BeforeValidator(_blank_is_none)]
"""A text, or none: the server takes ``""`` for an absent field and fills in its default, so ``""`` is none too."""
ListOrNull = Annotated[list[_T] | None, BeforeValidator(_null_is_empty)]
"""A list that Go never leaves out: a server writes null for an empty one."""
OrZero = Annotated[_T | None, BeforeValidator(_zero_is_none)]
"""A number, or none, where the server takes 0 for an absent field."""

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""An Int32 that the server refuses below zero."""
Number = Annotated[int | float, Field(allow_inf_nan=False)]
"""A double in Go; an integer stays one here, so that ``100`` is not written back as ``100.0``."""

DnsSubdomain = Annotated[str, AfterValidator(DNS_SUBDOMAIN)]
DnsLabel = Annotated[str, AfterValidator(DNS_LABEL)]
DnsLabel1035 = Annotated[str, AfterValidator(DNS_LABEL_1035)]
ObjectName = Annotated[str, AfterValidator(PATH_SEGMENT)]
NamePrefix = Annotated[str, AfterValidator(NAME_PREFIX)]
QualifiedName = Annotated[str, AfterValidator(QUALIFIED_NAME)]
Labels = dict[QualifiedName, Annotated[str, AfterValidator(LABEL_VALUE)]]
Annotations = dict[Annotated[str, AfterValidator(ANNOTATION_KEY)], str]
EnvName = Annotated[str, AfterValidator(ENV_NAME)]
ConfigKey = Annotated[str, AfterValidator(CONFIG_KEY)]
Base64 = Annotated[str, AfterValidator(BASE64)]
Time = Annotated[str, AfterValidator(TIME)]
DriverName = Annotated[str, AfterValidator(DRIVER_NAME)]
Provisioner = Annotated[str, AfterValidator(PROVISIONER)]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]

Quantity = Annotated[str | int | float, AfterValidator(_quantity)]
"""An amount: bytes (``1Gi``), cores (``500m``), counts."""
ResourceList = dict[QualifiedName, Quantity]
"""Amounts by resource name: ``cpu``, ``memory``, ``storage``, ``example.com/device``."""
PortNumber = Annotated[Int32, AfterValidator(_port)]
PortName = Annotated[str, AfterValidator(PORT_NAME)]
PortReference = Annotated[Int32 | str, AfterValidator(_port)]
"""A port by number or by the name that a container gives it."""
IntOrPercent = Annotated[Int32 | str, AfterValidator(_int_or_percent)]
"""A count, or a share such as ``25%``."""
