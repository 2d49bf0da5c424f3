"""dlib's files of networks, read without dlib: what it stores after ``serialize(net)``, to the last byte."""

from __future__ import annotations

import hashlib
import math
import operator
from typing import Final

import numpy as np

from tracing.embeddings.dlib_layers import (
    Affine,
    AveragePool,
    Convolution,
    DetectionLoss,
    FullyConnected,
    Input,
    Layer,
    Loss,
    MaxPool,
    MetricLoss,
    Network,
    Pair,
    PyramidInput,
    Relu,
    SizedInput,
    Sum,
    Swap,
    Tag,
)
from tracing.embeddings.dlib_source import Source
from tracing.vision import Vector

MOST_LAYERS: Final = 1000
MOST_SIDE: Final = 4096
"""Pixels along a side of an image, a window or a filter; also the largest stride and padding."""
MARK, LAYER, INNERMOST = 1, 2, 3
"""The versions that are read here: of a tag or skip, of a layer, of the layer next to the input."""


def read_network(data: bytes) -> Network:
    """The network in a file's bytes (0.1 s for 22 MB; weights are views of ``data``).

    ``EncoderUnavailable`` for whatever is not such a file from its first byte to its last, or holds a kind of layer that the
    two networks of face_recognition do not use.
    """
    source = Source(data)
    source.integer(1, 1)
    loss = _loss(source)
    versions, name = _versions(source)
    stored_input = _input(source, name)
    layers = [_layer(source)]
    source.integer(0, MOST_SIDE)  # how many images one input became; only the innermost layer has it
    for version in reversed(versions[:-1]):
        if version == LAYER:
            layers.append(_layer(source))
        else:
            _mark(layers)
    source.finish()
    return Network(hashlib.sha256(data).hexdigest(), stored_input, tuple(layers), loss)


def _loss(source: Source) -> Loss:
    match source.text():
        case "loss_metric_2":
            return MetricLoss(source.real(), source.real())
        case "loss_mmod_":
            source.integer(1, 1)
            width, height = _size(source, 1), _size(source, 1)
            for _ in range(3):  # what an error cost in training, and what counted as a hit
                source.real()
            shared, covered = source.real(), source.real()
            for _ in range(2):  # the same for the faces that training ignored
                source.real()
            return DetectionLoss(width, height, shared, covered)
        case name:
            raise source.refusal(f"{name!r} is no network for faces")


def _versions(source: Source) -> tuple[list[int], str]:
    """The version of each layer, the output side first, the innermost last; and the name of the input."""
    versions: list[int] = []
    while INNERMOST not in versions:
        versions.append(source.integer(MARK, INNERMOST))
        source.expect(len(versions) <= MOST_LAYERS, "too many layers")
    return versions, source.text()


def _input(source: Source, name: str) -> Input:
    source.expect(name in ("input_rgb_image_sized", "input_rgb_image_pyramid"), f"an input of the unknown kind {name!r}")
    means = (source.real(), source.real(), source.real())
    source.expect(all(0 <= mean <= 255 for mean in means), "a mean that is no brightness")
    if name == "input_rgb_image_pyramid":
        return PyramidInput(means)
    return SizedInput(means, (_size(source, 1), _size(source, 1)))


def _mark(layers: list[Layer]) -> None:
    """A tag or a skip: the file does not say which, nor to where. In dlib's face networks two in a row are tag and skip."""
    if isinstance(layers[-1], Tag):
        layers[-1] = Swap()
    else:
        layers.append(Tag())


def _layer(source: Source) -> Layer:
    layer = _details(source)
    for _ in range(3):  # set up, gradient stale, gradient disabled
        source.boolean()
    for _ in range(3):  # gradient, cached output, gradient of the parameters (innermost: of the output)
        source.tensor()
    return layer


def _details(source: Source) -> Layer:
    match source.text():
        case "con_4" | "con_5" | "con_6" as name:
            return _convolution(source, bools={"con_4": 0, "con_5": 1, "con_6": 2}[name])
        case "affine_" | "affine_2" as name:
            return _affine(source, bools=int(name == "affine_2"))
        case "bn_con2":
            return _normalisation(source)
        case "relu_" | "relu_2" as name:
            if name == "relu_2":
                source.boolean()
            return Relu()
        case "max_pool_2":
            return MaxPool(*_pool(source, least=1))
        case "avg_pool_2":
            return AveragePool(*_pool(source, least=0))  # 0: over everything
        case "add_prev_":
            return Sum()
        case "fc_2" | "fc_3" as name:
            return _fully_connected(source, bools=int(name == "fc_3"))
        case name:
            raise source.refusal(f"a layer of the unknown kind {name!r}")


