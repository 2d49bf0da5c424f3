"""dlib's HOG detector beside face_recognition, which uses the same one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embeddings.pictures import whole
from tracing.domain import Box, Pixels
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.imaging import PillowReader

pytestmark = pytest.mark.photos


def face_recognition() -> Any:
    return import_module("face_recognition")


@pytest.fixture
def photo(dev_set: Path) -> Pixels:
    return whole(PillowReader(), (dev_set / "negatives/rotated_pixels_0_reference.jpg").read_bytes())


def sides(box: Box) -> tuple[int, int, int, int]:
    return box.top, box.right, box.bottom, box.left


@pytest.mark.parametrize(
    "name", ["negatives/rotated_pixels_0_reference.jpg", "negatives/many_family.jpg", "people/lfw__Goldie_Hawn"]
)
def test_a_doubled_image_shows_what_it_shows_to_face_recognition(dev_set: Path, name: str) -> None:
    path = dev_set / name
    image = whole(PillowReader(), (sorted(path.iterdir())[0] if path.is_dir() else path).read_bytes())
    assert {sides(face.box) for face in HogDetector(doubled=1_000).detect(image)} == set(
        face_recognition().face_locations(image)
    )


def test_a_larger_image_is_searched_in_its_own_size(photo: Pixels) -> None:
    assert max(photo.shape) > 320
    api = face_recognition()
    assert {sides(face.box) for face in HogDetector().detect(photo)} == set(api.face_locations(photo, 0))


def test_a_view_into_a_larger_array_is_fine(photo: Pixels) -> None:
    padded = np.pad(photo, ((7, 5), (3, 9), (0, 0)))
    view = padded[7:-5, 3:-9]
    assert not view.flags.c_contiguous
    assert HogDetector().detect(view) == HogDetector().detect(photo)


def test_threads_get_what_one_thread_gets(photo: Pixels) -> None:
    detector = HogDetector()
    alone = detector.detect(photo)
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda _: detector.detect(photo) == alone, range(8)))
