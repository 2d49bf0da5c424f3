"""Layers to the nodes of an ONNX graph, with every shape followed. Needs the package ``onnx``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracing.embeddings.dlib_layers import AveragePool, Convolution, FullyConnected, Layer, MaxPool, Pair, Relu, Sum, Swap, Tag
from tracing.errors import EncoderUnavailable

OPSET: Final = 17
IR_VERSION: Final = 8
"""Both are older than ONNX Runtime 1.18, so that it need not be the newest."""
PRODUCER: Final = "family-tracing"

Side: TypeAlias = int | None
"""Pixels along the rows or the columns; None where the graph leaves them open."""


def misfit(why: str) -> EncoderUnavailable:
    return EncoderUnavailable(f"The model file holds a network that cannot be converted: {why}.")


@dataclass(frozen=True, slots=True)
class Value:
    """A value between nodes: (n, channels, rows, columns)."""

    name: str
    channels: int
    rows: Side
    columns: Side


class Graph:
    """Collects the nodes of an ONNX graph; every shape is followed, so that what does not fit is noticed here."""

    def __init__(self, name: str, channels: int, rows: Side, columns: Side) -> None:
        """``name`` and the sizes are those of the input, whose first axis, the batch, is open."""
        self._input = self._value = Value(name, channels, rows, columns)
        self._aside: Value | None = None
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def lower(self, layers: Sequence[Layer]) -> None:
        """Append the nodes of these layers; ``EncoderUnavailable`` for one that does not fit those before."""
        for layer in layers:
            self._value = self._lowered(layer, self._value)

    @property
    def channels(self) -> int:
        """Of the value as it stands."""
        return self._value.channels

    @property
    def sides(self) -> tuple[Side, Side]:
        """Rows and columns of the value as it stands."""
        return self._value.rows, self._value.columns

    def model(self, output: str, about: Mapping[str, str]) -> bytes:
        """The model's file; its one output is the value of the last layer, ``about`` its metadata."""
        from onnx import TensorProto, helper

        first, last = self._input, self._value
        sides = [] if last.rows == last.columns == 1 else [last.rows, last.columns]
        self._nodes.append(helper.make_node("Flatten" if not sides else "Identity", [last.name], [output]))
        taken = helper.make_tensor_value_info(first.name, TensorProto.FLOAT, ["n", first.channels, first.rows, first.columns])
        given = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", last.channels, *sides])
        graph = helper.make_graph(self._nodes, output, [taken], [given], self._weights)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name=PRODUCER)
        helper.set_model_props(model, dict(about))
        return bytes(model.SerializeToString())

    def _lowered(self, layer: Layer, value: Value) -> Value:
        match layer:
            case Convolution():
                return self._convolution(layer, value)
            case Relu():
                return self._node("Relu", [value.name], value.channels, value.rows, value.columns)
            case MaxPool():
                return self._pool("MaxPool", layer, value)
            case AveragePool(window=(0, 0)):
                return self._node("GlobalAveragePool", [value.name], value.channels, 1, 1)
            case AveragePool():
                return self._pool("AveragePool", layer, value)
            case Tag():
                self._aside = value
                return value
            case Swap() if self._aside is not None:
                self._aside, value = value, self._aside
                return value
            case Sum() if self._aside is not None:
                return self._sum(value, self._aside)
            case FullyConnected():
                return self._fully_connected(layer, value)
        raise misfit(f"{type(layer).__name__} has nothing to work on")

    def _convolution(self, layer: Convolution, value: Value) -> Value:
        count, channels, rows, columns = layer.filters.shape
        if channels != value.channels:
            raise misfit(f"a convolution expects {channels} channels and gets {value.channels}")
        names = [value.name, self._weight(layer.filters), self._weight(layer.biases)]
        return self._window("Conv", names, count, (rows, columns), layer, value)

    def _pool(self, kind: str, layer: MaxPool | AveragePool, value: Value) -> Value:
        return self._window(kind, [value.name], value.channels, layer.window, layer, value)

    def _window(
        self, kind: str, names: list[str], channels: int, window: Pair, layer: Convolution | MaxPool | AveragePool, value: Value
    ) -> Value:
        sides = [
            side if side is None else (side + 2 * pad - length) // step + 1
            for side, pad, length, step in zip((value.rows, value.columns), layer.padding, window, layer.stride, strict=True)
        ]
        if any(side is not None and side < 1 for side in sides):
            raise misfit("a window is larger than what it looks at")
        return self._node(kind, names, channels, *sides, kernel_shape=window, strides=layer.stride, pads=layer.padding * 2)

    def _sum(self, one: Value, other: Value) -> Value:
        both = ((one.channels, one.rows, one.columns), (other.channels, other.rows, other.columns))
        if None in both[0] + both[1]:
            raise misfit("a sum of values whose sizes are open")
        size = [max(mine or 0, theirs or 0) for mine, theirs in zip(*both, strict=True)]
        names = [self._padded(value, size).name for value in (one, other)]
        return self._node("Add", names, *size)

    def _padded(self, value: Value, size: list[int]) -> Value:
        more = [large - (small or 0) for large, small in zip(size, (value.channels, value.rows, value.columns), strict=True)]
        if not any(more):
            return value
        pads = self._weight(np.array([0, 0, 0, 0, 0, *more], dtype=np.int64))
        return self._node("Pad", [value.name, pads], *size)

    def _fully_connected(self, layer: FullyConnected, value: Value) -> Value:
        inputs, outputs = layer.weights.shape
        size = value.channels * (value.rows or 0) * (value.columns or 0)
        if inputs != size:
            raise misfit(f"a matrix expects {inputs} values and gets {size}")
        row = self._node("Flatten", [value.name], inputs, 1, 1)
        return self._node("Gemm", [row.name, self._weight(layer.weights), self._weight(layer.biases)], outputs, 1, 1)

    def _weight(self, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, names: list[str], channels: int, rows: Side, columns: Side, **attributes: Any) -> Value:
        from onnx import helper

        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, names, [name], **attributes))
        return Value(name, channels, rows, columns)
