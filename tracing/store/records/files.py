"""Photo files that have no photo: noted before they are written, and given up before they are erased."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from tracing.store.rows import add
from tracing.store.tables import noted_files

IN_USE = noted_files.c.noted_at.is_not(None)


class SqlFiles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, key: str, now: datetime) -> None:
        add(self._connection, noted_files, [{"photo_key": key, "noted_at": now}])

    def settle(self, key: str) -> bool:
        settled = noted_files.delete().where(noted_files.c.photo_key == key, IN_USE)
        return self._connection.execute(settled).rowcount == 1

    def give_up(self, key: str) -> bool:
        return self._give_up(noted_files.c.photo_key == key) == 1

    def give_up_noted(self, before: datetime, after: datetime) -> int:
        return self._give_up(_noted(before, after))

    def noted(self, before: datetime, after: datetime) -> int:
        query = select(func.count()).select_from(noted_files).where(_noted(before, after))
        return self._connection.execute(query).scalar_one()

    def given_up(self, limit: int) -> list[str]:
        query = select(noted_files.c.photo_key).where(~IN_USE).order_by(noted_files.c.photo_key).limit(limit)
        return list(self._connection.execute(query).scalars())

    def forget(self, key: str) -> None:
        self._connection.execute(noted_files.delete().where(noted_files.c.photo_key == key, ~IN_USE))

    def without_photo(self) -> set[str]:
        return set(self._connection.execute(select(noted_files.c.photo_key)).scalars())

    def _give_up(self, which: ColumnElement[bool]) -> int:
        return self._connection.execute(noted_files.update().where(which, IN_USE).values(noted_at=None)).rowcount


def give_up_erased(connection: Connection, keys: Some[str]) -> None:
    """The photos of these files are erased in this transaction, and the files after it, whatever happens in between."""
    add(connection, noted_files, [{"photo_key": key, "noted_at": None} for key in keys])


def _noted(before: datetime, after: datetime) -> ColumnElement[bool]:
    return or_(noted_files.c.noted_at < before, noted_files.c.noted_at > after)
