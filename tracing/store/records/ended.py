"""Records of partners that have ended, as rows: no name, no case, and no id that anybody could read."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, case, func, select

from tracing.domain import Source
from tracing.store.keys import Keyring
from tracing.store.records.digests import SourceDigests
from tracing.store.records.naming import SourceNames
from tracing.store.rows import portions, upsert
from tracing.store.tables import ended_records

USE: Final = "ended record"


class SqlEnded:
    def __init__(self, connection: Connection, keyring: Keyring, names: SourceNames) -> None:
        self._connection = connection
        self._digests = SourceDigests(connection, keyring, USE)
        self._names = names

    def put(self, ended: Mapping[Source, datetime], at: datetime) -> None:
        if not ended:
            return
        written = upsert(self._connection, ended_records)
        new, here = written.excluded, ended_records.c
        latest = {name: case((here[name] > new[name], here[name]), else_=new[name]) for name in ("source_date", "told_at")}
        statement = written.on_conflict_do_update(index_elements=[here.record_digest], set_=latest)
        digests = self._digests.of(*self._names.kept(list(ended)))
        rows = [
            {"record_digest": digest, "source_date": source_date, "told_at": at}
            for digest, source_date in sorted(zip(digests, ended.values(), strict=True))
        ]
        self._connection.execute(statement, rows)

    def of(self, sources: Some[Source]) -> dict[Source, datetime]:
        if not sources or not self._digests.begun:
            return {}
        asked = list(sources)
        named = dict(zip(self._digests.of(*self._names.kept(asked)), asked, strict=True))
        found: dict[Source, datetime] = {}
        for portion in portions(named):
            query = select(ended_records.c.record_digest, ended_records.c.source_date)
            rows = self._connection.execute(query.where(ended_records.c.record_digest.in_(portion)))
            found |= {named[digest]: source_date for digest, source_date in rows}
        return found

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        there = self._connection.execute(select(func.count()).select_from(ended_records)).scalar_one()
        if before is None:
            return there, 0
        late = ended_records.c.told_at <= before
        over = self._connection.execute(select(func.count()).select_from(ended_records).where(late)).scalar_one()
        if drop:
            self._connection.execute(ended_records.delete().where(late))
        return there, over
