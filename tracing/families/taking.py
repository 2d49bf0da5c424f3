"""People of a station read reports of families, and accept or decline them; an accepted one becomes a case."""

from __future__ import annotations

import logging
from collections.abc import Collection as Some
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import (
    Actor,
    Answer,
    Case,
    CaseKind,
    Declined,
    Description,
    FaceWithdrawal,
    FamilyReport,
    HandedPhoto,
    LegalBasis,
    ReportState,
    Source,
)
from tracing.errors import Invalid, NotFound, OtherStation, Stale, Suppressed, TracingError, UnreadablePhoto, WrongState
from tracing.families.photos import chosen
from tracing.families.secrets import read_reference
from tracing.families.told import caller, described, relatives
from tracing.importing.values import plain
from tracing.intake import Intake
from tracing.opening import KEPT_OUT, ContactDraft, NewCase, open_cases
from tracing.ports import Clock, NewId, PhotoStore, RecordStore
from tracing.records import Records
from tracing.stations.scope import reach_of

log = logging.getLogger(__name__)

SOURCE: Final = "family report"
NO_FACE_CONSENT: Final = "The family has not agreed that the face is searched."
ELSEWHERE: Final = "This report was sent to another station."
ANSWERED: Final = "Somebody has answered this report already."
AT_ONCE: Final = 20
WAITING: Final = frozenset({ReportState.SENT})


@dataclass(frozen=True, slots=True)
class ReportView:
    """``described`` and ``caller`` are what the case would say; None once the case says it. ``earlier`` is a case of the own
    station whose reference the family has written down: the only hint of a duplicate there is."""

    report: FamilyReport
    photos: tuple[HandedPhoto, ...]
    described: Description | None
    caller: ContactDraft | None
    case: Case | None
    earlier: Case | None


