"""Intervals of searches whose scores are worked out by hand, and of what two scorings of the same ones differ by."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evaluation.crowds import photos
from tracing.errors import Invalid
from tracing.evaluation.identification import Searches, part, search, split
from tracing.evaluation.resampling import difference, interval, times


def test_an_interval_draws_people_not_photos() -> None:
    """Ten photos of the one who is missed, one of each who is found: by photo half are missed, of three people one."""
    taken = [("ann", 0.0), *(("ann", 90.0) for _ in range(10)), ("bob", 120.0), ("bob", 121.0), ("cid", 200.0), ("cid", 201.0)]
    labelled = photos(*taken, ("eve", 60.0), ("fay", 61.0))
    found = search(labelled, split(labelled, {"eve", "fay"}))
    low, high = interval(found, labelled.people, lambda some: some.false_negative_rate(listed=1))
    assert (low, high) == (0.0, 1.0), "ann may be drawn three times, or not at all"
    assert interval(found, labelled.people, lambda some: some.false_negative_rate(listed=3)) == (0.0, 0.0)


def test_a_difference_is_told_where_two_intervals_cannot() -> None:
    """Every tenth person is missed by one scoring alone; drawn together, the difference is sure where the rates are not."""
    number = np.arange(200)
    people = np.array([f"person {each}" for each in range(220)])
    strangers = np.arange(200, 220)
    best = np.linspace(0, 0.1, 20)
    hard = number % 3 == 0
    one = Searches(100, number, np.where(hard | (number % 10 == 0), 0.0, 1.0), np.ones(200, dtype=np.int64), strangers, best)
    other = Searches(100, number, np.where(hard, 0.0, 1.0), np.ones(200, dtype=np.int64), strangers, best)

    def misses(some: Searches) -> float:
        return some.false_negative_rate(0.5)

    low, high = difference(one, other, people, misses)
    assert 0 < low <= misses(one) - misses(other) <= high
    assert interval(one, people, misses)[0] < interval(other, people, misses)[1], "side by side they overlap"
    assert difference(one, one, people, misses) == (0.0, 0.0)
    low, high = times(one, other, people, misses)
    assert low < misses(one) / misses(other) < high
    assert times(one, one, people, misses) == (1.0, 1.0)
    assert times(one, one, people, lambda _: 0.0) == (np.inf, np.inf)


def test_a_difference_is_between_the_same_searches() -> None:
    three = photos(("ann", 0), ("ann", 10), ("bob", 100), ("bob", 60), ("cid", 50), ("cid", 30), ("eve", 200))
    found = search(three, split(three, {"eve"}))
    with pytest.raises(Invalid, match="same searches"):
        difference(found, part(found, np.array([0, 1])), three.people, lambda some: 0.0)
