"""How many rows each table has, and a digest over all of them: by this a restored database is compared to the row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, inspect

INNER: Final = ("sqlite_", "case_grams")
"""Tables that SQLite itself fills from others."""
PORTION: Final = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    rows: int
    digest: str


def counted(connection: Connection) -> dict[str, Counted]:
    """Of every table that is there, whether this version of the program knows it or not."""
    names = [name for name in inspect(connection).get_table_names() if not name.startswith(INNER)]
    return {name: _counted(connection, name) for name in sorted(names)}


def _counted(connection: Connection, table: str) -> Counted:
    inspector = inspect(connection)
    columns = sorted(column["name"] for column in inspector.get_columns(table))
    key = inspector.get_pk_constraint(table)["constrained_columns"] or columns
    quote = connection.dialect.identifier_preparer.quote
    chosen, order = (", ".join(map(quote, names)) for names in (columns, key))
    query = f"SELECT {chosen} FROM {quote(table)} ORDER BY {order}"  # noqa: S608 - the database's own names, quoted
    rows, digest = 0, hashlib.sha256()
    result = connection.execution_options(stream_results=True, yield_per=PORTION).exec_driver_sql(query)
    for row in result:
        rows += 1
        digest.update(repr(_plain(row)).encode())
    return Counted(rows, digest.hexdigest())


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
