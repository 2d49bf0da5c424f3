"""Photos, the faces in them, the templates of those faces, and the galleries the templates stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tracing.domain.cases import Collection
from tracing.domain.dates import PartialDate
from tracing.vision import Box, Landmarks, NoFaceReason, Quality, Vector


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
class Generation:
    """One encoder, its calibration and its life. Exactly one generation is active."""

    generation_id: str
    encoder_id: str
    state: GenerationState
    created_at: datetime
    activated_at: datetime | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
