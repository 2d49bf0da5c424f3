"""What the worker does for reports: photos go over to cases, a withdrawal is carried out, unsent drafts go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import FamilyReport
from tracing.errors import Conflict, NotFound, TracingError
from tracing.families.taking import FamilyReports
from tracing.ports import Clock, RecordStore
from tracing.seldom import Seldom

log = logging.getLogger(__name__)

PAUSE: Final = timedelta(seconds=15)
"""What a family does not want any more ends within a minute, also where the worker is slow."""
DRAFT_LASTS: Final = timedelta(hours=24)
"""After the last word that was typed."""
WITHDRAWN: Final = "The family has withdrawn its consent."


class Tending:
    """``end_search(case_id, reason)`` withdraws the face, and takes down what the public and partners are told."""

    def __init__(
        self,
        store: RecordStore,
        reports: FamilyReports,
        end_search: Callable[[str, str], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._reports = reports
        self._end_search = end_search
        self._clock = clock
        self._heeded = Seldom(PAUSE)

    def tend(self) -> None:
        """Cheap where nothing waits; safe beside itself."""
        now = self._clock()
        self._heed_all()
        self._reports.move_photos()
        with self._store.reading() as records:
            stale = records.reports.stale_drafts(now - DRAFT_LASTS)
        if stale:
            with self._store.transaction() as records:
                records.reports.erase_drafts(now - DRAFT_LASTS)
                records.handed.forget_spent(now)

    def heed(self) -> None:
        """Carry out what was withdrawn; every few seconds, however often a worker comes by."""
        now = self._clock()
        if self._heeded.due(now):
            self._heed_all()
            self._heeded.done(now)

    def _heed_all(self) -> None:
        with self._store.reading() as records:
            waiting = records.reports.withdrawn_unheeded()
        for report in waiting:
            try:
                self._heed(report)
            except (Conflict, NotFound):
                continue  # somebody else did it, or the case has gone
            except TracingError as error:
                log.warning("report %s was withdrawn, which is carried out later: %s", report.report_id, error)

    def _heed(self, report: FamilyReport) -> None:
        case_id = report.case_id or ""
        with self._store.reading() as records:
            case = records.cases.by_ids([case_id]).get(case_id)
        if case is not None:
            self._end_search(case_id, WITHDRAWN)
        with self._store.transaction() as records:
            for photo in records.handed.of_reports([report.report_id]):
                records.handed.drop(photo.handed_id)
            records.reports.save(replace(report, heeded_at=self._clock()))
            records.audit.append(SYSTEM, "heed_withdrawal", case_id, {"report_id": report.report_id})
