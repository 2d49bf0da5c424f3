"""Likenesses that are followed up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from tracing.domain import Lead
from tracing.errors import WrongState
from tracing.ports import Clock
from tracing.store.records.expiry import live_pair
from tracing.store.rows import built, columns_of, found, upsert, values_of
from tracing.store.tables import leads, pairs

COLUMNS = columns_of(leads, Lead)


class Leads:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def open_lead(self, lead: Lead) -> bool:
        fresh = upsert(self._connection, leads).values(values_of(lead)).on_conflict_do_nothing()
        return self._connection.execute(fresh.returning(leads.c.lead_id)).one_or_none() is not None

    def lead(self, lead_id: str) -> Lead:
        row = self._connection.execute(select(*COLUMNS).where(leads.c.lead_id == lead_id)).one_or_none()
        return built(Lead, found(row, "lead"))

    def open_leads(self) -> list[Lead]:
        query = select(*COLUMNS).join(pairs, pairs.c.pair_id == leads.c.pair_id)
        query = query.where(leads.c.closed_at.is_(None), live_pair(self._clock())).order_by(leads.c.opened_at, leads.c.lead_id)
        return [built(Lead, row) for row in self._connection.execute(query)]

    def close_lead(self, lead_id: str, closed_by: str, at: datetime, finding: str) -> Lead:
        still_open = (leads.c.lead_id == lead_id) & leads.c.closed_at.is_(None)
        values = {"closed_by": closed_by, "closed_at": at, "finding": finding}
        if self._connection.execute(leads.update().where(still_open).values(values)).rowcount == 0:
            self.lead(lead_id)
            raise WrongState("Somebody has closed this lead already.")
        return self.lead(lead_id)
