"""Invented people whose likelihood ratios are known, and what minCllr makes of them where they are few."""

from __future__ import annotations

import numpy as np
import pytest

from tracing.evaluation.excess import excess_of_right, log10_lr
from tracing.evaluation.likelihood import Numbers, cost, least_cost

Pair = tuple[Numbers, Numbers]


def of_photos(people: int, each: int) -> tuple[Pair, Pair]:
    """The people and the photos of every comparison of so many people with so many photos."""
    first, second = np.triu_indices(people * each, 1)
    return (first // each, second // each), (first, second)


def test_the_ratio_of_two_photos_is_the_one_that_they_were_drawn_by() -> None:
    """By its own definition: the densities of one correlated and of two independent normal values."""
    one, other, noise = np.array([[0.7], [-1.2]]), np.array([[0.3], [2.0]]), 0.6
    spread = np.array([[1 + noise**2, 1], [1, 1 + noise**2]])
    pairs = np.column_stack([one, other])
    joint = np.exp(-np.einsum("ni,ij,nj->n", pairs, np.linalg.inv(spread), pairs) / 2) / np.sqrt(np.linalg.det(spread))
    apart = np.exp(-(pairs**2).sum(axis=1) / 2 / spread[0, 0]) / spread[0, 0]
    assert 10 ** log10_lr(one, other, noise) == pytest.approx(joint / apart)
    strangers = np.random.default_rng(3).normal(0, np.sqrt(spread[0, 0]), (2, 400_000, 1))
    assert (10 ** log10_lr(*strangers, noise)).mean() == pytest.approx(1, abs=0.01), "strangers' ratios are 1 in the mean"


def test_right_ratios_exceed_the_least_cost_more_where_people_are_few() -> None:
    (few, low, high), (many, _, less) = (excess_of_right(0.1, *of_photos(people, 3)) for people in (30, 300))
    assert 1 < many < 1.12 < few
    assert low < few < high
    assert less < high


def test_comparisons_that_share_people_tell_less_than_those_that_do_not() -> None:
    """300 mated comparisons each: of 20 people in 6 photos, and of 300 in 2."""
    (_, low, high), (_, lowest, highest) = (excess_of_right(0.2, *of_photos(*each)) for each in ((20, 6), (300, 2)))
    assert high - low > 1.2 * (highest - lowest)


def test_people_are_as_hard_to_tell_apart_as_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    paid = []

    def kept(mated: object, non_mated: object) -> float:
        paid.append(cost(mated, non_mated))  # type: ignore[arg-type]
        return least_cost(mated, non_mated)  # type: ignore[arg-type]

    monkeypatch.setattr("tracing.evaluation.excess.least_cost", kept)
    for at in (0.03, 0.4):
        excess_of_right(at, *of_photos(60, 3))
        assert np.mean(paid) == pytest.approx(at, rel=0.1)
        paid.clear()
