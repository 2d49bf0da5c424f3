"""Chips: the same as dlib's own for upright faces, and the same face whatever way the photo lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import whole
from tracing.domain import Box, Landmarks, Pixels
from tracing.embeddings.alignment import ARCFACE_POINTS, ARCFACE_SIDE, arcface_chips, dlib_chips, similarity
from tracing.embeddings.boxes import turned
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.yunet import YunetDetector
from tracing.ports import Detection


@pytest.fixture
def photo(dev_set: Path) -> Pixels:
    return whole(PillowReader(), (dev_set / "negatives/rotated_pixels_0_reference.jpg").read_bytes())


@pytest.fixture
def face(photo: Pixels, weights: Path) -> Detection:
    (found,) = YunetDetector(lambda: weights / "yunet_n_dynamic.onnx").detect(photo)
    return found


def away(one: Pixels, other: Pixels) -> float:
    """Mean difference of two chips, in steps of brightness."""
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.photos
def test_the_chip_of_a_box_is_the_one_that_dlib_cuts(photo: Pixels, face: Detection) -> None:
    import dlib

    from tracing.embeddings.dlib_models import five_points

    box = face.box
    shape = five_points()(photo, dlib.rectangle(box.left, box.top, box.right, box.bottom))
    (chip,) = dlib_chips(photo, [Detection(box, ())])
    assert np.array_equal(chip, dlib.get_face_chip(photo, shape, 150, 0.25))


@pytest.mark.photos
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_that_lies_on_its_side_gives_the_chip_that_it_gives_upright(
    photo: Pixels, face: Detection, quarters: int
) -> None:
    height, width = photo.shape[:2]
    lying = turned(face, quarters, width, height)
    image = np.rot90(photo, quarters)
    assert away(dlib_chips(image, [lying])[0], dlib_chips(photo, [face])[0]) < 1
    assert away(arcface_chips(image, [lying.landmarks])[0], arcface_chips(photo, [face.landmarks])[0]) < 3


@pytest.mark.photos
def test_a_part_of_the_photo_gives_the_very_chip_that_the_whole_gives(photo: Pixels, face: Detection) -> None:
    box, reach = face.box, round(1.5 * face.box.width)
    x, y = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    left, top = max(0, x - reach), max(0, y - reach)
    part = photo[top : y + reach, left : x + reach]
    assert part.shape != photo.shape
    inside = Detection(
        Box(box.left - left, box.top - top, box.right - left, box.bottom - top),
        tuple((across - left, down - top) for across, down in face.landmarks),
    )
    assert np.array_equal(dlib_chips(part, [inside]), dlib_chips(photo, [face]))


@pytest.mark.photos
def test_a_cut_off_face_starts_from_the_box_that_its_landmarks_stand_for(photo: Pixels, face: Detection) -> None:
    cut = photo[:, face.box.left + face.box.width // 4 :]
    shifted = tuple((x - face.box.left - face.box.width // 4, y) for x, y in face.landmarks)
    clipped = Detection(Box(0, face.box.top, face.box.right, face.box.bottom), shifted)
    whole_chip, cut_chip = dlib_chips(photo, [face])[0], dlib_chips(cut, [clipped])[0]
    assert away(whole_chip[:, 75:], cut_chip[:, 75:]) < 25


@pytest.mark.parametrize("box", [Box(-50, -50, 20, 20), Box(0, 0, 1, 1), Box(10_000, 10_000, 10_100, 10_100), Box(5, 5, 5, 5)])
def test_a_box_that_is_no_face_still_gives_a_chip(box: Box) -> None:
    assert dlib_chips(np.full((60, 50, 3), 90, dtype=np.uint8), [Detection(box, ())]).shape == (1, 150, 150, 3)


def test_the_best_turn_scale_and_shift_is_found() -> None:
    angle, scale = 0.4, 2.5
    turn = scale * np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    target = ARCFACE_POINTS @ turn.T + (7, -3)
    found = similarity(ARCFACE_POINTS, target)
    assert found == pytest.approx(np.column_stack([turn, (7, -3)]))


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = ARCFACE_POINTS * (-1, 1)
    found = similarity(ARCFACE_POINTS, mirrored)
    assert found[0, 0] * found[1, 1] - found[0, 1] * found[1, 0] > 0


@pytest.mark.parametrize("scale", [0.5, 1, 3, 9.7])
def test_arcface_landmarks_come_to_lie_where_they_belong(scale: float) -> None:
    canvas = np.zeros((int(220 * scale), int(220 * scale), 3), dtype=np.uint8)
    landmarks: Landmarks = tuple((float(x), float(y)) for x, y in (ARCFACE_POINTS + 40) * scale)
    for x, y in landmarks:
        half = max(1, round(2 * scale))
        canvas[round(y) - half : round(y) + half, round(x) - half : round(x) + half] = 255
    (chip,) = arcface_chips(canvas, [landmarks])
    assert chip.shape == (ARCFACE_SIDE, ARCFACE_SIDE, 3)
    for x, y in ARCFACE_POINTS:
        assert chip[round(y), round(x)].max() > 100
    assert chip.mean() < 20


def test_two_eyes_alone_are_enough_for_a_chip() -> None:
    eyes: Landmarks = tuple((float(x) + 40, float(y) + 40) for x, y in ARCFACE_POINTS[:2])
    picture = np.asarray(Image.linear_gradient("L").convert("RGB"))
    one = arcface_chips(picture, [eyes])[0]
    assert away(one, picture[40 : 40 + ARCFACE_SIDE, 40 : 40 + ARCFACE_SIDE]) < 2


@pytest.mark.parametrize(
    "landmarks", [((5_000.0, 5_000.0), (5_040.0, 5_000.0)), ((9.0, 9.0), (9.0, 9.0)), ((-90.0, -90.0), (-60.0, -90.0))]
)
def test_eyes_that_are_nowhere_give_a_black_chip(landmarks: Landmarks) -> None:
    chip = arcface_chips(np.full((50, 50, 3), 200, dtype=np.uint8), [landmarks])
    assert chip.shape == (1, ARCFACE_SIDE, ARCFACE_SIDE, 3)


def test_no_face_gives_no_chip() -> None:
    image = np.zeros((50, 50, 3), dtype=np.uint8)
    assert dlib_chips(image, []).shape == (0, 150, 150, 3)
    assert arcface_chips(image, []).shape == (0, ARCFACE_SIDE, ARCFACE_SIDE, 3)
