"""Searches as they happened, with their lists as they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from tracing.domain import SearchRun
from tracing.ports import Clock
from tracing.store.records.expiry import over
from tracing.store.rows import add, built, columns_of, found, portions, values_of
from tracing.store.tables import cases, search_runs


class Runs:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add_runs(self, runs: Sequence[SearchRun]) -> None:
        """Without the lines of cases that were erased while the searches ran: nothing may name them any more."""
        there: set[str] = set()
        for portion in portions(sorted({line.case_id for run in runs for line in run.list})):
            kept = select(cases.c.case_id).where(cases.c.case_id.in_(portion)).order_by(cases.c.case_id)
            there.update(self._connection.execute(kept.with_for_update(read=True, key_share=True)).scalars())
        add(
            self._connection,
            search_runs,
            [values_of(run) | {"list": tuple(line for line in run.list if line.case_id in there)} for run in runs],
        )

    def run(self, run_id: str) -> SearchRun:
        query = select(*columns_of(search_runs, SearchRun)).where(search_runs.c.run_id == run_id)
        return self._built([found(self._connection.execute(query).one_or_none(), "search")])[0]

    def latest_run(self, case_id: str) -> SearchRun | None:
        query = select(*columns_of(search_runs, SearchRun)).where(search_runs.c.case_id == case_id)
        latest_first = query.order_by(search_runs.c.finished_at.desc(), search_runs.c.position.desc())
        return next(iter(self._built(self._connection.execute(latest_first.limit(1)))), None)

    def runs_of(self, case_id: str) -> list[SearchRun]:
        query = select(*columns_of(search_runs, SearchRun)).where(search_runs.c.case_id == case_id)
        latest_first = query.order_by(search_runs.c.finished_at.desc(), search_runs.c.position.desc())
        return list(self._built(self._connection.execute(latest_first)))

    def latest_runs(self, generation_id: str) -> list[SearchRun]:
        """By case."""
        latest_first = (search_runs.c.finished_at.desc(), search_runs.c.position.desc())
        age = func.row_number().over(partition_by=search_runs.c.case_id, order_by=latest_first)
        aged = select(search_runs.c.position, age.label("age")).where(search_runs.c.generation_id == generation_id).subquery()
        query = select(*columns_of(search_runs, SearchRun)).join(aged, aged.c.position == search_runs.c.position)
        return self._built(self._connection.execute(query.where(aged.c.age == 1).order_by(search_runs.c.case_id)))

    def newest_runs(self, generation_id: str, limit: int) -> list[SearchRun]:
        query = select(*columns_of(search_runs, SearchRun)).where(search_runs.c.generation_id == generation_id)
        query = query.where(search_runs.c.case_id.not_in(over(self._clock())))
        newest_first = query.order_by(search_runs.c.position.desc()).limit(limit)
        return self._built(self._connection.execute(newest_first))

    def _built(self, rows: Iterable[Row[Any]]) -> list[SearchRun]:
        """Without the lines of cases whose time is over: once they are erased, they are not there either."""
        runs = [built(SearchRun, row) for row in rows]
        gone = set(self._connection.execute(over(self._clock())).scalars()) if runs else set()
        if not gone:
            return runs
        return [replace(run, list=tuple(line for line in run.list if line.case_id not in gone)) for run in runs]
