"""Face quality: each fault has its hint, the score falls with it, and a face that lies on its side is as good as upright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from tests.portraits import BOX, FIVE, SIDE, THREE, portrait, seen, turned
from tracing.domain import Box, Landmarks, NoFaceReason, Pixels, Quality
from tracing.ports import Detection
from tracing.quality import HINTS, POOR, SEVERITY, assess, no_face_reason

PORTRAIT = portrait()
YAWED: Landmarks = ((118.0, 120.0), (168.0, 120.0), (168.0, 163.0), (121.0, 200.0), (160.0, 200.0))
LOOKING_UP: Landmarks = ((105.0, 140.0), (175.0, 140.0), (140.0, 145.0), (109.0, 205.0), (171.0, 205.0))


def quality(image: Pixels = PORTRAIT, landmarks: Landmarks = FIVE, box: Box = BOX, faces: int = 1) -> Quality:
    return assess(image, Detection(box, landmarks), faces)


def resized(image: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BOX))


def scaled(factor: float, landmarks: Landmarks = FIVE) -> tuple[Landmarks, Box]:
    """Where the face is in a copy so many times as large; the middle of a pixel is at its whole number."""
    sides = (round(side * factor) for side in (BOX.left, BOX.top, BOX.right, BOX.bottom))
    return tuple(((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5) for x, y in landmarks), Box(*sides)


def blurred(radius: float) -> Pixels:
    return np.asarray(Image.fromarray(PORTRAIT).filter(ImageFilter.GaussianBlur(radius)))


def shaken(across: float = 0, down: float = 0, image: Pixels = PORTRAIT) -> Pixels:
    """Moved by so many pixels while the shutter was open."""
    steps = np.linspace(-0.5, 0.5, round(max(abs(across), abs(down))) + 1)
    moved = [np.roll(image, (round(down * step), round(across * step)), (0, 1)) for step in steps]
    return np.mean(moved, axis=0).astype(np.uint8)


def lit_from_the_left() -> Pixels:
    light = np.interp(np.arange(SIDE), (60, 130, 150, 220), (1.1, 1.1, 0.25, 0.25))
    return seen(PORTRAIT * light[None, :, None])


def small() -> Quality:
    landmarks, box = scaled(0.2)
    return quality(resized(PORTRAIT, 56), landmarks, box)


GOOD = quality()


def test_a_good_face_has_no_hints_and_nearly_the_full_score() -> None:
    assert GOOD.hints == ()
    assert GOOD.score > 0.95
    assert set(GOOD.components) == set(SEVERITY)


FAULTS = {
    "too_dark": lambda: quality(seen(PORTRAIT, 0.12)),
    "too_bright": lambda: quality(seen(PORTRAIT, 1.9, 60)),
    "low_contrast": lambda: quality(seen(PORTRAIT, 0.12, 110)),
    "blurred": lambda: quality(blurred(6)),
    "too_small": small,
    "turned_away": lambda: quality(landmarks=YAWED),
    "looking_up_or_down": lambda: quality(landmarks=LOOKING_UP),
    "eyes_hidden": lambda: quality(portrait(glasses=True)),
    "mouth_hidden": lambda: quality(portrait(mask=(225, 228, 230))),
}


@pytest.mark.parametrize("hint", FAULTS)
def test_each_fault_is_named_alone_and_lowers_the_score(hint: str) -> None:
    found = FAULTS[hint]()
    assert found.hints == (hint,)
    assert found.score < GOOD.score - 0.25


def test_uneven_light_is_named_and_weighs_nothing_by_itself() -> None:
    found = quality(lit_from_the_left())
    assert "uneven_light" in found.hints
    assert found.components["uniformity"] < POOR
    assert SEVERITY["uniformity"] == 0


def test_several_faces_are_named_and_say_nothing_about_the_face() -> None:
    found = quality(faces=3)
    assert found.hints == ("several_faces",)
    assert found.score == GOOD.score


@pytest.mark.parametrize("box", [Box(0, 60, 160, 220), Box(60, 0, 220, 160), Box(120, 60, 280, 220), Box(60, 120, 220, 280)])
def test_a_face_at_the_edge_is_cut_off(box: Box) -> None:
    assert quality(box=box).hints == ("cut_off",)
    assert quality(box=box).score < GOOD.score


@pytest.mark.parametrize("hint", [*FAULTS, "uneven_light", "several_faces", "cut_off"])
def test_every_hint_that_is_given_is_one_of_the_stable_words(hint: str) -> None:
    assert hint in HINTS
    assert len(HINTS) == len(FAULTS) + 3


# Part of a photo


def test_a_part_of_the_photo_tells_the_same_as_the_whole() -> None:
    whole = np.pad(PORTRAIT, ((300, 200), (100, 400), (0, 0)), mode="edge")
    shifted = tuple((x + 100, y + 300) for x, y in FIVE)
    there = assess(whole, Detection(Box(155, 365, 325, 535), shifted), 1)
    here = assess(PORTRAIT, Detection(BOX, FIVE), 1, frame=Box(-100, -300, 680, 480))
    assert here == there


def test_whether_a_face_is_cut_off_is_told_by_the_frame_and_not_by_the_part() -> None:
    part, inside = PORTRAIT[BOX.top : BOX.bottom, BOX.left : BOX.right], Box(0, 0, BOX.width, BOX.height)
    moved = tuple((x - BOX.left, y - BOX.top) for x, y in FIVE)
    assert "cut_off" in assess(part, Detection(inside, moved), 1).hints
    assert "cut_off" not in assess(part, Detection(inside, moved), 1, frame=Box(-50, -50, 400, 400)).hints
    assert "cut_off" in assess(part, Detection(inside, moved), 1, frame=Box(0, -50, 400, 400)).hints


# Turned and leaning faces


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("landmarks", [FIVE, THREE, FIVE[:2], YAWED])
@pytest.mark.parametrize(
    "spoil", [lambda: PORTRAIT, lit_from_the_left, lambda: shaken(across=12), lambda: portrait(glasses=True)]
)
def test_a_face_that_lies_on_its_side_or_head_is_as_good_as_upright(
    spoil: Callable[[], Pixels], landmarks: Landmarks, quarters: int
) -> None:
    image = spoil()
    upright = Detection(BOX, landmarks)
    lying = assess(np.rot90(image, quarters), turned(upright, quarters), 1)
    assert lying.hints == quality(image, landmarks).hints
    assert lying.components == pytest.approx(quality(image, landmarks).components, abs=0.02)


def test_a_large_face_that_lies_on_its_side_is_as_good_as_upright() -> None:
    """Larger ones are averaged down in blocks, which do not fall on the same pixels any more."""
    side = 1000
    landmarks, box = scaled(side / SIDE)
    image = np.asarray(Image.fromarray(blurred(2)).resize((side, side), Image.Resampling.BICUBIC))
    upright = assess(image, Detection(box, landmarks), 1)
    for quarters in (1, 2, 3):
        lying = assess(np.rot90(image, quarters), turned(Detection(box, landmarks), quarters, side), 1)
        assert lying.components == pytest.approx(upright.components, abs=0.02)


@pytest.mark.parametrize("landmarks", [FIVE, THREE])
def test_eyes_named_by_their_places_in_an_upside_down_picture_change_nothing(landmarks: Landmarks) -> None:
    """Left and right in the picture, instead of the subject's right and left."""
    detection = turned(Detection(BOX, landmarks), 2)
    swapped = tuple(detection.landmarks[place] for place in (1, 0, 2, 4, 3)[: len(landmarks)])
    found = assess(np.rot90(PORTRAIT, 2), Detection(detection.box, swapped), 1)
    assert found.components == pytest.approx(quality(landmarks=landmarks).components, abs=0.02)


