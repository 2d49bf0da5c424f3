"""Lists that wait at the page, as rows; what stands in them lies sealed beside the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from tracing.domain import HandedList, ListStage
from tracing.errors import Stale
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import handed_lists

_LIST: Final = columns_of(handed_lists, HandedList)
TO_DO: Final = (ListStage.CHECKING, ListStage.RUNNING)


class SqlLists:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, handed: HandedList) -> None:
        add(self._connection, handed_lists, [values_of(handed)])

    def get(self, list_id: str) -> HandedList:
        row = self._connection.execute(select(*_LIST).where(handed_lists.c.list_id == list_id)).one_or_none()
        return built(HandedList, found(row, "list"))

    def of_run(self, run_id: str) -> HandedList | None:
        row = self._connection.execute(select(*_LIST).where(handed_lists.c.run_id == run_id)).first()
        return None if row is None else built(HandedList, row)

    def waiting(self, station_id: str | None = None) -> list[HandedList]:
        query = select(*_LIST).order_by(handed_lists.c.handed_at.desc(), handed_lists.c.list_id)
        query = query if station_id is None else query.where(handed_lists.c.station_id == station_id)
        return [built(HandedList, row) for row in self._connection.execute(query)]

    def save(self, handed: HandedList) -> HandedList:
        saved = replace(handed, version=handed.version + 1)
        same = handed_lists.c.list_id == handed.list_id, handed_lists.c.version == handed.version
        values = values_of(saved, but=("list_id",))
        if not self._connection.execute(handed_lists.update().where(*same).values(values)).rowcount:
            raise Stale("Somebody else has gone on with this list meanwhile; look at it again.")
        return saved

    def to_do(self, limit: int) -> list[HandedList]:
        query = select(*_LIST).where(handed_lists.c.stage.in_(TO_DO))
        query = query.order_by(handed_lists.c.touched_at, handed_lists.c.list_id).limit(limit)
        return [built(HandedList, row) for row in self._connection.execute(query)]

    def take_on(self, list_id: str) -> HandedList | None:
        mine = handed_lists.c.list_id == list_id, handed_lists.c.stage.in_(TO_DO)
        taken = handed_lists.update().where(*mine).values(attempts=handed_lists.c.attempts + 1)
        return self.get(list_id) if self._connection.execute(taken).rowcount else None

    def get_on(self, list_id: str, stage: ListStage, rows_read: int, rows_there: int, now: datetime) -> bool:
        mine = handed_lists.c.list_id == list_id, handed_lists.c.stage == stage
        values = {"rows_read": rows_read, "rows_there": rows_there, "touched_at": now, "attempts": 0}
        return self._connection.execute(handed_lists.update().where(*mine).values(values)).rowcount == 1

    def drop(self, list_id: str) -> bool:
        return self._connection.execute(handed_lists.delete().where(handed_lists.c.list_id == list_id)).rowcount == 1

    def untouched(self, before: datetime) -> list[str]:
        query = select(handed_lists.c.list_id).where(
            handed_lists.c.touched_at <= before, handed_lists.c.stage != ListStage.RUNNING
        )
        return list(self._connection.execute(query.order_by(handed_lists.c.touched_at)).scalars())
