"""Boxes and landmarks: where a face's box stands, how far the face is turned, which boxes show one face."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tracing.ports import Detection
from tracing.vision import Box, Landmarks

BOX_SIDE, BOX_RISE = 3.8, 0.05
"""Side and upward shift of dlib's box of a face, in root-mean-square distances of the five landmarks from their centre.

Medians over 963 faces of adults and children that dlib's HOG detector and YuNet both found; the side spreads by 9 %.
"""


def head_box(points: NDArray[np.float64]) -> Box:
    """The square that dlib's detector would have put around a face with these five landmarks, shape (5, 2)."""
    centre, spread = points.mean(axis=0), spread_of(points)
    up = points[:2].mean(axis=0) - points[3:5].mean(axis=0)
    middle = centre + BOX_RISE * spread * up / max(float(np.linalg.norm(up)), 1e-6)
    left, top = middle - BOX_SIDE * spread / 2
    side = round(BOX_SIDE * spread)
    return Box(round(left), round(top), round(left) + side, round(top) + side)


def seed_box(face: Detection) -> Box:
    """The box that dlib's detector puts around a face, not cut off at the edge of the image where landmarks tell it."""
    return head_box(np.array(face.landmarks)) if len(face.landmarks) == 5 else face.box


def spread_of(points: Landmarks | NDArray[np.float64]) -> float:
    """The root-mean-square distance of the points (n, 2) from their centre, in pixels."""
    given = np.asarray(points, dtype=np.float64)
    return float(np.sqrt(((given - given.mean(axis=0)) ** 2).sum(axis=1).mean()))


def clipped(box: Box, width: int, height: int) -> Box:
    """The part of the box that lies in a picture of this size; it may be empty."""
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))


def moved(face: Detection, left: float, top: float, scale: float = 1.0) -> Detection:
    """The face of a copy in the pixels of its original: enlarged by ``scale``, then shifted by (left, top).

    A box counts from the edges of pixels, a landmark from their middles.
    """
    box = face.box
    sides = (box.left * scale + left, box.top * scale + top, box.right * scale + left, box.bottom * scale + top)
    middle = (scale - 1) / 2
    landmarks = tuple((x * scale + middle + left, y * scale + middle + top) for x, y in face.landmarks)
    return replace(face, box=Box(*(round(side) for side in sides)), landmarks=landmarks)


def turned(face: Detection, quarters: int, width: int, height: int) -> Detection:
    """The face of an image, ``width`` x ``height``, in the pixels of ``numpy.rot90(image, quarters)``.

    Landmarks keep their order: the first eye is the one on the left of the face when it stands upright.
    """
    box, landmarks = face.box, face.landmarks
    across, down = width, height
    for _ in range(quarters % 4):
        box = Box(box.top, across - box.right, box.bottom, across - box.left)
        landmarks = tuple((y, across - 1 - x) for x, y in landmarks)
        across, down = down, across
    return replace(face, box=box, landmarks=landmarks)


def quarters_to_upright(landmarks: Landmarks) -> int:
    """How many quarter turns counter-clockwise (``numpy.rot90``) bring the face nearest to upright."""
    if len(landmarks) < 2:
        return 0
    (left_x, left_y), (right_x, right_y) = landmarks[:2]
    return round(math.atan2(right_y - left_y, right_x - left_x) / (math.pi / 2)) % 4


def distinct(faces: Iterable[Detection]) -> list[Detection]:
    """Of several detections of one face the first one; the result is sorted, the largest first."""
    kept: list[Detection] = []
    for face in faces:
        if face.box.width > 1 and face.box.height > 1 and not any(face.box.shows_face_of(other.box) for other in kept):
            kept.append(face)
    return largest_first(kept)


def largest_first(faces: Sequence[Detection]) -> list[Detection]:
    return sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))