def test_a_head_that_leans_is_not_turned_away() -> None:
    for degrees in (-40, 25, 60):
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        leaning = tuple((140 + (x - 140) * cos - (y - 150) * sin, 150 + (x - 140) * sin + (y - 150) * cos) for x, y in FIVE)
        found = quality(np.asarray(Image.fromarray(PORTRAIT).rotate(-degrees, center=(140, 150), resample=2)), leaning)
        assert found.hints == ()
        assert found.components["pose"] == found.components["pitch"] == 1


def test_a_detector_with_three_landmarks_tells_the_pose_and_nothing_of_the_mouth() -> None:
    assert quality(landmarks=THREE).components["pose"] == 1
    assert "turned_away" in quality(landmarks=(*FIVE[:2], (175.0, 165.0))).hints
    assert quality(portrait(mask=(225, 228, 230)), THREE).hints == ()


def test_a_detector_without_a_nose_gives_no_fault_of_pose() -> None:
    assert quality(landmarks=FIVE[:2]).components["pose"] == 1


def test_a_turned_head_is_no_smaller_for_its_eyes_standing_closer() -> None:
    landmarks, box = scaled(0.5, YAWED)
    found = assess(resized(PORTRAIT, 140), Detection(box, landmarks), 1)
    narrow = assess(resized(PORTRAIT, 140), Detection(box, landmarks[:3]), 1)
    assert found.components["size"] > narrow.components["size"] + 0.2


