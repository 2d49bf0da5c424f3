"""What people did to find out who somebody is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection as Some

from sqlalchemy import Connection, func, select

from tracing.domain import ActionKind, ActionOutcome, CaseKind, CaseState, Outcome, TracingAction
from tracing.ports import Clock
from tracing.store.records.expiry import live
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import cases, tracing_actions

COLUMNS = columns_of(tracing_actions, TracingAction)


class SqlActions:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, action: TracingAction) -> None:
        add(self._connection, tracing_actions, [values_of(action)])

    def get(self, action_id: str) -> TracingAction:
        row = self._connection.execute(select(*COLUMNS).where(tracing_actions.c.action_id == action_id)).one_or_none()
        return built(TracingAction, found(row, "action"))

    def of_case(self, case_id: str) -> list[TracingAction]:
        when = (tracing_actions.c.taken_at.desc(), tracing_actions.c.recorded_at.desc(), tracing_actions.c.action_id)
        query = select(*COLUMNS).where(tracing_actions.c.case_id == case_id).order_by(*when)
        return [built(TracingAction, row) for row in self._connection.execute(query)]

    def identified_by(self, outcomes: Some[Outcome], station_id: str | None = None) -> dict[ActionKind | None, int]:
        order = (tracing_actions.c.taken_at.desc(), tracing_actions.c.recorded_at.desc(), tracing_actions.c.action_id)
        place = func.row_number().over(partition_by=tracing_actions.c.case_id, order_by=order)
        telling = tracing_actions.c.outcome == ActionOutcome.IDENTIFIED
        ranked = select(tracing_actions.c.case_id, tracing_actions.c.kind, place.label("place")).where(telling).subquery()
        joined = cases.outerjoin(ranked, (ranked.c.case_id == cases.c.case_id) & (ranked.c.place == 1))
        ended = (cases.c.kind == CaseKind.SHELTERED) & (cases.c.state == CaseState.CLOSED) & cases.c.outcome.in_(list(outcomes))
        query = (
            select(ranked.c.kind, func.count()).select_from(joined).where(ended, live(self._clock())).group_by(ranked.c.kind)
        )
        query = query if station_id is None else query.where(cases.c.station_id == station_id)
        counted: Counter[ActionKind | None] = Counter()
        for kind, number in self._connection.execute(query):
            counted[kind] += number
        return dict(counted)
