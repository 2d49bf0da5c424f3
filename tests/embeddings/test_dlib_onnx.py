"""The converted recognition network against dlib itself, and what cannot be converted."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlib
import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tracing.domain import Vector
from tracing.embeddings.dlib_file import read_network
from tracing.embeddings.dlib_layers import (
    Affine,
    AveragePool,
    Convolution,
    FullyConnected,
    Layer,
    MaxPool,
    MetricLoss,
    Network,
    PyramidInput,
    Relu,
    SizedInput,
    Sum,
    Swap,
    Tag,
)
from tracing.embeddings.dlib_models import CNN, FIVE_POINTS, RESNET, model_file
from tracing.embeddings.dlib_onnx import detection_graph, folded, recognition_graph
from tracing.errors import EncoderUnavailable

NEAR = 1e-5
"""The largest difference of any value from dlib's; 4e-7 was measured."""


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(model_file(RESNET).read_bytes())


@pytest.fixture(scope="module")
def graph(network: Network) -> bytes:
    return recognition_graph(network)


def opened(graph: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def session(graph: bytes) -> Any:
    return opened(graph)


@pytest.fixture(scope="module")
def theirs() -> Any:
    return dlib.face_recognition_model_v1(str(model_file(RESNET)))


def templates(session: Any, chips: NDArray[np.uint8]) -> Vector:
    batch = np.ascontiguousarray(chips.transpose(0, 3, 1, 2), dtype=np.float32)
    (result,) = session.run(["templates"], {"chips": batch})
    assert result.dtype == np.float32
    return np.asarray(result)


def farthest(session: Any, theirs: Any, chips: NDArray[np.uint8]) -> float:
    expected = np.array([theirs.compute_face_descriptor(chip) for chip in chips])
    return float(np.abs(templates(session, chips) - expected).max())


def noise(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 150, 150, 3), dtype=np.uint8)


# Against dlib


@pytest.mark.photos
def test_a_chip_of_a_photo_gives_the_template_of_dlib(dev_set: Path, session: Any, theirs: Any) -> None:
    detector, predictor = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model_file(FIVE_POINTS)))
    chips = []
    for path in sorted((dev_set / "people").glob("*/*"))[::25]:
        image = np.array(Image.open(path).convert("RGB"))
        chips += [dlib.get_face_chip(image, predictor(image, box), 150, 0.25) for box in detector(image, 0)]
    assert len(chips) >= 10
    assert farthest(session, theirs, np.array(chips)) <= NEAR


@pytest.mark.parametrize(
    "chips",
    [
        noise(2),
        np.zeros((1, 150, 150, 3), np.uint8),
        np.full((1, 150, 150, 3), 255, np.uint8),
        np.repeat(noise(1, seed=1)[:, :, :, :1], 3, axis=3),
        np.full((1, 150, 150, 3), (255, 0, 0), np.uint8),
    ],
    ids=["noise", "black", "white", "grey noise", "red"],
)
def test_what_is_no_face_gives_the_template_of_dlib_too(session: Any, theirs: Any, chips: NDArray[np.uint8]) -> None:
    assert farthest(session, theirs, chips) <= NEAR


def test_chips_in_a_batch_get_what_each_gets_alone(session: Any) -> None:
    chips = noise(7)
    alone = np.concatenate([templates(session, chips[row : row + 1]) for row in range(len(chips))])
    assert np.abs(templates(session, chips) - alone).max() <= 1e-6


def test_no_chips_give_no_templates(session: Any) -> None:
    assert templates(session, noise(0)).shape == (0, 128)


# The model


def test_the_model_says_what_it_is_and_of_which_file(graph: bytes) -> None:
    model = onnx.load_from_string(graph)
    onnx.checker.check_model(model, full_check=True)
    about = {prop.key: prop.value for prop in model.metadata_props}
    assert about["source_sha256"] == hashlib.sha256(model_file(RESNET).read_bytes()).hexdigest()
    assert "dlib" in about["description"]


def test_the_model_is_old_enough_for_onnx_runtime_1_18(graph: bytes) -> None:
    model = onnx.load_from_string(graph)
    assert model.ir_version <= 10
    assert [(opset.domain, opset.version <= 21) for opset in model.opset_import] == [("", True)]


def test_the_batch_is_open_and_nothing_else(session: Any) -> None:
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    assert (taken.name, taken.type, taken.shape) == ("chips", "tensor(float)", ["n", 3, 150, 150])
    assert (given.name, given.type, given.shape) == ("templates", "tensor(float)", ["n", 128])


