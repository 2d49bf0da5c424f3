"""What a measurement holds beside ours: face_recognition as a user calls it, and how much arithmetic a network is."""

from __future__ import annotations

import io
import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracing.embeddings.alignment import DLIB_PADDING, DLIB_SIDE
from tracing.embeddings.imaging import PillowReader
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection, Examination, PhotoInfo, Sighted
from tracing.vision import Box, Pixels, Quality, Vector

REFERENCE: Final = "face_recognition"
"""What measurements call the package itself, beside the encoders."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One photo on its way through face_recognition: how many faces it found, and the seconds that each call took.

    ``network`` is the part of ``face_encodings`` that the network takes for one face, measured again by itself.
    """

    faces: int
    load_image_file: float
    face_locations: float
    face_encodings: float
    network: float

    @property
    def whole(self) -> float:
        return self.load_image_file + self.face_locations + self.face_encodings


class FaceRecognition:
    """The package with its defaults. Making one imports it, which loads all its models: seconds, and 150 MB.

    ``EncoderUnavailable`` where it is not whole. Not safe to share between threads, as the package is not.
    """

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its models ask for pkg_resources, which says that it is deprecated
            try:
                self._package: Any = import_module("face_recognition")
            except (Exception, SystemExit) as error:  # it ends the program where its models are missing
                raise EncoderUnavailable(f"face_recognition cannot be imported ({error!r}); run 'make setup' again.") from error

    def photo_to_templates(self, path: Path) -> Passage:
        """Load, locate, encode; what it located is handed on, for otherwise it would locate twice."""
        start = time.perf_counter()
        image = self._package.load_image_file(str(path))
        loaded = time.perf_counter()
        places = self._package.face_locations(image)
        located = time.perf_counter()
        templates = self._package.face_encodings(image, places)
        encoded = time.perf_counter()
        network = self._network_seconds(image, places[0]) if places else 0.0
        return Passage(len(templates), loaded - start, located - loaded, encoded - located, network)

    def image(self, data: bytes) -> Pixels:
        """As ``load_image_file`` reads it."""
        return np.asarray(self._package.load_image_file(io.BytesIO(data)))

    def boxes(self, image: Pixels) -> list[Box]:
        return [Box(left, top, right, bottom) for top, right, bottom, left in self._package.face_locations(image)]

    def templates(self, image: Pixels, boxes: Sequence[Box]) -> list[Vector]:
        """float32 (128,) each."""
        places = [(box.top, box.right, box.bottom, box.left) for box in boxes]
        return [each.astype(np.float32) for each in self._package.face_encodings(image, places)]

    def _network_seconds(self, image: Pixels, place: tuple[int, int, int, int]) -> float:
        import dlib

        api = self._package.api
        top, right, bottom, left = place
        points = api.pose_predictor_5_point(image, dlib.rectangle(left, top, right, bottom))
        chip = dlib.get_face_chip(image, points, DLIB_SIDE, DLIB_PADDING)
        start = time.perf_counter()
        api.face_encoder.compute_face_descriptor(chip)
        return time.perf_counter() - start


class ReferenceExaminer:
    """An ``Examiner`` that is the package as its users call it: its detector, its vectors, and no look at the EXIF orientation.

    For measurements alone: nothing keeps a photo within a budget of memory, and no quality is told.
    """

    def __init__(self) -> None:
        self._package = FaceRecognition()
        self._reader = PillowReader()

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        return self._reader.verify(data, patience)

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        """The faces, none of which is taken for the one that the photo is about: all their templates are to be asked for."""
        image = self._image(data, encoder_ids)
        untold = Quality(math.nan, {}, ())
        faces = (Sighted(Detection(box, (), 1.0), untold) for box in self._package.boxes(image))
        return Examination(image.shape[1], image.shape[0], "dlib-hog", tuple(faces))

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        made = self._package.templates(self._image(data, encoder_ids), [face.box for face in faces])
        return [{REFERENCE: each} for each in made]

    def _image(self, data: bytes, encoder_ids: Sequence[str]) -> Pixels:
        if list(encoder_ids) not in ([], [REFERENCE]):
            raise EncoderUnavailable(f"The package {REFERENCE} has no encoder but its own.")
        self._reader.verify(data)
        return self._package.image(data)


def multiply_adds(model: Path, with_padding: bool = False) -> int:
    """Multiplications, each with its addition, that an ONNX model takes for one row of its input.

    Those of convolutions and of products with a matrix of weights; what is done once for each value (sums, pools, clipping) is
    left out, some hundredths. What a convolution multiplies by the zeros around its input counts only ``with_padding``: good
    implementations leave it out. ``EncoderUnavailable`` where the model leaves a size open.
    """
    import onnx

    graph = onnx.shape_inference.infer_shapes(onnx.load(model)).graph
    weights = {each.name: tuple(each.dims) for each in graph.initializer}
    sizes = {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            filters, channels, *window = weights[node.input[1]]
            before, after = (_sides(sizes, name) for name in (node.input[0], node.output[0]))
            total += filters * channels * _looks(node, window, before, after, with_padding)
        elif node.op_type in ("Gemm", "MatMul") and node.input[1] in weights:
            total += math.prod(_sides(sizes, node.output[0])[:-1]) * math.prod(weights[node.input[1]])
    return total


def _looks(node: Any, window: Sequence[int], before: Sequence[int], after: Sequence[int], with_padding: bool) -> int:
    """At how many values of one channel the window looks from all its places; each axis is counted by itself."""
    given = {each.name: list(each.ints) for each in node.attribute}
    strides, dilations = given.get("strides", [1, 1]), given.get("dilations", [1, 1])
    pads = given.get("pads", [0, 0, 0, 0])[:2]  # those before the first value of each axis
    axes = zip(window, before[1:], after[1:], strides, pads, dilations, strict=True)
    return math.prod(
        sum(
            with_padding or 0 <= place * stride - pad + tap * dilation < length
            for place in range(places)
            for tap in range(taps)
        )
        for taps, length, places, stride, pad, dilation in axes
    )


def _sides(sizes: dict[str, list[int]], name: str) -> list[int]:
    """The sizes of a value but for the number of rows, which may be open."""
    found = sizes.get(name, [0, 0])[1:]
    if not all(found):
        raise EncoderUnavailable("The model leaves the sizes of its values open; its arithmetic cannot be counted.")
    return found
