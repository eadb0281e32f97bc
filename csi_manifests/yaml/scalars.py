"""The values of plain YAML words, as go-yaml v2 resolves them, which kubectl reads with (its ``resolve.go``)."""

from __future__ import annotations

import math
import re
from typing import Any, Final

_TRUE: Final = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE: Final = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
}
_INTEGER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BEGINNINGS: Final = frozenset("0123456789+-.")
# Of text that is no number that anybody means; Python refuses integers that are much longer.
_LONGEST_NUMBER: Final = 400


def plain_value(text: str) -> Any:
    """Return the value that a plain scalar has for kubectl: ``yes`` is true, ``012`` is ten."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _BEGINNINGS or len(text) > _LONGEST_NUMBER:
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        unsigned = digits.lstrip("+-")
        # Python writes octal numbers with 0o, YAML 1.1 with a mere 0.
        octal = len(unsigned) > 1 and unsigned[0] == "0" and unsigned[1].isdigit()
        number = int(unsigned, 8) if octal else int(unsigned, 0)
        return -number if digits[0] == "-" else number
    if _FLOAT.fullmatch(digits):
        value = float(digits)
        return int(value) if digits.lstrip("+-").isdigit() and math.isfinite(value) else value
    return {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}.get(text.lower(), text)


def as_key(value: Any, text: str) -> str:
    """Return the key that a scalar is in JSON, where every key is a string; ``text`` is how it is written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return text if value is None else str(value)