def _convolution(source: Source, bools: int) -> Convolution:
    values = source.tensor()
    count, rows, columns = (_size(source, 1) for _ in range(3))
    stride, padding = _pair(source, 1), _pair(source, 0)
    shape, biases = source.alias(), source.alias()
    _training(source, bools)
    source.expect((shape[0], shape[2], shape[3]) == (count, rows, columns), "filters of another shape")
    source.expect(padding[0] < rows and padding[1] < columns, "more padding than filter")
    filters, ends = _cut(source, values, math.prod(shape), math.prod(biases))
    source.expect(len(ends) == count, "not a bias for every filter")
    return Convolution(filters.reshape(shape), ends, stride, padding)


def _affine(source: Source, bools: int) -> Affine:
    values = source.tensor()
    gamma, beta = math.prod(source.alias()), math.prod(source.alias())
    source.integer(0, 0)  # one pair for each channel; 1 would be one for each value
    for _ in range(bools):
        source.boolean()
    source.expect(gamma == beta, "not as many sums as factors")
    return Affine(*_cut(source, values, gamma, beta))


def _normalisation(source: Source) -> Affine:
    """Batch normalisation as it was left by training, which is what dlib makes an affine layer of when it loads a file."""
    values = source.tensor()
    gamma, beta = _cut(source, values, math.prod(source.alias()), math.prod(source.alias()))
    _, _, means, variances = (source.tensor() for _ in range(4))  # of the last batch (inverse deviations), of the training
    for _ in range(2):  # how many updates there were, and over how many they run
        source.integer(0, 2**32)
    for _ in range(4):  # multipliers of the learning rate and of the weight decay
        source.real()
    epsilon = source.real()
    source.expect(len(gamma) == len(beta) == len(means) == len(variances), "not the same count of all statistics")
    source.expect(epsilon > 0 and bool((variances >= 0).all()), "a variance below zero")
    factors = gamma / np.sqrt(variances.astype(np.float64) + epsilon)
    sums = beta - factors * means
    with np.errstate(over="ignore"):
        affine = Affine(factors.astype(np.float32), sums.astype(np.float32))
    source.expect(bool(np.isfinite(affine.gamma).all() and np.isfinite(affine.beta).all()), "weights beyond all bounds")
    return affine


def _pool(source: Source, least: int) -> tuple[Pair, Pair, Pair]:
    window, stride, padding = _pair(source, least), _pair(source, 1), _pair(source, 0)
    source.expect((window[0] == 0) == (window[1] == 0), "a window without area")
    source.expect(window == (0, 0) or all(map(operator.lt, padding, window)), "a window that may see nothing but padding")
    return window, stride, padding


def _fully_connected(source: Source, bools: int) -> FullyConnected:
    outputs, inputs = _size(source, 1), _size(source, 1)
    values = source.tensor()
    weights, biases = source.alias(), source.alias()
    has_biases = source.integer(0, 1) == 0
    _training(source, bools)
    source.expect(math.prod(weights) == inputs * outputs, "a matrix of another shape")
    matrix, sums = _cut(source, values, inputs * outputs, outputs if has_biases else 0)
    source.expect(not has_biases or math.prod(biases) == outputs, "not a bias for every output")
    return FullyConnected(matrix.reshape(inputs, outputs), sums if has_biases else np.zeros(outputs, np.float32))


def _training(source: Source, bools: int) -> None:
    """Multipliers of the learning rate and of the weight decay, for weights and biases; then switches."""
    for _ in range(4):
        source.real()
    for _ in range(bools):
        source.boolean()


def _cut(source: Source, values: Vector, first: int, second: int) -> tuple[Vector, Vector]:
    source.expect(len(values) == first + second, f"{len(values)} weights instead of {first + second}")
    return values[:first], values[first:]


def _size(source: Source, least: int) -> int:
    return source.integer(least, MOST_SIDE)


def _pair(source: Source, least: int) -> Pair:
    return _size(source, least), _size(source, least)
