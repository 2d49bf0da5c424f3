"""The cast keeps what the demonstration promises, and its descriptions would be accepted at intake."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from scripts.demo.cast import Cast, DemoCase, Plot, Shows
from scripts.demo.casting import DUPLICATES, LOOK_ALIKES, PAIRS, READMISSIONS, invent_cast, story_photo
from tests.scripts.demo.faces import encoded, found
from tracing.domain import CaseKind, LegalBasis, Outcome, Relation
from tracing.facts import check_description

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def cast() -> Cast:
    return invent_cast(today=TODAY)


def test_the_same_seed_gives_the_same_cast(cast: Cast) -> None:
    assert invent_cast(today=TODAY) == cast
    assert invent_cast(today=TODAY, seed=3) != cast


def test_the_cast_keeps_the_promised_numbers(cast: Cast) -> None:
    relations = Counter(relation for _, _, relation in cast.same_person())
    assert len(cast.people) == 60
    assert relations == {Relation.TRACE: PAIRS, Relation.READMISSION: READMISSIONS, Relation.DUPLICATE: DUPLICATES}
    assert (PAIRS, READMISSIONS, DUPLICATES, LOOK_ALIKES) == (14, 3, 2, 4)
    assert len(cast.look_alikes) == LOOK_ALIKES
    shows = Counter(photo.shows for case in cast.cases for photo in case.photos)
    assert shows[Shows.GROUP] >= 3
    assert shows[Shows.FACELESS] >= 3
    assert 130 <= shows.total() <= 190


def test_a_cast_may_be_larger_but_not_too_small() -> None:
    assert len(invent_cast(today=TODAY, people=75).people) == 75
    with pytest.raises(ValueError, match="at least"):
        invent_cast(today=TODAY, people=20)


def test_keys_are_unique_and_cases_come_oldest_first(cast: Cast) -> None:
    assert len({case.key for case in cast.cases}) == len(cast.cases)
    assert all(one.opened_days_ago >= other.opened_days_ago for one, other in pairwise(cast.cases))
    assert all(case.opened_days_ago >= 0 for case in cast.cases)


def test_no_two_people_share_a_name(cast: Cast) -> None:
    reported = {(case.person_key, case.description.names[0]) for case in cast.cases if case.kind is CaseKind.MISSING}
    assert max(Counter(name for _, name in reported).values()) == 1
    assert max(Counter(person for person, _ in reported).values()) == 1


def test_most_sheltered_people_have_no_name_and_an_age_range(cast: Cast) -> None:
    sheltered = [case.description for case in cast.cases if case.kind is CaseKind.SHELTERED]
    assert sum(not said.names for said in sheltered) > len(sheltered) / 3
    assert all(said.birth_date is None for said in sheltered)
    assert all(said.age_min is not None and said.age_max is not None and said.age_min < said.age_max for said in sheltered)


def test_every_description_would_be_accepted_on_its_day(cast: Cast) -> None:
    for case in cast.cases:
        check_description(case.description, cast.day(case.opened_days_ago))


def test_only_earlier_intakes_of_a_readmission_are_closed(cast: Cast) -> None:
    closed = [case for case in cast.cases if case.outcome is not None]
    assert len(closed) == READMISSIONS
    for case in closed:
        later = [other for other in cast.of(case.person_key) if other is not case]
        assert case.outcome in (Outcome.SELF_LEFT, Outcome.TRANSFERRED)
        assert all(other.opened_days_ago < case.opened_days_ago for other in later)


def test_facts_of_one_person_agree_but_are_not_the_same(cast: Cast) -> None:
    for one, other, relation in cast.same_person():
        mine, theirs = one.description, other.description
        assert mine.sex is theirs.sex
        assert abs((mine.height_cm or 0) - (theirs.height_cm or 0)) <= 6
        assert mine.circumstances != theirs.circumstances or relation is not Relation.TRACE
        if relation is Relation.TRACE:
            missing, sheltered = (one, other) if one.kind is CaseKind.MISSING else (other, one)
            assert missing.description.seen_at is not None
            assert sheltered.description.seen_at is not None
            assert missing.description.seen_at.latest <= sheltered.description.seen_at.earliest
            age = cast.people[one.person_key].age
            assert (sheltered.description.age_min or 0) <= age <= (sheltered.description.age_max or 0)


def test_minors_stand_on_a_guardian_or_on_duty(cast: Cast) -> None:
    minors = [case for case in cast.cases if cast.people[case.person_key].age < 18]
    assert minors
    for case in minors:
        allowed = (
            {LegalBasis.GUARDIAN_CONSENT}
            if case.kind is CaseKind.MISSING
            else {LegalBasis.VITAL_INTEREST, LegalBasis.STATUTORY_DUTY}
        )
        assert case.legal_basis in allowed


def test_phone_numbers_belong_to_nobody(cast: Cast) -> None:
    assert all(case.contact.phone.startswith("000-") for case in cast.cases)


def test_the_story_photo_is_a_new_picture_of_somebody_not_yet_found(cast: Cast) -> None:
    case, photo = story_photo(cast)
    assert case.kind is CaseKind.MISSING
    assert cast.of(case.person_key) == (case,)
    assert photo not in case.photos
    picture = photo.draw()
    assert len(found(picture)) == 1
    assert np.linalg.norm(encoded(picture) - encoded(case.photos[0].draw())) < 0.35


def test_a_photo_of_people_cannot_be_drawn_without_a_scene(cast: Cast) -> None:
    photo = cast.cases[0].photos[0]
    with pytest.raises(ValueError, match="scene"):
        type(photo)(Shows.PORTRAIT, 1, photo.people).draw()


@pytest.mark.long
def test_true_pairs_are_nearer_than_the_nearest_stranger(cast: Cast) -> None:
    vectors = {case.key: _vectors(case) for case in cast.cases}
    person = {case.key: case.person_key for case in cast.cases}
    families = {frozenset((person[one], person[other])) for one, other in cast.look_alikes}
    near = 0
    pairs = list(cast.same_person())
    for one, other, _ in pairs:
        strangers = [
            key for key in vectors if person[key] != one.person_key and frozenset((person[key], one.person_key)) not in families
        ]
        nearest = min(_distance(vectors[one.key], vectors[key]) for key in strangers)
        near += _distance(vectors[one.key], vectors[other.key]) < nearest
    assert near >= len(pairs) - 1
    assert all(_distance(vectors[one], vectors[other]) < 0.4 for one, other in cast.look_alikes)


def _vectors(case: DemoCase) -> np.ndarray:
    """The encodings of a case's portraits, all of which the detector has to find."""
    return np.array([encoded(photo.draw()) for photo in case.photos if photo.shows is Shows.PORTRAIT])


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one[:, None] - other[None], axis=2).min())


def test_every_plot_is_played(cast: Cast) -> None:
    assert {case.plot for case in cast.cases} == set(Plot)
