"""dlib's files: its primitives by table, the real networks to their last byte, and damage of every sort."""

from __future__ import annotations

import math
import pickle
import re
import struct
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable

import dlib
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracing.embeddings.dlib_file import read_network
from tracing.embeddings.dlib_layers import (
    Affine,
    AveragePool,
    Convolution,
    DetectionLoss,
    FullyConnected,
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
from tracing.embeddings.dlib_source import Source
from tracing.errors import EncoderUnavailable

LARGEST = 2**64


RECOGNITION, DETECTION = model_file(RESNET).read_bytes(), model_file(CNN).read_bytes()


def refused(data: bytes) -> str:
    """The words of the one error there may be; at once, and without the memory that the file may ask for."""
    began = time.process_time()
    with pytest.raises(EncoderUnavailable) as error:
        read_network(data)
    assert time.process_time() - began < 5
    assert type(error.value) is EncoderUnavailable
    assert "make setup" in str(error.value)
    return str(error.value)


# Primitives


def written(value: int) -> bytes:
    """An integer as dlib writes it."""
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def real(mantissa: int, exponent: int) -> bytes:
    return written(mantissa) + written(exponent)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x01\x00", 0),
        (b"\x81\x00", 0),  # there is a negative zero, and it is none
        (b"\x01\x01", 1),
        (b"\x81\x01", -1),
        (b"\x01\xff", 255),
        (b"\x02\x00\x01", 256),
        (b"\x82\x00\x01", -256),
        (b"\x02\x01\x00", 1),  # longer than needed
        (b"\x03\x01\x02\x03", 0x030201),
        (b"\x04\xff\xff\xff\x7f", 2**31 - 1),
        (b"\x84\x00\x00\x00\x80", -(2**31)),
        (b"\x05\x00\x00\x00\x00\x01", 2**32),
        (b"\x06" + b"\xff" * 6, 2**48 - 1),
        (b"\x07" + b"\xff" * 7, 2**56 - 1),
        (b"\x08" + b"\xff" * 8, 2**64 - 1),
        (b"\x88" + b"\xff" * 8, -(2**64) + 1),
    ],
)
def test_an_integer_has_a_sign_a_width_and_little_endian_bytes(data: bytes, value: int) -> None:
    source = Source(data)
    assert source.integer(-LARGEST, LARGEST) == value
    source.finish()


@given(st.integers(-(2**64) + 1, 2**64 - 1))
def test_every_integer_comes_back(value: int) -> None:
    source = Source(written(value))
    assert source.integer(value, value) == value
    source.finish()


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x00\x01", b"\x09" + bytes(9), b"\x0f", b"\x11\x01", b"\x41\x01", b"\x02\x01"]
)
def test_what_is_no_integer_is_refused(data: bytes) -> None:
    with pytest.raises(EncoderUnavailable):
        Source(data).integer(-LARGEST, LARGEST)


@pytest.mark.parametrize("value", [-1, 11, 2**63])
def test_an_integer_beyond_its_bounds_is_refused(value: int) -> None:
    with pytest.raises(EncoderUnavailable, match=f"{value} is not from 0 to 10"):
        Source(written(value)).integer(0, 10)


@pytest.mark.parametrize(
    ("mantissa", "exponent", "value"),
    [
        (0, 0, 0.0),
        (0, -2000, 0.0),
        (16, -4, 1.0),
        (1, 0, 1.0),
        (-1, 0, -1.0),
        (3, 1, 6.0),
        (-3, -1, -1.5),
        (0x15A650F2546A8C, -0x36, 0.3382761351109955),
        (2**63, -63, 1.0),
        (1, -1074, 5e-324),
        (1, -2000, 0.0),
        (1, 1023, 2.0**1023),
    ],
)
def test_a_number_is_a_mantissa_and_an_exponent_of_two(mantissa: int, exponent: int, value: float) -> None:
    source = Source(real(mantissa, exponent))
    assert source.real() == value
    source.finish()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_comes_back(value: float) -> None:
    fraction, exponent = math.frexp(value)
    assert Source(real(int(fraction * 2**53), exponent - 53)).real() == value


@pytest.mark.parametrize(
    ("exponent", "word"),
    [
        (32000, "inf"),
        (32001, "-inf"),
        (32002, "nan"),
        (1024, "beyond all bounds"),
        (31999, "no number"),
        (-(2**40), "not from"),
    ],
)
def test_infinity_and_its_kin_are_refused(exponent: int, word: str) -> None:
    with pytest.raises(EncoderUnavailable, match=word):
        Source(real(1, exponent)).real()


def test_numbers_are_read_as_dlib_writes_them() -> None:
    values = [0.0, 1.0, -1.0, 0.1, -1e300, 5e-324, math.pi, 123456789.0]
    source = Source(dlib.vector(values).__getstate__()[0])
    assert (source.integer(-100, 0), source.integer(-1, -1)) == (-len(values), -1)  # a matrix says its sizes below zero
    rows = [source.real() for _ in values]
    source.finish()
    assert rows == values


