"""Times as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST = 24 * 3600


def seconds(text: str) -> float:
    """Return the seconds that ``180``, ``180s``, ``3m`` or ``1h`` stands for: more than none, and a day at most.

    Raises:
        ValueError: if the text is not such a time.

    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|)", text)
    if found is None or not float(found[1]):
        raise ValueError(f"{text!r} is not a time. Write seconds, or a number with s, m or h, such as 3m.")
    result = float(found[1]) * _UNITS[found[2]]
    if result > _LONGEST:
        raise ValueError(f"{text!r} is more than a day. Write 24h at most.")
    return result
