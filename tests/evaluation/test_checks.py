"""A planted fault each is caught: swapped labels, a person on both sides, distances taken for similarities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.crowds import crowd
from tracing.errors import Invalid
from tracing.evaluation.checks import (
    compare_all,
    require_apart,
    require_no_photo_in_both,
    require_similarities,
    same_photos,
    suspects,
)
from tracing.evaluation.identification import search, split, strangers_among


def test_swapped_labels_are_the_first_suspects() -> None:
    honest = crowd(40, 3, spread=0.3)
    people = honest.people.copy()
    people[[1, 61]] = people[[61, 1]]
    found = suspects(compare_all(replace(honest, people=people)), most=8)
    alike, unlike = ([each for each in found if each.alike is kind] for kind in (True, False))
    assert {frozenset((each.one, each.other)) for each in unlike} == {
        frozenset(pair) for pair in ((0, 61), (2, 61), (1, 60), (1, 62))
    }
    assert all({each.one, each.other} & {1, 61} for each in alike)
    assert alike


def test_honest_labels_raise_little_suspicion() -> None:
    assert [each for each in suspects(compare_all(crowd(40, 3, spread=0.3))) if not each.alike] == []


def test_a_person_under_two_names_is_found() -> None:
    honest = crowd(10, 2)
    templates = honest.templates.copy()
    templates[7] = templates[2]
    assert same_photos(compare_all(replace(honest, templates=templates))) == [(2, 7, True)]
    assert same_photos(compare_all(honest)) == []


def test_nobody_is_in_what_was_fitted_and_in_what_is_reported() -> None:
    require_apart({"ann", "bob"}, {"cid"})
    with pytest.raises(Invalid, match=r"1 people .* bob"):
        require_apart({"ann", "bob"}, {"cid", "bob"})


def test_a_photo_in_both_is_found_under_whatever_name() -> None:
    fitted, reported = crowd(10, 2, seed=1), crowd(10, 2, seed=2)
    require_no_photo_in_both(fitted, reported)
    templates = reported.templates.copy()
    templates[5], templates[6] = 3 * fitted.templates[2], np.nan
    with pytest.raises(Invalid, match="as person-0001 and as person-0002"):
        require_no_photo_in_both(fitted, replace(reported, templates=templates))


def test_distances_are_not_taken_for_similarities() -> None:
    honest = crowd(40, 3, singles=30)
    found = search(honest, split(honest, strangers_among(honest)))
    require_similarities(found)
    with pytest.raises(Invalid, match="distances"):
        require_similarities(replace(found, own=-found.own, best=-found.best, place=found.people + 1 - found.place))


def test_weak_but_right_scores_pass() -> None:
    weak = crowd(40, 3, spread=3.0, singles=30)
    require_similarities(search(weak, split(weak, strangers_among(weak))))


def test_photos_without_a_face_are_nobody_s_likeness() -> None:
    honest = crowd(10, 2)
    templates = honest.templates.copy()
    templates[[2, 7]] = np.nan
    assert same_photos(compare_all(replace(honest, templates=templates))) == []
    assert not any({each.one, each.other} & {2, 7} for each in suspects(compare_all(replace(honest, templates=templates))))