def test_truth_is_a_digit() -> None:
    source = Source(b"10")
    assert (source.boolean(), source.boolean()) == (True, False)
    for data in (b"2", b"\x01", b"\x00", b""):
        with pytest.raises(EncoderUnavailable):
            Source(data).boolean()


def test_a_string_is_its_length_and_its_bytes() -> None:
    source = Source(b"\x01\x05con_4\x01\x00")
    assert (source.text(), source.text()) == ("con_4", "")
    source.finish()
    for data in (b"\x01\x05con", b"\x04\xff\xff\xff\x7fcon", b"\x81\x01c", b"\x01\x01\xff", written(65) + b"a" * 65):
        with pytest.raises(EncoderUnavailable):
            Source(data).text()


def test_a_tensor_is_a_two_its_sizes_and_its_values() -> None:
    values = np.arange(6, dtype="<f4")
    source = Source(b"".join(map(written, (2, 1, 2, 3, 1))) + values.tobytes() + b"".join(map(written, (2, 0, 0, 0, 0))))
    assert np.array_equal(source.tensor(), values)
    assert len(source.tensor()) == 0
    source.finish()


@pytest.mark.parametrize("sizes", [(2**62, 1, 1, 1), (2**16, 2**16, 2**16, 2**16), (-1, 1, 1, 1), (3, 1, 1, 1), (9, 9, 9, 9)])
def test_a_tensor_that_claims_more_than_there_is_is_refused_without_memory_for_it(sizes: tuple[int, ...]) -> None:
    source = Source(written(2) + b"".join(map(written, sizes)) + bytes(8))
    tracemalloc.start()
    try:
        with pytest.raises(EncoderUnavailable):
            source.tensor()
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(EncoderUnavailable, match="not numbers"):
        Source(b"".join(map(written, (2, 1, 1, 1, 1))) + struct.pack("<f", value)).tensor()


def test_an_alias_is_a_one_and_its_sizes() -> None:
    source = Source(b"".join(map(written, (1, 4, 3, 2, 1))) + bytes(8))
    assert source.alias() == (4, 3, 2, 1)
    with pytest.raises(EncoderUnavailable, match="8 bytes too many"):
        source.finish()


# The real files


def kinds(network: Network) -> Counter[type]:
    return Counter(map(type, network.layers))


def test_the_recognition_network_is_read_to_its_last_byte() -> None:
    network = read_network(RECOGNITION)
    assert network.sha256 == "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
    assert isinstance(network.input, SizedInput)
    assert network.input.size == (150, 150)
    assert network.input.means == pytest.approx((122.782, 117.001, 104.298))
    assert isinstance(network.loss, MetricLoss)
    assert network.loss.threshold == pytest.approx(0.6)
    assert kinds(network) == {
        Convolution: 29,
        Affine: 29,
        Relu: 29,
        MaxPool: 1,
        AveragePool: 5,
        Tag: 14,
        Swap: 4,
        Sum: 14,
        FullyConnected: 1,
    }
    first, last = network.layers[0], network.layers[-1]
    assert isinstance(first, Convolution)
    assert (first.filters.shape, first.stride, first.padding) == ((32, 3, 7, 7), (2, 2), (0, 0))
    assert isinstance(last, FullyConnected)
    assert (last.weights.shape, bool(last.biases.any())) == ((256, 128), False)


def test_the_detection_network_is_read_to_its_last_byte() -> None:
    network = read_network(DETECTION)
    assert network.sha256 == "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6"
    assert network.input == PyramidInput(network.input.means)
    assert network.input.means == pytest.approx((122.782, 117.001, 104.298))
    assert network.loss == DetectionLoss(80, 80, pytest.approx(0.338276), 1.0)
    assert kinds(network) == {Convolution: 7, Affine: 6, Relu: 6}
    last = network.layers[-1]
    assert isinstance(last, Convolution)
    assert (last.filters.shape, last.stride, last.padding) == ((1, 45, 9, 9), (1, 1), (4, 4))


def test_weights_are_views_of_the_file_and_cannot_be_changed() -> None:
    layer = read_network(DETECTION).layers[0]
    assert isinstance(layer, Convolution)
    assert not layer.filters.flags.writeable
    assert np.shares_memory(layer.filters, np.frombuffer(DETECTION, dtype=np.uint8))


# Damage


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x01\x01",
        b"not a network",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        pickle.dumps({}),
        bytes(2**20),
        b"\x01" * 2**20,
    ],
    ids=["nothing", "zero", "a version", "words", "a picture", "a pickle", "zeros", "ones"],
)
def test_a_foreign_file_is_refused(data: bytes) -> None:
    refused(data)


