"""Which open cases were searched."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from tracing.domain import Case, CaseState
from tracing.ports import Clock
from tracing.records import StationCoverage
from tracing.store.records.cases import COLUMNS, built_case
from tracing.store.records.duty import SEARCHABLE
from tracing.store.records.expiry import over
from tracing.store.rows import portions
from tracing.store.tables import cases, clue_keys, clue_searches, search_runs


class SqlCoverage:
    """Of cases that may be read."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def by_station(self, generation_id: str) -> list[StationCoverage]:
        return self._by_station(_searched(generation_id))

    def by_clues(self) -> list[StationCoverage]:
        return self._by_station(_searched_by_clues())

    def _by_station(self, condition: ColumnElement[bool]) -> list[StationCoverage]:
        searched = func.sum(case((condition, 1), else_=0))
        open_ones = select(cases.c.station_id, func.count(), searched).where(*self._open())
        query = open_ones.group_by(cases.c.station_id).order_by(cases.c.station_id)
        return [StationCoverage(station, int(number), int(done)) for station, number, done in self._connection.execute(query)]

    def unsearched(self, generation_id: str, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        return self._without(_searched(generation_id), station_id, limit, offset)

    def unsearched_by_clues(self, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        return self._without(_searched_by_clues(), station_id, limit, offset)

    def clue_searches_due(self, case_ids: Some[str]) -> dict[str, int]:
        due: dict[str, int] = {}
        for portion in portions(set(case_ids)):
            query = select(clue_searches.c.case_id, clue_searches.c.wanted - clue_searches.c.done)
            rows = self._connection.execute(query.where(clue_searches.c.case_id.in_(portion)))
            due.update((case_id, number) for case_id, number in rows)
        return due

    def _open(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return cases.c.state == CaseState.OPEN, cases.c.case_id.not_in(over(self._clock()))

    def _without(self, searched: ColumnElement[bool], station_id: str, limit: int, offset: int) -> list[Case]:
        conditions: list[Any] = [*self._open(), ~searched]
        if station_id:
            conditions.append(cases.c.station_id == station_id)
        query = select(*COLUMNS).where(*conditions).order_by(cases.c.opened_at, cases.c.case_id).limit(limit).offset(offset)
        return [built_case(row) for row in self._connection.execute(query)]


def _searched_by_clues() -> ColumnElement[bool]:
    done = exists().where(clue_searches.c.case_id == cases.c.case_id, clue_searches.c.wanted <= clue_searches.c.done)
    return and_(SEARCHABLE, done, exists().where(clue_keys.c.case_id == cases.c.case_id))


def _searched(generation_id: str) -> ColumnElement[bool]:
    run = exists().where(search_runs.c.case_id == cases.c.case_id, search_runs.c.generation_id == generation_id)
    return and_(SEARCHABLE, cases.c.search_wanted <= cases.c.search_done, run)
