"""dlib's CNN face detector by ONNX Runtime: one network over a pyramid of ever smaller copies of the image.

King, "Max-Margin Object Detection" (2015), and dlib's dnn/loss.h and dnn/input.h. dlib lays all copies on one large black
image; here each is searched alone with a black border, which costs less and moves a box by a few pixels at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tracing.embeddings.alignment import dlib_points
from tracing.embeddings.boxes import clipped, largest_first
from tracing.embeddings.hog import centres
from tracing.embeddings.runtime import OnnxModel
from tracing.ports import Detection
from tracing.vision import Box, Pixels

SCORES: Final = "scores"
"""What the converted network calls its map: one score for each place."""
LEAST: Final = 0.0
"""The score from which on dlib calls it a face; most that are reach 1."""
STEP: Final = 6
"""Each copy has 5/6 of the rows and columns of the one before."""
BORDER: Final = 11
"""Black pixels around each copy, as many as dlib leaves around its large image: a face at the edge is found as well."""
SHIFT: Final = 0.3
"""Pixels by which a point of a copy lies off in the one before, in dlib's ``pyramid_down<6>::point_up``."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one score of the network stands for: a window centred ``offset`` pixels after ``stride`` times its place.

    ``most_shared`` and ``most_covered`` are those of ``DetectionLoss``.
    """

    width: int
    height: int
    stride: int
    offset: int
    most_shared: float
    most_covered: float


FACES: Final = Window(width=80, height=80, stride=8, offset=14, most_shared=0.3382761351109955, most_covered=1.0)
"""The window of mmod_human_face_detector.dat."""


class CnnDetector:
    """Finds faces whose box has a side of 80 pixels or more. Safe to share between threads.

    ``weights`` names the ONNX model that ``detection_graph`` made of the network with this ``window``. A score is how sure the
    network is, above ``least``. Landmarks are those of ``HogDetector``.
    """

    detector_id = "dlib-cnn"

    def __init__(self, weights: Callable[[], Path], least: float = LEAST, window: Window = FACES) -> None:
        self._model = OnnxModel(weights)
        self._least = least
        self._window = window

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces, the largest first; their boxes lie within the image. ``EncoderUnavailable`` without the models.

        Takes 0.1 s for 640 x 480 pixels. Reduce larger images: time and memory grow with the pixels.
        """
        height, width = image.shape[:2]
        windows = (Detection(clipped(face.box, width, height), (), face.score) for face in self._best(image))
        inside = largest_first([face for face in windows if face.box.width > 1 and face.box.height > 1])
        return [replace(face, landmarks=centres(dlib_points(np.ascontiguousarray(image), face.box))) for face in inside]

    def _best(self, image: Pixels) -> list[Detection]:
        """The windows over the whole pyramid without those that overlap with a better one."""
        copies = enumerate(_pyramid(image, self._window))
        windows = [found for level, copy in copies for found in self._search(copy, level)]
        kept: list[Detection] = []
        for one in sorted(windows, key=lambda face: -face.score):
            if not any(_is_same(one.box, better.box, self._window) for better in kept):
                kept.append(one)
        return kept

    def _search(self, copy: Pixels, level: int) -> Iterator[Detection]:
        height, width = copy.shape[:2]
        batch = np.zeros((1, 3, height + 2 * BORDER, width + 2 * BORDER), dtype=np.float32)
        batch[0, :, BORDER:-BORDER, BORDER:-BORDER] = copy.transpose(2, 0, 1)
        scores = self._model.run(batch)[SCORES][0, 0]
        for row, column in zip(*np.nonzero(scores > self._least), strict=True):
            yield Detection(_box(int(row), int(column), level, self._window), (), float(scores[row, column]))


def _pyramid(image: Pixels, window: Window) -> Iterator[Pixels]:
    """The image and its copies, down to the last one whose shorter side is at least half a window."""
    while min(image.shape[:2]) >= min(window.width, window.height) // 2:
        yield image
        image = reduced(image)


def reduced(image: Pixels) -> Pixels:
    """As dlib's ``pyramid_down<6>`` does it, up to one level of grey: no smoothing, and the corners stay where they are."""
    rows, columns = image.shape[:2]
    height, width = rows * (STEP - 1) // STEP, columns * (STEP - 1) // STEP
    down, across = (rows - 1) / max(height - 1, 1), (columns - 1) / max(width - 1, 1)
    # Pillow's coordinates are those of the edges of pixels, dlib's those of their centres
    places = (across, 0, 0.5 - 0.5 * across, 0, down, 0.5 - 0.5 * down)
    copy = Image.fromarray(image).transform((width, height), Image.Transform.AFFINE, places, Image.Resampling.BILINEAR)
    return np.asarray(copy)


def _box(row: int, column: int, level: int, window: Window) -> Box:
    """The window around a place of the map, in pixels of the image; dlib rounds half a pixel up, its right is inclusive."""
    growth = (STEP / (STEP - 1)) ** level
    shift = SHIFT * (STEP - 1) * (growth - 1)

    def side(place: int, half: float) -> int:
        return math.floor((place * window.stride + window.offset - BORDER + half) * growth + shift + 0.5)

    across, down = (window.width - 1) / 2, (window.height - 1) / 2
    return Box(side(column, -across), side(row, -down), side(column, across) + 1, side(row, down) + 1)


def _is_same(one: Box, other: Box, window: Window) -> bool:
    shared = _area((one, other), max, min)
    around = _area((one, other), min, max)
    return shared > window.most_shared * around or shared > window.most_covered * min(one.area, other.area)


def _area(boxes: Sequence[Box], first: Callable[..., int], last: Callable[..., int]) -> int:
    width = last(box.right for box in boxes) - first(box.left for box in boxes)
    height = last(box.bottom for box in boxes) - first(box.top for box in boxes)
    return max(0, width) * max(0, height)
