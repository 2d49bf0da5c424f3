"""dlib's CNN face detector in dlib itself: the reference for the converted one, and what serves where that cannot be had."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tracing.embeddings.alignment import dlib_points
from tracing.embeddings.boxes import clipped, largest_first
from tracing.embeddings.dlib_models import DLIB, detection_network
from tracing.embeddings.hog import centres
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection, Detector
from tracing.vision import Box, Pixels

log = logging.getLogger(__name__)


class DlibCnnDetector:
    """The same promises as ``CnnDetector``, at fifteen times its cost: a second for 640 pixels."""

    detector_id = "dlib-cnn"

    def __init__(self, weights: Callable[[], Path]) -> None:
        self._weights = weights
        self._loading = threading.Lock()
        self._network: Any = None

    def detect(self, image: Pixels) -> list[Detection]:
        with self._loading:
            if self._network is None:
                self._network = detection_network(self._weights())
        image = np.ascontiguousarray(image)
        height, width = image.shape[:2]
        with DLIB:
            found = [(_box(each.rect), each.confidence) for each in self._network(image, 0)]
        boxes = [Detection(clipped(box, width, height), (), score) for box, score in found]
        inside = largest_first([face for face in boxes if face.box.width > 1 and face.box.height > 1])
        return [Detection(face.box, centres(dlib_points(image, face.box)), face.score) for face in inside]


class SteadyDetector:
    """``fast``, or for good ``steady`` as soon as the fast one cannot be had."""

    def __init__(self, fast: Detector, steady: Detector) -> None:
        self.detector_id = steady.detector_id
        self._steady = steady
        self._used = fast

    def detect(self, image: Pixels) -> list[Detection]:
        try:
            return self._used.detect(image)
        except EncoderUnavailable as error:
            if self._used is self._steady:
                raise
            log.warning("dlib itself looks for faces that are hard to find, many times slower: %s", error)
            self._used = self._steady
            return self._steady.detect(image)


def largest_shift(some: Sequence[Detection], others: Sequence[Detection]) -> float:
    """How far the boxes of the same faces lie apart at most, as a part of their width: each from the nearest of the others.

    Infinite where there are more faces in one list than in the other.
    """
    if len(some) != len(others):
        return float("inf")
    return max((min(_shift(one.box, other.box) for other in others) for one in some), default=0.0)


def _shift(one: Box, other: Box) -> float:
    sides = (one.left - other.left, one.top - other.top, one.right - other.right, one.bottom - other.bottom)
    return max(map(abs, sides)) / max(other.width, 1)


def _box(rectangle: Any) -> Box:
    """dlib's right and bottom are inclusive."""
    return Box(rectangle.left(), rectangle.top(), rectangle.right() + 1, rectangle.bottom() + 1)
