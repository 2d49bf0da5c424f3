"""Which backups there are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from tracing.domain import Backup
from tracing.store.rows import built, columns_of, upsert, values_of
from tracing.store.tables import backups


class SqlBackups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, backup: Backup) -> None:
        self._connection.execute(upsert(self._connection, backups).values(values_of(backup)).on_conflict_do_nothing())

    def forget(self, backup_id: str) -> None:
        self._connection.execute(backups.delete().where(backups.c.backup_id == backup_id))

    def since(self, moment: datetime | None = None) -> list[Backup]:
        query = select(*columns_of(backups, Backup)).order_by(backups.c.point, backups.c.backup_id)
        query = query if moment is None else query.where(backups.c.point >= moment)
        return [built(Backup, row) for row in self._connection.execute(query)]