class FamilyReports:
    def __init__(self, store: RecordStore, photos: PhotoStore, intake: Intake, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._photos = photos
        self._intake = intake
        self._clock = clock
        self._new_id = new_id

    def find(self, actor: Actor, states: Some[ReportState], limit: int, offset: int = 0) -> tuple[list[ReportView], int]:
        """Reports that were sent to the person's station, or to none in particular, oldest first, and how many."""
        require(actor, Permission.READ_REPORTS)
        wanted = frozenset(states) - {ReportState.DRAFT}
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            station_id = None if reach.everything else reach.station_id
            found, total = records.reports.find(wanted, station_id, limit, offset)
            return [_view(records, actor, each) for each in found], total

    def waiting(self, actor: Actor) -> int:
        """How many wait for an answer."""
        return self.find(actor, WAITING, 0)[1]

    def view(self, actor: Actor, report_id: str) -> ReportView:
        """One of them; a draft is there for nobody."""
        require(actor, Permission.READ_REPORTS)
        with self._store.reading() as records:
            return _view(records, actor, _own(records, actor, report_id))

    def photo(self, actor: Actor, report_id: str, handed_id: str) -> tuple[HandedPhoto, bytes]:
        """The bytes as they came, for who draws them anew."""
        view = self.view(actor, report_id)
        found = chosen(view.photos, handed_id)
        return found, self._photos.get(found.photo_key)

    def accept(self, actor: Actor, report_id: str, version: int) -> Case:
        """Open a case of the person's station from it. What was typed and the photos go over to the case; without consent to
        it the face is withdrawn before the first photo comes."""
        require(actor, Permission.READ_REPORTS)
        require(actor, Permission.OPEN_CASES)
        now = self._clock()
        with self._store.transaction() as records:
            report = _answerable(records, actor, report_id, version)
            new = NewCase(CaseKind.MISSING, described(report.typed), caller(report.typed), Source(SOURCE, report.reference))
            (case,) = open_cases(records, actor, LegalBasis.SEPARATE_CONSENT, [new], now, self._new_id)
            if case is None:
                raise Suppressed(KEPT_OUT)
            if answers := _answers(report):
                form = replace(records.forms.of_case(case.case_id), saved_at=now, saved_by=actor.account_id)
                records.forms.save(replace(form, answers={**form.answers, **answers}))
            if not report.consent.face:
                records.rights.withdraw(FaceWithdrawal(case.case_id, now, actor.account_id, NO_FACE_CONSENT))
                records.audit.append(actor, "withdraw_face", case.case_id, {"templates": 0, "pairs": 0})
            accepted = replace(report, state=ReportState.ACCEPTED, case_id=case.case_id, typed={}, station_id=case.station_id)
            records.reports.save(replace(accepted, answered_at=now, answered_by=actor.account_id, touched_at=now))
            detail = {"report_id": report_id, "consent": report.consent.version, "face": report.consent.face}
            records.audit.append(actor, "accept_report", case.case_id, detail)
        self.move_photos()
        return case

    def decline(self, actor: Actor, report_id: str, version: int, why: Declined) -> None:
        """No case is opened; the family reads this reason, and the report goes when its time is over."""
        require(actor, Permission.READ_REPORTS)
        require(actor, Permission.OPEN_CASES)
        now = self._clock()
        with self._store.transaction() as records:
            report = _answerable(records, actor, report_id, version)
            answered = replace(report, state=ReportState.DECLINED, declined=why, answered_at=now, touched_at=now)
            records.reports.save(replace(answered, answered_by=actor.account_id))
            records.audit.append(actor, "decline_report", report_id, {"why": why})

    def move_photos(self) -> int:
        """Give cases the photos that came with their reports, and later ones; how many. Safe beside itself.

        One that cannot be moved now, or whose file is damaged, holds up no other and waits."""
        with self._store.reading() as records:
            reports = records.reports.with_photos_to_move(AT_ONCE)
            photos = {each.report_id: each for each in reports}
            waiting = records.handed.of_reports(photos)
        moved = 0
        for photo in waiting:
            case_id = photos[photo.report_id or ""].case_id
            try:
                moved += case_id is not None and self._move(photo, case_id)
            except TracingError as error:
                log.warning("photo %s of a report goes over to its case later: %s", photo.handed_id, error)
        return moved

    def _move(self, photo: HandedPhoto, case_id: str) -> bool:
        try:
            self._intake.add_photo(SYSTEM, case_id, self._photos.get(photo.photo_key), photo.taken_on)
        except (WrongState, UnreadablePhoto, Invalid):
            pass  # the case is closed: nobody looks at it any more
        except NotFound:
            return False  # somebody was faster
        with self._store.transaction() as records:
            gone = records.handed.drop(photo.handed_id)
        self._photos.erase(photo.photo_key)
        with self._store.transaction() as records:
            records.files.forget(photo.photo_key)
        return gone


def _answers(report: FamilyReport) -> dict[str, Answer]:
    """What of the report stands in the form of the case."""
    named = relatives(report.typed)
    compared: dict[str, Answer] = {"consent_scope": ("compare",)} if report.consent.face else {}
    return compared | ({"relatives": named} if named else {})


def _own(records: Records, actor: Actor, report_id: str) -> FamilyReport:
    report = records.reports.get(report_id)
    if report.state is ReportState.DRAFT:
        raise NotFound("There is no such report.")
    reach = reach_of(records, actor)
    if not (reach.everything or report.station_id in ("", reach.station_id)):
        raise OtherStation(ELSEWHERE)
    return report


def _answerable(records: Records, actor: Actor, report_id: str, version: int) -> FamilyReport:
    report = _own(records, actor, report_id)
    if report.state is not ReportState.SENT:
        raise WrongState(ANSWERED)
    if report.version != version:
        raise Stale("Somebody else has gone on with this report since you opened it; look at it again.")
    return report


def _view(records: Records, actor: Actor, report: FamilyReport) -> ReportView:
    reach = reach_of(records, actor)
    waits = report.case_id is None
    case = None if report.case_id is None else records.cases.by_ids([report.case_id]).get(report.case_id)
    return ReportView(
        report,
        tuple(records.handed.of_reports([report.report_id])),
        described(report.typed) if waits else None,
        caller(report.typed) if waits else None,
        case if case is not None and reach.owns(case) else None,
        _earlier(records, actor, report.typed.get("earlier", "")),
    )


def _earlier(records: Records, actor: Actor, reference: str) -> Case | None:
    """The case of exactly this reference, or of the report with it, if it is the person's own to read."""
    if not reference:
        return None
    told = records.reports.by_reference(read_reference(reference))
    if told is not None and told.case_id is not None:
        found = records.cases.by_ids([told.case_id]).get(told.case_id)
    else:
        found = records.cases.by_reference(plain(reference).upper())
    return found if found is not None and reach_of(records, actor).owns(found) else None
