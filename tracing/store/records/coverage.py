"""Which open cases were searched."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from tracing.domain import Case, CaseState
from tracing.records import StationCoverage
from tracing.store.records.cases import COLUMNS, built_case
from tracing.store.records.duty import SEARCHABLE
from tracing.store.tables import cases, search_runs


class SqlCoverage:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_station(self, generation_id: str) -> list[StationCoverage]:
        searched = func.sum(case((_searched(generation_id), 1), else_=0))
        open_ones = select(cases.c.station_id, func.count(), searched).where(cases.c.state == CaseState.OPEN)
        query = open_ones.group_by(cases.c.station_id).order_by(cases.c.station_id)
        return [StationCoverage(station, int(number), int(done)) for station, number, done in self._connection.execute(query)]

    def unsearched(self, generation_id: str, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        conditions: list[Any] = [cases.c.state == CaseState.OPEN, ~_searched(generation_id)]
        if station_id:
            conditions.append(cases.c.station_id == station_id)
        query = select(*COLUMNS).where(*conditions).order_by(cases.c.opened_at, cases.c.case_id).limit(limit).offset(offset)
        return [built_case(row) for row in self._connection.execute(query)]


def _searched(generation_id: str) -> ColumnElement[bool]:
    run = exists().where(search_runs.c.case_id == cases.c.case_id, search_runs.c.generation_id == generation_id)
    return and_(SEARCHABLE, cases.c.search_wanted <= cases.c.search_done, run)
