"""Messages: three rows of ``counters`` for each channel and happening, and what is counted for them."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, or_, select

from tracing.domain import CaseState, PairState
from tracing.ports import Clock
from tracing.records.pairs import QueueFilter
from tracing.store.records.expiry import live, live_pair, over
from tracing.store.records.queue import fitting, looked_up
from tracing.store.rows import upsert
from tracing.store.tables import cases, counters, emergencies, pairs

TOLD: Final = "message told"
HELD: Final = "message held"
FAILED: Final = "message failed"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class SqlMessages:
    """Moments are kept as microseconds."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def told(self, key: str) -> datetime | None:
        value = self._value(TOLD, key)
        return None if value is None else EPOCH + value * MICROSECOND

    def tell(self, key: str, until: datetime) -> None:
        self._set(TOLD, key, _number(until))
        self._set(HELD, key, 0)
        self._set(FAILED, key, 0)

    def claim(self, key: str, now: datetime, until: datetime, latest: datetime) -> bool:
        first = upsert(self._connection, counters).values(name=f"{HELD} {key}", value=_number(until))
        free = or_(counters.c.value <= _number(now), counters.c.value > _number(latest))
        taken = first.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": _number(until)}, where=free)
        return self._connection.execute(taken.returning(counters.c.value)).one_or_none() is not None

    def fail(self, key: str, until: datetime) -> None:
        self._set(FAILED, key, self.failures(key) + 1)
        self._set(HELD, key, _number(until))

    def failures(self, key: str) -> int:
        return self._value(FAILED, key) or 0

    def cases_paired(
        self, states: Some[PairState], since: datetime, until: datetime, station_id: str, wanted: QueueFilter
    ) -> set[str]:
        now, found = self._clock(), set[str]()
        when = pairs.c.suggested_at > since, pairs.c.suggested_at <= until
        for side in (pairs.c.low_case_id, pairs.c.high_case_id):
            query = select(side).distinct().join(cases, cases.c.case_id == side)
            query = query.where(pairs.c.state.in_(states), *when, cases.c.state == CaseState.OPEN, live(now), live_pair(now))
            if station_id:
                query = query.where(cases.c.station_id == station_id)
            found |= set(self._connection.execute(query.where(*fitting(wanted, now, looked_up))).scalars())
        return found

    def unseen_emergencies(self, station_id: str) -> set[str]:
        query = select(emergencies.c.emergency_id).join(cases, cases.c.case_id == emergencies.c.case_id)
        query = query.where(emergencies.c.seen_at.is_(None), emergencies.c.case_id.not_in(over(self._clock())))
        if station_id:
            query = query.where(or_(cases.c.station_id == station_id, emergencies.c.station_id == station_id))
        return set(self._connection.execute(query).scalars())

    def _value(self, what: str, key: str) -> int | None:
        query = select(counters.c.value).where(counters.c.name == f"{what} {key}")
        return self._connection.execute(query).scalar_one_or_none()

    def _set(self, what: str, key: str, value: int) -> None:
        fresh = upsert(self._connection, counters).values(name=f"{what} {key}", value=value)
        self._connection.execute(fresh.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": value}))


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
