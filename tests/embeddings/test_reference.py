"""The arithmetic of a network, counted on graphs small enough to count by hand; and a package that is not whole."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from scripts.bench.phone_photos import draw_people
from tracing.domain import Box
from tracing.embeddings import reference
from tracing.embeddings.reference import REFERENCE, FaceRecognition, ReferenceExaminer, multiply_adds
from tracing.errors import EncoderUnavailable, UnreadablePhoto


def graph(folder: Path, sides: list[Any], filters: tuple[int, ...], **attributes: Any) -> Path:
    """A convolution of one image, and a product with a matrix that takes all of it to ten values."""
    channels, rows, columns = filters[0], attributes.pop("rows"), attributes.pop("columns")
    nodes = [
        helper.make_node("Conv", ["image", "filters"], ["seen"], **attributes),
        helper.make_node("Relu", ["seen"], ["kept"]),
        helper.make_node("Flatten", ["kept"], ["flat"]),
        helper.make_node("Gemm", ["flat", "matrix"], ["out"]),
    ]
    weights = [
        numpy_helper.from_array(np.zeros(filters, np.float32), "filters"),
        numpy_helper.from_array(np.zeros((channels * rows * columns, 10), np.float32), "matrix"),
    ]
    taken = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *sides])
    given = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 10])
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", [taken], [given], weights), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.save(model, folder / "tiny.onnx")
    return folder / "tiny.onnx"


def test_each_place_of_a_window_counts_all_its_channels(tmp_path: Path) -> None:
    model = graph(tmp_path, [3, 9, 7], (4, 3, 3, 3), strides=[2, 2], rows=4, columns=3)
    assert multiply_adds(model) == multiply_adds(model, with_padding=True) == 4 * 3 * (4 * 3) * (3 * 3) + 4 * 4 * 3 * 10


def test_zeros_around_the_edges_count_only_if_they_are_asked_for(tmp_path: Path) -> None:
    model = graph(tmp_path, [3, 5, 5], (4, 3, 3, 3), pads=[1, 1, 1, 1], rows=5, columns=5)
    assert multiply_adds(model, with_padding=True) == 4 * 3 * (5 * 5) * (3 * 3) + 4 * 25 * 10
    assert multiply_adds(model) == 4 * 3 * (5 * 3 - 2) ** 2 + 4 * 25 * 10


def test_a_group_of_channels_is_looked_at_by_its_own_filters_only(tmp_path: Path) -> None:
    model = graph(tmp_path, [6, 5, 5], (6, 1, 3, 3), group=6, rows=3, columns=3)
    assert multiply_adds(model) == 6 * (3 * 3) * (3 * 3) + 6 * 9 * 10


def test_a_model_whose_sizes_are_open_cannot_be_counted(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="leaves the sizes"):
        multiply_adds(graph(tmp_path, [3, "rows", "columns"], (4, 3, 3, 3), rows=1, columns=1))


def test_the_package_beside_the_encoders_gives_what_it_gives_to_its_users(tmp_path: Path) -> None:
    (photo,) = draw_people(tmp_path, [3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition
    image = face_recognition.load_image_file(str(photo))
    ((top, right, bottom, left),) = face_recognition.face_locations(image)
    (vector,) = face_recognition.face_encodings(image)
    examiner = ReferenceExaminer()
    seen = examiner.examine(photo.read_bytes(), [REFERENCE])
    (face,) = seen.faces
    assert (seen.width, seen.height) == (480, 600)
    assert face.detection.box == Box(left, top, right, bottom)
    (made,) = examiner.encode(photo.read_bytes(), [face.detection], [REFERENCE])
    assert np.array_equal(made[REFERENCE], vector.astype(np.float32))
    with pytest.raises(UnreadablePhoto):
        examiner.examine(b"no photo", [REFERENCE])
    with pytest.raises(EncoderUnavailable, match="no encoder but its own"):
        examiner.encode(photo.read_bytes(), [face.detection], ["dlib-resnet-v1"])


def test_a_package_that_ends_the_program_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def quit_instead(name: str) -> Any:
        assert name == "face_recognition"
        raise SystemExit

    monkeypatch.setattr(reference, "import_module", quit_instead)
    with pytest.raises(EncoderUnavailable, match="make setup"):
        FaceRecognition()
