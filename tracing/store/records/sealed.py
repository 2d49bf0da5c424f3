"""Rows that are sealed anew, table by table, in portions short enough for others to work between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, and_, func, select, tuple_

from tracing.errors import Damaged
from tracing.records.sealed import Portion
from tracing.store.contexts import COLUMN, SEALED, context_of, sealed_columns
from tracing.store.keys import NAMED, Keyring, sealed_by

TABLES: Final = {table.name: table for table in SEALED}


class SqlSealed:
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def places(self) -> list[str]:
        return [column.table.name for column in sealed_columns()]

    def by_key(self, place: str) -> Mapping[str, int]:
        mark = _mark(TABLES[place])
        rows = self._connection.execute(select(mark, func.count()).group_by(mark))
        return {sealed_by(bytes(beginning)): count for beginning, count in rows}

    def reseal(self, place: str, after: tuple[Any, ...] | None, limit: int) -> Portion:
        table = TABLES[place]
        place_of = tuple_(*table.primary_key.columns)
        query = select(table).where(_mark(table) != self._keyring.mark())
        query = query if after is None else query.where(place_of > after)
        rows = self._connection.execute(query.order_by(*table.primary_key.columns).limit(limit)).all()
        done, damaged = 0, []
        for row in rows:
            try:
                done += self._reseal(table, row)
            except Damaged:
                damaged.append(":".join(map(str, _key(table, row))))
        return Portion(done, tuple(damaged), _key(table, rows[-1]) if len(rows) == limit else None)

    def _reseal(self, table: Table, row: Row[Any]) -> int:
        """Only if the row still is as it was read: on PostgreSQL somebody may write it at this moment."""
        context = context_of(table, **row._mapping)
        sealed = self._keyring.seal(self._keyring.open(row.sealed, context), context)
        own = and_(*(column == value for column, value in zip(table.primary_key.columns, _key(table, row), strict=True)))
        unchanged = table.update().where(own, table.c[COLUMN] == row.sealed).values({COLUMN: sealed})
        return self._connection.execute(unchanged).rowcount


def _mark(table: Table) -> Any:
    return func.substr(table.c[COLUMN], 1, NAMED, type_=table.c[COLUMN].type)


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[column.name] for column in table.primary_key.columns)
