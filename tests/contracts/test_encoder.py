"""What every Encoder promises, shown on the real one and on the fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeDetector, FakeEncoder, painted_photo
from tracing.domain import Pixels, Vector
from tracing.embeddings.detectors import HogDetector
from tracing.embeddings.encoders import FaceRecognitionEncoder
from tracing.embeddings.imaging import PillowReader
from tracing.ports import Detector, Encoder, Metric


@dataclass
class Subject:
    encoder: Encoder
    detector: Detector
    person: Pixels
    person_again: Pixels
    somebody_else: Pixels
    group: Pixels

    def template(self, image: Pixels) -> Vector:
        return self.encoder.encode(image, self.detector.detect(image)[:1])[0]


def _fake(_: Callable[[], Path]) -> Subject:
    photos = (painted_photo(7), painted_photo(7, shot=1), painted_photo(8), painted_photo(7, faces=3))
    return Subject(FakeEncoder(), FakeDetector(), *map(PillowReader().read, photos))


def _dlib(dev_set: Callable[[], Path]) -> Subject:
    people = dev_set() / "people" / "lfw__Tony_Stewart"
    person, again = sorted(people.iterdir())[:2]
    other = sorted((dev_set() / "people" / "lfw__Goldie_Hawn").iterdir())[0]
    photos = (person, again, other, dev_set() / "negatives" / "many_family.jpg")
    return Subject(FaceRecognitionEncoder(), HogDetector(), *(PillowReader().read(photo.read_bytes()) for photo in photos))


@pytest.fixture(params=[_fake, pytest.param(_dlib, marks=pytest.mark.photos)], ids=["fake", "dlib"])
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param(lambda: request.getfixturevalue("dev_set"))


def cosine(one: Vector, other: Vector) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def test_a_batch_gives_one_finite_float32_row_per_face_in_order(subject: Subject) -> None:
    faces = subject.detector.detect(subject.group)
    vectors = subject.encoder.encode(subject.group, faces)
    assert vectors.shape == (len(faces), subject.encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert np.array_equal(subject.encoder.encode(subject.group, faces[::-1]), vectors[::-1])


def test_no_faces_give_no_rows(subject: Subject) -> None:
    assert subject.encoder.encode(subject.person, []).shape == (0, subject.encoder.dimension)


def test_the_same_face_gives_the_same_template(subject: Subject) -> None:
    assert np.array_equal(subject.template(subject.person), subject.template(subject.person))


def test_another_photo_of_a_person_is_nearer_than_somebody_else(subject: Subject) -> None:
    person, again, other = map(subject.template, (subject.person, subject.person_again, subject.somebody_else))
    assert cosine(person, again) > cosine(person, other)
    assert cosine(person, again) > cosine(again, other)


def test_an_encoder_says_how_its_templates_are_compared(subject: Subject) -> None:
    assert subject.encoder.encoder_id
    assert subject.encoder.metric in Metric
