"""Drawn people are found by the real detector, and told apart by the real encoder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scripts.demo.camera import blurred
from scripts.demo.faceless import Faceless, draw_faceless
from scripts.demo.people import HairStyle, invent_person
from scripts.demo.portraits import SIZE, draw_group, draw_portrait
from scripts.demo.scenes import document_scene, family_scene, intake_scene
from tests.scripts.demo.faces import encoded, found


def test_the_same_arguments_give_the_same_pixels() -> None:
    person, scene = invent_person(3), intake_scene(3)
    picture = draw_portrait(person, scene, 3)
    assert picture.shape == (*SIZE, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, draw_portrait(person, scene, 3))
    assert (picture != draw_portrait(person, scene, 4)).any()


def test_a_picture_has_light_and_shade() -> None:
    picture = draw_portrait(invent_person(5), family_scene(5), 5)
    assert 40 < picture.mean() < 220
    assert picture.std() > 25


@pytest.mark.parametrize("style", HairStyle)
def test_a_face_is_found_under_every_haircut(style: HairStyle) -> None:
    person = invent_person(list(HairStyle).index(style) + 300)
    scene = replace(intake_scene(300), hair_style=style)
    assert len(found(draw_portrait(person, scene, 1))) == 1


@pytest.mark.long
def test_every_portrait_of_a_sample_is_found_once() -> None:
    scenes = (intake_scene, family_scene, document_scene)
    lost = [
        seed for seed in range(2000, 2045) if len(found(draw_portrait(invent_person(seed), scenes[seed % 3](seed), seed))) != 1
    ]
    assert lost == []


@pytest.mark.long
def test_people_are_nearer_to_themselves_than_to_anybody_else() -> None:
    seeds = range(3000, 3018)
    sheltered = np.array([encoded(draw_portrait(invent_person(seed), intake_scene(seed), seed)) for seed in seeds])
    at_home = np.array([encoded(draw_portrait(invent_person(seed), family_scene(seed), seed)) for seed in seeds])
    away = np.linalg.norm(sheltered[:, None] - at_home[None], axis=2)
    same = away.diagonal()
    others = away[~np.eye(len(seeds), dtype=bool)]
    assert np.median(same) < 0.25
    assert np.median(others) > 0.45
    nearest = np.argmin(away, axis=1)
    assert (nearest == np.arange(len(seeds))).sum() >= len(seeds) - 1


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_group_shows_as_many_faces_as_people(count: int) -> None:
    people = [invent_person(900 + 10 * count + place, age=30 + 9 * place) for place in range(count)]
    picture = draw_group(people, family_scene(count), count)
    places = sorted(left for _, _, _, left in found(picture))
    assert len(places) == count
    assert min(np.diff(places)) > 100


@pytest.mark.parametrize("kind", Faceless)
def test_a_picture_without_a_face_has_none(kind: Faceless) -> None:
    for seed in (1, 2):
        assert found(draw_faceless(kind, seed)) == []


def test_a_blur_keeps_the_light_and_softens_the_edge() -> None:
    rgb = np.zeros((20, 20, 3), np.float32)
    rgb[:, 10:] = 1
    soft = blurred(rgb, 1.0)
    assert soft.mean() == pytest.approx(rgb.mean(), abs=0.02)
    assert 0.2 < soft[10, 9, 0] < 0.5 < soft[10, 10, 0] < 0.8
