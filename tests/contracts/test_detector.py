"""What every Detector promises, shown on the real ones and on the fake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.embeddings.pictures import whole
from tests.fakes import FakeDetector, faceless_photo, painted_photo
from tracing.domain import Pixels
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.yunet import YunetDetector
from tracing.ports import Detector


@dataclass
class Subject:
    detector: Detector
    one: Pixels
    several: Pixels
    none: Pixels


def _photos(request: pytest.FixtureRequest) -> tuple[Pixels, Pixels, Pixels]:
    folder: Path = request.getfixturevalue("dev_set") / "negatives"
    names = ("rotated_pixels_0_reference.jpg", "many_family.jpg", "noface_mountain.jpg")
    one, several, none = (whole(PillowReader(), (folder / name).read_bytes()) for name in names)
    return one, several, none


def _fake(_: pytest.FixtureRequest) -> Subject:
    one, several, none = (whole(PillowReader(), data) for data in (painted_photo(), painted_photo(faces=4), faceless_photo()))
    return Subject(FakeDetector(), one, several, none)


def _hog(request: pytest.FixtureRequest) -> Subject:
    return Subject(HogDetector(doubled=1_000), *_photos(request))


def _yunet(request: pytest.FixtureRequest) -> Subject:
    weights: Path = request.getfixturevalue("weights") / "yunet_n_dynamic.onnx"
    return Subject(YunetDetector(lambda: weights), *_photos(request))


@pytest.fixture(
    params=[_fake, pytest.param(_hog, marks=pytest.mark.photos), pytest.param(_yunet, marks=pytest.mark.photos)],
    ids=["fake", "hog", "yunet"],
)
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param(request)


def test_one_face_is_found(subject: Subject) -> None:
    assert len(subject.detector.detect(subject.one)) == 1


def test_several_faces_are_all_found_the_largest_first(subject: Subject) -> None:
    areas = [face.box.area for face in subject.detector.detect(subject.several)]
    assert len(areas) > 2
    assert areas == sorted(areas, reverse=True)


def test_no_face_is_a_result(subject: Subject) -> None:
    assert subject.detector.detect(subject.none) == []


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (41, 39)])
def test_an_image_of_any_size_is_searched(subject: Subject, size: tuple[int, int]) -> None:
    assert subject.detector.detect(np.full((*size, 3), 128, dtype=np.uint8)) == []


def test_boxes_lie_in_the_image(subject: Subject) -> None:
    height, width = subject.several.shape[:2]
    for face in subject.detector.detect(subject.several):
        assert 0 <= face.box.left < face.box.right <= width
        assert 0 <= face.box.top < face.box.bottom <= height


def test_the_first_two_landmarks_are_the_eyes_from_left_to_right_in_the_upper_half_of_the_box(subject: Subject) -> None:
    for face in subject.detector.detect(subject.several):
        (left, left_y), (right, right_y) = face.landmarks[:2]
        assert face.box.left < left < right < face.box.right
        assert face.box.top < (left_y + right_y) / 2 < face.box.top + face.box.height * 0.6


def test_the_same_image_gives_the_same_faces(subject: Subject) -> None:
    assert subject.detector.detect(subject.several) == subject.detector.detect(subject.several)


def test_the_image_is_not_changed(subject: Subject) -> None:
    before = subject.one.copy()
    subject.detector.detect(subject.one)
    assert np.array_equal(subject.one, before)


def test_a_detector_has_a_name(subject: Subject) -> None:
    assert subject.detector.detector_id