def test_the_same_file_gives_the_same_model(network: Network, graph: bytes) -> None:
    assert recognition_graph(read_network(model_file(RESNET).read_bytes())) == graph


def test_folding_leaves_no_affine_layer_and_the_file_as_it_was(network: Network) -> None:
    before = [layer.filters.copy() for layer in network.layers if isinstance(layer, Convolution)]
    layers = folded(network)
    assert len(layers) == len(network.layers) - 29
    assert not any(isinstance(layer, Affine) for layer in layers)
    after = [layer.filters for layer in network.layers if isinstance(layer, Convolution)]
    assert all(map(np.array_equal, before, after))


QUIET = """
import sys, tracing.embeddings.dlib_onnx, tracing.embeddings.dlib_file
print({"onnx", "onnxruntime", "dlib"} & set(sys.modules))
"""


def test_onnx_is_loaded_only_when_a_model_is_made() -> None:
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


# Small networks, with arithmetic that can be followed


def convolution(filters: int, channels: int, side: int, stride: int = 1, padding: int = 0, seed: int = 0) -> Convolution:
    values = np.random.default_rng(seed).normal(size=(filters, channels, side, side)).astype(np.float32)
    return Convolution(values, np.arange(filters, dtype=np.float32), (stride, stride), (padding, padding))


def small(*layers: Layer, size: int = 6) -> Network:
    return Network("0" * 64, SizedInput((120.0, 110.0, 100.0), (size, size)), layers, MetricLoss(0.04, 0.6))


def value_of(network: Network, chips: NDArray[np.float32]) -> Vector:
    (result,) = opened(recognition_graph(network)).run(None, {"chips": chips})
    return np.asarray(result)


