"""Clocks, their pauses, and how far they have followed the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, func, select

from tracing.domain import Case, CaseClock, CaseState, ClockEnd, Pause
from tracing.errors import Stale
from tracing.ports import Clock
from tracing.records import Tally, TaskFilter
from tracing.store.records.cases import COLUMNS as CASE_COLUMNS
from tracing.store.records.cases import built_case
from tracing.store.records.expiry import over
from tracing.store.rows import add, built, columns_of, found, portions, upsert, values_of
from tracing.store.tables import cases, clocks, counters, pauses

COUNTER: Final = "clocks"
"""The row of ``counters`` with the number of the last row of the audit that the clocks have followed."""
COLUMNS: Final = [*columns_of(clocks, CaseClock, but=("station_id", "pauses")), cases.c.station_id]
JOINED: Final = clocks.join(cases, clocks.c.case_id == cases.c.case_id)
RUNNING: Final = clocks.c.ended_at.is_(None)


class SqlClocks:
    """What is counted or listed is of cases that may be read."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def seen(self) -> int:
        query = select(counters.c.value).where(counters.c.name == COUNTER)
        return int(self._connection.execute(query).scalar_one())

    def lock_seen(self) -> int:
        query = select(counters.c.value).where(counters.c.name == COUNTER).with_for_update()
        return int(self._connection.execute(query).scalar_one())

    def mark_seen(self, seq: int) -> None:
        self._connection.execute(counters.update().where(counters.c.name == COUNTER).values(value=seq))

    def add(self, clock: CaseClock) -> bool:
        fresh = upsert(self._connection, clocks).values(_values(clock)).on_conflict_do_nothing()
        return self._connection.execute(fresh.returning(clocks.c.clock_id)).one_or_none() is not None

    def get(self, clock_id: str) -> CaseClock:
        query = select(*COLUMNS).select_from(JOINED).where(clocks.c.clock_id == clock_id)
        return self._with_pauses([found(self._connection.execute(query).one_or_none(), "clock")])[0]

    def of_case(self, case_id: str) -> list[CaseClock]:
        query = select(*COLUMNS).select_from(JOINED).where(clocks.c.case_id == case_id)
        return self._with_pauses(self._connection.execute(query.order_by(clocks.c.due_at, clocks.c.clock_id)))

    def save(self, clock: CaseClock) -> CaseClock:
        same = (clocks.c.clock_id == clock.clock_id) & (clocks.c.version == clock.version)
        saved = replace(clock, version=clock.version + 1)
        if self._connection.execute(clocks.update().where(same).values(_values(saved))).rowcount == 0:
            self.get(clock.clock_id)
            raise Stale("Somebody else has changed this clock meanwhile; look at it again.")
        return saved

    def add_pause(self, pause: Pause) -> None:
        add(self._connection, pauses, [values_of(pause)])

    def end_pause(self, pause_id: str, at: datetime, by: str) -> None:
        ended = pauses.update().where(pauses.c.pause_id == pause_id).values(resumed_at=at, resumed_by=by)
        self._connection.execute(ended)

    def find(self, wanted: TaskFilter, limit: int, offset: int = 0) -> list[CaseClock]:
        query = select(*COLUMNS).select_from(JOINED).where(*_conditions(wanted), clocks.c.case_id.not_in(over(self._clock())))
        ordered = query.order_by(clocks.c.paused, clocks.c.due_at, clocks.c.clock_id)
        return self._with_pauses(self._connection.execute(ordered.limit(limit).offset(offset)))

    def count(self, wanted: TaskFilter) -> int:
        query = (
            select(func.count()).select_from(JOINED).where(*_conditions(wanted), clocks.c.case_id.not_in(over(self._clock())))
        )
        return int(self._connection.execute(query).scalar_one())

    def to_escalate(self, now: datetime, limit: int) -> list[str]:
        waiting = select(clocks.c.clock_id).where(clocks.c.next_step_at.is_not(None), clocks.c.next_step_at <= now)
        return list(self._connection.execute(waiting.order_by(clocks.c.next_step_at).limit(limit)).scalars())

    def provisional(self) -> list[str]:
        query = select(clocks.c.clock_id).where(RUNNING, clocks.c.provisional).order_by(clocks.c.clock_id)
        return list(self._connection.execute(query).scalars())

    def open_without(self) -> list[Case]:
        wound = exists().where(clocks.c.case_id == cases.c.case_id)
        query = select(*CASE_COLUMNS).where(cases.c.state == CaseState.OPEN, ~wound)
        return [built_case(row) for row in self._connection.execute(query.order_by(cases.c.opened_at, cases.c.case_id))]

    def tallies(self, now: datetime) -> list[Tally]:
        on_time = clocks.c.ended_at <= clocks.c.due_at
        met, missed = clocks.c.end == ClockEnd.MET, clocks.c.end == ClockEnd.NOT_NEEDED
        overdue = and_(RUNNING, ~clocks.c.paused, clocks.c.due_at < now)
        sums = [_sum_of(each) for each in (and_(met, on_time), and_(met, ~on_time), and_(missed, ~on_time), overdue)]
        query = (
            select(cases.c.station_id, clocks.c.rule_id, *sums)
            .select_from(JOINED)
            .where(~clocks.c.threshold, clocks.c.case_id.not_in(over(now)))
        )
        grouped = query.group_by(cases.c.station_id, clocks.c.rule_id).order_by(cases.c.station_id, clocks.c.rule_id)
        return [Tally(station, rule, *map(int, counted)) for station, rule, *counted in self._connection.execute(grouped)]

    def _with_pauses(self, rows: Iterable[Row[Any]]) -> list[CaseClock]:
        known = [built(CaseClock, row) for row in rows]
        own: dict[str, list[Pause]] = defaultdict(list)
        for portion in portions([clock.clock_id for clock in known]):
            query = select(*columns_of(pauses, Pause)).where(pauses.c.clock_id.in_(portion))
            for row in self._connection.execute(query.order_by(pauses.c.paused_at, pauses.c.pause_id)):
                own[row.clock_id].append(built(Pause, row))
        return [replace(clock, pauses=tuple(own[clock.clock_id])) for clock in known]


def _values(clock: CaseClock) -> dict[str, Any]:
    derived = {"rule_id": clock.rule.rule_id, "threshold": clock.rule.threshold}
    return values_of(clock, but=("station_id", "pauses")) | derived


def _sum_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [RUNNING, ~clocks.c.threshold]
    if wanted.station_id:
        # Said so that no index of the cases fits: there are far fewer running clocks than cases of a station.
        conditions.append(func.coalesce(cases.c.station_id, "") == wanted.station_id)
    if wanted.rule_id:
        conditions.append(clocks.c.rule_id == wanted.rule_id)
    if wanted.kind is not None:
        conditions.append(cases.c.kind == wanted.kind)
    if wanted.overdue_at is not None:
        conditions += [~clocks.c.paused, clocks.c.due_at < wanted.overdue_at]
    return conditions
