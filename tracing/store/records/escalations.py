"""What was passed on of clocks that ran out, and who has taken note of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from tracing.domain import EscalatedClock, Role
from tracing.errors import WrongState
from tracing.ports import Clock
from tracing.store.records.expiry import live
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import cases, clocks, escalations

COLUMNS: Final = columns_of(escalations, EscalatedClock)
JOINED: Final = escalations.join(clocks, clocks.c.clock_id == escalations.c.clock_id).join(
    cases, cases.c.case_id == escalations.c.case_id
)


class SqlEscalations:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, escalated: EscalatedClock) -> None:
        add(self._connection, escalations, [values_of(escalated)])

    def get(self, escalation_id: str) -> EscalatedClock:
        query = select(*COLUMNS).where(escalations.c.escalation_id == escalation_id)
        return built(EscalatedClock, found(self._connection.execute(query).one_or_none(), "escalation"))

    def waiting(self, role: Role, station_id: str, limit: int) -> list[EscalatedClock]:
        query = select(*COLUMNS).select_from(JOINED).where(*_waiting(role, station_id), live(self._clock()))
        ordered = query.order_by(escalations.c.escalated_at, escalations.c.escalation_id).limit(limit)
        return [built(EscalatedClock, row) for row in self._connection.execute(ordered)]

    def count(self, role: Role, station_id: str) -> int:
        query = select(func.count()).select_from(JOINED).where(*_waiting(role, station_id), live(self._clock()))
        return int(self._connection.execute(query).scalar_one())

    def see(self, seen: EscalatedClock) -> None:
        once = (escalations.c.escalation_id == seen.escalation_id) & escalations.c.seen_at.is_(None)
        values = {"seen_by": seen.seen_by, "seen_at": seen.seen_at}
        if self._connection.execute(escalations.update().where(once).values(values)).rowcount == 0:
            self.get(seen.escalation_id)
            raise WrongState("Somebody has taken note of this already.")


def _waiting(role: Role, station_id: str) -> list[ColumnElement[bool]]:
    conditions = [escalations.c.role == role, escalations.c.seen_at.is_(None), clocks.c.ended_at.is_(None)]
    return conditions + ([cases.c.station_id == station_id] if station_id else [])
