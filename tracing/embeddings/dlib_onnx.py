"""dlib's networks as ONNX models, with what is linear folded into the convolutions. Needs the package ``onnx``."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.embeddings.cnn_detector import SCORES, Window
from tracing.embeddings.dlib_graph import Graph, misfit
from tracing.embeddings.dlib_layers import Affine, Convolution, DetectionLoss, Layer, Network, SizedInput
from tracing.errors import EncoderUnavailable

SCALE: Final = 256.0
"""What dlib divides brightness by."""
CHIPS: Final = "chips"
TEMPLATES: Final = "templates"
IMAGES: Final = "images"
RECOGNITION: Final = (
    "dlib's face recognition ResNet, converted; chips as dlib's get_face_chip cuts them, templates not normalised"
)

DETECTION: Final = "dlib's CNN face detector, converted; one score per place, each 8 pixels from the next"


def recognition_graph(network: Network) -> bytes:
    """The model that makes of ``chips``, float32 (n, 3, rows, columns), RGB from 0 to 255, ``templates``, float32 (n, d).

    For dlib_face_recognition_resnet_model_v1.dat these are 150 x 150 pixels and 128 values, which differ from dlib's own by
    less than 1e-6. The same network always gives the same bytes. ``EncoderUnavailable`` where the layers do not fit together.
    """
    if not isinstance(network.input, SizedInput):
        raise misfit("its images have no fixed size")
    graph = Graph(CHIPS, 3, *network.input.size)
    graph.lower(folded(network))
    if graph.sides != (1, 1):
        raise misfit("it does not end in one row of values for each image")
    return graph.model(TEMPLATES, {"description": RECOGNITION, "source_sha256": network.sha256})


def detection_graph(network: Network) -> bytes:
    """The model that makes of ``images``, float32 (n, 3, rows, columns), RGB from 0 to 255, ``scores``, float32 (n, 1, r, c).

    All sizes are open. ``EncoderUnavailable`` where the layers do not fit together.
    """
    if not isinstance(network.loss, DetectionLoss):
        raise misfit("it does not detect")
    graph = Graph(IMAGES, 3, None, None)
    graph.lower(folded(network))
    if graph.channels != 1:
        raise misfit("it does not end in one score for each place")
    return graph.model(SCORES, {"description": DETECTION, "source_sha256": network.sha256})


def window_of(network: Network) -> Window:
    """The window that a detection network says it has; ``EncoderUnavailable`` where it is none."""
    loss = network.loss
    if not isinstance(loss, DetectionLoss):
        raise EncoderUnavailable("The model file holds no detector; run 'make setup' again.")
    stride, offset = 1, 0
    for layer in network.layers:
        if isinstance(layer, Convolution):
            offset += stride * (layer.filters.shape[2] // 2 - layer.padding[0])
            stride *= layer.stride[0]
    return Window(loss.window_width, loss.window_height, stride, offset, loss.most_shared, loss.most_covered)


def folded(network: Network) -> list[Layer]:
    """The layers without any ``Affine``: each in the convolution before it, the arithmetic of the input in the first one.

    ``EncoderUnavailable`` where there is no such convolution.
    """
    if not network.layers:
        raise misfit("it has no layers")
    layers: list[Layer] = []
    around = zip((None, *network.layers[:-1]), network.layers, (*network.layers[1:], None), strict=True)
    for before, layer, after in around:
        means = None if layers else np.array(network.input.means)
        if isinstance(layer, Convolution):
            layers.append(_folded(layer, means, after if isinstance(after, Affine) else None))
        elif means is not None:
            raise misfit("it does not begin with a convolution")
        elif not isinstance(layer, Affine):
            layers.append(layer)
        elif not isinstance(before, Convolution):
            raise misfit("an affine layer does not follow a convolution")
    return layers


def _folded(layer: Convolution, means: NDArray[np.float64] | None, affine: Affine | None) -> Convolution:
    """In double precision, rounded once."""
    filters, biases = layer.filters.astype(np.float64), layer.biases.astype(np.float64)
    if means is not None:
        if layer.padding != (0, 0) or filters.shape[1] != len(means):  # padding is zero after the arithmetic, not before
            raise misfit("its first convolution is padded, or not for three colours")
        filters = filters / SCALE
        biases = biases - np.einsum("fcyx,c->f", filters, means)
    if affine is not None:
        if len(affine.gamma) != len(filters):
            raise misfit("an affine layer has not as many channels as the convolution before it")
        gamma, beta = affine.gamma.astype(np.float64), affine.beta.astype(np.float64)
        filters, biases = filters * gamma[:, None, None, None], biases * gamma + beta
    with np.errstate(over="ignore"):
        result = Convolution(filters.astype(np.float32), biases.astype(np.float32), layer.stride, layer.padding)
    if not (np.isfinite(result.filters).all() and np.isfinite(result.biases).all()):
        raise misfit("its weights are beyond all bounds")
    return result
