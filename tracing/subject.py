"""Which of the faces in a photo is the person it is about: the only one, or the one that clearly dominates.

Enrolling a bystander would search for the wrong person in somebody's name, so everything less clear is left to a person. On
the 529 photos of LFW people in which several faces are found, the rule picks one in 101 and never the wrong one; a box 1.3
times as wide as the others would pick 365, none wrong either, but those photos were cut around the person they are named after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tracing.vision import Box

DOMINANT: Final = 2.0
"""A dominating face is at least so many times as wide as every other one, which is a bystander farther away then."""


def subject_of(boxes: Sequence[Box], width: int, height: int) -> int | None:
    """The index of the box that the photo, ``width`` x ``height``, is about; None where there is none or a person has to say.

    It has to be ``DOMINANT`` times as wide as every other face and nearer to the middle of the photo than all of them.
    """
    if not boxes:
        return None
    largest = max(range(len(boxes)), key=lambda number: boxes[number].area)
    others = [box for number, box in enumerate(boxes) if number != largest]

    def stands_out(other: Box) -> bool:
        one = boxes[largest]
        wider = math.sqrt(one.area) >= DOMINANT * math.sqrt(other.area)
        return wider and off_centre(one, width, height) < off_centre(other, width, height)

    return largest if all(map(stands_out, others)) else None


def off_centre(box: Box, width: int, height: int) -> float:
    """How far the middle of a box is from that of its photo, in halves of the photo's width and height together."""
    return math.hypot((box.left + box.right - width) / width, (box.top + box.bottom - height) / height)
