"""The audit's rows: kept in memory during a transaction, chained and written at its end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from tracing.domain import Actor, Event
from tracing.ports import Clock
from tracing.store.audit import sealed_event
from tracing.store.rows import built, columns_of, portions, values_of
from tracing.store.tables import audit_head, events
from tracing.store.text import canonical_json, storable


class SqlAudit:
    """What was appended in this transaction is not among ``events`` yet: it gets its number right before the commit."""

    def __init__(self, connection: Connection, clock: Clock, *, writable: bool) -> None:
        self._connection = connection
        self._clock = clock
        self._writable = writable
        self._waiting: list[Event] = []

    def append(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        if not self._writable:
            raise RuntimeError("an audit row was appended while only reading: it would be lost")
        # Through JSON and back, so that the hash is over what a later reader gets.
        plain = json.loads(canonical_json(dict(detail or {})))
        event = Event(0, self._clock(), storable(actor.account_id), storable(action), storable(subject), plain, "", "")
        self._waiting.append(event)

    def events(self, after: int, limit: int) -> list[Event]:
        query = select(*columns_of(events, Event)).where(events.c.seq > after).order_by(events.c.seq).limit(limit)
        return [built(Event, row) for row in self._connection.execute(query)]

    def of_actions(self, actions: Some[str], after: int, limit: int) -> list[Event]:
        query = select(*columns_of(events, Event)).where(events.c.seq > after, events.c.action.in_(actions))
        return [built(Event, row) for row in self._connection.execute(query.order_by(events.c.seq).limit(limit))]

    def of_subject(self, subject: str) -> list[Event]:
        query = select(*columns_of(events, Event)).where(events.c.subject == subject).order_by(events.c.seq)
        return [built(Event, row) for row in self._connection.execute(query)]

    def of_subjects(self, subjects: Some[str]) -> dict[str, list[Event]]:
        own: dict[str, list[Event]] = defaultdict(list)
        for portion in portions(set(subjects)):
            query = select(*columns_of(events, Event)).where(events.c.subject.in_(portion)).order_by(events.c.seq)
            for row in self._connection.execute(query):
                own[row.subject].append(built(Event, row))
        return dict(own)

    def head(self) -> tuple[int, str]:
        row = self._connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
        return row.seq, row.hash

    def flush(self) -> None:
        """Take the chain's end for this transaction, and lengthen it."""
        if not self._waiting:
            return
        taken = (
            audit_head.update().values(seq=audit_head.c.seq + len(self._waiting)).returning(audit_head.c.seq, audit_head.c.hash)
        )
        seq, previous = self._connection.execute(taken).one()
        seq -= len(self._waiting)
        chained: list[Event] = []
        for waiting in self._waiting:
            seq += 1
            chained.append(sealed_event(replace(waiting, seq=seq, previous_hash=previous)))
            previous = chained[-1].hash
        self._connection.execute(events.insert(), [values_of(event) for event in chained])
        self._connection.execute(audit_head.update().values(hash=previous))
        self._waiting.clear()
