"""What is measured of a face's pixels, as plain numbers; ``components`` says how good each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracing.quality.axes import Axes
from tracing.quality.patch import EYES, Patch
from tracing.quality.pixels import Direction, Floats, at_scale, edge_energies

UNDER, OVER = 25, 247
"""Luma below and above which a pixel shows nothing, as in ISO/IEC 29794-5."""

USUAL: Final = (-0.35, -0.2, 0.0, -0.2)
"""What the edges' energy usually is across a sharp face, along a diagonal, down, and along the other diagonal, less what it is
down: brows, eyes and mouth lie across a face."""
EYE, CHEEK, BELOW_EYE = 0.25, 0.18, 0.5
"""Radii of the eye and of the cheek, and how far the cheek lies below the eyes, in distances between them."""
MOUTH: Final = 0.25
"""Half the side of the square around the mouth's middle that is looked at, in the same."""


@dataclass(frozen=True, slots=True)
class Light:
    """Of the face's luma, 0 to 255. ``spread`` lies between its 5th and 95th percentile, ``uneven`` is the difference of the
    two halves' means over the mean of both; ``under`` and ``over`` are shares of the pixels."""

    mean: float
    spread: float
    under: float
    over: float
    uneven: float


def light(seen: Patch) -> Light:
    grey = seen.grey[seen.oval]
    low, high = np.percentile(grey, (5, 95))
    halves = [seen.grey[seen.oval & side] for side in (seen.across < 0, seen.across >= 0)]
    one, other = (float(half.mean()) if half.size else float(grey.mean()) for half in halves)
    return Light(
        mean=float(grey.mean()),
        spread=float(high - low),
        under=float((grey < UNDER).mean()),
        over=float((grey > OVER).mean()),
        uneven=2 * abs(one - other) / max(one + other, 1.0),
    )


def sharpness(seen: Patch, face: Axes) -> float:
    """The edges' energy, as a decimal logarithm, in the direction in which most of it is missing, as at ``EYES`` pixels.

    A shaking hand blurs one direction and leaves the others.
    """
    energies = edge_energies(seen.grey, seen.oval, _directions(face))
    missing = min(found - usual for found, usual in zip(energies, USUAL, strict=True))
    return missing + at_scale(seen.unit / EYES)


def _directions(face: Axes) -> list[Direction]:
    (x, y), half = face.right, 0.5**0.5
    return [(x, y), ((x - y) * half, (y + x) * half), (-y, x), ((x + y) * half, (y - x) * half)]


def eyes_lightness(seen: Patch, face: Axes) -> float | None:
    """Natural logarithm of the lighter eye over the cheek below it: far below 0 behind dark glasses, or in deep shadow.

    None where the eyes are not known, or not in the picture.
    """
    if not face.known:
        return None
    luma = _log(seen.grey)
    found: list[float] = []
    for across, down in face.points[:2]:
        eye, cheek = luma[seen.near(across, down, EYE)], luma[seen.near(across, BELOW_EYE, CHEEK)]
        if eye.size < 4 or cheek.size < 4:
            return None
        found.append(float(np.median(eye) - np.median(cheek)))
    return max(found)


@dataclass(frozen=True, slots=True)
class Mouth:
    """How a face varies from the upper lip to below the mouth, row by row.

    ``line`` is the range of the rows' luma, ``red`` that of their red over green, both as natural logarithms; ``eyes`` is how
    much the luma varies at the eyes, and tells whether the picture shows anything.
    """

    line: float
    red: float
    eyes: float


def mouth(seen: Patch, face: Axes) -> Mouth | None:
    """None where the detector gives no mouth, or too little of it is in the picture."""
    if len(face.points) < 5:
        return None
    across, down = face.points[3:5].mean(axis=0)
    below = seen.down - np.float32(down)
    near = (np.abs(seen.across - np.float32(across)) < MOUTH) & (np.abs(below) < MOUTH)
    rows = ((below[near] / MOUTH + 1) * 3).astype(np.int64).clip(0, 5)
    count = np.bincount(rows, minlength=6)
    luma = _log(seen.grey)
    eyes = [luma[seen.near(x, y, EYE)] for x, y in face.points[:2]]
    if count.min() < 2 or min(eye.size for eye in eyes) < 4:
        return None
    red = _log(seen.rgb[near, 0]) - _log(seen.rgb[near, 1])
    return Mouth(
        line=float(np.ptp(np.bincount(rows, luma[near], minlength=6) / count)),
        red=float(np.ptp(np.bincount(rows, red, minlength=6) / count)),
        eyes=float(np.mean([eye.std() for eye in eyes])),
    )


def _log(values: Floats) -> Floats:
    """Ten is added, so that the noise of the dark does not count."""
    return np.log(values + 10)
