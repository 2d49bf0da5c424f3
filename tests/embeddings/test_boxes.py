"""Boxes and landmarks: turned, moved, told apart, and drawn around five points."""

from __future__ import annotations

import numpy as np
import pytest

from tracing.domain import Box
from tracing.embeddings.boxes import clipped, distinct, head_box, moved, quarters_to_upright, spread_of, turned
from tracing.ports import Detection

FACE = Detection(Box(30, 20, 70, 60), ((42.0, 32.0), (58.0, 32.0), (50.0, 42.0), (44.0, 50.0), (56.0, 50.0)), 0.9)
WIDTH, HEIGHT = 200, 120


def marked(face: Detection, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """An image with the box filled in and each landmark in a colour of its own."""
    image = np.zeros((height, width), dtype=np.uint8)
    image[face.box.top : face.box.bottom, face.box.left : face.box.right] = 50
    for number, (x, y) in enumerate(face.landmarks, start=1):
        image[round(y), round(x)] = 100 + number
    return image


@pytest.mark.parametrize("quarters", range(-1, 5))
def test_a_face_turns_with_its_image(quarters: int) -> None:
    upside = turned(FACE, quarters, WIDTH, HEIGHT)
    across, down = (WIDTH, HEIGHT) if quarters % 2 == 0 else (HEIGHT, WIDTH)
    assert np.array_equal(marked(upside, across, down), np.rot90(marked(FACE), quarters))
    assert turned(upside, -quarters, across, down) == FACE


@pytest.mark.parametrize("quarters", range(4))
def test_it_is_told_how_far_a_face_lies_from_upright(quarters: int) -> None:
    lying = turned(FACE, quarters, WIDTH, HEIGHT)
    assert quarters_to_upright(lying.landmarks) == -quarters % 4


@pytest.mark.parametrize("landmarks", [(), ((3.0, 3.0),), ((3.0, 3.0), (3.0, 3.0))])
def test_a_face_without_eyes_counts_as_upright(landmarks: tuple[tuple[float, float], ...]) -> None:
    assert quarters_to_upright(landmarks) == 0


def test_a_face_of_a_copy_is_moved_into_its_original() -> None:
    there = moved(FACE, left=100, top=10, scale=2.5)
    assert there.box == Box(175, 60, 275, 160)
    assert there.landmarks[0] == (205.75, 90.75)
    assert moved(there, left=-100 / 2.5, top=-10 / 2.5, scale=1 / 2.5).landmarks[0] == pytest.approx(FACE.landmarks[0])
    assert there.score == FACE.score


def test_a_box_is_cut_at_the_edges_of_the_picture() -> None:
    assert clipped(Box(-5, -7, 250, 130), WIDTH, HEIGHT) == Box(0, 0, WIDTH, HEIGHT)
    assert clipped(Box(300, 10, 400, 20), WIDTH, HEIGHT).area == 0


def test_of_two_boxes_on_one_face_the_first_is_kept_and_the_largest_comes_first() -> None:
    face, again, beside = (Detection(box, ()) for box in (Box(0, 0, 100, 100), Box(10, 10, 90, 90), Box(90, 0, 195, 105)))
    assert distinct([again, face, beside]) == [beside, again]
    assert distinct([face, again, beside]) == [beside, face]


def test_a_small_box_inside_a_large_one_is_the_same_face_and_one_that_touches_it_is_not() -> None:
    assert Box(0, 0, 100, 100).shows_face_of(Box(40, 40, 60, 60))
    assert not Box(0, 0, 100, 100).shows_face_of(Box(100, 0, 200, 100))


def test_a_box_of_no_size_is_no_face() -> None:
    assert distinct([Detection(Box(5, 5, 6, 50), ()), Detection(Box(9, 9, 9, 9), ())]) == []


def test_the_box_around_five_points_moves_scales_and_leans_with_them() -> None:
    points = np.array(FACE.landmarks)
    box = head_box(points)
    assert box.width == box.height
    assert box.width == pytest.approx(3.8 * spread_of(points), abs=1)
    shifted = head_box(points * 3 + (300, 10))
    assert shifted.width == pytest.approx(3 * box.width, abs=3)
    assert (shifted.left, shifted.top) == pytest.approx((3 * box.left + 300, 3 * box.top + 10), abs=3)
    lying = turned(FACE, 1, WIDTH, HEIGHT)
    around = turned(Detection(box, ()), 1, WIDTH, HEIGHT).box
    found = head_box(np.array(lying.landmarks))
    assert (found.left, found.top, found.width) == pytest.approx((around.left, around.top, around.width), abs=2)


def test_points_at_one_place_have_no_spread() -> None:
    assert spread_of(((4.0, 4.0), (4.0, 4.0))) == 0
    assert head_box(np.full((5, 2), 7.0)).area == 0
