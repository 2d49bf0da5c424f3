"""A face's own axes: across it along the eyes, down it to the mouth, whichever way the picture was held."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.ports import Detection
from tracing.vision import Box

Floats = NDArray[np.float64]

EYES_TO_MOUTH: Final = 1.15
"""From the middle of the eyes to that of the mouth, in distances between the eyes, in the mean frontal face."""

_HEAD: Final = np.array([(-0.5, 0, 0), (0.5, 0, 0), (0, 0.64, 0.55), (-0.44, 1.15, 0.1), (0.44, 1.15, 0.1)])
"""Eyes, tip of the nose and corners of the mouth of the mean head: across, down and towards the camera."""
_FIT: Final = np.linalg.pinv(np.column_stack([_HEAD, np.ones(len(_HEAD))]))[:3]
_NOSE_BASE_DEPTH: Final = 0.45
"""How far the base of the nose stands before the eyes, in distances between them."""


@dataclass(frozen=True, slots=True)
class Axes:
    """``right`` and ``down`` are of length 1, in pixels of the picture; ``unit`` pixels are one distance between the eyes.

    The distance is that of a face seen from the front: of a turned one, whose eyes stand closer together, it is taken from the
    eyes and the mouth. ``points`` are the landmarks on these axes: across and down from the middle of the eyes, in units.
    """

    middle: tuple[float, float]
    right: tuple[float, float]
    down: tuple[float, float]
    unit: float
    points: Floats

    @property
    def known(self) -> bool:
        """Whether they come from the eyes, and not just from the box."""
        return len(self.points) >= 2


def axes(detection: Detection) -> Axes:
    """The axes of a face; those of its box where it has no two eyes that stand apart."""
    points = np.array(detection.landmarks[:5], dtype=np.float64).reshape(-1, 2)
    if len(points) < 2 or not np.isfinite(points).all():
        return _of_box(detection.box)
    middle, across = (points[0] + points[1]) / 2, points[1] - points[0]
    down = _downwards(points, middle)
    if _turned_right(down) @ across < 0:  # named by their places in a picture that was held upside down
        points, across = points[[1, 0, *range(2, len(points))]], -across
        if len(points) == 5:
            points[[3, 4]] = points[[4, 3]]
    unit = float(np.hypot(*across))
    if len(points) == 5:
        unit = max(unit, float(np.hypot(*down)) / EYES_TO_MOUTH)
        across = across + _turned_right(down) / EYES_TO_MOUTH
    length = float(np.hypot(*across))
    if unit < 1 or length == 0:
        return _of_box(detection.box)
    right = across / length
    below = _pointing(-right[1], right[0])
    on_axes = (points - middle) @ np.column_stack([right, below]) / unit
    return Axes((middle[0], middle[1]), (right[0], right[1]), (below[0], below[1]), unit, on_axes)


def yaw(face: Axes) -> float | None:
    """How far the head is turned aside, in degrees from 0 on; None where the detector gives no nose."""
    if len(face.points) == 5:
        across, _ = _seen_as(face)
        return abs(degrees(atan2(across[2], across[0])))
    if len(face.points) < 3:
        return None
    return abs(degrees(atan2(face.points[2, 0], _NOSE_BASE_DEPTH)))


def pitch(face: Axes) -> float | None:
    """How far the head is bent, in degrees, below 0 where it looks up; None where the detector gives no mouth.

    An open mouth counts for some degrees upwards.
    """
    if len(face.points) < 5:
        return None
    _, down = _seen_as(face)
    return degrees(atan2(down[2], down[1]))


def _seen_as(face: Axes) -> Floats:
    """The two rows of the affine camera that shows the mean head most like this face (least squares)."""
    rows: Floats = (_FIT @ face.points).T
    return rows


def _downwards(points: Floats, middle: Floats) -> Floats:
    """From the eyes to the mouth, or to the nose; a quarter turn from the eye line where neither is known."""
    if len(points) < 3:
        across = points[1] - points[0]
        return _pointing(-across[1], across[0])
    below: Floats = points[3:].mean(axis=0) if len(points) == 5 else points[2]
    return below - middle


def _turned_right(down: Floats) -> Floats:
    return _pointing(down[1], -down[0])


def _pointing(x: float, y: float) -> Floats:
    return np.array((x, y), dtype=np.float64)


def _of_box(box: Box) -> Axes:
    """A face that fills its box: eyes at a third of its height, two fifths of its width apart."""
    width, height = max(1, box.width), max(1, box.height)
    middle = (box.left + width / 2, box.top + height / 3)
    return Axes(middle, (1.0, 0.0), (0.0, 1.0), max(1.0, 0.4 * width), np.zeros((0, 2)))
