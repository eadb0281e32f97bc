"""Times as people write them."""

from __future__ import annotations

import pytest

from csi_manifests.text.durations import seconds


@pytest.mark.parametrize(
    ("text", "found"), [("180", 180), ("180s", 180), ("3m", 180), ("1h", 3600), ("0.5s", 0.5), ("24h", 86400)]
)
def test_a_number_with_a_unit(text: str, found: float) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "0", "0s", "-1", "1d", "1m30s", "soon", "1 m", "3m\n"])
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time\. Write seconds"):
        seconds(text)


@pytest.mark.parametrize("text", ["25h", "86401", "9" * 400])
def test_more_than_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="more than a day"):
        seconds(text)
