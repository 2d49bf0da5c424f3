"""The cost of likelihood ratios against worked examples, and the best map against the definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.errors import Invalid
from tracing.evaluation.likelihood import (
    best_log10_lr,
    cost,
    costs,
    crossed_cost,
    fit_line,
    fit_terms,
    least_cost,
    least_line_cost,
    reliability,
)

SCORES = st.lists(st.floats(-3, 3, width=16), min_size=1, max_size=30)


def test_saying_nothing_costs_one_bit() -> None:
    assert cost([0, 0, 0], [0]) == pytest.approx(1)


def test_to_be_right_and_certain_costs_nothing() -> None:
    assert cost([400, 300], [-400]) == pytest.approx(0)
    assert cost([math.inf], [-math.inf]) == 0


def test_to_be_wrong_and_certain_has_no_end() -> None:
    assert cost([-math.inf], [0]) == math.inf
    assert cost([-3000], [0]) > 1000


def test_the_cost_is_the_mean_of_both_kinds_whatever_their_numbers() -> None:
    one = cost([1.0], [0.5])
    assert one == pytest.approx((math.log2(1 + 0.1) + math.log2(1 + 10**0.5)) / 2)
    assert cost([1.0] * 7, [0.5] * 100) == pytest.approx(one)


def test_the_best_map_of_a_worked_example() -> None:
    """From the lowest score on: other, mated, other, mated. The middle two are pooled to even odds."""
    mated, other = best_log10_lr([1, 3], [0, 2])
    assert mated.tolist() == [0, math.inf]
    assert other.tolist() == [-math.inf, 0]
    assert least_cost([1, 3], [0, 2]) == pytest.approx(0.5)


def test_similarities_taken_for_distances_are_worth_nothing() -> None:
    assert least_cost([-1, -2, -3], [1, 2, 3]) == pytest.approx(1)


@given(SCORES, SCORES)
def test_no_rising_map_costs_less(mated: list[float], other: list[float]) -> None:
    least = least_cost(mated, other)
    assert -1e-9 <= least <= 1 + 1e-9, "saying nothing is a rising map"
    for slope in (0.1, 0.5, 1, 3):
        for shift in (-1, 0, 0.7):
            assert least <= cost([slope * score + shift for score in mated], [slope * score + shift for score in other]) + 1e-9
    ranks = {score: rank for rank, score in enumerate(sorted({*mated, *other}))}
    assert least_cost([ranks[score] for score in mated], [ranks[score] for score in other]) == pytest.approx(least)


@given(SCORES, SCORES)
def test_the_best_map_rises(mated: list[float], other: list[float]) -> None:
    mine, theirs = best_log10_lr(mated, other)
    order = np.argsort([*mated, *other], kind="stable")
    ratios = np.concatenate([mine, theirs])[order]
    assert (ratios[1:] >= ratios[:-1]).all()


def test_a_fitted_line_is_the_one_that_the_scores_were_drawn_by() -> None:
    """Two normal distributions of equal spread have a straight log likelihood ratio: means 1 and -1, deviation 1: 2 x."""
    numbers = np.random.default_rng(5)
    mated, other = numbers.normal(1, 1, 40_000), numbers.normal(-1, 1, 60_000)
    slope, intercept = fit_line(mated, other)
    assert slope * math.log(10) == pytest.approx(2, abs=0.05)
    assert intercept == pytest.approx(0, abs=0.03)
    assert cost(slope * mated + intercept, slope * other + intercept) < 1.02 * least_cost(mated, other)


def test_no_line_costs_less_than_the_best_one_and_it_costs_more_than_the_best_map() -> None:
    numbers = np.random.default_rng(9)
    mated, other = numbers.normal(1, 1, 80), numbers.normal(-1, 1, 400)
    slope, intercept = fit_line(mated, other)
    least = least_line_cost(mated, other)
    assert least_cost(mated, other) < least == pytest.approx(cost(slope * mated + intercept, slope * other + intercept))
    for steeper, shift in ((1.1, 0), (0.9, 0), (1, 0.1), (1, -0.1)):
        assert least < cost(*(steeper * slope * kind + intercept + shift for kind in (mated, other)))


def test_what_a_line_separates_entirely_is_not_fitted() -> None:
    with pytest.raises(Invalid, match="too few"):
        fit_line([2, 3], [0, 1])


@pytest.mark.parametrize("function", [cost, least_cost, fit_line, reliability])
def test_it_takes_both_kinds(function: object) -> None:
    for mated, other in (([], [1.0]), ([1.0], [])):
        with pytest.raises(Invalid):
            function(mated, other)  # type: ignore[operator]


def test_reliability_shows_what_was_seen_of_what_was_said() -> None:
    numbers = np.random.default_rng(6)
    mated, other = numbers.normal(1, 1, 50_000) * 2 / math.log(10), numbers.normal(-1, 1, 50_000) * 2 / math.log(10)
    steps = [step for step in reliability(mated, other) if step.seen is not None and min(step.mated, step.non_mated) > 200]
    assert len(steps) > 4
    assert [step.said for step in steps] == sorted(step.said for step in steps)
    assert all(step.said == pytest.approx(step.seen, abs=0.15) for step in steps)
    (one,) = reliability([0.1], [0.2, 0.3])
    assert (one.mated, one.non_mated, one.seen) == (1, 2, pytest.approx(0))
    assert [step.seen for step in reliability([5], [-5])] == [None, None]


def people(each: int, photos: int = 3, seed: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of all pairs of photos of invented people, and the two people of each pair."""
    numbers = np.random.default_rng(seed)
    faces = np.repeat(numbers.standard_normal((each, 12)), photos, axis=0) + 0.8 * numbers.standard_normal((each * photos, 12))
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    low, high = np.triu_indices(len(faces), 1)
    whose = np.repeat(np.arange(each), photos)
    return (faces @ faces.T)[low, high], whose[low], whose[high]


