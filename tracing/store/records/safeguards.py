"""Marks against relatives: what they say is sealed, so that a stolen disk accuses nobody."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from tracing.domain import Safeguard
from tracing.errors import Conflict, WrongState
from tracing.ports import Clock
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.expiry import over
from tracing.store.rows import add, columns_of, portions, values_of
from tracing.store.tables import safeguards

SECRET: Final = ("reason", "finding")
COLUMNS: Final = [*columns_of(safeguards, Safeguard, but=SECRET), safeguards.c.sealed]


class SqlSafeguards:
    def __init__(self, connection: Connection, keyring: Keyring, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._clock = clock

    def add(self, safeguard: Safeguard) -> None:
        try:
            add(self._connection, safeguards, [self._values(safeguard)])
        except Conflict as taken:
            raise Conflict("This case is marked already.") from taken

    def of_cases(self, case_ids: Some[str]) -> list[Safeguard]:
        found = [
            self._built(row)
            for portion in portions(set(case_ids))
            for row in self._connection.execute(select(*COLUMNS).where(safeguards.c.case_id.in_(portion)))
        ]
        return sorted(found, key=lambda each: (each.set_at, each.safeguard_id), reverse=True)

    def standing(self) -> list[Safeguard]:
        there = safeguards.c.case_id.not_in(over(self._clock()))
        query = select(*COLUMNS).where(safeguards.c.cleared_at.is_(None), there)
        oldest_first = query.order_by(safeguards.c.set_at, safeguards.c.safeguard_id)
        return [self._built(row) for row in self._connection.execute(oldest_first)]

    def clear(self, safeguard: Safeguard) -> None:
        still = (safeguards.c.safeguard_id == safeguard.safeguard_id) & safeguards.c.cleared_at.is_(None)
        values = self._values(safeguard)
        kept = {name: values[name] for name in ("cleared_by", "cleared_at", "sealed")}
        if self._connection.execute(safeguards.update().where(still).values(kept)).rowcount == 0:
            raise WrongState("Somebody has recorded the check already.")

    def _values(self, safeguard: Safeguard) -> dict[str, Any]:
        told = {name: getattr(safeguard, name) for name in SECRET}
        sealed = self._keyring.seal_json(told, _context(safeguard.safeguard_id, safeguard.case_id))
        return values_of(safeguard, but=SECRET) | {"sealed": sealed}

    def _built(self, row: Row[Any]) -> Safeguard:
        plain = dict(row._mapping)
        told = self._keyring.open_json(plain.pop("sealed"), _context(row.safeguard_id, row.case_id))
        return Safeguard(**plain, **told)


def _context(safeguard_id: str, case_id: str) -> str:
    return context_of(safeguards, safeguard_id=safeguard_id, case_id=case_id)
