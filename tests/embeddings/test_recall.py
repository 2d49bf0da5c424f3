"""On the labelled photos: nobody is lost whom face_recognition finds, and the templates are the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.bench.recall import measure
from tests.conftest import SHARED, missing
from tests.embeddings.pictures import whole
from tracing.domain import Box, Pixels
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.examiner import PhotoExaminer
from tracing.ports import Detection

pytestmark = [pytest.mark.photos, pytest.mark.long]

ENCODER = "dlib-resnet-v1"
LARGEST = 13_000_000
"""Pixels of the largest photo that face_recognition is asked about: it takes five seconds for that, a minute for 36 million."""


@pytest.fixture(scope="module")
def examiner(weights: Path, own_models: Path) -> PhotoExaminer:
    return make_examiner([ENCODER], [weights, own_models])


@pytest.fixture(scope="module")
def packages_alone(own_models: Path) -> PhotoExaminer:
    return make_examiner([ENCODER], [own_models])


@dataclass
class Theirs:
    """What face_recognition finds in a photo by default, and the templates of that."""

    photo: Path
    boxes: list[Box]
    templates: list[Any] = field(default_factory=list)


@pytest.fixture(scope="module")
def theirs() -> list[Theirs]:
    people = SHARED / "data" / "dev_set" / "people"
    if not people.is_dir():
        missing("photos", f"the labelled photos are not at {people}")
    return list(_face_recognition(people))


def _face_recognition(people: Path) -> Iterator[Theirs]:
    api = import_module("face_recognition")
    for photo in sorted(people.glob("*/*")):
        image: Pixels = api.load_image_file(photo)
        if image.shape[0] * image.shape[1] > LARGEST:
            continue
        sides = api.face_locations(image)
        boxes = [Box(left, top, right, bottom) for top, right, bottom, left in sides]
        yield Theirs(photo, boxes, api.face_encodings(image, sides, model="small"))


def shows(face: Detection, box: Box) -> bool:
    """Whether both boxes are around one face: the middles lie apart by less than half of its width."""
    across = face.box.left + face.box.right - box.left - box.right
    down = face.box.top + face.box.bottom - box.top - box.bottom
    return math.hypot(across, down) / 2 < box.width / 2


def test_no_face_is_lost_that_face_recognition_finds(theirs: list[Theirs], examiner: PhotoExaminer) -> None:
    lost, found = [], 0
    for each in theirs:
        seen = [face.detection for face in examiner.examine(each.photo.read_bytes(), []).faces]
        lost += [(each.photo.name, box) for box in each.boxes if not any(shows(face, box) for face in seen)]
        found += len(each.boxes)
    assert found > 290
    assert lost == []


def test_nobody_is_missed_in_the_labelled_photos(dev_set: Path, examiner: PhotoExaminer) -> None:
    photos = sorted((dev_set / "people").glob("*/*"))
    assert len(photos) == 301
    assert [photo.name for photo in photos if not examiner.examine(photo.read_bytes(), []).faces] == []


def test_the_packages_alone_lose_no_photo_in_which_face_recognition_finds_a_face(
    theirs: list[Theirs], packages_alone: PhotoExaminer
) -> None:
    lost = [each.photo.name for each in theirs if each.boxes and not packages_alone.examine(each.photo.read_bytes(), []).faces]
    assert lost == []


def test_templates_are_those_of_face_recognition_on_every_photo(theirs: list[Theirs], examiner: PhotoExaminer) -> None:
    largest = 0.0
    for each in theirs:
        mine = examiner.encode(each.photo.read_bytes(), [Detection(box, ()) for box in each.boxes], [ENCODER])
        for vectors, template in zip(mine, each.templates, strict=True):
            largest = max(largest, float(np.abs(vectors[ENCODER] - template).max()))
    assert 0 < largest <= 1e-5, "1e-4 is where another generation begins; the network alone is better than 1e-5"


LEAST = {"lfw": 0.999, "asianfaces": 0.999, "fgnet": 0.995}


@pytest.mark.parametrize("source", LEAST)
def test_the_labelled_person_is_found_and_nobody_else_is_enrolled(source: str, dev_set: Path, examiner: PhotoExaminer) -> None:
    result = measure(dev_set.parent / "calibration" / source, examiner)
    assert result.photos > 370
    assert result.found >= LEAST[source] * result.photos
    assert (result.wrong, result.unreadable) == ([], [])
    assert result.taken >= result.several // 10


def test_several_faces_of_which_none_dominates_wait_for_a_person(dev_set: Path, examiner: PhotoExaminer) -> None:
    for photo in sorted((dev_set / "negatives").glob("many_*")):
        seen = examiner.examine(photo.read_bytes(), [ENCODER])
        assert len(seen.faces) >= 4
        assert seen.subject is None
        assert not any(face.vectors for face in seen.faces)


TURNED = {
    "exif8_fgnet__002__002A38.jpg": "fgnet__002/002A38.jpg",
    "exif6_fgnet__009__009A22b.jpg": "fgnet__009/009A22b.jpg",
    "exif3_lfw__Tony_Stewart__Tony_Stewart_0006.jpg": "lfw__Tony_Stewart/Tony_Stewart_0006.jpg",
}


def likeness(one: Any, other: Any) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


@pytest.mark.parametrize("turned", TURNED)
def test_a_photo_turned_by_its_tag_gives_the_template_of_its_original(
    turned: str, dev_set: Path, examiner: PhotoExaminer
) -> None:
    lying = examiner.examine((dev_set / "negatives" / turned).read_bytes(), [ENCODER])
    original = examiner.examine((dev_set / "people" / TURNED[turned]).read_bytes(), [ENCODER])
    (one,), (other,) = lying.faces, original.faces
    assert likeness(one.vectors[ENCODER], other.vectors[ENCODER]) > 0.99


@pytest.mark.parametrize("name", ["rotated_pixels_90.jpg", "rotated_pixels_180.jpg"])
def test_a_photo_turned_in_its_pixels_gives_the_template_of_the_upright_one(
    name: str, dev_set: Path, examiner: PhotoExaminer
) -> None:
    folder = dev_set / "negatives"
    (lying,) = examiner.examine((folder / name).read_bytes(), [ENCODER]).faces
    (upright,) = examiner.examine((folder / "rotated_pixels_0_reference.jpg").read_bytes(), [ENCODER]).faces
    assert likeness(lying.vectors[ENCODER], upright.vectors[ENCODER]) > 0.99
    assert whole(examiner.reader, (folder / name).read_bytes()).size > 0
