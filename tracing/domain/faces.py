"""Photos, the faces in them, the templates of those faces, and the galleries the templates stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracing.domain.cases import Collection
from tracing.domain.dates import PartialDate

Vector: TypeAlias = NDArray[np.float32]
"""One template or a stack of them: float32, shape (dimension,) or (n, dimension)."""

Pixels: TypeAlias = NDArray[np.uint8]
"""An upright RGB image: uint8, shape (height, width, 3)."""


Landmarks: TypeAlias = tuple[tuple[float, float], ...]
"""Points (x, y) in pixels of the upright image. The first two are the centres of the subject's right and left eye, which stand
left and right in the picture where the face is upright; then the nose and the corners of the mouth, right and left, as far as
the detector finds them."""


class Analysis(StrEnum):
    PENDING = "pending"
    ENROLLED = "enrolled"
    NO_FACE = "no_face"
    CHOOSE_FACE = "choose_face"
    UNREADABLE = "unreadable"
    WITHDRAWN = "withdrawn"
    """The case's face is withdrawn: the photo is kept, and nobody looks for a face in it."""
    HELD = "held"
    """The photo may show somebody who asked not to be searched: a person has to decide."""


class PhotoProblem(StrEnum):
    """Why a photo is not enrolled, as a word that the pages put into a sentence with what to do."""

    NONE = ""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNREADABLE = "unreadable"
    FAILED = "failed"
    """The analysis failed three times: an operator has to look."""
    WITHDRAWN = "withdrawn"
    HELD = "held"


class NoFaceReason(StrEnum):
    """Why no face was found in a photo, as far as the photo itself tells; the pages say what to do about it."""

    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    TOO_SMALL = "too_small"
    NOT_FOUND = "not_found"
    """Nothing is wrong with the photo that can be seen; perhaps nobody is in it, or too far away, or turned away."""


class GenerationState(StrEnum):
    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of a case's person. ``width`` and ``height`` are pixels of the upright image, 0 until it was read.

    ``no_face`` says why, where the analysis is ``no_face``; None where it was looked at before anybody asked for the reason.
    """

    photo_id: str
    case_id: str
    photo_key: str
    sha256: str
    received_at: datetime
    taken_on: PartialDate | None = None
    age_in_photo: int | None = None
    analysis: Analysis = Analysis.PENDING
    problem: PhotoProblem = PhotoProblem.NONE
    width: int = 0
    height: int = 0
    attempts: int = 0
    no_face: NoFaceReason | None = None


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
class Face:
    """A face found in a photo; ``of_interest`` marks the one that shows the case's person."""

    face_id: str
    photo_id: str
    box: Box
    landmarks: Landmarks
    detector_id: str
    quality: Quality
    of_interest: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The vector of one face by one encoder: float32, shape (dimension,). ``template_id`` is never used twice."""

    template_id: int
    face_id: str
    encoder_id: str
    vector: Vector = field(compare=False)


@dataclass(frozen=True, slots=True)
class GalleryChange:
    """A template's latest place: in a collection, or (None) nowhere. ``seq`` grows in the order of commits."""

    seq: int
    template_id: int
    collection: Collection | None
    case_id: str | None = None
    vector: Vector | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hit:
    template_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Generation:
    """One encoder, its calibration and its life. Exactly one generation is active."""

    generation_id: str
    encoder_id: str
    state: GenerationState
    created_at: datetime
    activated_at: datetime | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
