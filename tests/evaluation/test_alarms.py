"""Expected false alarms against searches of invented people who are not there."""

from __future__ import annotations

import numpy as np
import pytest

from tracing.errors import Invalid
from tracing.evaluation.alarms import COUNTED, Alarms, false_alarms, rate_table
from tracing.rates import rate_at, score_for

SIZES, EXPECTED = (50, 100, 200), (10.0, 3.0, 1.0, 0.3)


def crowd(people: int, seed: int, common: float = 0.8) -> np.ndarray:
    """(people, 32) invented templates with something in common, so that strangers are alike to some degree."""
    random = np.random.default_rng(seed)
    return (random.standard_normal((people, 32)) + common).astype(np.float32)


def strangers(templates: np.ndarray) -> np.ndarray:
    faces = templates / np.linalg.norm(templates, axis=1, keepdims=True)
    low, high = np.triu_indices(len(faces), 1)
    return np.asarray((faces @ faces.T)[low, high])


def names(people: int) -> np.ndarray:
    return np.array([f"person {number:04}" for number in range(people)])


def alarms(table: tuple[tuple[float, float], ...], people: int = 400, seed: int = 2) -> list[Alarms]:
    return list(false_alarms(table, crowd(people, seed), names(people), SIZES, EXPECTED))


def test_what_is_expected_is_within_a_factor_of_two_of_what_searches_of_others_bring_up() -> None:
    found = alarms(rate_table(strangers(crowd(200, seed=1))))
    assert len(found) == len(SIZES) * len(EXPECTED)
    for each in found:
        assert each.seen > 0
        assert 0.5 < each.ratio < 2, each
        assert each.low <= each.seen <= each.high


def test_a_table_of_people_who_are_less_alike_is_found_out() -> None:
    found = alarms(rate_table(strangers(crowd(200, seed=1, common=0.3))))
    assert sum(not 0.5 < each.ratio < 2 for each in found) > len(found) / 2


def test_distances_taken_for_similarities_are_found_out() -> None:
    found = alarms(rate_table(1 - strangers(crowd(200, seed=1))))
    assert all(not 0.5 < each.ratio < 2 for each in found if each.expected <= 1)


def test_the_tail_of_normal_scores_is_overstated_rather_than_understated() -> None:
    """As far as a hundred times beyond what the comparisons can show; the true rates are those of a normal distribution."""
    random = np.random.default_rng(3)
    table = rate_table(random.normal(0.0, 0.1, 20_000))
    for score, rate in ((0.2326, 1e-2), (0.3090, 1e-3), (0.3719, 1e-4), (0.4753, 1e-6)):
        assert rate / 1.5 < rate_at(table, score)
        assert rate < 1e-5 or rate_at(table, score) < 2.5 * rate


def test_the_table_counts_first_and_then_follows_one_straight_line_to_the_end() -> None:
    scores = np.random.default_rng(4).normal(0.0, 0.1, 20_000)
    table = rate_table(scores)
    assert table[0] == (-1.0, 1.0)
    assert table[-1][0] == 1.0
    counted = [(score, rate) for score, rate in table[1:] if rate > COUNTED * 1.05]
    assert len(counted) > 10
    for score, rate in counted:
        assert rate == pytest.approx(np.mean(scores >= score), rel=1e-3)
    tail = np.array([(score, np.log(rate)) for score, rate in table if rate < COUNTED * 0.95])
    slopes = np.diff(tail[:, 1]) / np.diff(tail[:, 0])
    assert slopes == pytest.approx(slopes[0], rel=0.02)


def test_too_few_comparisons_have_no_tail() -> None:
    with pytest.raises(Invalid, match="3000 comparisons"):
        rate_table(np.linspace(0, 1, 2_999))


def test_a_score_is_found_for_a_rate_and_back() -> None:
    table = ((-1.0, 1.0), (0.5, 0.1), (1.0, 1e-4))
    for rate in (1.0, 0.3, 0.1, 1e-3):
        assert rate_at(table, score_for(table, rate)) == pytest.approx(rate)
    assert score_for(table, 1e-9) == 1.0


def test_a_gallery_of_everybody_leaves_nobody_to_search_for() -> None:
    table = rate_table(strangers(crowd(200, seed=1)))
    assert {each.people for each in false_alarms(table, crowd(120, 5), names(120), (100, 120, 500), (1.0,))} == {100}


def test_people_with_several_photos_are_searched_for_once_and_never_found() -> None:
    """Every person twice, with one and the same photo: were the second photos in, each search would bring up its own person."""
    twice = np.repeat(crowd(120, 6), 2, axis=0)
    table = ((-1.0, 1.0), (0.98, 0.5), (1.0, 0.01))
    (found,) = false_alarms(table, twice, np.repeat(names(120), 2), (60,), (1.0,))
    assert (found.seen, found.searches) == (0, 600)
    assert found.ratio == float("inf")
