"""What the worker does for reports: photos go over to cases, a withdrawal is carried out, unsent drafts go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.errors import Conflict, NotFound
from tracing.families.taking import FamilyReports
from tracing.ports import Clock, RecordStore

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

    def tend(self) -> None:
        """Cheap where nothing waits; safe beside itself."""
        now = self._clock()
        self._heed()
        self._reports.move_photos()
        with self._store.reading() as records:
            stale = records.reports.stale_drafts(now - DRAFT_LASTS)
        if stale:
            with self._store.transaction() as records:
                records.reports.erase(stale)
                records.handed.forget_spent(now)

    def _heed(self) -> None:
        with self._store.reading() as records:
            waiting = records.reports.withdrawn_unheeded()
        for report in waiting:
            case_id = report.case_id or ""
            with self._store.reading() as records:
                case = records.cases.by_ids([case_id]).get(case_id)
            if case is not None:
                self._end_search(case_id, WITHDRAWN)
            try:
                with self._store.transaction() as records:
                    for photo in records.handed.of_reports([report.report_id]):
                        records.handed.drop(photo.handed_id)
                    records.reports.save(replace(report, heeded_at=self._clock()))
                    records.audit.append(SYSTEM, "heed_withdrawal", case_id, {"report_id": report.report_id})
            except (Conflict, NotFound):
                continue  # somebody else did it, or the case has gone
