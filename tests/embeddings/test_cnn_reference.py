"""dlib's CNN in dlib itself, and the detector that falls back to it for good."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from tracing.domain import Box, Pixels
from tracing.embeddings.cnn_reference import DlibCnnDetector, SteadyDetector, largest_shift
from tracing.embeddings.conversion import drawn_chips
from tracing.embeddings.dlib_models import CNN, model_file
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection

IMAGE = np.zeros((40, 40, 3), dtype=np.uint8)


class Answering:
    detector_id = "dlib-cnn"

    def __init__(self, *faces: Detection, failure: Exception | None = None) -> None:
        self.faces = list(faces)
        self.failure = failure
        self.asked = 0

    def detect(self, image: Pixels) -> list[Detection]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.faces


def face(left: int, top: int, side: int) -> Detection:
    return Detection(Box(left, top, left + side, top + side), ())


def test_the_fast_one_is_used_while_it_can_be_had() -> None:
    fast, steady = Answering(face(1, 2, 30)), Answering()
    assert SteadyDetector(fast, steady).detect(IMAGE) == fast.faces
    assert steady.asked == 0


def test_the_steady_one_takes_over_for_good_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    fast, steady = Answering(failure=EncoderUnavailable("no runtime")), Answering(face(1, 2, 30))
    detector = SteadyDetector(fast, steady)
    with caplog.at_level(logging.WARNING):
        assert detector.detect(IMAGE) == detector.detect(IMAGE) == steady.faces
    assert (fast.asked, steady.asked) == (1, 2)
    assert caplog.text.count("many times slower: no runtime") == 1


def test_where_neither_can_be_had_that_is_told() -> None:
    failure = EncoderUnavailable("nothing works")
    with pytest.raises(EncoderUnavailable, match="nothing works"):
        SteadyDetector(Answering(failure=failure), Answering(failure=failure)).detect(IMAGE)


def test_another_failure_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        SteadyDetector(Answering(failure=ZeroDivisionError()), Answering()).detect(IMAGE)


@pytest.mark.parametrize(
    ("some", "others", "shift"),
    [
        ([face(0, 0, 100), face(300, 0, 50)], [face(300, 5, 50), face(10, 0, 100)], 0.1),
        ([], [], 0.0),
        ([face(0, 0, 100)], [], float("inf")),
        ([face(0, 0, 100)], [face(500, 0, 100)], 5.0),
    ],
)
def test_boxes_of_the_same_faces_are_compared_with_the_nearest(
    some: list[Detection], others: list[Detection], shift: float
) -> None:
    assert largest_shift(some, others) == pytest.approx(shift)


def test_dlib_itself_finds_a_drawn_face() -> None:
    chip = np.pad(drawn_chips()[0], ((60, 60), (60, 60), (0, 0)), mode="edge")
    (found,) = DlibCnnDetector(lambda: model_file(CNN)).detect(chip)
    assert 60 < found.box.width < 200
    assert len(found.landmarks) == 3
    assert found.score > 0