# Sharpness and light


@pytest.mark.parametrize("factor", [0.6, 1.5, 2, 3, 4, 9.3])
def test_sharpness_means_the_same_for_a_close_up(factor: float) -> None:
    """Of the same scene larger or smaller, as another camera gives it."""
    soft = blurred(4)
    landmarks, box = scaled(factor)
    large = np.asarray(Image.fromarray(soft).resize((round(SIDE * factor),) * 2, Image.Resampling.BICUBIC))
    sharpness = quality(soft).components["sharpness"]
    assert 0.2 < sharpness < 0.8
    assert quality(large, landmarks, box).components["sharpness"] == pytest.approx(sharpness, abs=0.1)


def test_more_blur_is_never_better() -> None:
    scores = [quality(blurred(radius)).components["sharpness"] for radius in (0, 1, 2, 4, 8)]
    assert scores == sorted(scores, reverse=True)
    assert (scores[0], scores[-1]) == (1, 0)


@pytest.mark.parametrize("motion", [(24, 0), (0, 24), (17, 17), (17, -17)])
def test_a_shaking_hand_takes_sharpness_in_whatever_direction(motion: tuple[float, float]) -> None:
    assert quality(shaken(*motion)).components["sharpness"] < 0.75


def test_noise_is_not_taken_for_sharpness() -> None:
    noise = np.random.default_rng(1).normal(0, 12, PORTRAIT.shape)
    assert quality(seen(blurred(6) + noise)).components["sharpness"] < POOR
    assert quality(seen(PORTRAIT + noise)).components["sharpness"] > 0.9


@pytest.mark.parametrize("gain", [0.35, 0.6, 1.0, 1.25])
def test_no_skin_is_called_a_fault_of_the_photo(gain: float) -> None:
    assert quality(seen(PORTRAIT, gain)).hints == ()


def test_a_mouth_that_is_too_blurred_or_pale_to_be_seen_is_not_called_covered() -> None:
    for spoiled in (blurred(12), seen(PORTRAIT, 0.06, 120)):
        assert "mouth_hidden" not in quality(spoiled).hints


@pytest.mark.parametrize("colour", [(225, 228, 230), (150, 190, 225), (35, 35, 38), (205, 160, 135)])
def test_masks_of_any_one_colour_are_seen(colour: tuple[int, int, int]) -> None:
    assert quality(portrait(mask=colour)).hints == ("mouth_hidden",)


def test_a_second_fault_makes_it_worse_and_none_makes_it_nothing() -> None:
    one, two = quality(blurred(4)), quality(seen(blurred(4), 0.2))
    assert 0 < two.score < one.score < GOOD.score


# Whatever a detector says

