"""Photo bytes to faces and templates in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import written
from tests.fakes import (
    ENCODER,
    SKIN,
    FakeEncoder,
    FakeExaminer,
    faceless_photo,
    fake_finder,
    painted_photo,
    unreadable_photo,
)
from tracing.domain import Pixels, Vector
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.examiner import PhotoExaminer
from tracing.embeddings.imaging import PillowReader
from tracing.errors import EncoderUnavailable, UnreadablePhoto
from tracing.ports import Detection


@pytest.fixture
def examiner() -> FakeExaminer:
    return FakeExaminer(ENCODER, "fake-2")


def test_one_face_is_encoded_by_every_encoder_asked_for(examiner: FakeExaminer) -> None:
    seen = examiner.examine(painted_photo(5), [ENCODER, "fake-2"])
    (face,) = seen.faces
    assert (seen.width, seen.height, seen.detector_id) == (120, 80, "fake-detector")
    assert set(face.vectors) == {ENCODER, "fake-2"}
    assert all(vector.shape == (FakeEncoder().dimension,) and vector.dtype == np.float32 for vector in face.vectors.values())
    assert 0 < face.quality.score <= 1


def test_only_the_encoders_asked_for_are_used(examiner: FakeExaminer) -> None:
    assert set(examiner.examine(painted_photo(), ["fake-2"]).faces[0].vectors) == {"fake-2"}
    assert examiner.examine(painted_photo(), []).faces[0].vectors == {}


def test_of_several_faces_none_is_encoded_before_somebody_chose(examiner: FakeExaminer) -> None:
    faces = examiner.examine(painted_photo(5, faces=3), [ENCODER]).faces
    assert len(faces) == 3
    assert all(face.vectors == {} for face in faces)
    assert all("several_faces" in face.quality.hints for face in faces)


def test_the_chosen_face_gets_the_template_it_would_have_alone(examiner: FakeExaminer) -> None:
    group = painted_photo(5, faces=3)
    chosen = examiner.examine(group, []).faces[1].detection
    (templates,) = examiner.encode(group, [chosen], [ENCODER])
    alone = examiner.examine(painted_photo(6), [ENCODER]).faces[0].vectors[ENCODER]
    assert float(templates[ENCODER] @ alone) > 0.9


def test_no_face_is_a_result(examiner: FakeExaminer) -> None:
    assert examiner.examine(faceless_photo(), [ENCODER]).faces == ()


def test_an_unreadable_photo_is_refused(examiner: FakeExaminer) -> None:
    for look in (examiner.verify, lambda data: examiner.examine(data, [ENCODER])):
        with pytest.raises(UnreadablePhoto):
            look(unreadable_photo())


def test_an_unknown_encoder_is_named_together_with_the_known_ones(examiner: FakeExaminer) -> None:
    with pytest.raises(EncoderUnavailable, match=r"fake-9 is not loaded.*fake-1, fake-2"):
        examiner.examine(painted_photo(), ["fake-9"])
    with pytest.raises(EncoderUnavailable, match="fake-9"):
        examiner.encode(painted_photo(), [], ["fake-9"])


def test_people_differ_and_shots_of_a_person_are_alike(examiner: FakeExaminer) -> None:
    one, again, other = (
        examiner.examine(photo, [ENCODER]).faces[0].vectors[ENCODER]
        for photo in (painted_photo(5), painted_photo(5, shot=1), painted_photo(6))
    )
    assert float(one @ again) > 0.9
    assert float(one @ again) < 0.9999
    assert abs(float(one @ other)) < 0.7


def test_a_template_that_is_not_a_number_is_the_encoders_fault() -> None:
    class Broken(FakeEncoder):
        def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
            return np.full((len(faces), self.dimension), np.nan, dtype=np.float32)

    examiner = PhotoExaminer(PillowReader(), fake_finder(), [Broken()])
    with pytest.raises(EncoderUnavailable, match="not a number"):
        examiner.examine(painted_photo(), [ENCODER])


def test_a_failure_put_into_the_fake_is_raised_until_it_is_taken_out(examiner: FakeExaminer) -> None:
    examiner.failure = EncoderUnavailable("out of order")
    with pytest.raises(EncoderUnavailable):
        examiner.examine(painted_photo(), [ENCODER])
    assert examiner.verify(painted_photo()).format == "png"
    examiner.failure = None
    assert len(examiner.examine(painted_photo(), [ENCODER]).faces) == 1
    assert examiner.examined == 1


def test_the_real_examiner_loads_its_models_ahead(own_models: Path) -> None:
    make_examiner(["dlib-resnet-v1"], [own_models]).warm(["dlib-resnet-v1"])


def test_warming_an_unknown_encoder_is_refused() -> None:
    with pytest.raises(EncoderUnavailable, match="fake-9"):
        PhotoExaminer(PillowReader(), fake_finder(), [FakeEncoder()]).warm(["fake-9"])


def test_the_clearly_dominating_face_is_encoded_and_the_others_are_listed() -> None:
    """A painted crowd, far behind the person."""
    seen = FakeExaminer().examine(crowd(), [ENCODER])
    assert len(seen.faces) == 3
    assert seen.subject == 0
    assert [set(face.vectors) for face in seen.faces] == [{ENCODER}, set(), set()]


def test_of_two_equals_nobody_is_the_subject(examiner: FakeExaminer) -> None:
    assert examiner.examine(painted_photo(5, faces=2), [ENCODER]).subject is None


def test_a_photo_without_a_face_says_why(examiner: FakeExaminer) -> None:
    assert examiner.examine(faceless_photo(), []).no_face is not None
    assert examiner.examine(painted_photo(), []).no_face is None


def crowd() -> bytes:
    canvas = np.full((300, 400, 3), 235, dtype=np.uint8)
    for person, (left, top, side) in enumerate([(140, 90, 120), (10, 10, 30), (350, 20, 30)]):
        canvas[top : top + side, left : left + side] = (SKIN, 0, person)
    return written(Image.fromarray(canvas), "PNG")
