"""Broken objects and texts: 50,000 and some, the same ones every time."""

from __future__ import annotations

from random import Random

import pytest
import trial
from mutants import Mutator, broken_text
from trial import FaultError, object_trials, text_trials

from csi_manifests import build

OBJECTS = [resource.to_dict() for resource in build()]


@pytest.mark.parametrize("seed", range(10))
def test_no_object_breaks_a_check_and_what_the_schema_refuses_is_reported(seed: int) -> None:
    refused = object_trials(5000, seed)
    assert refused > 1500


def test_no_text_breaks_the_command() -> None:
    codes = text_trials(300, 1)
    assert set(codes) == {0, 1, 3}


def test_mutants_are_the_same_for_a_seed_and_leave_the_originals_alone() -> None:
    before = repr(OBJECTS)
    one, other = ([Mutator(OBJECTS, Random(seed)).one() for _ in range(3)] for seed in (5, 5))
    assert one == other
    mutator = Mutator(OBJECTS, Random(6))
    mutants = [mutator.one() for _ in range(2000)]
    assert repr(OBJECTS) == before
    assert sum(mutant.content not in OBJECTS for mutant in mutants) > 1600
    assert broken_text("a: 1\n", Random(1)) == broken_text("a: 1\n", Random(1))


def test_a_silent_check_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> list[object]:
        return []

    monkeypatch.setattr(trial, "check", check)
    with pytest.raises(FaultError, match="not reported"):
        object_trials(500, 0)


def test_an_exception_is_noticed_with_its_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_resource(content: dict[str, object]) -> object:
        raise KeyError(content["kind"])

    monkeypatch.setattr(trial, "as_resource", as_resource)
    with pytest.raises(FaultError, match="KeyError: "):
        object_trials(10, 0)
