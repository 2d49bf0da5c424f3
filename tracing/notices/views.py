"""What those who write and approve notices see of one: what is told, what is kept back, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from tracing.access import Permission, allows
from tracing.domain import (
    Actor,
    Analysis,
    Case,
    Notice,
    NoticeEnd,
    NoticeField,
    NoticeMark,
    NoticeState,
    NoticeWords,
    Photo,
    PhotoCut,
)
from tracing.errors import Incomplete, Refused
from tracing.lifecycle import NOTICE_STEPS
from tracing.notices.drafting import NoticeDraft
from tracing.notices.standing import NOT_LOOKED_AT, Situation, about_case, as_shown, obstacles, outdated, why_gone
from tracing.notices.wording import SENSITIVE, Source, kept_back, source_of, told
from tracing.records import Records

USUAL: Final = frozenset(NoticeField) - SENSITIVE


@dataclass(frozen=True, slots=True)
class NoticeView:
    """``shown`` is the notice as the public reads it. ``hidden`` are fields that the case could tell and the notice does not,
    with what they would say; ``back`` the marks that are kept back. ``outdated``: the case says something else by now.

    ``obstacles`` keep it from being approved and published, ``gone`` is why the public does not see a published one.
    ``steps`` are those that this person may take. ``consent``: None where nobody wrote down whether the family agrees.
    """

    notice: Notice
    case: Case
    shown: Notice
    source: Source
    hidden: NoticeWords
    back: tuple[NoticeMark, ...]
    outdated: frozenset[NoticeField]
    obstacles: tuple[Refused, ...]
    gone: NoticeEnd | None
    steps: tuple[NoticeState, ...]
    consent: bool | None
    place_hidden: bool
    mistakes: Incomplete | None = None
    """Of a draft that is only looked at: what is wrong with it."""

    @property
    def hidden_fields(self) -> frozenset[NoticeField]:
        return told(self.hidden) - self.shown.shown

    @property
    def without_marks(self) -> bool:
        """Nothing is known by which a caller could be tried."""
        return not self.source.marks


@dataclass(frozen=True, slots=True)
class NoticePage:
    views: tuple[NoticeView, ...]
    counts: Mapping[NoticeState, int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """``draft`` is what a new notice would tell; ``photos`` are those that can be shown."""

    case: Case
    source: Source
    draft: NoticeDraft
    photos: tuple[Photo, ...]
    refused: tuple[Refused, ...]
    consent: bool | None
    place_hidden: bool


def view_of(actor: Actor, notice: Notice, case: Case, found: Situation, source: Source, now: datetime) -> NoticeView:
    shown = as_shown(notice, found)
    published = notice.state is NoticeState.PUBLISHED
    waits = notice.state in (NoticeState.DRAFT, NoticeState.APPROVED)
    return NoticeView(
        notice=notice,
        case=case,
        shown=shown,
        source=source,
        hidden=source.words,
        back=kept_back(source, shown.shown, shown.words),
        outdated=outdated(notice, source),
        obstacles=tuple(obstacles(notice, source, found, now.date())) if waits else (),
        gone=why_gone(notice, found, now) if published else None,
        steps=_steps(actor, notice),
        consent=found.consent,
        place_hidden=found.place_hidden,
    )


def proposal(records: Records, case: Case, found: Situation, today: date, earlier: Notice | None) -> Proposal:
    source = source_of(case, found.form, today)
    photos = (
        ()
        if found.face_withdrawn
        else tuple(each for each in records.photos.of_case(case.case_id) if each.width and each.analysis not in NOT_LOOKED_AT)
    )
    station, contact = records.notices.last_signature(case.station_id) or ("", "")
    draft = _first(source, photos, station, contact) if earlier is None else draft_of(earlier)
    return Proposal(case, source, draft, photos, tuple(about_case(found, today)), found.consent, found.place_hidden)


def draft_of(notice: Notice) -> NoticeDraft:
    """The choices that a notice was written by, to go on from them."""
    words, photo = notice.words, notice.photo
    return NoticeDraft(
        station=notice.station,
        contact=notice.contact,
        shown=notice.shown,
        marks=words.marks,
        clothing=words.clothing if NoticeField.CLOTHING in notice.shown else None,
        seen_place=words.seen_place if NoticeField.SEEN_PLACE in notice.shown else None,
        health=words.health,
        intellect=words.intellect,
        mind=words.mind,
        reasons=notice.reasons,
        photo_id="" if photo is None else photo.photo_id,
        cut=PhotoCut.FACE if photo is None else photo.cut,
        blur=photo is None or photo.blur,
    )


def _first(source: Source, photos: tuple[Photo, ...], station: str, contact: str) -> NoticeDraft:
    """Everything that is not sensitive, but one mark: the last of those that may be told is kept back, if none is yet."""
    tellable = tuple(mark for mark in source.marks if mark not in source.reserved)
    marks = tellable if len(tellable) < len(source.marks) else tellable[:-1]
    return NoticeDraft(station, contact, USUAL, marks, photo_id=_best(photos))


def _best(photos: tuple[Photo, ...]) -> str:
    """The latest one in which the face is known, else the latest."""
    ranked = sorted(photos, key=lambda photo: photo.analysis is Analysis.ENROLLED)
    return ranked[-1].photo_id if ranked else ""


def _steps(actor: Actor, notice: Notice) -> tuple[NoticeState, ...]:
    """What this person may make of it, in the order of the states."""
    may = {
        NoticeState.APPROVED: allows(actor, Permission.PUBLISH_NOTICES) and actor.account_id not in notice.authors,
        NoticeState.PUBLISHED: allows(actor, Permission.PUBLISH_NOTICES),
        NoticeState.DRAFT: allows(actor, Permission.DRAFT_NOTICES),
        NoticeState.WITHDRAWN: allows(actor, Permission.DRAFT_NOTICES),
    }
    return tuple(then for then in NoticeState if then in NOTICE_STEPS[notice.state] and may.get(then, False))
