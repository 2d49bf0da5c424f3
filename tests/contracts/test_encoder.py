"""What every Encoder promises, shown on the real one and on the fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.embeddings.pictures import whole
from tests.fakes import FakeDetector, FakeEncoder, painted_photo
from tracing.domain import Pixels, Vector
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.yunet import YunetDetector
from tracing.ports import Detector, Encoder, Metric

ENCODERS = ("dlib-resnet-v1", "mobilefacenet-128", "dlib-resnet-v1-mirrored", "dlib-mobilefacenet-256-v2")
"""Those whose weights are here."""


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


def _fake(_: pytest.FixtureRequest) -> Subject:
    photos = (painted_photo(7), painted_photo(7, shot=1), painted_photo(8), painted_photo(7, faces=3))
    return Subject(FakeEncoder(), FakeDetector(), *(whole(PillowReader(), photo) for photo in photos))


def _photos(request: pytest.FixtureRequest) -> Iterator[Pixels]:
    dev_set: Path = request.getfixturevalue("dev_set")
    person, again = sorted((dev_set / "people" / "lfw__Tony_Stewart").iterdir())[:2]
    other = sorted((dev_set / "people" / "lfw__Goldie_Hawn").iterdir())[0]
    for photo in (person, again, other, dev_set / "negatives" / "many_family.jpg"):
        yield whole(PillowReader(), photo.read_bytes())


def _real(encoder_id: str, detector: Callable[[Path], Detector]) -> Callable[[pytest.FixtureRequest], Subject]:
    def subject(request: pytest.FixtureRequest) -> Subject:
        folders = (request.getfixturevalue("weights"), request.getfixturevalue("own_models"))
        encoder = make_examiner([encoder_id], folders).encoders[encoder_id]
        return Subject(encoder, detector(folders[0]), *_photos(request))

    return subject


def _yunet(weights: Path) -> Detector:
    return YunetDetector(lambda: weights / "yunet_n_dynamic.onnx")


def _hog(_: Path) -> Detector:
    return HogDetector(doubled=1_000)


REAL = {
    f"{encoder} on {name}": (encoder, detector) for encoder in ENCODERS for name, detector in (("hog", _hog), ("yunet", _yunet))
}


@pytest.fixture(
    params=[_fake, *(pytest.param(_real(*each), marks=pytest.mark.photos) for each in REAL.values())], ids=["fake", *REAL]
)
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param(request)


def cosine(one: Vector, other: Vector) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def test_a_batch_gives_one_finite_float32_row_per_face_in_order(subject: Subject) -> None:
    faces = subject.detector.detect(subject.group)
    vectors = subject.encoder.encode(subject.group, faces)
    assert vectors.shape == (len(faces), subject.encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert subject.encoder.encode(subject.group, faces[::-1]) == pytest.approx(vectors[::-1], abs=1e-5)
    alone = np.concatenate([subject.encoder.encode(subject.group, [face]) for face in faces])
    assert alone == pytest.approx(vectors, abs=1e-5)


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


def test_an_encoder_may_be_warmed_before_it_is_used(subject: Subject) -> None:
    subject.encoder.warm()
    subject.encoder.warm()
