"""What production says of a calibration: known answers, and faults that have to be found."""

from __future__ import annotations

from functools import cache
from math import log10

import numpy as np
import pytest

from tracing.drift import (
    FEW,
    MOST_CELLS,
    Fit,
    Shown,
    common_edges,
    interval,
    low_scores,
    spread,
    strangers,
)
from tracing.evidence import Calibration

RANDOM = np.random.default_rng(7)
MATED_AT, STRANGERS_AT, WIDTH = 0.6, 0.2, 0.1
"""Scores of one person and of two, each spread as a normal distribution of this width."""


@cache
def calibration(floor: float = 0.25) -> Calibration:
    """The exact one: ln LR of two normal distributions of one width is a straight line in the score."""
    slope = (MATED_AT - STRANGERS_AT) / WIDTH**2
    middle = (MATED_AT + STRANGERS_AT) / 2
    scores = np.linspace(-0.1, 0.48, 40)
    rates = [1.0, *(float(tail(score)) for score in scores[1:])]
    return Calibration(
        slope=slope * log10(np.e),
        intercept=-slope * middle * log10(np.e),
        floor=floor,
        mated=3_000_000,
        non_mated=3_000_000,
        false_match_rates=tuple(zip(map(float, scores), rates, strict=True)),
    )


def tail(score: float, at: float = STRANGERS_AT) -> float:
    """The share above the score, measured on so many draws that the table is smooth."""
    return float(np.mean(DRAWS + at >= score))


DRAWS = np.random.default_rng(1).normal(0, WIDTH, 400_000)


def mates(count: int, lower_by: float = 0.0) -> list[float]:
    drawn = RANDOM.normal(MATED_AT - lower_by, WIDTH, 3 * count)
    return [float(score) for score in drawn if score >= calibration().floor][:count]


def searches(count: int, people: int = 400, higher_by: float = 0.0, listed: int = 20) -> list[Shown]:
    """Lists as searches make them: what reaches the floor, cut where the list is full."""
    floor, shown = calibration().floor, []
    for _ in range(count):
        scores = sorted((float(each) for each in RANDOM.normal(STRANGERS_AT + higher_by, WIDTH, people)), reverse=True)
        scores = [score for score in scores if score >= floor][:listed]
        shown.append(Shown(people, tuple(scores), scores[-1] if len(scores) == listed else floor))
    return shown


def test_the_score_below_which_one_in_ten_lies_is_the_true_one() -> None:
    low = low_scores(mates(4000), calibration())
    hidden = float(np.mean(DRAWS + MATED_AT < 0.25))
    assert hidden < 0.001
    assert low.score == pytest.approx(float(np.quantile(DRAWS + MATED_AT, 0.1)), abs=0.005)
    assert low.expected == pytest.approx(0.1, abs=0.001)
    assert low.below / low.pairs == pytest.approx(0.1, abs=0.02)


def test_a_floor_that_hides_many_is_allowed_for() -> None:
    low = low_scores([score for score in mates(6000) if score >= 0.45], calibration(floor=0.45))
    assert low.below / low.pairs == pytest.approx(low.expected, abs=0.02)
    assert low.fit is Fit.FITS


def test_confirmed_pairs_that_fit_and_confirmed_pairs_that_have_drifted() -> None:
    assert low_scores(mates(200), calibration()).fit is Fit.FITS
    drifted = low_scores(mates(200, lower_by=0.1), calibration())
    assert drifted.fit is Fit.MORE
    assert drifted.chance < 1e-6


def test_few_confirmed_pairs_give_no_verdict_however_low_they_are() -> None:
    low = low_scores([0.26] * 19, calibration())
    assert (low.below, low.fit) == (19, Fit.TOO_FEW)
    assert low_scores([0.26] * 20, calibration()).fit is Fit.MORE
    assert low_scores([], calibration()).chance == 1.0


@pytest.mark.parametrize("people", [60, 400, 3000])
def test_strangers_of_the_calibrated_kind_fit_in_number_and_shape(people: int) -> None:
    seen = strangers(searches(150, people), calibration())
    assert seen.searches == 150
    assert seen.shown == pytest.approx(seen.expected, rel=0.35)
    assert seen.fit is Fit.FITS
    assert seen.shape is Fit.FITS
    assert seen.candidates > 1000
    assert seen.distance < 0.06


def test_strangers_who_are_more_alike_than_those_that_were_measured_are_noticed() -> None:
    seen = strangers(searches(150, higher_by=0.07), calibration())
    assert seen.shown > 2 * seen.expected
    assert seen.fit is Fit.MORE
    assert strangers(searches(150, higher_by=-0.05), calibration()).fit is Fit.FEWER
    whole = strangers(searches(300, people=30, higher_by=0.07), calibration())
    assert whole.shape is Fit.DRIFTS, "of lists that are not cut"


def test_distances_taken_for_similarities_are_noticed() -> None:
    """A planted fault: the scores are turned round the middle of the strangers' own."""
    turned = [
        Shown(each.people, tuple(2 * 0.25 - score + 0.5 for score in each.scores), each.complete_from) for each in searches(150)
    ]
    assert strangers(turned, calibration()).shape is Fit.DRIFTS


def test_a_list_that_was_cut_above_the_measured_rates_says_nothing() -> None:
    full = Shown(1_000_000, tuple(np.linspace(0.9, 0.6, 20)), 0.6)
    seen = strangers([full], calibration())
    assert (seen.searches, seen.candidates, seen.fit, seen.shape) == (0, 0, Fit.TOO_FEW, Fit.TOO_FEW)


def test_edges_are_round_few_and_around_all_scores() -> None:
    for scores in ([0.5] * 9, [0.911, 0.972] * 5, [-1.4, -0.2] * 5, list(np.linspace(0.123, 0.987, 50)), [1e-9] * 5):
        edges = common_edges(scores, [0.4] * (FEW - 1))
        assert edges[0] <= min(scores)
        assert max(scores) <= edges[-1]
        assert 1 <= len(edges) - 1 <= MOST_CELLS
        assert list(edges) == sorted(set(edges))
    assert common_edges([0.1] * (FEW - 1), []) == ()


def test_cells_of_few_pairs_are_not_told_and_nor_is_a_distribution_of_few() -> None:
    scores = [0.1] * 7 + [0.35] * 4 + [0.9]
    edges = (0.0, 0.25, 0.5, 0.75, 1.0)
    told = spread(scores, edges)
    assert told.cells == (7, None, 0, None)
    assert told.pairs == 12
    assert told.quantiles[2] == pytest.approx(0.1)
    few = spread(scores[-4:], edges)
    assert (few.pairs, few.quantiles, few.cells) == (4, (), ())


def test_the_interval_is_wilsons() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    low, high = interval(2, 10)
    assert (low, high) == (pytest.approx(0.0567, abs=1e-3), pytest.approx(0.5098, abs=1e-3))
    assert interval(0, 10)[0] == 0.0
    assert interval(10, 10)[1] == 1.0