COORDINATE = st.integers(-50, 350)
POINT = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)) | st.tuples(st.floats(0, 60), st.floats(0, 60))


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.builds(Box, COORDINATE, COORDINATE, COORDINATE, COORDINATE),
    st.lists(POINT, max_size=6).map(tuple),
    st.integers(0, 5),
    st.integers(0, 2**32),
)
def test_whatever_a_detector_says_there_is_a_quality(
    size: tuple[int, int], box: Box, landmarks: Landmarks, faces: int, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    found = quality(image, landmarks, box, faces)
    assert set(found.components) == set(SEVERITY)
    assert all(0 <= value <= 1 for value in (found.score, *found.components.values()))
    assert set(found.hints) <= set(HINTS)


@pytest.mark.parametrize("landmarks", [(), ((3.0, 3.0),), ((50.0, 50.0),) * 5, ((float("nan"), 1.0),) * 5])
def test_without_two_eyes_a_face_is_poor_and_no_error(landmarks: Landmarks) -> None:
    found = quality(landmarks=landmarks)
    assert "too_small" in found.hints
    assert found.components["size"] == 0


# A photo without a face


def photo(width: int = 600, height: int = 800) -> Pixels:
    """A sharp scene."""
    picture = Image.fromarray(PORTRAIT).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def softened(radius: float) -> Pixels:
    return np.asarray(Image.fromarray(photo()).filter(ImageFilter.GaussianBlur(radius)))


def dragged(by: int) -> Pixels:
    return np.mean([np.roll(photo(), step, 1) for step in range(0, by, 4)], axis=0).astype(np.uint8)


REASONS = {
    "a sharp one": (photo, NoFaceReason.NOT_FOUND),
    "a dark one": (lambda: seen(photo(), 0.2), NoFaceReason.TOO_DARK),
    "a black one": (lambda: np.zeros((300, 300, 3), dtype=np.uint8), NoFaceReason.TOO_DARK),
    "a glaring one": (lambda: seen(photo(), 0.5, 200), NoFaceReason.TOO_BRIGHT),
    "one out of focus": (lambda: softened(12), NoFaceReason.BLURRED),
    "one of a moving phone": (lambda: dragged(80), NoFaceReason.BLURRED),
    "a tiny one": (lambda: photo(60, 48), NoFaceReason.TOO_SMALL),
    "a wall": (lambda: np.full((300, 400, 3), 128, dtype=np.uint8), NoFaceReason.NOT_FOUND),
    "a narrow one": (lambda: np.tile(photo(64, 64), (1, 60, 1)), NoFaceReason.NOT_FOUND),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_photo_without_a_face_has_its_reason(name: str) -> None:
    make, reason = REASONS[name]
    assert no_face_reason(make()) is reason


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_reason_does_not_depend_on_how_the_phone_was_held(quarters: int) -> None:
    for make, reason in REASONS.values():
        assert no_face_reason(np.rot90(make(), quarters)) is reason


@pytest.mark.parametrize("factor", [0.4, 1.0, 4.0])
def test_the_reason_does_not_depend_on_the_camera(factor: float) -> None:
    size = (round(600 * factor), round(800 * factor))
    for make, reason in ((photo, NoFaceReason.NOT_FOUND), (lambda: softened(14), NoFaceReason.BLURRED)):
        assert no_face_reason(np.asarray(Image.fromarray(make()).resize(size, Image.Resampling.BICUBIC))) is reason


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32))
def test_every_photo_has_a_reason(width: int, height: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert no_face_reason(image) in NoFaceReason


# Real faces; the landmarks are YuNet's

MASKED = {
    "one": ("occluded_mask.jpg", ((507, 428), (663, 477), (588, 543), (456, 565), (592, 608))),
    "left of two": ("two_masked.jpg", ((311, 516), (493, 542), (415, 633), (277, 688), (449, 711))),
    "right of two": ("two_masked.jpg", ((590, 511), (741, 492), (655, 620), (620, 684), (754, 667))),
}
SUNGLASSES = {
    "bolly__Arshad_Warsi/Arshad_Warsi.59.jpg": ((21, 23), (44, 24), (31, 38), (22, 46), (41, 47)),
    "bolly__John_Abraham/John_Abraham.35.jpg": ((21, 25), (38, 25), (29, 35), (23, 42), (37, 42)),
    "bolly__Ranbir_Kapoor/Ranbir_Kapoor.89.jpg": ((21, 25), (41, 25), (32, 36), (24, 44), (40, 44)),
}
PLAIN = {
    "rotated_pixels_0_reference.jpg": ((153, 170), (206, 167), (190, 203), (157, 229), (204, 228)),
    "rotated_exif6_real.jpg": ((196, 206), (271, 222), (242, 264), (181, 294), (237, 309)),
    "screen_photo.jpg": ((347, 216), (384, 216), (368, 238), (348, 256), (380, 256)),
}


def read(path: Path) -> Pixels:
    picture = Image.open(path)
    upright = picture.transpose(Image.Transpose.ROTATE_270) if "exif6" in path.name else picture
    return np.asarray(upright.convert("RGB"))


def of_points(image: Pixels, points: tuple[tuple[float, float], ...]) -> Quality:
    xs, ys = zip(*points, strict=True)
    return assess(image, Detection(Box(min(xs), min(ys), max(xs), max(ys)), points), 1)


@pytest.mark.photos
@pytest.mark.parametrize("name", MASKED)
def test_real_masks_are_seen(name: str, dev_set: Path) -> None:
    file, points = MASKED[name]
    found = of_points(read(dev_set / "negatives" / file), points)
    assert "mouth_hidden" in found.hints
    assert "eyes_hidden" not in found.hints


@pytest.mark.photos
@pytest.mark.parametrize("name", SUNGLASSES)
def test_real_dark_glasses_are_seen(name: str, dev_set: Path) -> None:
    found = of_points(read(dev_set / "people" / name), SUNGLASSES[name])
    assert "eyes_hidden" in found.hints
    assert "mouth_hidden" not in found.hints


@pytest.mark.photos
@pytest.mark.parametrize("name", PLAIN)
def test_a_real_face_gets_worse_with_each_fault_of_the_photographer(name: str, dev_set: Path) -> None:
    original, points = read(dev_set / "negatives" / name), PLAIN[name]
    good = of_points(original, points)
    assert good.hints == ()
    between_eyes = points[1][0] - points[0][0]
    spoiled = {
        "blurred": np.asarray(Image.fromarray(original).filter(ImageFilter.GaussianBlur(between_eyes / 12))),
        "too_dark": seen(original, 0.12),
        "too_bright": seen(original, 0.1, 235),
        "low_contrast": seen(original, 0.1, 110),
    }
    for hint, worse in spoiled.items():
        found = of_points(worse, points)
        assert hint in found.hints
        assert found.score < good.score - 0.2


@pytest.mark.photos
@pytest.mark.parametrize("motion", [(1.0, 0.0), (0.0, 1.0), (0.7, 0.7), (0.7, -0.7)])
def test_a_real_face_is_blurred_by_a_shaking_hand_in_whatever_direction(motion: tuple[float, float], dev_set: Path) -> None:
    """A third of the distance between the eyes."""
    for name, points in PLAIN.items():
        third = (points[1][0] - points[0][0]) / 3
        moved = shaken(motion[0] * third, motion[1] * third, read(dev_set / "negatives" / name))
        assert "blurred" in of_points(moved, points).hints


@pytest.mark.photos
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_real_face_that_lies_on_its_side_is_as_good_as_upright(quarters: int, dev_set: Path) -> None:
    for name, points in PLAIN.items():
        image = read(dev_set / "negatives" / name)
        for _ in range(quarters):
            image, points = np.rot90(image), tuple((y, image.shape[1] - 1 - x) for x, y in points)
        upright = of_points(read(dev_set / "negatives" / name), PLAIN[name])
        lying = of_points(image, points)
        assert lying.components == pytest.approx(upright.components, abs=0.05)


@pytest.mark.photos
def test_hardly_any_photo_of_the_labelled_people_would_be_called_too_dark_or_blurred(dev_set: Path) -> None:
    """Had no face been found in it; some are dark, and the old ones of FG-NET are blurred."""
    photos = sorted((dev_set / "people").glob("*/*"))[::3]
    reasons = [no_face_reason(read(path)) for path in photos if not path.name.startswith("bolly")]
    assert reasons.count(NoFaceReason.NOT_FOUND) / len(reasons) > 0.93
