"""What a quality measure is worth: the threshold, the curve against curves worked out by hand, the oracle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.errors import Invalid
from tracing.evaluation.discard import (
    DISCARDED,
    Comparisons,
    area,
    benefit,
    compare,
    error_versus_discard,
    ideal_quality,
)

PEOPLE = ("ann", "ann", "ann", "bob", "bob", "cid")


def at_angles(*degrees: float) -> np.ndarray:
    """Templates whose cosine is that of the difference of their angles; of any length, for cosine does not mind."""
    radians = np.radians(degrees)
    return (np.stack([np.cos(radians), np.sin(radians)], axis=1) * np.linspace(1, 3, len(degrees))[:, None]).astype(np.float32)


def comparisons(photos: int, *pairs: tuple[int, int, bool]) -> Comparisons:
    """(one, other, failed) each."""
    one, other, failed = zip(*pairs, strict=True)
    return Comparisons(photos, np.array(one), np.array(other), np.array(failed), 0.5, 0.001, 1000)


def test_every_pair_of_photos_is_compared_once() -> None:
    found = compare(at_angles(0, 5, 10, 100, 105, 200), PEOPLE, 0.1)
    assert (found.photos, len(found.failed), found.non_mated) == (6, 3 + 1, 3 * 2 + 3 + 2)
    assert sorted(zip(found.one.tolist(), found.other.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2), (3, 4)]


def test_the_threshold_lets_as_many_strangers_through_as_allowed_and_not_one_more() -> None:
    templates, people = at_angles(0, 40, 10, 200, 205), ("ann", "ann", "bob", "cid", "cid")
    # Strangers: ann and bob are 10 and 30 degrees apart, the others far more; of eight, one may match.
    found = compare(templates, people, 1 / 8)
    assert found.false_match_rate == pytest.approx(1 / 8)
    assert np.cos(np.radians(30)) < found.threshold < np.cos(np.radians(10))
    assert found.failed.tolist() == [True, False], "40 degrees are more than that, 5 are not"
    assert compare(templates, people, 0.01).false_match_rate == 0
    assert compare(templates, people, 1.0).false_match_rate < 1, "something has to fail"


def test_photos_of_one_person_or_one_of_each_cannot_be_compared() -> None:
    for people in (("ann", "ann"), ("ann", "bob")):
        with pytest.raises(Invalid, match="two people"):
            compare(at_angles(0, 5), people, 0.01)


def test_leaving_out_the_photos_that_fail_brings_the_errors_to_nothing() -> None:
    found = comparisons(4, (0, 1, True), (0, 2, True), (1, 2, False), (2, 3, False))
    assert error_versus_discard(found, [0, 1, 2, 3], (0, 0.25)) == (0.5, 0)


def test_a_comparison_is_gone_with_the_worse_of_its_photos() -> None:
    found = comparisons(4, (0, 3, True), (1, 2, False), (2, 3, False), (1, 3, True))
    assert error_versus_discard(found, [0, 9, 9, 9], (0.25,)) == (pytest.approx(1 / 3),)


def test_the_wrong_way_round_the_errors_become_more() -> None:
    found = comparisons(4, (0, 1, True), (0, 2, True), (1, 2, False), (2, 3, False))
    assert error_versus_discard(found, [3, 2, 1, 0], (0, 0.25, 0.5)) == (0.5, pytest.approx(2 / 3), 1.0)


def test_of_photos_of_one_quality_each_is_left_out_with_the_same_chance() -> None:
    found = comparisons(4, (0, 1, True), (2, 3, False))
    # Photo 0 is the worst; of the three others, which are alike, half of one is left out: each stays with 5 / 6.
    (rate,) = error_versus_discard(found, [0, 1, 1, 1], (0.25 + 0.125,))
    assert rate == 0
    halfway = error_versus_discard(found, [0, 1, 1, 1], (0.125,))
    assert halfway == (pytest.approx((1 / 2) / (1 / 2 + 1)),)


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_constant_is_as_good_as_chance(value: float) -> None:
    found = comparisons(6, (0, 1, True), (1, 2, False), (3, 4, False), (4, 5, True))
    assert error_versus_discard(found, np.full(6, value)) == pytest.approx((0.5,) * len(DISCARDED))


def test_where_nothing_is_left_to_compare_the_rate_stays() -> None:
    found = comparisons(4, (0, 1, True), (2, 3, False))
    assert error_versus_discard(found, [0, 1, 2, 3], (0, 0.75)) == (0.5, 0.5)


def test_the_oracle_leaves_out_the_photo_that_fails_most_first() -> None:
    found = comparisons(5, (0, 1, True), (0, 2, True), (0, 3, True), (1, 2, False), (2, 3, False), (3, 4, True))
    quality = ideal_quality(found)
    assert (int(np.argsort(quality)[0]), int(np.argsort(quality)[1])) == (0, 4)
    assert error_versus_discard(found, quality, (0, 0.2, 0.4)) == pytest.approx((4 / 6, 1 / 3, 0))


def test_of_two_photos_that_fail_together_the_oracle_spares_the_one_that_also_matches() -> None:
    found = comparisons(4, (0, 1, True), (1, 2, False), (1, 3, False))
    assert np.argmin(ideal_quality(found)) == 0


def test_the_oracle_leaves_nobody_out_for_nothing() -> None:
    found = comparisons(3, (0, 1, False), (1, 2, False))
    assert ideal_quality(found).tolist() == [3, 3, 3]


def test_a_benefit_is_one_for_the_oracle_and_nothing_for_chance() -> None:
    found = comparisons(20, *((photo, photo + 1, photo < 3) for photo in range(19)))
    ideal = error_versus_discard(found, ideal_quality(found))
    chance = error_versus_discard(found, np.zeros(20))
    opposite = error_versus_discard(found, -ideal_quality(found))
    assert benefit(ideal, ideal) == pytest.approx(1)
    assert benefit(chance, ideal) == pytest.approx(0, abs=1e-9)
    assert benefit(opposite, ideal) < 0
    assert benefit((0.0, 0.0), (0.0, 0.0), (0, 1)) == 0, "without an error there is nothing to gain"


def test_the_area_is_the_mean_height_of_the_curve() -> None:
    assert area((0.4, 0.2), (0, 0.5)) == pytest.approx(0.3)
    assert area((0.3,) * len(DISCARDED)) == pytest.approx(0.3)


@given(st.integers(0, 2**32), st.floats(0, 0.5))
def test_a_rate_is_a_share_and_the_oracle_never_does_harm(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    people = [f"person {number // 3}" for number in range(30)]
    found = compare(random.standard_normal((30, 4)), people, 0.1)
    (rate,) = error_versus_discard(found, random.integers(0, 4, 30), (share,))
    assert 0 <= rate <= 1 + 1e-9
    curve = error_versus_discard(found, ideal_quality(found))
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(curve))
