"""Tracing notices: what is told to the public of one person, so that somebody who knows them calls the station."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracing.domain.cases import CaseKind, Sex
from tracing.domain.dates import PartialDate
from tracing.vision import Box


class NoticeState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class NoticeField(StrEnum):
    """What a notice may tell, in the order in which it is read; its station and whom to call it always tells."""

    PHOTO = "photo"
    NAME = "name"
    SEX = "sex"
    AGE = "age"
    HEIGHT = "height"
    BUILD = "build"
    """Build and hair."""
    MARKS = "marks"
    CLOTHING = "clothing"
    SEEN_AT = "seen_at"
    SEEN_PLACE = "seen_place"
    HEALTH = "health"
    INTELLECT = "intellect"
    MIND = "mind"


class NoticeEnd(StrEnum):
    """Why a notice is no longer there."""

    BY_HAND = "by_hand"
    EXPIRED = "expired"
    REPLACED = "replaced"
    """Another one of the same case was published."""
    REUNITED = "reunited"
    CASE_CLOSED = "case_closed"
    CASE_SUSPENDED = "case_suspended"
    NO_BASIS = "no_basis"
    NO_CONSENT = "no_consent"
    MINOR = "minor"
    FACE_WITHDRAWN = "face_withdrawn"
    SAFEGUARDED = "safeguarded"
    """Relatives may be the danger."""


class PhotoCut(StrEnum):
    FACE = "face"
    """Head and shoulders."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class NoticePhoto:
    """What of a photo is shown, in pixels of the upright photo; ``box`` is None for all of it.

    Kept as it was approved: a face that is chosen anew changes no notice. ``blurred`` are other people's faces.
    """

    photo_id: str
    cut: PhotoCut
    box: Box | None = None
    blurred: tuple[Box, ...] = ()
    blur: bool = True
    """Whether they are to be, also where there are none."""


@dataclass(frozen=True, slots=True)
class NoticeMark:
    """A mark of the body: a line of the description (``text``), or a row of the form."""

    text: str = ""
    mark: str = ""
    body_part: str = ""
    side: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What is said of the person; empty or None where nothing is. ``age_known``: from a birth date, not by an estimate."""

    name: str = ""
    sex: Sex | None = None
    age_min: int | None = None
    age_max: int | None = None
    age_known: bool = False
    height_cm: int | None = None
    build: str = ""
    hair: str = ""
    marks: tuple[NoticeMark, ...] = ()
    clothing: str = ""
    seen_at: PartialDate | None = None
    seen_place: str = ""
    health: str = ""
    intellect: str = ""
    mind: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of one case. ``words`` hold what is shown and nothing else; they stay as they were approved.

    ``taken`` is what the case said of each field that is shown, by which a later change of the case is noticed. ``reasons``
    tell why each sensitive field is shown. ``token`` is its public address: whoever does not know it cannot guess it.
    ``authors`` have all had a hand in the draft; none of them approves it.
    """

    notice_id: str
    case_id: str
    kind: CaseKind
    token: str
    station: str
    """The station's name as people know it."""
    contact: str
    """Whom to call at the station."""
    authors: tuple[str, ...]
    drafted_at: datetime
    state: NoticeState = NoticeState.DRAFT
    version: int = 1
    shown: frozenset[NoticeField] = frozenset()
    words: NoticeWords = field(default_factory=NoticeWords)
    photo: NoticePhoto | None = None
    taken: Mapping[NoticeField, str] = field(default_factory=dict)
    reasons: Mapping[NoticeField, str] = field(default_factory=dict)
    approved_by: str = ""
    approved_at: datetime | None = None
    approval_reason: str = ""
    """Why it was approved; of a draft, why the approval was taken back."""
    published_by: str = ""
    published_at: datetime | None = None
    expires_at: datetime | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    end: NoticeEnd | None = None
    end_reason: str = ""
    """A person's words, where a person withdrew it."""
