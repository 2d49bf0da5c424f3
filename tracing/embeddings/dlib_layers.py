"""The layers of a network as dlib's files hold them, from the input side to the output side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tracing.vision import Vector

Pair: TypeAlias = tuple[int, int]
"""Along the rows, then along the columns."""


@dataclass(frozen=True, slots=True)
class SizedInput:
    """RGB images of one size; a value becomes (value - mean of its channel) / 256."""

    means: tuple[float, float, float]
    size: Pair


@dataclass(frozen=True, slots=True)
class PyramidInput:
    """RGB images of any size, each searched at many scales; the same arithmetic."""

    means: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """``filters`` (filters, channels, rows, columns), ``biases`` (filters,); dlib correlates, as everybody does."""

    filters: Vector
    biases: Vector
    stride: Pair
    padding: Pair


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """gamma * value + beta, one of each for every channel."""

    gamma: Vector
    beta: Vector


@dataclass(frozen=True, slots=True)
class Relu:
    pass


@dataclass(frozen=True, slots=True)
class MaxPool:
    window: Pair
    stride: Pair
    padding: Pair


@dataclass(frozen=True, slots=True)
class AveragePool:
    """A window of (0, 0) is the whole image."""

    window: Pair
    stride: Pair
    padding: Pair


@dataclass(frozen=True, slots=True)
class Tag:
    """From here the value is kept aside as well."""


@dataclass(frozen=True, slots=True)
class Swap:
    """What is kept aside and the value change places: dlib's tag followed by a skip to an earlier tag."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The value plus what is kept aside; where they differ in size, the smaller is padded with zeros at the end."""


@dataclass(frozen=True, slots=True, eq=False)
class FullyConnected:
    """value @ weights, ``weights`` (inputs, outputs); ``biases`` (outputs,) are zero where the layer has none."""

    weights: Vector
    biases: Vector


@dataclass(frozen=True, slots=True)
class MetricLoss:
    """Outputs are templates: those of one person lie nearer than the threshold the network was trained with."""

    margin: float
    threshold: float


@dataclass(frozen=True, slots=True)
class DetectionLoss:
    """The output is a map of scores, each for a window of the input around its place.

    Of two windows the worse is dropped where what both cover is more than ``most_shared`` of the rectangle around them, or
    more than ``most_covered`` of one of them.
    """

    window_width: int
    window_height: int
    most_shared: float
    most_covered: float


Input: TypeAlias = SizedInput | PyramidInput
Loss: TypeAlias = MetricLoss | DetectionLoss
Layer: TypeAlias = Convolution | Affine | Relu | MaxPool | AveragePool | Tag | Swap | Sum | FullyConnected


@dataclass(frozen=True, slots=True)
class Network:
    """``sha256`` is the digest of the file it was read from."""

    sha256: str
    input: Input
    layers: tuple[Layer, ...]
    loss: Loss
