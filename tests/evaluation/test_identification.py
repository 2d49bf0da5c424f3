"""Searches of people whose scores are worked out by hand: misses, false positives, failures to enrol and lists."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.crowds import photos
from tracing.errors import Invalid
from tracing.evaluation.identification import (
    NOBODY,
    Searches,
    figures,
    half_of,
    is_aside,
    part,
    search,
    split,
    strangers_among,
)
from tracing.evaluation.scores import Pooling

NO_FACE = math.nan


def cosine(degrees: float) -> float:
    return math.cos(math.radians(degrees))


THREE = photos(("ann", 0), ("ann", 10), ("bob", 100), ("bob", 60), ("cid", 50), ("cid", 30), ("eve", 200))


def test_own_scores_places_and_the_best_of_strangers() -> None:
    found = search(THREE, split(THREE, {"eve", "cid"}))
    assert found.people == 2
    assert found.own == pytest.approx([cosine(10), cosine(40)], abs=1e-6)
    assert found.place.tolist() == [1, 1]
    assert found.best == pytest.approx([cosine(50), cosine(100)], abs=1e-6), "one search for each stranger"


def test_somebody_nearer_takes_the_first_place() -> None:
    found = search(THREE, split(THREE, {"eve"}))
    assert found.people == 3
    assert found.own == pytest.approx([cosine(10), cosine(40), cosine(20)], abs=1e-6)
    assert found.place.tolist() == [1, 2, 1], "bob's second photo is nearer to cid"
    assert found.false_negative_rate(listed=1) == pytest.approx(1 / 3)
    assert found.false_negative_rate(listed=2) == 0
    assert found.false_negative_rate(cosine(15)) == pytest.approx(2 / 3)
    assert found.missed(cosine(25), 1).tolist() == [False, True, False]


def test_equal_scores_count_against_us() -> None:
    alike = photos(("ann", 0), ("ann", 0), ("bob", 0), ("eve", 90))
    assert search(alike, split(alike, {"eve"})).place.tolist() == [2]


def test_the_threshold_is_the_lowest_that_keeps_the_false_positives_down() -> None:
    none, own = np.zeros(0, dtype=np.int64), np.arange(10, dtype=np.int64)
    found = Searches(1, none, np.zeros(0), none, own, np.linspace(0.1, 1.0, 10))
    for rate, reached in ((0.0, 0.0), (0.05, 0.0), (0.1, 0.1), (0.35, 0.3), (1.0, 1.0)):
        threshold = found.threshold(rate)
        assert found.false_positive_rate(threshold) == pytest.approx(reached)
        assert found.false_positive_rate(np.nextafter(threshold, -np.inf)) > rate or rate == 1


def test_a_photo_without_a_face_is_a_miss_and_never_a_false_positive() -> None:
    taken = photos(("ann", 0), ("ann", NO_FACE), ("ann", 5), ("bob", NO_FACE), ("bob", 40), ("eve", NO_FACE), ("fay", 80))
    found = search(taken, split(taken, {"eve", "fay"}))
    assert found.people == 1, "bob could not be enrolled"
    assert found.missed().tolist() == [True, False, True]
    assert found.place[0] == NOBODY
    assert found.best[0] == -math.inf
    assert found.false_positive_rate(-1) == 0.5
    assert found.false_negative_rate(listed=10**9) == pytest.approx(2 / 3)


def test_a_gallery_of_nobody_is_refused() -> None:
    blind = photos(("ann", NO_FACE), ("ann", 3), ("eve", 5))
    with pytest.raises(Invalid, match="enrolled"):
        search(blind, split(blind, {"eve"}))


@pytest.mark.parametrize("strangers", [set(), {"ann", "bob", "cid", "eve"}, {"ann", "bob", "cid"}])
def test_without_searches_of_both_kinds_there_is_nothing_to_measure(strangers: set[str]) -> None:
    with pytest.raises(Invalid):
        split(THREE, strangers)


def test_the_photos_taken_first_are_enrolled() -> None:
    taken = photos(("ann", 0), ("ann", 90), ("ann", 45), ("eve", 0), order=[30, 20, 10, 0])
    assert [own.tolist() for own in split(taken, {"eve"}).gallery] == [[2]]
    two = split(taken, {"eve"}, enrol=2)
    assert ([own.tolist() for own in two.gallery], two.mated.tolist()) == ([[2, 1]], [0])


@pytest.mark.parametrize(
    ("pooling", "score"), [(Pooling.BEST, cosine(20)), (Pooling.MEAN, cosine(50))], ids=["the best", "their mean"]
)
def test_several_photos_of_a_person_count_as_asked(pooling: Pooling, score: float) -> None:
    taken = photos(("ann", 0), ("ann", 60), ("ann", 80), ("eve", 180))
    assert search(taken, split(taken, {"eve"}, enrol=2), pooling).own == pytest.approx([score], abs=1e-6)


def test_strangers_are_chosen_by_name_and_stay_so() -> None:
    names = [f"person {number}" for number in range(200)]
    all_with_two = photos(*((name, 0.0) for name in names for _ in range(2)))
    singles = photos(*((name, 0.0) for name in names), *((name, 0.0) for name in names[:100]))
    assert strangers_among(all_with_two) == {name for name in names if is_aside(name)}
    assert strangers_among(singles) == {name for name in names[100:] if is_aside(name)}
    assert 60 < len(strangers_among(all_with_two)) < 140
    assert 20 < sum(is_aside(name) for name in names if half_of(name)) < 80, "each half has its strangers"


def test_a_part_of_the_searches_keeps_the_gallery_and_the_strangers() -> None:
    found = search(THREE, split(THREE, {"eve"}))
    some = part(found, np.array([True, False, True]))
    assert (some.people, len(some.own), len(some.best)) == (3, 2, 1)
    assert some.false_negative_rate(listed=1) == 0


def test_figures_say_what_was_searched() -> None:
    found = figures(search(THREE, split(THREE, {"eve"})), 0.0, 1)
    assert (found.enrolled, found.mated, found.non_mated, found.listed) == (3, 3, 1, 1)
    assert found.false_positive_rate == 0
    assert found.first == pytest.approx(2 / 3)
    assert found.false_negative_rate == pytest.approx(1 / 3)


@given(st.data())
def test_everything_is_as_a_search_one_by_one_finds_it(data: st.DataObject) -> None:
    angles = st.one_of(st.integers(0, 359).map(float), st.just(NO_FACE))
    drawn = data.draw(st.lists(st.tuples(st.sampled_from("abcdef"), angles), min_size=4, max_size=14))
    taken = photos(*drawn)
    strangers = set(data.draw(st.lists(st.sampled_from("abcdef"), max_size=4)))
    try:
        chosen = split(taken, strangers)
        found = search(taken, chosen)
    except Invalid:
        return
    first: dict[str, float] = {}
    for person, angle in drawn:
        if person not in strangers:
            first.setdefault(person, angle)
    gallery = {person: angle for person, angle in first.items() if not math.isnan(angle)}
    assert found.people == len(gallery)
    for number, photo in enumerate(chosen.mated):
        person, angle = drawn[photo]
        if math.isnan(angle) or person not in gallery:
            assert found.missed()[number]
            continue
        scores = {other: cosine(angle - enrolled) for other, enrolled in gallery.items()}
        assert found.own[number] == pytest.approx(scores[person], abs=1e-6)
        at_least = sum(score > scores[person] + 1e-6 for score in scores.values()) + 1
        at_most = sum(score >= scores[person] - 1e-6 for score in scores.values())
        assert at_least <= found.place[number] <= at_most


def test_a_good_photo_weighs_more_than_a_poor_one() -> None:
    taken = replace(photos(("ann", 0), ("ann", 60), ("ann", 0), ("eve", 180)), qualities=np.array([0.9, 0.0, 1.0, 1.0]))
    chosen = split(taken, {"eve"}, enrol=2)
    plain, weighted = (search(taken, chosen, pooling).own[0] for pooling in (Pooling.MEAN, Pooling.QUALITY_WEIGHTED))
    assert plain == pytest.approx(cosine(30), abs=1e-6)
    assert cosine(2) < weighted < 1


def test_photos_of_no_quality_are_still_photos_of_somebody() -> None:
    taken = replace(photos(("ann", 0), ("ann", 60), ("ann", 30), ("eve", 180)), qualities=np.zeros(4))
    found = search(taken, split(taken, {"eve"}, enrol=2), Pooling.QUALITY_WEIGHTED)
    assert found.own == pytest.approx([1.0], abs=1e-6)


def test_a_photo_needs_a_quality_if_others_have_one() -> None:
    with pytest.raises(Invalid, match="quality"):
        replace(THREE, qualities=np.ones(2))


def test_some_of_the_photos_are_photos() -> None:
    some = replace(THREE, qualities=np.arange(7) / 10).where(np.array([6, 1]))
    assert (some.people.tolist(), some.order.tolist(), some.faces.qualities.tolist()) == (["eve", "ann"], [6, 1], [0.6, 0.1])
    assert THREE.where(THREE.people == "ann").qualities is None
