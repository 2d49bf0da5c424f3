"""Detectors: where the faces of an image are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from tracing.domain import Box, Landmarks, Pixels
from tracing.embeddings.dlib_models import DLIB, face_recognition_api
from tracing.ports import Detection

SMALL = 640
"""Up to this longest side an image is searched just as face_recognition does: doubled."""
BOUND = 1280
"""Larger ones are searched on a copy of this size: a 12-megapixel photo in 0.15 instead of 6 s."""
SAME = 0.5
"""Two boxes that share more than this part of the smaller one show one face."""


class HogDetector:
    """dlib's frontal HOG detector with five landmarks, through face_recognition. Safe to share between threads.

    Landmarks are the centres of the two eyes, left and right in the picture, and the base of the nose. A face smaller
    than 40 pixels in an image up to ``SMALL``, or than 80 in the reduced copy of a larger one, may be missed; where an image
    shows no face at all it is searched once more, doubled again, which also finds some large faces that were missed.
    """

    detector_id = "dlib-hog"

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces, the largest first; their boxes lie within the image. ``EncoderUnavailable`` without the models."""
        api = face_recognition_api()
        image = np.ascontiguousarray(image)
        with DLIB:
            boxes = [_clipped(box, image) for box in _search(api, image)]
            boxes = _distinct([box for box in boxes if box.width > 1 and box.height > 1])
            return [Detection(box, _landmarks(api, image, box)) for box in boxes]


def _search(api: Any, image: Pixels) -> list[Box]:
    longest = max(image.shape[:2])
    if longest <= SMALL:
        return _found(api, image, doublings=1, scale=1.0) or _found(api, image, doublings=2, scale=1.0)
    scale = max(1.0, longest / BOUND)
    copy = _reduced(image, scale)
    return _found(api, copy, doublings=0, scale=scale) or _found(api, copy, doublings=1, scale=scale)


def _reduced(image: Pixels, scale: float) -> Pixels:
    if scale == 1:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def _found(api: Any, image: Pixels, doublings: int, scale: float) -> list[Box]:
    """dlib's right and bottom are inclusive, but face_recognition passes them on as they are, and so do we."""
    found = api.face_detector(image, doublings)
    sides = ((face.left(), face.top(), face.right(), face.bottom()) for face in found)
    return [Box(*(round(side * scale) for side in box)) for box in sides]


def _clipped(box: Box, image: Pixels) -> Box:
    height, width = image.shape[:2]
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))


def _distinct(boxes: Sequence[Box]) -> list[Box]:
    """The largest first, without those that mostly cover a larger one."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: (-box.area, box.left, box.top)):
        if all(_shared(box, other) <= SAME * box.area for other in kept):
            kept.append(box)
    return kept


def _shared(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0, width) * max(0, height)


def _landmarks(api: Any, image: Pixels, box: Box) -> Landmarks:
    """dlib's five points are the corners of the eye on the right, those of the eye on the left, the base of the nose."""
    points = api.pose_predictor_5_point(image, api._css_to_rect((box.top, box.right, box.bottom, box.left))).parts()
    at = [(float(point.x), float(point.y)) for point in points]
    eyes = sorted((_between(at[0], at[1]), _between(at[2], at[3])))
    return (eyes[0], eyes[1], at[4])


def _between(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
