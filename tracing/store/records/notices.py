"""Tracing notices: what they say is sealed, so that a stolen disk tells no draft."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select

from tracing.domain import (
    Box,
    CaseKind,
    Notice,
    NoticeField,
    NoticeMark,
    NoticePhoto,
    NoticeState,
    NoticeWords,
    PartialDate,
    PhotoCut,
    Sex,
)
from tracing.errors import Stale
from tracing.lifecycle import NOTICE_STEPS
from tracing.ports import Clock
from tracing.records.notices import NoticeFilter
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.expiry import over
from tracing.store.rows import add, columns_of, found, portions, values_of
from tracing.store.tables import cases, notices

SECRET: Final = ("station", "contact", "shown", "words", "photo", "taken", "reasons", "approval_reason", "end_reason")
LIVING: Final = tuple(state for state, then in NOTICE_STEPS.items() if then)
PLAIN: Final = columns_of(notices, Notice, but=SECRET)
COLUMNS: Final = [*PLAIN, notices.c.sealed]


class SqlNotices:
    """Notices of a case whose time is over are there for ``living`` alone, which takes them down."""

    def __init__(self, connection: Connection, keyring: Keyring, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._clock = clock

    def add(self, notice: Notice) -> None:
        add(self._connection, notices, [self._values(notice)])

    def get(self, notice_id: str) -> Notice:
        query = select(*COLUMNS).where(notices.c.notice_id == notice_id, self._readable())
        return self._built(found(self._connection.execute(query).one_or_none(), "notice"))

    def by_token(self, token: str) -> Notice | None:
        row = self._connection.execute(select(*COLUMNS).where(notices.c.token == token, self._readable())).one_or_none()
        return None if row is None else self._built(row)

    def save(self, notice: Notice) -> Notice:
        saved = replace(notice, version=notice.version + 1)
        same = (notices.c.notice_id == notice.notice_id) & (notices.c.version == notice.version)
        if self._connection.execute(notices.update().where(same).values(self._values(saved))).rowcount == 0:
            self.get(notice.notice_id)
            raise Stale("Somebody else has changed this notice since you opened it; look at it again.")
        return saved

    def of_case(self, case_id: str) -> list[Notice]:
        return self._several(notices.c.case_id == case_id)

    def find(self, wanted: NoticeFilter, limit: int, offset: int = 0) -> list[Notice]:
        conditions = [] if wanted.state is None else [notices.c.state == wanted.state]
        return self._several(*conditions, *_of_station(wanted.station_id), limit=limit, offset=offset)

    def counts(self, station_id: str | None) -> dict[NoticeState, int]:
        joined = notices.join(cases, cases.c.case_id == notices.c.case_id)
        query = select(notices.c.state, func.count()).select_from(joined).where(*_of_station(station_id), self._readable())
        counted = {state: int(number) for state, number in self._connection.execute(query.group_by(notices.c.state))}
        return {state: counted.get(state, 0) for state in NoticeState}

    def published(self, now: datetime, limit: int, offset: int = 0, kind: CaseKind | None = None) -> list[Notice]:
        query = (
            select(*COLUMNS)
            .where(*_published(now, kind), self._readable())
            .order_by(notices.c.published_at.desc(), notices.c.notice_id)
        )
        return [self._built(row) for row in self._connection.execute(query.limit(limit).offset(offset))]

    def published_of(self, case_ids: Some[str], now: datetime) -> dict[str, Notice]:
        known: dict[str, Notice] = {}
        for portion in portions(set(case_ids)):
            query = select(*COLUMNS).where(*_published(now, None), self._readable(), notices.c.case_id.in_(portion))
            rows = self._connection.execute(query.order_by(notices.c.published_at))
            known |= {row.case_id: self._built(row) for row in rows}
        return known

    def count_published(self, now: datetime, kind: CaseKind | None = None) -> int:
        query = select(func.count()).select_from(notices).where(*_published(now, kind), self._readable())
        return int(self._connection.execute(query).scalar_one())

    def living(self, after: str, limit: int) -> list[Notice]:
        there = notices.c.state.in_(LIVING), notices.c.notice_id > after
        query = select(*COLUMNS).where(*there).order_by(notices.c.notice_id).limit(limit)
        return [self._built(row) for row in self._connection.execute(query)]

    def last_signature(self, station_id: str) -> tuple[str, str] | None:
        approved = notices.c.approved_at.is_not(None), cases.c.station_id == station_id
        query = select(*COLUMNS).join(cases, cases.c.case_id == notices.c.case_id).where(*approved)
        row = self._connection.execute(query.order_by(notices.c.approved_at.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        last = self._built(row)
        return last.station, last.contact

    def _readable(self) -> ColumnElement[bool]:
        return notices.c.case_id.not_in(over(self._clock()))

    def _several(self, *conditions: ColumnElement[bool], limit: int | None = None, offset: int = 0) -> list[Notice]:
        query = select(*COLUMNS).join(cases, cases.c.case_id == notices.c.case_id).where(*conditions, self._readable())
        ordered = query.order_by(notices.c.drafted_at.desc(), notices.c.notice_id).limit(limit).offset(offset)
        return [self._built(row) for row in self._connection.execute(ordered)]

    def _values(self, notice: Notice) -> dict[str, Any]:
        context = context_of(notices, notice_id=notice.notice_id, case_id=notice.case_id)
        sealed = self._keyring.seal_json(_said(notice), context)
        photo_id = None if notice.photo is None else notice.photo.photo_id
        return values_of(notice, but=SECRET) | {"photo_id": photo_id, "sealed": sealed}

    def _built(self, row: Row[Any]) -> Notice:
        plain = {column.name: getattr(row, column.name) for column in PLAIN}
        context = context_of(notices, notice_id=row.notice_id, case_id=row.case_id)
        said = self._keyring.open_json(row.sealed, context)
        return Notice(**plain, **_read(said))


def _of_station(station_id: str | None) -> list[ColumnElement[bool]]:
    return [] if station_id is None else [cases.c.station_id == station_id]


def _published(now: datetime, kind: CaseKind | None) -> list[ColumnElement[bool]]:
    there = [notices.c.state == NoticeState.PUBLISHED, notices.c.expires_at > now]
    return there if kind is None else [*there, notices.c.kind == kind]


def _said(notice: Notice) -> dict[str, Any]:
    """Everything that is sealed, as plain JSON."""
    words = values_of(notice.words)
    words["seen_at"] = None if notice.words.seen_at is None else str(notice.words.seen_at)
    words["marks"] = [values_of(mark) for mark in notice.words.marks]
    return {
        "station": notice.station,
        "contact": notice.contact,
        "shown": sorted(notice.shown),
        "words": words,
        "photo": None if notice.photo is None else _photo_as_json(notice.photo),
        "taken": dict(notice.taken),
        "reasons": dict(notice.reasons),
        "approval_reason": notice.approval_reason,
        "end_reason": notice.end_reason,
    }


def _read(said: dict[str, Any]) -> dict[str, Any]:
    words = said["words"]
    return said | {
        "shown": frozenset(NoticeField(each) for each in said["shown"]),
        "words": NoticeWords(
            **words
            | {
                "sex": None if words["sex"] is None else Sex(words["sex"]),
                "seen_at": None if words["seen_at"] is None else PartialDate.parse(words["seen_at"]),
                "marks": tuple(NoticeMark(**mark) for mark in words["marks"]),
            }
        ),
        "photo": None if said["photo"] is None else _photo(said["photo"]),
        "taken": {NoticeField(name): text for name, text in said["taken"].items()},
        "reasons": {NoticeField(name): text for name, text in said["reasons"].items()},
    }


def _photo_as_json(photo: NoticePhoto) -> dict[str, Any]:
    box = None if photo.box is None else values_of(photo.box)
    return values_of(photo) | {"box": box, "blurred": [values_of(each) for each in photo.blurred]}


def _photo(said: dict[str, Any]) -> NoticePhoto:
    box = None if said["box"] is None else Box(**said["box"])
    return NoticePhoto(
        said["photo_id"], PhotoCut(said["cut"]), box, tuple(Box(**each) for each in said["blurred"]), said["blur"]
    )
