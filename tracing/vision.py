"""What is seen in a photo, in numbers: pixels, where a face is in them, how good it is, and the vector that it becomes.

A process for photos needs these nouns alone; ``tracing.domain`` has them beside all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
"""One template or a stack of them: float32, shape (dimension,) or (n, dimension)."""

Pixels: TypeAlias = NDArray[np.uint8]
"""An upright RGB image: uint8, shape (height, width, 3)."""


Landmarks: TypeAlias = tuple[tuple[float, float], ...]
"""Points (x, y) in pixels of the upright image. The first two are the centres of the subject's right and left eye, which stand
left and right in the picture where the face is upright; then the nose and the corners of the mouth, right and left, as far as
the detector finds them."""


class NoFaceReason(StrEnum):
    """Why no face was found in a photo, as far as the photo itself tells; the pages say what to do about it."""

    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    TOO_SMALL = "too_small"
    NOT_FOUND = "not_found"
    """Nothing is wrong with the photo that can be seen; perhaps nobody is in it, or too far away, or turned away."""


SAME: Final = 0.5
"""Two boxes that share more than this part of the smaller one show one face."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright image; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def area(self) -> int:
        return max(0, self.width) * max(0, self.height)

    def shows_face_of(self, other: Box) -> bool:
        """Whether the two show one face: they share more than ``SAME`` of the smaller one."""
        shared = Box(
            *(max(self.left, other.left), max(self.top, other.top)),
            *(min(self.right, other.right), min(self.bottom, other.bottom)),
        )
        return shared.area > SAME * min(self.area, other.area)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be compared: ``score`` from 0 (useless) to 1 (good), its components, hints for the photographer."""

    score: float
    components: Mapping[str, float] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    template_id: int
    score: float
