"""The audit's rows: kept in memory during a transaction, chained and written at its end."""

from __future__ import annotations

import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from sqlalchemy import Connection, select

from tracing.domain import Actor, Event
from tracing.errors import AuditUnavailable, Unavailable, where
from tracing.ports import Clock
from tracing.store.audit import sealed_event
from tracing.store.rows import built, columns_of, portions, values_of
from tracing.store.tables import audit_head, events
from tracing.store.text import canonical_json, storable

log = logging.getLogger(__name__)

BROKEN: Final = "The audit cannot be written, so nothing was changed. The operator has to look at it."
INTAKE: Final = frozenset({"sign_in", "open_case", "add_photo"})
"""Whoever comes on duty at night signs in before anybody can be taken in."""
LEAVES: Final = frozenset({"read_hand_over", "read_hand_over_draft"})


class Spool(Protocol):
    def keep(self, spool_id: str, events: list[Event]) -> None: ...


class SqlAudit:
    """What was appended in this transaction is not among ``events`` yet: it gets its number right before the commit."""

    def __init__(self, connection: Connection, clock: Clock, spool: Spool | None = None, *, writable: bool) -> None:
        self._connection = connection
        self._clock = clock
        self._spool = spool
        self._writable = writable
        self._waiting: list[Event] = []
        self.spooled = ""
        """The name under which this transaction's rows were spooled; empty where the audit took them."""

    def append(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        if not self._writable:
            raise RuntimeError("an audit row was appended while only reading: it would be lost")
        # Through JSON and back, so that the hash is over what a later reader gets.
        plain = json.loads(canonical_json(dict(detail or {})))
        event = Event(0, self._clock(), storable(actor.account_id), storable(action), storable(subject), plain, "", "")
        self._waiting.append(event)

    def bring(self, event: Event) -> None:
        """Append a row that was spooled, as of its own time."""
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
        """Take the chain's end for this transaction, and lengthen it.

        Where the audit takes no row, whoever comes in is saved all the same and the rows are spooled; everything else fails.
        """
        if not self._waiting:
            return
        try:
            with self._connection.begin_nested():
                self._chain()
        except Exception as error:
            if isinstance(error, Unavailable) and not isinstance(error, AuditUnavailable):
                raise  # the whole database is away: the transaction is, too
            self._spool_instead(error)
        self._waiting.clear()

    def _spool_instead(self, error: Exception) -> None:
        if self._spool is None or not all(may_be_spooled(event.action) for event in self._waiting):
            raise AuditUnavailable(BROKEN) from error
        log.error("the audit takes no rows; they are spooled: %s", where(error))
        spool_id = secrets.token_hex(16)
        try:
            self._spool.keep(spool_id, self._waiting)
        except OSError as failed:
            raise AuditUnavailable(BROKEN) from failed
        self.spooled = spool_id

    def _chain(self) -> None:
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


def may_be_spooled(action: str) -> bool:
    """Whether it goes on although the audit takes no row: taking in, and looking, which may be what saves somebody.

    What leaves the house does not, a print or who took somebody home.
    """
    return action in INTAKE or (action.startswith("read_") and action not in LEAVES)
