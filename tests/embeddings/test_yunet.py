"""YuNet, with its weights from ../shared: how sure it is, and that its boxes stand where dlib's would."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.embeddings.pictures import whole
from tracing.domain import Box, Pixels
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.yunet import LEAST, YunetDetector
from tracing.errors import EncoderUnavailable

READER = PillowReader()


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0, width) * max(0, height)
    return shared / (one.area + other.area - shared)


@pytest.fixture
def detector(weights: Path) -> YunetDetector:
    return YunetDetector(lambda: weights / "yunet_n_dynamic.onnx")


@pytest.fixture
def photo(dev_set: Path) -> Pixels:
    return whole(READER, (dev_set / "negatives/rotated_pixels_0_reference.jpg").read_bytes())


@pytest.mark.photos
def test_its_boxes_stand_where_those_of_dlib_stand(dev_set: Path, detector: YunetDetector) -> None:
    overlaps = []
    for person in sorted((dev_set / "people").glob("lfw__*"))[:12]:
        image = whole(READER, sorted(person.iterdir())[0].read_bytes())
        theirs = HogDetector().detect(image)
        overlaps += [max(overlap(face.box, other.box) for other in detector.detect(image)) for face in theirs]
    assert np.median(overlaps) > 0.8
    assert min(overlaps) > 0.6


@pytest.mark.photos
def test_a_face_scores_far_above_the_least(detector: YunetDetector, photo: Pixels) -> None:
    (face,) = detector.detect(photo)
    assert 0.9 < face.score <= 1
    assert len(face.landmarks) == 5
    assert LEAST < 0.9


@pytest.mark.photos
def test_points_are_in_the_order_of_the_port(detector: YunetDetector, photo: Pixels) -> None:
    (left_eye, right_eye, nose, left_corner, right_corner) = detector.detect(photo)[0].landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_corner[0] < right_corner[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_corner[1], right_corner[1])


@pytest.mark.photos
def test_blue_and_red_are_not_mixed_up(detector: YunetDetector, photo: Pixels) -> None:
    """The network wants blue first; a face with its colours swapped scores less."""
    assert detector.detect(photo)[0].score > detector.detect(np.ascontiguousarray(photo[:, :, ::-1]))[0].score


def test_missing_weights_are_told_and_tried_again(tmp_path: Path, weights: Path) -> None:
    path = tmp_path / "yunet.onnx"
    detector = YunetDetector(lambda: path)
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    with pytest.raises(EncoderUnavailable, match=r"yunet\.onnx cannot be loaded"):
        detector.detect(image)
    path.write_bytes((weights / "yunet_n_dynamic.onnx").read_bytes())
    assert detector.detect(image) == []


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    path = tmp_path / "yunet.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(EncoderUnavailable, match=r"yunet\.onnx cannot be loaded"):
        YunetDetector(lambda: path).detect(np.zeros((64, 64, 3), dtype=np.uint8))


def test_a_machine_without_onnx_runtime_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderUnavailable, match="ONNX Runtime is not installed"):
        YunetDetector(lambda: tmp_path / "yunet.onnx").detect(np.zeros((64, 64, 3), dtype=np.uint8))
