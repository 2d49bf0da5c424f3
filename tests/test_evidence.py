"""What a score is worth."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log10, nan, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.domain import SearchOutcome
from tracing.errors import Misconfigured
from tracing.evidence import Band, Calibration, Line, band, is_guarded, outcome, weigh

CALIBRATION = Calibration(
    slope=50.0,
    intercept=-46.0,
    floor=0.91,
    mated=300,
    non_mated=30_000,
    false_match_rates=((-1.0, 1.0), (0.9, 0.1), (0.95, 0.001), (0.97, 0.0001)),
)
GUARDED = replace(CALIBRATION, guarded=Line(slope=20.0, intercept=-18.0, mated=90, non_mated=270))
"""The same score is worth less of children and over years, and fewer people are behind it."""
scores = st.floats(-1, 1)


@given(scores, scores)
def test_a_higher_score_never_speaks_less_for_the_same_person(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert CALIBRATION.log10_lr(low) <= CALIBRATION.log10_lr(high)
    assert CALIBRATION.false_match_rate(low) >= CALIBRATION.false_match_rate(high)
    words = list(Band)
    for guarded in (False, True):
        weaker, stronger = (weigh(score, CALIBRATION, 100, guarded) for score in (low, high))
        assert weaker is not None
        assert stronger is not None
        assert words.index(weaker.band) <= words.index(stronger.band)


def test_the_logarithm_of_the_likelihood_ratio_is_a_straight_line_in_the_score() -> None:
    assert CALIBRATION.log10_lr(0.92) == pytest.approx(0.0)
    assert CALIBRATION.log10_lr(0.94) == pytest.approx(1.0)
    assert CALIBRATION.log10_lr(0.96) == pytest.approx(2.0)


@given(scores)
def test_no_likelihood_ratio_goes_beyond_what_the_data_can_support(score: float) -> None:
    assert -log10(300 / 3) <= CALIBRATION.log10_lr(score) <= log10(30_000 / 3)


def test_more_data_support_a_larger_likelihood_ratio() -> None:
    few, many = replace(CALIBRATION, non_mated=300), replace(CALIBRATION, non_mated=3_000_000)
    assert few.log10_lr(1.0) == pytest.approx(2.0)
    assert many.log10_lr(1.0) == pytest.approx(4.0)
    assert many.log10_lr(1.0) > CALIBRATION.log10_lr(0.999)


@pytest.mark.parametrize(
    ("ratio", "word", "below"),
    [
        (1, Band.UNINFORMATIVE, Band.SUPPORTS_DIFFERENT),
        (2, Band.WEAK, Band.UNINFORMATIVE),
        (10, Band.MODERATE, Band.WEAK),
        (100, Band.MODERATELY_STRONG, Band.MODERATE),
        (1_000, Band.STRONG, Band.MODERATELY_STRONG),
        (10_000, Band.VERY_STRONG, Band.STRONG),
    ],
)
def test_a_band_starts_at_its_edge(ratio: float, word: Band, below: Band) -> None:
    assert band(log10(ratio), guarded=False) is word
    assert band(nextafter(log10(ratio), -inf), guarded=False) is below


@given(st.floats(-20, 20))
def test_a_guarded_face_never_says_more_than_moderate(log10_lr: float) -> None:
    free, guarded = band(log10_lr, guarded=False), band(log10_lr, guarded=True)
    above = {Band.MODERATELY_STRONG, Band.STRONG, Band.VERY_STRONG}
    assert guarded is (Band.MODERATE if free in above else free)


@pytest.mark.parametrize(
    ("youngest_age", "years_between", "guarded"),
    [
        (13, 0, True),  # a child
        (14, 0, False),
        (0, None, True),
        (40, 4.9, False),
        (40, 5, True),  # photos too far apart
        (40, -5, True),  # whichever is the older one
        (40, None, False),  # no date: nothing is known of a gap
        (None, None, True),  # no age: it may be a child
    ],
)
def test_children_and_large_gaps_are_guarded(youngest_age: int | None, years_between: float | None, guarded: bool) -> None:
    assert is_guarded(youngest_age, years_between) is guarded


def test_the_false_match_rate_is_log_linear_between_the_rows_of_the_table() -> None:
    assert CALIBRATION.false_match_rate(0.9) == pytest.approx(0.1)
    assert CALIBRATION.false_match_rate(0.925) == pytest.approx(0.01)
    assert CALIBRATION.false_match_rate(0.96) == pytest.approx(10**-3.5)


def test_beyond_the_table_the_false_match_rate_stays_as_it_is_at_its_end() -> None:
    assert CALIBRATION.false_match_rate(1.0) == pytest.approx(0.0001)
    assert replace(CALIBRATION, false_match_rates=((0.5, 0.4), (0.9, 0.1))).false_match_rate(0.1) == pytest.approx(0.4)


@given(scores, st.integers(0, 10**7))
def test_false_alarms_grow_with_the_people_in_the_gallery(score: float, people: int) -> None:
    one = CALIBRATION.expected_false_alarms(score, 1)
    assert 0 < one <= 1
    assert CALIBRATION.expected_false_alarms(score, people) == pytest.approx(people * one)


def test_evidence_says_all_of_it() -> None:
    evidence = weigh(0.95, CALIBRATION, gallery_people=5_000, guarded=False)
    assert evidence is not None
    assert (evidence.score, evidence.band, evidence.guarded) == (0.95, Band.MODERATE, False)
    assert evidence.log10_lr == pytest.approx(1.5)
    assert evidence.expected_false_alarms == pytest.approx(5.0)


def test_an_encoder_that_was_never_calibrated_has_no_evidence() -> None:
    assert weigh(0.99, None, gallery_people=10, guarded=False) is None


@given(scores)
def test_children_and_years_apart_have_their_own_line(score: float) -> None:
    assert GUARDED.log10_lr(score) == CALIBRATION.log10_lr(score)
    assert GUARDED.log10_lr(score, guarded=True) == pytest.approx(min(max(20 * score - 18, -log10(30)), log10(90)))
    assert CALIBRATION.log10_lr(score, guarded=True) == CALIBRATION.log10_lr(score), "nobody has measured them"
    evidence = weigh(score, GUARDED, 100, guarded=True)
    assert evidence is not None
    assert evidence.log10_lr == GUARDED.log10_lr(score, guarded=True)


def test_nobody_is_plausible_where_every_face_rather_speaks_against() -> None:
    against, for_one = (weigh(score, CALIBRATION, 100, guarded=False) for score in (0.91, 0.93))
    assert outcome([]) is outcome([against, against]) is SearchOutcome.NOBODY_PLAUSIBLE
    assert outcome([against, for_one]) is SearchOutcome.CANDIDATES
    assert outcome([against, None]) is SearchOutcome.CANDIDATES, "of whom nothing is known, that may be the one"
    nothing_either_way = weigh(0.9201, CALIBRATION, 100, guarded=False)
    assert outcome([nothing_either_way]) is SearchOutcome.CANDIDATES


def test_a_calibration_survives_being_written_down() -> None:
    assert Calibration.from_dict(GUARDED.to_dict()) == GUARDED
    written = CALIBRATION.to_dict()
    assert Calibration.from_dict(written | {"source": "any further key"}) == CALIBRATION


@pytest.mark.parametrize(
    "wrong",
    [
        {"slope": 0},
        {"slope": -3},
        {"slope": nan},
        {"intercept": inf},
        {"floor": "high"},
        {"mated": 0},
        {"non_mated": 2},
        {"false_match_rates": []},
        {"false_match_rates": [[0.9, 0.1]]},
        {"false_match_rates": [[0.9, 0.1], [0.9, 0.01]]},  # scores that do not rise
        {"false_match_rates": [[0.9, 0.1], [0.95, 0.2]]},  # rates that rise
        {"false_match_rates": [[0.9, 0.1], [0.95, 0.0]]},  # nobody can have measured that
        {"false_match_rates": [[0.9, 1.1], [0.95, 0.2]]},
        {"false_match_rates": [[0.9, 0.1, 3], [0.95, 0.2]]},
        {"false_match_rates": 7},
        {"guarded": {"slope": -1.0, "intercept": 0.0, "mated": 9, "non_mated": 9}},
        {"guarded": {"slope": 1.0, "intercept": 0.0, "mated": 9}},
        {"guarded": 3},
    ],
)
def test_a_calibration_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        Calibration.from_dict(CALIBRATION.to_dict() | wrong)


@pytest.mark.parametrize("name", ["slope", "intercept", "floor", "mated", "non_mated", "false_match_rates"])
def test_a_calibration_with_a_gap_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured):
        Calibration.from_dict({key: value for key, value in CALIBRATION.to_dict().items() if key != name})
