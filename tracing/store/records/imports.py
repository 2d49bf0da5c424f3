"""Lists that were imported, as rows."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, true

from tracing.domain import Change, ImportedRecord, ImportRun, RefusedRow
from tracing.ports import Clock
from tracing.store.records.expiry import live_pair
from tracing.store.rows import built, columns_of, found, portions, upsert, values_of
from tracing.store.tables import case_sources, handed_lists, import_runs, imported_records, pairs, refused_rows


class SqlImports:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def begin(self, run: ImportRun) -> None:
        self._connection.execute(import_runs.insert(), values_of(run))

    def get(self, run_id: str) -> ImportRun:
        query = select(*_RUN).where(import_runs.c.run_id == run_id)
        row = self._connection.execute(query).one_or_none()
        return found(built(ImportRun, row) if row is not None else None, "import")

    def lock(self, run_id: str) -> ImportRun:
        query = select(*_RUN).where(import_runs.c.run_id == run_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return found(built(ImportRun, row) if row is not None else None, "import")

    def runs(self, limit: int, offset: int = 0, station_id: str | None = None) -> list[ImportRun]:
        query = select(*_RUN).where(_of(station_id)).order_by(import_runs.c.started_at.desc(), import_runs.c.run_id)
        return [built(ImportRun, row) for row in self._connection.execute(query.limit(limit).offset(offset))]

    def count_runs(self, station_id: str | None = None) -> int:
        query = select(func.count()).select_from(import_runs).where(_of(station_id))
        return self._connection.execute(query).scalar_one()

    def last_runs(self, since: datetime, station_id: str | None = None) -> dict[str, datetime]:
        last = func.max(import_runs.c.finished_at, type_=import_runs.c.finished_at.type)
        query = select(import_runs.c.source, last).where(import_runs.c.finished_at >= since, _of(station_id))
        rows = self._connection.execute(query.group_by(import_runs.c.source)).all()
        return {row.source: row[1] for row in rows}

    def cut_off(self, source: str, digest: str, station_id: str) -> ImportRun | None:
        same = (import_runs.c.source == source, import_runs.c.digest == digest, import_runs.c.station_id == station_id)
        query = (
            select(*_RUN).where(*same, import_runs.c.finished_at.is_(None)).order_by(import_runs.c.started_at.desc()).limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return built(ImportRun, row) if row is not None else None

    def last_said(self, source: str, station_id: str) -> Mapping[str, str]:
        same = (import_runs.c.source == source, import_runs.c.station_id == station_id)
        query = select(import_runs.c.said).where(*same).order_by(import_runs.c.started_at.desc(), import_runs.c.run_id)
        return self._connection.execute(query.limit(1)).scalar() or {}

    def save(self, run: ImportRun) -> None:
        values = values_of(run, but=("run_id",))
        self._connection.execute(import_runs.update().where(import_runs.c.run_id == run.run_id).values(values))

    def known(self, source: str, source_ids: Some[str]) -> dict[str, ImportedRecord]:
        record = imported_records.c
        here: dict[str, ImportedRecord] = {}
        for portion in portions(source_ids):
            query = (
                select(
                    case_sources.c.source_id, case_sources.c.case_id, record.digest, record.run_id, record.change, record.told
                )
                .join_from(case_sources, imported_records, case_sources.c.case_id == record.case_id, isouter=True)
                .where(case_sources.c.source == source, case_sources.c.source_id.in_(portion))
            )
            for source_id, case_id, digest, run_id, change, told in self._connection.execute(query):
                here[source_id] = ImportedRecord(case_id, digest or "", run_id or "", change or Change.NEW, told or {})
        return here

    def put(self, records: Sequence[ImportedRecord]) -> None:
        if not records:
            return
        written = upsert(self._connection, imported_records)
        replaced = {name: written.excluded[name] for name in ("digest", "run_id", "change", "told")}
        statement = written.on_conflict_do_update(index_elements=["case_id"], set_=replaced)
        self._connection.execute(statement, [values_of(record) for record in records])

    def refuse(self, rows: Sequence[RefusedRow]) -> None:
        if rows:
            statement = upsert(self._connection, refused_rows).on_conflict_do_nothing()
            self._connection.execute(statement, [values_of(row) for row in rows])

    def refused(self, run_id: str, limit: int, offset: int = 0) -> list[RefusedRow]:
        query = select(*columns_of(refused_rows, RefusedRow)).where(refused_rows.c.run_id == run_id)
        query = query.order_by(refused_rows.c.row, refused_rows.c.column).limit(limit).offset(offset)
        return [built(RefusedRow, row) for row in self._connection.execute(query)]

    def count_refused(self, run_id: str) -> int:
        query = select(func.count()).select_from(refused_rows).where(refused_rows.c.run_id == run_id)
        return self._connection.execute(query).scalar_one()

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        there = self.count_runs()
        if before is None:
            return there, 0
        by_sender = (import_runs.c.source, import_runs.c.station_id)
        last_first = (import_runs.c.started_at.desc(), import_runs.c.run_id)
        place = func.row_number().over(partition_by=by_sender, order_by=last_first)
        placed = select(import_runs.c.run_id, import_runs.c.started_at, place.label("place")).subquery()
        late = placed.c.started_at <= before, placed.c.place > 1
        waiting = select(handed_lists.c.run_id)
        query = select(placed.c.run_id).where(*late, placed.c.run_id.not_in(waiting))
        gone = list(self._connection.execute(query).scalars())
        for portion in portions(gone) if drop else ():
            for table in (refused_rows, import_runs):
                self._connection.execute(table.delete().where(table.c.run_id.in_(portion)))
        return there, len(gone)

    def hits(self, run_id: str) -> int:
        counted: int = self._connection.execute(_pairs(func.count(), run_id, self._clock())).scalar_one()
        return counted

    def pairs(self, run_id: str, limit: int, offset: int = 0) -> list[str]:
        query = _pairs(pairs.c.pair_id, run_id, self._clock()).order_by(pairs.c.pair_id).limit(limit).offset(offset)
        return list(self._connection.execute(query).scalars())


def _of(station_id: str | None) -> ColumnElement[bool]:
    return true() if station_id is None else import_runs.c.station_id == station_id


def _pairs(what: ColumnElement[Any], run_id: str, now: datetime) -> Select[Any]:
    brought = select(imported_records.c.case_id).where(
        imported_records.c.run_id == run_id, imported_records.c.change.in_([Change.NEW, Change.CHANGED])
    )
    began = select(import_runs.c.started_at).where(import_runs.c.run_id == run_id).scalar_subquery()
    either = or_(pairs.c.low_case_id.in_(brought), pairs.c.high_case_id.in_(brought))
    return select(what).select_from(pairs).where(either, pairs.c.suggested_at >= began, live_pair(now))


_RUN = columns_of(import_runs, ImportRun)
