"""Face quality from pixels: component scores, and hints that tell a photographer what to do better.

Poor quality warns and never blocks: the only photo of a person is worth more than none. Every component is from 0 (useless)
to 1 (nothing to improve). The score is the mean of the weakest component and of the weighted mean of all: one severe
fault spoils a face whatever else is good, and of two faces with the same fault the better one still comes first. How many
people are in the photo, and whether the face touches its edge, says nothing about how well the face that is there can be
compared: they give hints and components, but weigh nothing, or little.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Box, Landmarks, Pixels, Quality
from tracing.ports import Detection

WEIGHTS = {"size": 3.0, "sharpness": 3.0, "pose": 2.0, "exposure": 1.0, "contrast": 1.0, "whole": 0.5}

WIDTH = 96
"""Pixels: wider faces are averaged down to about this width before they are looked at, so that sharpness means the same."""
POOR = 0.35
"""A component below this gives its hint."""

EYES_USELESS, EYES_GOOD = 12.0, 48.0
"""Pixels between the eyes. The encoder looks at a face of 150 pixels, in which the eyes are about 60 apart."""
DARK_USELESS, DARK_GOOD = 15.0, 60.0
BRIGHT_GOOD, BRIGHT_USELESS = 205.0, 248.0
"""Mean luminance of the face, 0 to 255. The band is wide, so that no skin is called a fault of the photo."""
SPREAD_USELESS, SPREAD_GOOD = 20.0, 90.0
"""Between the 5th and the 95th percentile of luminance."""
BLURRED, SHARP = 0.004, 0.04
"""Variance of the Laplacian over the variance of the luminance."""
FRONTAL, PROFILE = 0.12, 0.55
"""How far the nose stands from the middle of the eyes, along their line, as a part of the eyes' distance."""


def assess(image: Pixels, detection: Detection, faces_in_photo: int) -> Quality:
    """The quality of one face, in a few milliseconds; in a face of thousands of pixels, in some dozens.

    Hints are too_dark, too_bright, low_contrast, blurred, too_small, turned_away, several_faces and cut_off.
    Total: a box outside of the image or eyes at one place give a poor quality, not an error.
    """
    grey = _luminance(_face(image, detection.box))
    brightness = float(grey.mean())
    low, high = np.percentile(grey, (5, 95))
    components = {
        "size": _ramp(_eye_distance(detection.landmarks), EYES_USELESS, EYES_GOOD),
        "sharpness": _ramp(math.log(_sharpness(grey)), math.log(BLURRED), math.log(SHARP)),
        "pose": 1 - _ramp(_turn(detection.landmarks), FRONTAL, PROFILE),
        "exposure": min(_ramp(brightness, DARK_USELESS, DARK_GOOD), 1 - _ramp(brightness, BRIGHT_GOOD, BRIGHT_USELESS)),
        "contrast": _ramp(float(high - low), SPREAD_USELESS, SPREAD_GOOD),
        "whole": 0.5 if _touches_edge(image, detection.box) else 1.0,
        "single": 1.0 if faces_in_photo <= 1 else 0.0,
    }
    rounded = {name: round(value, 3) for name, value in components.items()}
    return Quality(round(_score(components), 3), rounded, _hints(components, brightness))


def _score(components: dict[str, float]) -> float:
    mean = sum(weight * components[name] for name, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return (mean + min(components[name] for name in WEIGHTS)) / 2


def _hints(components: dict[str, float], brightness: float) -> tuple[str, ...]:
    dark = brightness < (DARK_GOOD + BRIGHT_GOOD) / 2
    faults = {
        "too_dark": components["exposure"] < POOR and dark,
        "too_bright": components["exposure"] < POOR and not dark,
        "low_contrast": components["contrast"] < POOR,
        "blurred": components["sharpness"] < POOR,
        "too_small": components["size"] < POOR,
        "turned_away": components["pose"] < POOR,
        "several_faces": components["single"] < 1,
        "cut_off": components["whole"] < 1,
    }
    return tuple(hint for hint, found in faults.items() if found)


def _ramp(value: float, nothing: float, full: float) -> float:
    """0 up to ``nothing``, 1 from ``full`` on, straight in between."""
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))


def _face(image: Pixels, box: Box) -> Pixels:
    """The part of the image in the box; one black pixel where that is empty."""
    part = image[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)]
    return part if part.size else np.zeros((1, 1, 3), dtype=np.uint8)


def _luminance(face: Pixels) -> NDArray[np.float32]:
    """ITU-R BT.601 luma, averaged over whole blocks down to about ``WIDTH`` pixels."""
    block = max(1, min(face.shape[1] // WIDTH, face.shape[0]))
    rows, columns = face.shape[0] // block, face.shape[1] // block
    blocks = face[: rows * block, : columns * block].reshape(rows, block, columns, block, 3)
    small = blocks.mean(axis=(1, 3), dtype=np.float32) if block > 1 else face.astype(np.float32)
    return small @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def _sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the four-neighbour Laplacian, over that of the luminance so that dim light is not called blur."""
    if min(grey.shape) < 3:
        return BLURRED
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return max(float(laplacian.var()) / max(float(grey.var()), 1.0), 1e-6)


def _eye_distance(landmarks: Landmarks) -> float:
    return math.dist(landmarks[0], landmarks[1]) if len(landmarks) >= 2 else 0.0


def _turn(landmarks: Landmarks) -> float:
    """How far the third point, the nose, stands beside the middle of the eyes; 0 without one: unknown is no fault."""
    distance = _eye_distance(landmarks)
    if len(landmarks) < 3 or distance < 1:
        return 0.0
    (left_x, left_y), (right_x, right_y), (nose_x, nose_y) = landmarks[:3]
    away_x, away_y = nose_x - (left_x + right_x) / 2, nose_y - (left_y + right_y) / 2
    return abs(away_x * (right_x - left_x) + away_y * (right_y - left_y)) / distance**2


def _touches_edge(image: Pixels, box: Box) -> bool:
    height, width = image.shape[:2]
    return box.left <= 0 or box.top <= 0 or box.right >= width or box.bottom >= height
