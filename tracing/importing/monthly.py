"""Whose list is due: data are compared with other departments every month (DOMAIN.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from tracing.access import Permission, require
from tracing.clocks.reckoning import months_later
from tracing.domain import Actor
from tracing.ports import Clock, RecordStore
from tracing.stations.scope import counted_station

REMEMBERED: Final = timedelta(days=366)
"""A department of which no list came for so long is not asked for one any more."""


@dataclass(frozen=True, slots=True)
class SourceDue:
    """``last``: when the last list of this department was through, brought in or compared. ``due``: the last day of the month
    after it."""

    source: str
    last: datetime
    due: date
    overdue: bool


class Monthly:
    """The clock is met by a run over a list that came to its end; a list that was only handed in meets nothing."""

    def __init__(self, store: RecordStore, clock: Clock, zone: tzinfo) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    def standing(self, actor: Actor) -> list[SourceDue]:
        """Of the own station, the first one due first."""
        require(actor, Permission.OPEN_CASES)
        now = self._clock()
        with self._store.reading() as records:
            last = records.imports.last_runs(now - REMEMBERED, counted_station(records, actor))
        today = now.astimezone(self._zone).date()
        found = [
            SourceDue(source, at, due, due < today)
            for source, at in last.items()
            for due in [months_later(at.astimezone(self._zone).date(), 1)]
        ]
        return sorted(found, key=lambda each: (each.due, each.source))
