"""Takes down, by itself, what may not stand any more; the public has seen nothing of it since it may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import CaseState, Notice, NoticeEnd, NoticeState
from tracing.errors import NotFound, Stale
from tracing.lifecycle import step_notice
from tracing.notices.standing import Situation, situation, situations, why_gone
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.seldom import Seldom

PAUSE: Final = timedelta(seconds=15)
"""A notice is withdrawn within a minute of what ends it, also where the worker is slow."""
BATCH: Final = 100
TOGETHER: Final = 25
"""Written in one transaction, whose end takes longer than one of them; nobody else writes meanwhile."""


class TakingDown:
    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._tended = Seldom(PAUSE)

    def tend(self) -> None:
        """Every few seconds, however often a worker comes by."""
        now = self._clock()
        if self._tended.due(now):
            self.look()
            self._tended.done(now)

    def look(self) -> int:
        """Withdraw or expire what has to go; how many. What is to stand is only read."""
        return sum(self._end(ids) for ids in self._over())

    def _over(self) -> Iterator[list[str]]:
        """Some at a time: between them others write."""
        after = ""
        while True:
            with self._store.reading() as records:
                batch, now = records.notices.living(after, BATCH), self._clock()
                found = situations(records, records.cases.by_ids({each.case_id for each in batch}).values())
            over = [each.notice_id for each in batch if _why(each, found[each.case_id], now) is not None]
            yield from (over[start : start + TOGETHER] for start in range(0, len(over), TOGETHER))
            if not batch:
                return
            after = batch[-1].notice_id

    def _end(self, notice_ids: Sequence[str]) -> int:
        with self._store.transaction() as records:
            return sum(self._ended(records, notice_id, self._clock()) for notice_id in notice_ids)

    @staticmethod
    def _ended(records: Records, notice_id: str, now: datetime) -> bool:
        """As it is by now: somebody may have been faster, or have opened the case again, or erased it."""
        try:
            notice = records.notices.get(notice_id)
            end = _why(notice, situation(records, records.cases.by_ids([notice.case_id])[notice.case_id]), now)
            if end is None:
                return False
            then = NoticeState.EXPIRED if end is NoticeEnd.EXPIRED else NoticeState.WITHDRAWN
            step_notice(notice.state, then)
            records.notices.save(replace(notice, state=then, ended_by=SYSTEM.account_id, ended_at=now, end=end))
        except (NotFound, Stale):
            return False
        action = "expire_notice" if end is NoticeEnd.EXPIRED else "withdraw_notice"
        records.audit.append(SYSTEM, action, notice.case_id, {"notice_id": notice_id, "end": end})
        return True


def _why(notice: Notice, found: Situation, now: datetime) -> NoticeEnd | None:
    """A draft of a case that is closed comes to nothing too; whatever else keeps it from being published may pass."""
    if notice.state not in (NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.PUBLISHED):
        return None
    end = why_gone(notice, found, now)
    return end if notice.state is NoticeState.PUBLISHED or found.case.state is CaseState.CLOSED else None
