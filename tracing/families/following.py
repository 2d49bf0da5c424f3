"""With number and secret a family follows its report, in a few coarse words, adds a photo, or withdraws it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from tracing.access import EVERYBODY
from tracing.domain import CaseState, Declined, FamilyReport, HandedPhoto, ReportStage, ReportState
from tracing.errors import NotFound, WrongState
from tracing.families.photos import HandedPhotos
from tracing.families.reporting import add_to
from tracing.families.secrets import Secrets, read_reference, read_secret
from tracing.families.told import photo_day
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.safety import relatives_closed
from tracing.throttle import Throttle

WRONG: Final = "This number and this secret do not belong together."
OVER: Final = "This report is over; nothing can be added to it."
NOBODY: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Followed:
    """``photos``: how many wait; ``declined`` where no case was opened. Nothing in it tells of anybody else."""

    reference: str
    stage: ReportStage
    sent_at: datetime
    declined: Declined | None
    photos: int

    @property
    def takes_photos(self) -> bool:
        return self.stage in (ReportStage.RECEIVED, ReportStage.ACCEPTED, ReportStage.SEARCHED)

    @property
    def can_be_withdrawn(self) -> bool:
        return self.stage is not ReportStage.WITHDRAWN


class Following:
    """A wrong number and a wrong secret are answered alike, after the same work: one look-up and one digest. Tries are counted
    by number and by address, before anything is looked up."""

    def __init__(
        self,
        store: RecordStore,
        photos: HandedPhotos,
        secrets: Secrets,
        doors: Throttle,
        clock: Clock,
        zone: tzinfo | None,
    ) -> None:
        self._store = store
        self._photos = photos
        self._secrets = secrets
        self._doors = doors
        self._clock = clock
        self._zone = zone

    def follow(self, reference: str, secret: str, address: str) -> Followed:
        """How far it has come. ``NotFound`` where the two do not belong together, ``TooMany`` after too many wrong ones."""
        report = self._let_in(reference, secret, address)
        with self._store.reading() as records:
            return Followed(
                report.reference,
                stage_of(records, report),
                report.sent_at or report.started_at,
                report.declined,
                len(records.handed.of_reports([report.report_id])),
            )

    def add_photo(self, reference: str, secret: str, address: str, data: bytes, taken_on: str) -> None:
        """For the station to look at; of an accepted report it goes over to the case."""
        report = self._let_in(reference, secret, address)
        day = photo_day(taken_on, self._clock().astimezone(self._zone).date())

        def save(records: Records, photo: HandedPhoto) -> bool:
            now = records.reports.lock(report.report_id)
            if stage_of(records, now) not in (ReportStage.RECEIVED, ReportStage.ACCEPTED, ReportStage.SEARCHED):
                raise WrongState(OVER)
            records.reports.save(replace(now, touched_at=self._clock()))
            if added := add_to(records, now, photo):
                records.audit.append(EVERYBODY, "add_report_photo", now.case_id or now.report_id, {"sha256": photo.sha256})
            return added

        self._photos.keep(data, day, save)

    def withdraw(self, reference: str, secret: str, address: str) -> bool:
        """The family does not want it any more. True where everything is erased: no station had accepted it.

        Of an accepted one the service ends the search by face within a minute (``Tending``), and people close the case.
        """
        report = self._let_in(reference, secret, address)
        with self._store.transaction() as records:
            now = records.reports.lock(report.report_id)  # a station may be accepting it at this moment
            if now.case_id is None:
                records.reports.erase([now.report_id])
                records.audit.append(EVERYBODY, "withdraw_report", now.report_id, {"erased": True})
                return True
            if now.state is not ReportState.WITHDRAWN:
                at = self._clock()
                records.reports.save(replace(now, state=ReportState.WITHDRAWN, withdrawn_at=at, touched_at=at))
                records.audit.append(EVERYBODY, "withdraw_report", now.case_id, {"report_id": now.report_id})
        return False

    def _let_in(self, typed_reference: str, typed_secret: str, address: str) -> FamilyReport:
        reference, secret = read_reference(typed_reference), read_secret(typed_secret)
        self._doors.admit(reference, address)
        with self._store.reading() as records:
            found = records.reports.secret_of(reference)
        report_id, kept = found or ("", NOBODY)
        if not self._secrets.opens(reference, secret, kept) or not report_id:
            raise NotFound(WRONG)
        self._doors.succeeded(reference, address)
        with self._store.reading() as records:
            return records.reports.get(report_id)


def stage_of(records: Records, report: FamilyReport) -> ReportStage:
    """The word that a family reads. A match, a suspension and a mark against relatives do not show through; that a case is
    closed is not told while relatives may be the danger, for it could tell them that somebody was found."""
    if report.state is ReportState.WITHDRAWN:
        return ReportStage.WITHDRAWN
    if report.state is ReportState.DECLINED:
        return ReportStage.NOT_ACCEPTED
    if report.case_id is None:
        return ReportStage.RECEIVED
    case = records.cases.get(report.case_id)
    if case.state is CaseState.CLOSED and not relatives_closed(records, case):
        return ReportStage.CLOSED
    return ReportStage.SEARCHED if records.pairs.latest_run(case.case_id) is not None else ReportStage.ACCEPTED
