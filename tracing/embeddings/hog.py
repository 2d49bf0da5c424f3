"""dlib's frontal HOG detector, the one that face_recognition uses by default."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracing.embeddings.alignment import dlib_points
from tracing.embeddings.boxes import clipped, distinct
from tracing.embeddings.dlib_models import DLIB, hog
from tracing.ports import Detection
from tracing.vision import Box, Landmarks, Pixels

DOUBLED = 320
"""Up to this longer side an image is searched just as face_recognition does: doubled."""


class HogDetector:
    """Finds upright faces from 80 pixels on, in images whose longer side is at most ``doubled`` from 40 on.

    Landmarks are the centres of the two eyes, left and right in the picture, and the base of the nose. Safe to share between
    threads.
    """

    detector_id = "dlib-hog"

    def __init__(self, doubled: int = DOUBLED) -> None:
        self._doubled = doubled

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces, the largest first; their boxes lie within the image. ``EncoderUnavailable`` without the models."""
        detector = hog()
        image = np.ascontiguousarray(image)
        height, width = image.shape[:2]
        with DLIB:
            found, scores, _ = detector.run(image, int(max(height, width) <= self._doubled), 0.0)
        faces = zip((clipped(_box(face), width, height) for face in found), scores, strict=True)
        seen = [Detection(box, (), score) for box, score in faces if box.width > 1 and box.height > 1]
        best_first = sorted(seen, key=lambda face: -face.box.area)
        return distinct(Detection(face.box, centres(dlib_points(image, face.box)), face.score) for face in best_first)


def _box(face: Any) -> Box:
    """dlib's right and bottom are inclusive, but face_recognition passes them on as they are, and so do we."""
    return Box(face.left(), face.top(), face.right(), face.bottom())


def centres(points: Landmarks) -> Landmarks:
    """dlib's five points are the corners of the eye on the right, those of the eye on the left, the base of the nose."""
    eyes = sorted((_between(points[0], points[1]), _between(points[2], points[3])))
    return (eyes[0], eyes[1], points[4])


def _between(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
