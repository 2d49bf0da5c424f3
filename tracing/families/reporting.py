"""A family reports somebody from a phone: page by page into a sealed draft, at an address that only the family has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Final

from tracing.access import EVERYBODY
from tracing.domain import FamilyReport, HandedPhoto, ReportState, Station
from tracing.errors import Busy, Invalid, NotFound, WrongState
from tracing.families.challenges import Challenges
from tracing.families.consenting import consent_text
from tracing.families.photos import FULL, HandedPhotos
from tracing.families.secrets import Secrets, Slip
from tracing.families.told import FIELDS, Step, check_whole, cleaned, mistakes, photo_day
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records

MOST_PHOTOS: Final = 6
MOST_DRAFTS: Final = 3000
MOST_WAITING: Final = 5000
SHOWN_AGAIN: Final = timedelta(minutes=15)
"""So long whoever has just sent a report is shown number and secret again: an answer may be lost on the way."""
NO_DRAFT: Final = "There is no such report, or it was sent already."
AGREE: Final = "Without your agreement nothing can be kept."
ENOUGH: Final = "That are as many photos as one report can have."


@dataclass(frozen=True, slots=True)
class Draft:
    report: FamilyReport
    photos: tuple[HandedPhoto, ...]

    @property
    def typed(self) -> Mapping[str, str]:
        return self.report.typed


class Reporting:
    """``draw`` makes an address that nobody can guess. A draft has no row in the audit: nobody was told anything yet."""

    def __init__(
        self,
        store: RecordStore,
        photos: HandedPhotos,
        secrets: Secrets,
        challenges: Challenges,
        clock: Clock,
        new_id: NewId,
        draw: Callable[[], str],
        zone: tzinfo | None,
    ) -> None:
        self._store = store
        self._photos = photos
        self._secrets = secrets
        self._challenges = challenges
        self._clock = clock
        self._new_id = new_id
        self._draw = draw
        self._zone = zone

    def stations(self) -> list[Station]:
        """Those to which a report can be sent."""
        with self._store.reading() as records:
            return _stations(records)

    def start(self, language: str, agreed: bool, face: bool, challenge: str) -> str:
        """Begin a draft; its address. ``Invalid`` without consent, ``Conflict`` where this form was sent before."""
        if not agreed:
            raise Invalid(AGREE, "agree")
        now, draft = self._clock(), self._draw()
        slip = self._secrets.slip(draft)
        report = FamilyReport(
            self._new_id(),
            slip.reference,
            self._secrets.of_draft(draft),
            self._secrets.of_secret(slip.reference, slip.secret),
            consent_text(language).given(face),
            now,
            now,
        )
        with self._store.transaction() as records:
            self._challenges.spend(records, challenge)
            drafts, waiting = (records.reports.count(state) for state in (ReportState.DRAFT, ReportState.SENT))
            if drafts >= MOST_DRAFTS or waiting >= MOST_WAITING:
                raise Busy(FULL)
            records.reports.add(report)
        return draft

    def draft(self, draft: str) -> Draft:
        """``NotFound`` for one that was sent, that has run out, and for no address at all."""
        with self._store.reading() as records:
            report = self._drafted(records, draft)
            return Draft(report, tuple(records.handed.of_reports([report.report_id])))

    def write(self, draft: str, step: Step, typed: Mapping[str, str]) -> dict[str, str]:
        """Keep what was typed on this page, right or wrong; field -> what is wrong with it."""
        with self._store.transaction() as records:
            before = self._held(records, draft)
            kept = {**before.typed, **cleaned(step, typed, self._today())}
            there = {name: value for name, value in kept.items() if value}
            records.reports.save(replace(before, typed=there, touched_at=self._clock()))
            stations = {each.station_id for each in _stations(records)}
        return mistakes(step, {**dict.fromkeys(FIELDS[step], ""), **there}, self._today(), stations)

    def add_photo(self, draft: str, data: bytes, taken_on: str) -> None:
        """One more photo, with the day it was taken as far as anybody knows. The same one twice is one."""
        self.draft(draft)
        day = photo_day(taken_on, self._today())

        def save(records: Records, photo: HandedPhoto) -> bool:
            report = self._held(records, draft)
            records.reports.save(replace(report, touched_at=self._clock()))
            return add_to(records, report, photo)

        self._photos.keep(data, day, save)

    def remove_photo(self, draft: str, handed_id: str) -> None:
        with self._store.transaction() as records:
            report = self._held(records, draft)
            if any(each.handed_id == handed_id for each in records.handed.of_reports([report.report_id])):
                records.handed.drop(handed_id)

    def send(self, draft: str) -> Slip:
        """Hand it to the station; number and secret, which are told for a quarter of an hour and then by nobody any more.

        ``Incomplete`` where a page has something wrong on it.
        """
        now = self._clock()
        slip = self._secrets.slip(draft)
        with self._store.transaction() as records:
            report = records.reports.by_draft(self._secrets.of_draft(draft))
            if report is None:
                raise NotFound(NO_DRAFT)
            report = records.reports.lock(report.report_id)
            if report.state is not ReportState.DRAFT:
                if report.sent_at is not None and abs(now - report.sent_at) <= SHOWN_AGAIN:
                    return slip
                raise NotFound(NO_DRAFT)
            check_whole(report.typed, self._today(), {each.station_id for each in _stations(records)})
            station = report.typed.get("station", "")
            sent = replace(report, state=ReportState.SENT, station_id=station, sent_at=now, touched_at=now)
            records.reports.save(sent)
            consent = {"consent": report.consent.version, "face": report.consent.face}
            records.audit.append(EVERYBODY, "send_report", report.report_id, consent)
        return slip

    def _drafted(self, records: Records, draft: str) -> FamilyReport:
        found = records.reports.by_draft(self._secrets.of_draft(draft))
        if found is None or found.state is not ReportState.DRAFT:
            raise NotFound(NO_DRAFT)
        return found

    def _held(self, records: Records, draft: str) -> FamilyReport:
        """To write on: of two who send a page at one moment, such as by a double tap, the second waits for the first."""
        found = records.reports.lock(self._drafted(records, draft).report_id)
        if found.state is not ReportState.DRAFT:
            raise NotFound(NO_DRAFT)
        return found

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def add_to(records: Records, report: FamilyReport, photo: HandedPhoto) -> bool:
    """Give the report this photo; False where it has it already, ``WrongState`` where it has as many as there can be."""
    there = records.handed.of_reports([report.report_id])
    if any(each.sha256 == photo.sha256 for each in there):
        return False
    if len(there) >= MOST_PHOTOS:
        raise WrongState(ENOUGH)
    records.handed.add(replace(photo, report_id=report.report_id))
    return True


def _stations(records: Records) -> list[Station]:
    return [each for each in records.stations.all() if each.closed_at is None and not each.central]
