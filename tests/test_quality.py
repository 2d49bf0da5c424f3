"""Face quality: each fault has its hint, and the score falls with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from tracing.domain import Box, Landmarks, Pixels, Quality
from tracing.embeddings.detectors import HogDetector
from tracing.embeddings.imaging import PillowReader
from tracing.ports import Detection
from tracing.quality import WEIGHTS, assess

BOX = Box(60, 60, 220, 220)
FRONTAL: Landmarks = ((105.0, 120.0), (175.0, 120.0), (140.0, 170.0))


def face(shades: tuple[int, int] = (60, 190), size: int = 280) -> Pixels:
    """Not a face, but as bright, contrasty and sharp as one: a chequered pattern over soft light."""
    rows, columns = np.mgrid[:size, :size]
    dark, bright = shades
    pattern = ((rows // 8 + columns // 8) % 2) * 0.5 + 0.25 + 0.25 * np.sin(rows / 40)
    grey = dark + (bright - dark) * np.clip(pattern, 0, 1)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def quality(image: Pixels | None = None, box: Box = BOX, landmarks: Landmarks = FRONTAL, faces: int = 1) -> Quality:
    return assess(face() if image is None else image, Detection(box, landmarks), faces)


GOOD = quality()


def test_a_good_face_has_no_hints_and_nearly_the_full_score() -> None:
    assert GOOD.hints == ()
    assert GOOD.score > 0.9


def blurred() -> Pixels:
    return np.asarray(Image.fromarray(face()).filter(ImageFilter.GaussianBlur(6)))


FAULTS = {
    "too_dark": lambda: quality(face((2, 40))),
    "too_bright": lambda: quality(face((225, 255))),
    "low_contrast": lambda: quality(face((115, 140))),
    "blurred": lambda: quality(blurred()),
    "too_small": lambda: quality(box=Box(100, 100, 140, 140), landmarks=((112.0, 112.0), (128.0, 112.0), (120.0, 125.0))),
    "turned_away": lambda: quality(landmarks=((105.0, 120.0), (175.0, 120.0), (175.0, 165.0))),
}


@pytest.mark.parametrize("hint", FAULTS)
def test_each_fault_is_named_and_lowers_the_score(hint: str) -> None:
    found = FAULTS[hint]()
    assert hint in found.hints
    assert found.score < GOOD.score - 0.25


def test_several_faces_are_named_and_say_nothing_about_the_face() -> None:
    found = quality(faces=3)
    assert found.hints == ("several_faces",)
    assert found.score == GOOD.score


@pytest.mark.parametrize("box", [Box(0, 60, 160, 220), Box(60, 0, 220, 160), Box(120, 60, 280, 220), Box(60, 120, 220, 280)])
def test_a_face_at_the_edge_is_cut_off(box: Box) -> None:
    assert quality(box=box).hints == ("cut_off",)
    assert quality(box=box).score < GOOD.score


def test_a_head_that_leans_is_not_turned_away() -> None:
    leaning = ((105.0, 100.0), (165.0, 140.0), (108.0, 165.0))
    assert "turned_away" not in quality(landmarks=leaning).hints


def test_a_detector_without_a_nose_gives_no_fault_of_pose() -> None:
    assert quality(landmarks=FRONTAL[:2]).components["pose"] == 1


def test_sharpness_means_the_same_for_a_close_up() -> None:
    """Of the same scene four times as large, as a better camera gives it."""
    large = np.asarray(Image.fromarray(face()).resize((1120, 1120), Image.Resampling.BICUBIC))
    found = quality(large, Box(240, 240, 880, 880), tuple((x * 4, y * 4) for x, y in FRONTAL))
    assert found.components["sharpness"] == pytest.approx(GOOD.components["sharpness"], abs=0.25)


def test_more_blur_is_never_better() -> None:
    scores = [
        quality(np.asarray(Image.fromarray(face()).filter(ImageFilter.GaussianBlur(radius)))).components["sharpness"]
        for radius in (0, 1, 2, 4, 8)
    ]
    assert scores == sorted(scores, reverse=True)


HINTS = {"too_dark", "too_bright", "low_contrast", "blurred", "too_small", "turned_away", "several_faces", "cut_off"}
COORDINATE = st.integers(-50, 350)
POINT = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.builds(Box, COORDINATE, COORDINATE, COORDINATE, COORDINATE),
    st.lists(POINT, max_size=5).map(tuple),
    st.integers(0, 5),
    st.integers(0, 255),
)
def test_whatever_a_detector_says_there_is_a_quality(
    size: tuple[int, int], box: Box, landmarks: Landmarks, faces: int, shade: int
) -> None:
    found = quality(np.full((*size, 3), shade, dtype=np.uint8), box, landmarks, faces)
    assert set(found.components) == set(WEIGHTS) | {"single"}
    assert all(0 <= value <= 1 for value in (found.score, *found.components.values()))
    assert set(found.hints) <= HINTS


@pytest.mark.photos
def test_a_real_face_gets_worse_with_each_fault_of_the_photographer(dev_set: Path) -> None:
    original = PillowReader().read((dev_set / "negatives" / "rotated_pixels_0_reference.jpg").read_bytes())
    (detection,) = HogDetector().detect(original)
    good = assess(original, detection, 1)
    picture = Image.fromarray(original)
    spoiled = {
        "blurred": picture.filter(ImageFilter.GaussianBlur(detection.box.width / 30)),
        "too_dark": ImageEnhance.Brightness(picture).enhance(0.15),
        "too_bright": Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.92),
    }
    for hint, worse in spoiled.items():
        found = assess(np.asarray(worse), detection, 1)
        assert hint in found.hints
        assert found.score < good.score - 0.2
    assert good.hints == ()