def test_another_model_of_dlib_is_refused() -> None:
    refused(model_file(FIVE_POINTS).read_bytes())


@pytest.mark.parametrize("network", [RECOGNITION, DETECTION], ids=["recognition", "detection"])
def test_a_file_cut_short_anywhere_is_refused(network: bytes) -> None:
    names = [found.start() for found in re.finditer(rb"con_4|affine_|relu_|bn_con2|add_prev_|avg_pool|fc_2", network)]
    ends = {*range(400), *names[::7], *np.linspace(400, len(network), 25, dtype=int, endpoint=False), len(network) - 1}
    for end in sorted(ends):
        refused(network[:end])


@pytest.mark.parametrize("rest", [b"\x00", b"\x01\x01", bytes(2**20)])
def test_a_file_with_more_behind_its_end_is_refused(rest: bytes) -> None:
    assert f"{len(rest)} bytes too many" in refused(DETECTION + rest)


def replaced(old: bytes, new: bytes) -> Callable[[], bytes]:
    assert DETECTION.count(old) >= 1
    return lambda: DETECTION.replace(old, new, 1)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (replaced(b"loss_mmod_", b"loss_mmod+"), "no network for faces"),
        (replaced(b"input_rgb_image_pyramid", b"input_rgb_image_Pyramid"), "unknown kind"),
        (replaced(b"con_4", b"con_9"), "unknown kind 'con_9'"),
        (replaced(b"relu_", b"sig__"), "unknown kind 'sig__'"),
        (replaced(b"con_4\x01\x02", b"con_4\x01\x03"), "not from 2 to 2"),
        (replaced(b"con_4\x01\x02\x02\xc0\x04", b"con_4\x01\x02\x02\xff\xff"), "numbers"),
        (replaced(b"con_4\x01\x02\x02\xc0\x04", b"con_4\x01\x02\x08" + b"\xff" * 7 + b"\x7f"), "not from 0 to"),
        (replaced(b"\x01\x01\x01P\x01P", b"\x01\x01\x01P\x01\x00"), "0 is not from 1"),
        (replaced(b"\x01\x01\x01P\x01P", b"\x01\x02\x01P\x01P"), "2 is not from 1 to 1"),
        (replaced(b"\x01\x03\x01\x17", b"\x01\x02\x01\x17"), "not from 1 to 3"),
        (replaced(b"\x01\x02" * 10, b"\x01\x02" * 2000), "too many layers"),
        (replaced(b"\x01\x02" * 10, b"\x01\x02" * 11), ""),
        (replaced(b"\x01\x02" * 10, b"\x01\x02" * 9), ""),
    ],
)
def test_a_damaged_place_is_named(damage: Callable[[], bytes], why: str) -> None:
    assert why in refused(damage())


def survives(data: bytes) -> bool:
    """A changed weight cannot be noticed without the digest; whatever is noticed is one kind of error."""
    try:
        network = read_network(data)
    except EncoderUnavailable:
        return False
    assert all(isinstance(layer, Convolution | Affine | Relu) for layer in network.layers)
    return True


def soft_places() -> list[int]:
    """Where a byte is no weight: the beginning, and around the names of the layers."""
    names = [found.start() for found in re.finditer(rb"con_4|affine_|relu_|bn_con2", DETECTION)]
    return sorted({*range(180), *(place for name in names for place in range(max(0, name - 60), name + 60))})


@settings(max_examples=200, deadline=5000)
@given(st.sampled_from(soft_places()), st.integers(1, 255))
def test_a_changed_byte_gives_a_network_or_the_one_error(place: int, change: int) -> None:
    data = bytearray(DETECTION)
    data[place] ^= change
    survives(bytes(data))


@settings(max_examples=100, deadline=5000)
@given(st.lists(st.tuples(st.integers(0, len(DETECTION) - 1), st.binary(min_size=1, max_size=40)), min_size=1, max_size=5))
def test_rubbish_written_into_a_file_gives_a_network_or_the_one_error(rubbish: list[tuple[int, bytes]]) -> None:
    data = bytearray(DETECTION)
    for place, words in rubbish:
        data[place : place + len(words)] = words
    survives(bytes(data))


@settings(max_examples=100, deadline=5000)
@given(st.integers(0, 2000), st.integers(0, 2000), st.binary(max_size=16))
def test_bytes_lost_or_gained_are_noticed(place: int, lost: int, gained: bytes) -> None:
    """Where the length changes. A byte replaced in a training cost leaves a readable network, which only its digest betrays."""
    assume(lost != len(gained))
    assert not survives(DETECTION[:place] + gained + DETECTION[place + lost :])


def test_every_bit_of_the_head_may_flip() -> None:
    for place in range(120):
        for bit in range(8):
            data = bytearray(DETECTION)
            data[place] ^= 1 << bit
            survives(bytes(data))
