"""Lists that were imported, as rows."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence

from sqlalchemy import Connection, func, or_, select

from tracing.domain import Change, ImportedRecord, ImportRun, RefusedRow
from tracing.ports import Clock
from tracing.store.records.expiry import live_pair
from tracing.store.rows import built, columns_of, found, portions, upsert, values_of
from tracing.store.tables import case_sources, import_runs, imported_records, pairs, refused_rows


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

    def runs(self, limit: int, source: str = "") -> list[ImportRun]:
        query = select(*_RUN).order_by(import_runs.c.started_at.desc(), import_runs.c.run_id).limit(limit)
        if source:
            query = query.where(import_runs.c.source == source)
        return [built(ImportRun, row) for row in self._connection.execute(query)]

    def cut_off(self, source: str, digest: str, station_id: str) -> ImportRun | None:
        same = (import_runs.c.source == source, import_runs.c.digest == digest, import_runs.c.station_id == station_id)
        query = (
            select(*_RUN).where(*same, import_runs.c.finished_at.is_(None)).order_by(import_runs.c.started_at.desc()).limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return built(ImportRun, row) if row is not None else None

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

    def refused(self, run_id: str, limit: int) -> list[RefusedRow]:
        query = select(*columns_of(refused_rows, RefusedRow)).where(refused_rows.c.run_id == run_id)
        return [built(RefusedRow, row) for row in self._connection.execute(query.order_by(refused_rows.c.row).limit(limit))]

    def hits(self, run_id: str) -> int:
        brought = select(imported_records.c.case_id).where(
            imported_records.c.run_id == run_id, imported_records.c.change.in_([Change.NEW, Change.CHANGED])
        )
        began = select(import_runs.c.started_at).where(import_runs.c.run_id == run_id).scalar_subquery()
        either = or_(pairs.c.low_case_id.in_(brought), pairs.c.high_case_id.in_(brought))
        query = select(func.count()).select_from(pairs)
        query = query.where(either, pairs.c.suggested_at >= began, live_pair(self._clock()))
        return self._connection.execute(query).scalar_one()


_RUN = columns_of(import_runs, ImportRun)