def convolved(layer: Convolution, images: NDArray[np.float64]) -> NDArray[np.float64]:
    """By the definition, without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(images, layer.filters.shape[2:], axis=(2, 3))
    windows = windows[:, :, :: layer.stride[0], :: layer.stride[1]]
    return np.einsum("ncyxij,fcij->nfyx", windows, layer.filters) + layer.biases[:, None, None]


CHIPS = np.random.default_rng(2).integers(0, 256, (2, 3, 6, 6)).astype(np.float32)
SCALED = (CHIPS - np.array([120, 110, 100])[:, None, None]) / 256


def test_the_input_is_centred_and_scaled() -> None:
    layer = convolution(2, 3, 3, stride=2)
    expected = convolved(layer, SCALED).reshape(2, -1)
    assert value_of(small(layer, Relu(), fully(8)), CHIPS) == pytest.approx(np.maximum(expected, 0), abs=1e-4)


def fully(size: int) -> FullyConnected:
    return FullyConnected(np.eye(size, dtype=np.float32), np.zeros(size, np.float32))


def test_affine_layers_work_on_each_channel() -> None:
    layer, affine = convolution(2, 3, 3), Affine(np.array([2, -3], np.float32), np.array([0.5, 7], np.float32))
    expected = convolved(layer, SCALED) * affine.gamma[:, None, None] + affine.beta[:, None, None]
    assert value_of(small(layer, affine, fully(32)), CHIPS) == pytest.approx(expected.reshape(2, -1), abs=1e-4)


def test_a_sum_pads_the_smaller_side_with_zeros_at_the_end() -> None:
    first, wide = convolution(2, 3, 3), convolution(3, 2, 3, seed=1)  # 2 x 4 x 4, then 3 x 2 x 2
    one = convolved(first, SCALED)
    expected = np.zeros((2, 3, 4, 4))
    expected[:, :2] += one
    expected[:, :, :2, :2] += convolved(wide, one)
    network = small(first, Tag(), wide, Sum(), fully(48))
    assert value_of(network, CHIPS) == pytest.approx(expected.reshape(2, -1), abs=1e-4)


def test_a_swap_goes_on_with_what_was_kept_aside() -> None:
    first, other = convolution(2, 3, 3), convolution(2, 2, 3, stride=2, seed=1)  # 2 x 4 x 4, then 2 x 1 x 1
    one = convolved(first, SCALED)
    pooled = one.reshape(2, 2, 2, 2, 2, 2).mean(axis=(3, 5))
    pooled[:, :, :1, :1] += convolved(other, one)
    network = small(first, Tag(), other, Swap(), AveragePool((2, 2), (2, 2), (0, 0)), Sum(), fully(8))
    assert value_of(network, CHIPS) == pytest.approx(pooled.reshape(2, -1), abs=1e-4)


def test_pools_take_the_largest_and_the_mean() -> None:
    first = convolution(2, 3, 3)
    largest = convolved(first, SCALED).reshape(2, 2, 2, 2, 2, 2).max(axis=(3, 5))
    network = small(first, MaxPool((2, 2), (2, 2), (0, 0)), AveragePool((0, 0), (1, 1), (0, 0)))
    assert value_of(network, CHIPS) == pytest.approx(largest.mean(axis=(2, 3)), abs=1e-4)


# What cannot be converted

AFFINE = Affine(np.ones(2, np.float32), np.zeros(2, np.float32))


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ([], "no layers"),
        ([Relu()], "does not begin with a convolution"),
        ([AFFINE], "does not begin with a convolution"),
        ([convolution(2, 3, 3, padding=1)], "padded"),
        ([convolution(2, 4, 3)], "three colours"),
        ([convolution(2, 3, 7)], "larger than what it looks at"),
        ([convolution(3, 3, 3), AFFINE], "not as many channels"),
        ([convolution(2, 3, 3), Relu(), AFFINE], "does not follow"),
        ([convolution(2, 3, 3), AFFINE, AFFINE], "does not follow"),
        ([convolution(2, 3, 3), convolution(2, 3, 3)], "expects 3 channels and gets 2"),
        ([convolution(2, 3, 3), MaxPool((5, 5), (1, 1), (0, 0))], "larger than what it looks at"),
        ([convolution(2, 3, 3), Sum()], "nothing to work on"),
        ([convolution(2, 3, 3), Swap()], "nothing to work on"),
        ([convolution(2, 3, 3), fully(31)], "expects 31 values and gets 32"),
        ([convolution(2, 3, 3), Relu()], "one row"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: list[Layer], why: str) -> None:
    with pytest.raises(EncoderUnavailable, match=why):
        recognition_graph(small(*layers))


def test_a_network_for_images_of_any_size_is_no_recognition(network: Network) -> None:
    for other in (read_network(model_file(CNN).read_bytes()), replace(network, input=PyramidInput((0, 0, 0)))):
        with pytest.raises(EncoderUnavailable, match="no fixed size"):
            recognition_graph(other)


def test_weights_that_multiply_beyond_all_bounds_are_refused() -> None:
    huge = Affine(np.full(2, 3e38, np.float32), np.zeros(2, np.float32))
    layer = convolution(2, 3, 3)
    with pytest.raises(EncoderUnavailable, match="beyond all bounds"):
        recognition_graph(small(replace(layer, filters=layer.filters * np.float32(1e30)), huge, fully(32)))


# The network of the detector; what it finds is in test_cnn_detector.py


@pytest.fixture(scope="module")
def detection() -> Network:
    return read_network(model_file(CNN).read_bytes())


def test_the_detector_leaves_every_size_open(detection: Network) -> None:
    graph = detection_graph(detection)
    onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)
    session = opened(graph)
    for count, rows, columns in ((1, 80, 80), (2, 97, 211)):
        (scores,) = session.run(["scores"], {"images": np.zeros((count, 3, rows, columns), np.float32)})
        assert scores.shape == (count, 1, *(((side - 5) // 2 - 4) // 2 // 2 - 1 for side in (rows, columns)))


def test_only_a_detector_is_made_a_detector(network: Network, detection: Network) -> None:
    with pytest.raises(EncoderUnavailable, match="does not detect"):
        detection_graph(network)
    with pytest.raises(EncoderUnavailable, match="one score for each place"):
        detection_graph(replace(detection, layers=detection.layers[:-1]))
    sums = (convolution(1, 3, 3), Tag(), Sum())
    with pytest.raises(EncoderUnavailable, match="sizes are open"):
        detection_graph(replace(detection, layers=sums))


@settings(max_examples=60, deadline=5000)
@given(st.integers(0, 2**20), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_that_can_still_be_read_gives_a_model_or_the_one_error(place: int, rubbish: bytes) -> None:
    data = bytearray(model_file(CNN).read_bytes())
    place %= len(data)
    data[place : place + len(rubbish)] = rubbish
    try:
        graph = detection_graph(read_network(bytes(data)))
    except EncoderUnavailable:
        return
    onnx.checker.check_model(onnx.load_from_string(graph))
