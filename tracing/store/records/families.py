"""Reports of families: what was typed is sealed, so that a stolen disk tells no family's story."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from tracing.domain import Consent, FamilyReport, ReportState
from tracing.errors import Stale
from tracing.ports import Clock
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.expiry import over
from tracing.store.records.files import give_up_erased
from tracing.store.rows import add, columns_of, found, portions, values_of
from tracing.store.tables import family_reports, handed_photos

APART: Final = ("typed", "consent")
PLAIN: Final = columns_of(family_reports, FamilyReport, but=APART)
CONSENT: Final = ("version", "language", "digest", "face")
COLUMNS: Final = [*PLAIN, *(family_reports.c[f"consent_{name}"] for name in CONSENT), family_reports.c.sealed]
UNHEEDED: Final = (family_reports.c.state == ReportState.WITHDRAWN, family_reports.c.heeded_at.is_(None))
"""A handful, for as long as no worker comes by."""
WITHOUT_CASE: Final = family_reports.c.case_id.is_(None) & (family_reports.c.state != ReportState.DRAFT)


class SqlReports:
    def __init__(self, connection: Connection, keyring: Keyring, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._clock = clock

    def add(self, report: FamilyReport) -> None:
        add(self._connection, family_reports, [self._values(report)])

    def get(self, report_id: str) -> FamilyReport:
        return self._read(self._with_id(report_id))

    def lock(self, report_id: str) -> FamilyReport:
        return self._read(self._with_id(report_id).with_for_update())

    def by_draft(self, draft_hash: str) -> FamilyReport | None:
        return self._one(family_reports.c.draft_hash == draft_hash)

    def by_reference(self, reference: str) -> FamilyReport | None:
        return self._one(family_reports.c.reference == reference, self._readable())

    def secret_of(self, reference: str) -> tuple[str, str] | None:
        query = select(family_reports.c.report_id, family_reports.c.secret_hash).where(
            family_reports.c.reference == reference, family_reports.c.state != ReportState.DRAFT, self._readable()
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else (row.report_id, row.secret_hash)

    def of_case(self, case_id: str) -> FamilyReport | None:
        return self._one(family_reports.c.case_id == case_id)

    def save(self, report: FamilyReport) -> FamilyReport:
        saved = replace(report, version=report.version + 1)
        same = (family_reports.c.report_id == report.report_id) & (family_reports.c.version == report.version)
        if not self._connection.execute(family_reports.update().where(same).values(self._values(saved))).rowcount:
            self.get(report.report_id)
            raise Stale("Somebody else has gone on with this report since you opened it; look at it again.")
        return saved

    def erase(self, report_ids: Some[str]) -> int:
        gone = 0
        for portion in portions(report_ids):
            erase_handed(self._connection, handed_photos.c.report_id.in_(portion))
            doomed = family_reports.delete().where(family_reports.c.report_id.in_(portion))
            gone += self._connection.execute(doomed).rowcount
        return gone

    def find(
        self, states: Some[ReportState], station_id: str | None, limit: int, offset: int = 0
    ) -> tuple[list[FamilyReport], int]:
        conditions = [family_reports.c.state.in_(sorted(states)), self._readable()]
        if station_id is not None:
            conditions.append(family_reports.c.station_id.in_(["", station_id]))
        query = select(*COLUMNS).where(*conditions).order_by(family_reports.c.sent_at, family_reports.c.report_id)
        rows = self._connection.execute(query.limit(limit).offset(offset)).all()
        return [self._built(row) for row in rows], self._count(*conditions)

    def count(self, state: ReportState) -> int:
        return self._count(family_reports.c.state == state)

    def stale_drafts(self, before: datetime) -> list[str]:
        return list(self._connection.execute(_stale(before)).scalars())

    def erase_drafts(self, before: datetime) -> int:
        return self.erase(list(self._connection.execute(_stale(before).with_for_update()).scalars()))

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        there = self._count(WITHOUT_CASE)
        if before is None:
            return there, 0
        older = select(family_reports.c.report_id).where(WITHOUT_CASE, family_reports.c.touched_at <= before)
        # A station may be accepting one of them at this moment.
        ids = list(self._connection.execute(older.with_for_update() if drop else older).scalars())
        if drop:
            self.erase(ids)
        return there, len(ids)

    def withdrawn_unheeded(self) -> list[FamilyReport]:
        return [self._built(row) for row in self._connection.execute(select(*COLUMNS).where(*UNHEEDED))]

    def taken_back(self, case_ids: Some[str]) -> set[str]:
        return set(self._connection.execute(select(family_reports.c.case_id).where(*UNHEEDED)).scalars()) & set(case_ids)

    def with_photos_to_move(self, limit: int) -> list[FamilyReport]:
        waiting = select(handed_photos.c.report_id).where(handed_photos.c.report_id.is_not(None))
        accepted = family_reports.c.state == ReportState.ACCEPTED, family_reports.c.report_id.in_(waiting)
        query = select(*COLUMNS).where(*accepted, self._readable()).order_by(family_reports.c.report_id).limit(limit)
        return [self._built(row) for row in self._connection.execute(query)]

    def _with_id(self, report_id: str) -> Select[Any]:
        return select(*COLUMNS).where(family_reports.c.report_id == report_id, self._readable())

    def _read(self, query: Select[Any]) -> FamilyReport:
        return self._built(found(self._connection.execute(query).one_or_none(), "report"))

    def _one(self, *conditions: ColumnElement[bool]) -> FamilyReport | None:
        row = self._connection.execute(select(*COLUMNS).where(*conditions)).one_or_none()
        return None if row is None else self._built(row)

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        counted: int = self._connection.execute(
            select(func.count()).select_from(family_reports).where(*conditions)
        ).scalar_one()
        return counted

    def _readable(self) -> ColumnElement[bool]:
        return or_(family_reports.c.case_id.is_(None), family_reports.c.case_id.not_in(over(self._clock())))

    def _values(self, report: FamilyReport) -> dict[str, Any]:
        sealed = self._keyring.seal_json(dict(report.typed), context_of(family_reports, report_id=report.report_id))
        consent = {f"consent_{name}": value for name, value in values_of(report.consent).items()}
        return values_of(report, but=APART) | consent | {"sealed": sealed}

    def _built(self, row: Row[Any]) -> FamilyReport:
        plain = {column.name: getattr(row, column.name) for column in PLAIN}
        consent = Consent(**{name: getattr(row, f"consent_{name}") for name in CONSENT})
        typed = self._keyring.open_json(row.sealed, context_of(family_reports, report_id=row.report_id))
        return FamilyReport(**plain, consent=consent, typed=typed)


def _stale(before: datetime) -> Select[str]:
    stale = family_reports.c.state == ReportState.DRAFT, family_reports.c.touched_at <= before
    return select(family_reports.c.report_id).where(*stale)


def erase_handed(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    """The photos go and their files are given up, by their keys; a worker erases what nobody else does."""
    keys = list(connection.execute(handed_photos.delete().where(which).returning(handed_photos.c.photo_key)).scalars())
    give_up_erased(connection, keys)
    return keys
