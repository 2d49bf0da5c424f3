"""What strangers send by the pages for everybody: reports of families, what somebody has seen, and the photos of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracing.domain.dates import PartialDate


class ReportState(StrEnum):
    DRAFT = "draft"
    """Being filled in; nobody of a station sees it."""
    SENT = "sent"
    ACCEPTED = "accepted"
    """There is a case, which holds what was told; the report keeps the consent."""
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """Of an accepted one: the family does not want it any more. One without a case is erased at once."""


class Declined(StrEnum):
    """Why no case was opened, as coarse as the family is told it. None of them says that anybody else was reported."""

    TOO_LITTLE = "too_little"
    """There is not enough to begin with."""
    NOT_FOR_US = "not_for_us"
    """The police, or another authority, has to act here."""
    TALK_FIRST = "talk_first"
    """Something has to be talked over before."""


class Stage(StrEnum):
    """What a family is told of its report: nothing by which anybody learns where somebody is, or that they were found."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    SEARCHED = "searched"
    CLOSED = "closed"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """Which words somebody agreed to. ``face``: also that the face is searched by machine, which is asked by itself."""

    version: str
    language: str
    digest: str
    face: bool


@dataclass(frozen=True, slots=True)
class FamilyReport:
    """``typed`` is what was typed, field by field, and is sealed; it goes over to the case when a station accepts the report.

    ``station_id`` is the station that was chosen, empty for all of them. ``draft_hash`` and ``secret_hash`` are digests of what
    only the family has. ``heeded_at``: when the service has carried out that it was withdrawn.
    """

    report_id: str
    reference: str
    draft_hash: str
    secret_hash: str
    consent: Consent
    started_at: datetime
    touched_at: datetime
    state: ReportState = ReportState.DRAFT
    station_id: str = ""
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    declined: Declined | None = None
    case_id: str | None = None
    withdrawn_at: datetime | None = None
    heeded_at: datetime | None = None
    version: int = 1
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedPhoto:
    """A photo that came with a report or with a sighting, until it is a case's or goes. It is in no gallery."""

    handed_id: str
    photo_key: str
    sha256: str
    size: int
    width: int
    height: int
    added_at: datetime
    taken_on: PartialDate | None = None
    report_id: str | None = None
    sighting_id: str | None = None


class SightingState(StrEnum):
    NEW = "new"
    READ = "read"
    NOTED = "noted"
    """Somebody has written it down as a clue of the case."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What somebody has seen who read a notice. ``said``, ``seen_on``, ``place`` and ``contact`` are sealed, as they came."""

    sighting_id: str
    case_id: str
    notice_id: str
    language: str
    sent_at: datetime
    said: str
    seen_on: str = ""
    place: str = ""
    contact: str = ""
    state: SightingState = SightingState.NEW
    read_by: str = ""
    read_at: datetime | None = None
    clue_id: str = ""
    version: int = 1
