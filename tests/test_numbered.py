"""A map in arrays does what a dict does, whatever comes in which order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing import numbered
from tracing.numbered import NONE, Growing, Numbered

KEYS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 30)
STEPS = st.lists(st.dictionaries(KEYS, st.integers(NONE, 2**31 - 1), max_size=12), max_size=12)


def keys(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@given(STEPS, st.integers(0, 20))
def test_it_holds_what_a_dict_holds(steps: list[dict[int, int]], kept_aside: int) -> None:
    known: dict[int, int] = {}
    found = Numbered()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbered, "RECENT", kept_aside)
        for step in steps:
            found.put(keys(*step), np.array(list(step.values()), dtype=np.int32))
            known |= step
            asked = [*known, 7, -1]
            assert found.find(keys(*asked)).tolist() == [known.get(key, NONE) for key in asked]
    there = sorted((key, value) for key, value in known.items() if value != NONE)
    assert [list(each) for each in zip(*found.entries(), strict=True)] == [list(each) for each in there]
    assert found.find(keys(*known)).tolist() == list(known.values())


def test_it_takes_twelve_bytes_an_entry() -> None:
    found = Numbered()
    for start in range(0, 100_000, 1000):
        found.put(np.arange(start, start + 1000), np.arange(1000, dtype=np.int32))
    assert found.memory < 12 * 100_000 * 1.04
    scattered = np.unique(np.random.default_rng(5).integers(0, 2**60, 100_000))
    other = Numbered()
    for portion in np.array_split(np.random.default_rng(6).permutation(scattered), 100):
        other.put(portion, np.arange(len(portion), dtype=np.int32))
    assert other.entries()[0].tolist() == scattered.tolist()
    assert other.memory < 12 * 100_000 * 1.04


def test_an_array_that_was_given_grows_without_changing_the_given_one() -> None:
    given_one = np.arange(4)
    array = Growing(np.int64)
    array.replace(given_one[:2])
    array.extend(np.array([9]))
    assert array.values.tolist() == [0, 1, 9]
    assert given_one.tolist() == [0, 1, 2, 3]
