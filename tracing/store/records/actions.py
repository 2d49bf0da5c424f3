"""What people did to find out who somebody is."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tracing.domain import TracingAction
from tracing.ports import Clock
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import tracing_actions

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
