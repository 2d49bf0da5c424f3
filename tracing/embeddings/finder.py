"""From a photo to the faces in it: on a small copy first, with more effort only where nothing is found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tracing.embeddings.boxes import clipped, distinct, moved, spread_of, turned
from tracing.ports import Detection, Detector, Part, Picture
from tracing.vision import Box, Landmarks

WINDOW: Final = 192
"""Side, in pixels, of the view in which a face is looked at once more."""
WINDOW_SPREADS: Final = 8.0
"""Side of that view in root-mean-square distances of the landmarks from their centre."""
USUAL: Final = (0.8, 2.0)
"""Between which multiples of its size there a face has its usual size: larger ones are seen well, and landmarks finely."""
CONFIRMED: Final = 0.82
"""A face that YuNet sees in its usual size scores more than this there; a dog's seldom does."""
CERTAIN: Final = 0.88
"""Where no face scores as much the photo may lie on its side, and what was found be a likeness."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a whole photo: in a view with this longer side; a small photo is enlarged up to so many times."""

    detector: Detector
    longest: int
    enlarged: float = 1.0

    def view(self, picture: Picture) -> Part:
        return picture.view(round(min(self.longest, self.enlarged * max(picture.width, picture.height))))


@dataclass(frozen=True, slots=True)
class Found:
    """Faces in pixels of the upright photo, the largest first, and the detector that saw them or looked first."""

    detector_id: str
    faces: tuple[Detection, ...] = ()

    @property
    def best(self) -> float:
        return max((face.score for face in self.faces), default=-math.inf)


class FaceFinder:
    """Ends with the first look that finds a face: each of ``upright``, then ``sideways`` in three quarter turns, then ``last``.

    With ``confirming`` each face is looked at once more by that detector, unless it was certain and had its usual size, in a
    view in which it has that size: chance likenesses are gone there, and landmarks are exact. What ``last`` finds
    is not confirmed by a detector that missed it.
    """

    def __init__(
        self, upright: Sequence[Look], sideways: Look, last: Look | None = None, confirming: Detector | None = None
    ) -> None:
        self._upright = upright
        self._sideways = sideways
        self._last = last
        self._confirming = confirming

    def find(self, picture: Picture) -> Found:
        """``EncoderUnavailable`` where a detector cannot be loaded."""
        found = Found(self._upright[0].detector.detector_id)
        for look in self._upright:
            found = self._confirmed(picture, look, 0)
            if found.faces:
                break
        if not found.faces or (self._confirming is not None and found.best < CERTAIN):
            lying = max(
                (self._confirmed(picture, self._sideways, quarters) for quarters in (1, 2, 3)), key=lambda each: each.best
            )
            if lying.best > found.best and (self._confirming is None or lying.best >= CERTAIN):
                return lying
        if found.faces or self._last is None:
            return found
        return _seen(picture, self._last.view(picture), self._last.detector, 0)

    def warm(self) -> None:
        """Load every detector now, and convert what has to be converted first."""
        looks = [*self._upright, self._sideways, *([self._last] if self._last else [])]
        for detector in {look.detector.detector_id: look.detector for look in looks}.values():
            detector.detect(np.full((64, 64, 3), 128, dtype=np.uint8))

    def _confirmed(self, picture: Picture, look: Look, quarters: int) -> Found:
        view, confirming = look.view(picture), self._confirming
        seen = _seen(picture, view, look.detector, quarters)
        if confirming is None:
            return seen
        again = (
            face
            if look.detector is confirming and face.score >= CERTAIN and _is_of_usual_size(face, view)
            else _seen_again(picture, face.landmarks, quarters, confirming)
            for face in seen.faces
        )
        return Found(seen.detector_id, _sorted_out(face for face in again if face is not None and face.score >= CONFIRMED))


def _seen(picture: Picture, view: Part, detector: Detector, quarters: int) -> Found:
    return Found(detector.detector_id, _sorted_out(_inside(picture, _detected(view, detector, quarters))))


def _is_of_usual_size(face: Detection, view: Part) -> bool:
    times = spread_of(face.landmarks) / view.scale * WINDOW_SPREADS / WINDOW
    return USUAL[0] <= times <= USUAL[1]


def _seen_again(picture: Picture, landmarks: Landmarks, quarters: int, detector: Detector) -> Detection | None:
    """The face as it is found in a view of its surroundings, nearest to where it was seen; None where it is not."""
    (x, y), spread = np.mean(landmarks, axis=0), spread_of(landmarks)
    reach = WINDOW_SPREADS * spread / 2
    around = Box(math.floor(x - reach), math.floor(y - reach), math.ceil(x + reach), math.ceil(y + reach))
    inside = clipped(around, picture.width, picture.height)
    if min(inside.width, inside.height) < 1:
        return None
    view = picture.view(max(1, round(WINDOW * max(inside.width, inside.height) / around.width)), inside)

    def away(face: Detection) -> float:
        return math.dist(np.mean(face.landmarks, axis=0), (x, y))

    nearest = min(_inside(picture, _detected(view, detector, quarters)), key=away, default=None)
    return nearest if nearest is not None and away(nearest) < spread else None


def _detected(view: Part, detector: Detector, quarters: int) -> Iterable[Detection]:
    """The faces of a view, turned or not, in pixels of the photo."""
    pixels = np.rot90(view.pixels, quarters)
    height, width = pixels.shape[:2]
    for face in detector.detect(pixels):
        yield moved(turned(face, -quarters % 4, width, height), view.left, view.top, view.scale)


def _inside(picture: Picture, faces: Iterable[Detection]) -> list[Detection]:
    """Rounding may have pushed a box over the edge by a pixel."""
    return [replace(face, box=clipped(face.box, picture.width, picture.height)) for face in faces]


def _sorted_out(faces: Iterable[Detection]) -> tuple[Detection, ...]:
    """Of several detections of one face the surest; the largest face first."""
    return tuple(distinct(sorted(faces, key=lambda face: -face.score)))
