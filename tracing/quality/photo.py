"""A photo in which no face was found: what is most likely wrong with it, so that the next one shows one."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracing.quality.pixels import LUMA, Floats, at_scale, edge_energies, reduced
from tracing.vision import NoFaceReason, Pixels

LONGEST: Final = 240
"""Pixels of the longer side of the copy that is looked at, about; the limits below hold for it."""
SMALLEST: Final = 64
"""Pixels of a photo's shorter side below which a face in it is too small for anything."""
DARK, BRIGHT = 50.0, 225.0
"""Luma, 0 to 255, that three quarters of a photo are below, or above."""
PLAIN: Final = 12.0
"""Luma between the 2nd and the 98th percentile below which there is nothing to be sharp: a wall, a sheet of paper."""
BLURRED: Final = -2.2
"""Decimal logarithm of the edges' energy in the direction that is blurred most. Of 308 photos of people and things 1 % are
below it, 97 % when blurred by an eightieth of their longer side (standard deviation), 84 % when moved by a fifteenth of it."""

_HALF: Final = 0.5**0.5
_DIRECTIONS: Final = ((1.0, 0.0), (0.0, 1.0), (_HALF, _HALF), (_HALF, -_HALF))


def no_face_reason(image: Pixels) -> NoFaceReason:
    """The first fault of the whole, upright or turned photo that explains it; ``NOT_FOUND`` where none is seen.

    Some milliseconds whatever the size. Dark and bright are said of the whole photo: a face in the shadow of a bright window
    is not told from no face at all.
    """
    if min(image.shape[:2]) < SMALLEST:
        return NoFaceReason.TOO_SMALL
    block = min(round(max(image.shape[:2]) / LONGEST), 4 * min(image.shape[:2]) // SMALLEST)
    grey: Floats = reduced(image, max(1, block)) @ LUMA
    least, lower, upper, most = np.percentile(grey, (2, 25, 75, 98))
    if upper < DARK:
        return NoFaceReason.TOO_DARK
    if lower > BRIGHT:
        return NoFaceReason.TOO_BRIGHT
    if most - least < PLAIN:
        return NoFaceReason.NOT_FOUND
    everything = np.ones(grey.shape, dtype=np.bool_)
    blurred = min(edge_energies(grey, everything, _DIRECTIONS)) + at_scale(max(grey.shape) / LONGEST) < BLURRED
    return NoFaceReason.BLURRED if blurred else NoFaceReason.NOT_FOUND