def test_further_terms_are_found_again() -> None:
    """log10 LR = 2 x - y + 0.5: x and y of mated pairs are drawn by it from those of others, which are even in a square."""
    numbers = np.random.default_rng(8)
    terms = numbers.uniform(-1, 1, (200_000, 2))
    ratio = 10 ** (2 * terms[:, 0] - terms[:, 1] + 0.5)
    same = numbers.random(len(terms)) < ratio / (1 + ratio)
    intercept, x, y = fit_terms(terms, same)
    assert (x, y) == (pytest.approx(2, abs=0.05), pytest.approx(-1, abs=0.05))
    assert intercept + np.log10(same.mean() / (1 - same.mean())) == pytest.approx(0.5, abs=0.03)


def test_costs_come_with_an_interval_over_people_and_a_wrong_line_costs_more() -> None:
    scores, one, other = people(80)
    same = one == other
    slope, intercept = fit_line(scores[same], scores[~same])
    right = costs(scores, slope * scores + intercept, one, other)
    assert right.cost == pytest.approx(cost(slope * scores[same] + intercept, slope * scores[~same] + intercept))
    assert right.least == pytest.approx(least_cost(scores[same], scores[~same]))
    assert right.cost_between[0] < right.cost < right.cost_between[1]
    assert 1 <= right.ratio < 1.3
    wrong = costs(scores, slope * scores + intercept + 1, one, other)
    assert wrong.ratio_between[0] > right.ratio_between[1]
    fewer = people(20)
    some = costs(fewer[0], slope * fewer[0] + intercept, *fewer[1:])
    assert some.cost_between[1] - some.cost_between[0] > right.cost_between[1] - right.cost_between[0]


def test_the_map_of_other_people_costs_more_than_the_own_one_and_not_much_more_where_they_are_many() -> None:
    scores, one, other = people(150)
    least = least_cost(scores[one == other], scores[one != other])
    assert least < crossed_cost(scores, one, other) < 1.3 * least
    assert crossed_cost(-scores, one, other) > 0.99, "distances are worth nothing to anybody"
    assert math.isnan(crossed_cost(np.array([1.0, 0.5]), np.array([0, 0]), np.array([0, 1])))


def test_what_a_threshold_separates_has_no_ratio() -> None:
    scores, one, other = np.array([0.9, 0.8, 0.1, 0.2]), np.array([0, 1, 0, 1]), np.array([0, 1, 1, 0])
    found = costs(scores, 4 * (scores - 0.5), one, other)
    assert (found.least, found.ratio, found.ratio_between) == (0, math.inf, (math.inf, math.inf))
