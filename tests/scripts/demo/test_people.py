"""People are invented from a seed, and relatives look alike."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from scripts.demo.anatomy import measure
from scripts.demo.people import REACH, Beard, invent_person, sibling_of
from tracing.domain import Sex

SEEDS = range(40)


def test_a_seed_gives_the_same_person_each_time() -> None:
    assert invent_person(7) == invent_person(7)
    assert invent_person(7) != invent_person(8)


def test_sex_and_age_may_be_asked_for_without_changing_the_face() -> None:
    asked = invent_person(7, sex=Sex.FEMALE, age=81)
    assert (asked.sex, asked.age) == (Sex.FEMALE, 81)
    assert asked.traits == invent_person(7).traits


@pytest.mark.parametrize("seed", SEEDS)
def test_every_face_stays_a_face(seed: int) -> None:
    person = invent_person(seed)
    face = measure(person)
    assert all(abs(trait) <= REACH for trait in astuple(person.traits))
    assert face.hairline < face.brow_y < 0 < face.nose_tip < face.mouth < face.chin
    assert face.eye_x - face.eye_half > 0.05
    assert face.mouth + face.lower_lip < face.chin - 0.15
    assert float(face.outline.min()) > 0.7


def test_only_grown_men_have_beards() -> None:
    bearded = [person for person in (invent_person(seed) for seed in range(200)) if person.beard is not Beard.NONE]
    assert bearded
    assert all(person.sex is Sex.MALE and person.age >= 22 for person in bearded)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sibling_is_nearer_in_every_way_than_a_stranger(seed: int) -> None:
    person, stranger = invent_person(seed), invent_person(seed + 1000)
    sibling = sibling_of(person, seed)
    own, close, far = (np.array(astuple(one.traits)) for one in (person, sibling, stranger))
    assert np.linalg.norm(own - close) < 0.5 * np.linalg.norm(own - far)
    assert close.tolist() != own.tolist()
    assert sibling.sex is person.sex
    assert abs(sibling.age - person.age) <= 2


def test_years_ago_somebody_was_younger_and_less_grey() -> None:
    person = next(one for one in (invent_person(seed, age=75) for seed in SEEDS) if one.grey > 0.3)
    before = person.years_ago(8)
    assert before.age == 67
    assert before.grey < person.grey
    assert before.traits == person.traits
