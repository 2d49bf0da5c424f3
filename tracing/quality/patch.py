"""The pixels of a face on the face's own axes, at one scale for every face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.quality.axes import Axes
from tracing.quality.pixels import LUMA, Floats, Mask, reduced
from tracing.vision import Pixels

EYES: Final = 48
"""Pixels between the eyes to which larger faces are averaged down, about as encoders see them: sharpness then means the same
for a close-up. Smaller faces stay as they are, since nothing is gained by inventing pixels."""
REACH: Final = 1.3
"""How far the patch goes around the middle of the face, in distances between the eyes."""
HALF_WIDTH, HALF_HEIGHT, CENTRE = 0.95, 1.15, 0.5
"""The oval of the face from brow to chin, and how far its centre lies below the eyes, in distances between them."""


@dataclass(frozen=True, slots=True)
class Patch:
    """``rgb`` is (rows, columns, 3), ``grey`` its luma, 0 to 255; ``across`` and ``down`` tell where each pixel lies on the
    axes, and ``oval`` are the pixels of the face from brow to chin. ``unit`` of its pixels lie between the eyes."""

    rgb: Floats
    grey: Floats
    across: Floats
    down: Floats
    oval: Mask
    unit: float

    def near(self, across: float, down: float, radius: float) -> Mask:
        """The pixels of a disc."""
        return (self.across - np.float32(across)) ** 2 + (self.down - np.float32(down)) ** 2 < radius**2


def patch(image: Pixels, face: Axes) -> Patch:
    """What the image shows of the face; one black pixel where that is nothing."""
    block = max(1, round(face.unit / EYES))
    x, y = (at + CENTRE * face.unit * along for at, along in zip(face.middle, face.down, strict=True))
    reach = REACH * face.unit
    height, width = image.shape[:2]
    left, right = _within(x - reach, width), _within(x + reach + 1, width)
    top, bottom = _within(y - reach, height), _within(y + reach + 1, height)
    rgb = reduced(image[top:bottom, left:right], block)
    middle = (block - 1) / 2  # of a block, since the middle of a pixel is at its whole number
    columns = (left + middle + block * np.arange(rgb.shape[1]) - face.middle[0]) / face.unit
    rows = (top + middle + block * np.arange(rgb.shape[0]) - face.middle[1]) / face.unit
    across, down = _on(columns, rows, face.right), _on(columns, rows, face.down)
    oval = (across / HALF_WIDTH) ** 2 + ((down - CENTRE) / HALF_HEIGHT) ** 2 <= 1
    if not oval.any():
        black = np.zeros((1, 1), dtype=np.float32)
        return Patch(np.zeros((1, 1, 3), dtype=np.float32), black, black, black, np.ones((1, 1), dtype=np.bool_), 1.0)
    return Patch(rgb, rgb @ LUMA, across, down, oval, face.unit / block)


def _within(at: float, size: int) -> int:
    return int(min(max(at, 0), size))


def _on(columns: NDArray[np.floating], rows: NDArray[np.floating], axis: tuple[float, float]) -> Floats:
    at: Floats = np.add.outer(rows * axis[1], columns * axis[0]).astype(np.float32)
    return at
