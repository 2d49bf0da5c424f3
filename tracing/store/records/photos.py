"""Photos and who is analysing them."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from tracing.domain import Analysis, CaseState, Photo
from tracing.ports import Clock
from tracing.store.records.expiry import live, over
from tracing.store.rows import add, built, columns_of, found, portions, values_of
from tracing.store.tables import cases, photos

COLUMNS = columns_of(photos, Photo)


class SqlPhotos:
    """What is counted or listed for people is of cases that may be read; what waits for the worker is of all."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, photo: Photo) -> None:
        add(self._connection, photos, [values_of(photo)])

    def get(self, photo_id: str) -> Photo:
        row = self._connection.execute(select(*COLUMNS).where(photos.c.photo_id == photo_id)).one_or_none()
        return built(Photo, found(row, "photo"))

    def of_case(self, case_id: str) -> list[Photo]:
        return self.of_cases([case_id])[case_id]

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Photo]]:
        """A list for every case asked for, empty where it has no photo."""
        by_case: dict[str, list[Photo]] = {case_id: [] for case_id in case_ids}
        for portion in portions(by_case):
            query = select(*COLUMNS).where(photos.c.case_id.in_(portion)).order_by(photos.c.received_at, photos.c.photo_id)
            for row in self._connection.execute(query):
                by_case[row.case_id].append(built(Photo, row))
        return by_case

    def of_open_cases(self, analysis: Analysis, limit: int, station_id: str = "") -> list[Photo]:
        query = (
            select(*COLUMNS)
            .join(cases, cases.c.case_id == photos.c.case_id)
            .where(photos.c.analysis == analysis, cases.c.state == CaseState.OPEN, live(self._clock()))
            .order_by(photos.c.received_at.desc(), photos.c.photo_id)
            .limit(limit)
        )
        if station_id:
            query = query.where(cases.c.station_id == station_id)
        return [built(Photo, row) for row in self._connection.execute(query)]

    def pending(self, now: datetime, limit: int, max_attempts: int) -> list[str]:
        query = (
            select(photos.c.photo_id)
            .where(_free(now), photos.c.attempts < max_attempts, self._readable())
            .order_by(photos.c.received_at, photos.c.photo_id)
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def ahead_of(self, photo: Photo, max_attempts: int) -> int:
        same_moment = and_(photos.c.received_at == photo.received_at, photos.c.photo_id < photo.photo_id)
        earlier = or_(photos.c.received_at < photo.received_at, same_moment)
        return self._count(None, photos.c.analysis == Analysis.PENDING, photos.c.attempts < max_attempts, earlier)

    def claim(self, photo_id: str, now: datetime, until: datetime) -> bool:
        claimed = (
            photos.update()
            .where(photos.c.photo_id == photo_id, _free(now))
            .values(claimed_until=until, attempts=photos.c.attempts + 1)
        )
        return self._connection.execute(claimed).rowcount == 1

    def release(self, photo_id: str) -> None:
        """Nothing happens where nobody has claimed it."""
        released = (
            photos.update()
            .where(photos.c.photo_id == photo_id, photos.c.claimed_until.is_not(None))
            .values(claimed_until=None, attempts=photos.c.attempts - 1)
        )
        self._connection.execute(released)

    def claimed_beyond(self, moment: datetime) -> int:
        return self._count(None, *_claimed_beyond(moment))

    def end_claims_beyond(self, moment: datetime, now: datetime) -> None:
        self._connection.execute(photos.update().where(*_claimed_beyond(moment)).values(claimed_until=now))

    def finish(self, photo: Photo, was: Analysis) -> bool:
        """False, too, where the photo was erased meanwhile."""
        # The case before its photos: whoever erases the case locks them in this order.
        case = select(cases.c.case_id).where(cases.c.case_id == photo.case_id)
        self._connection.execute(case.with_for_update(key_share=True)).all()
        finished = (
            photos.update()
            .where(photos.c.photo_id == photo.photo_id, photos.c.analysis == was)
            .values(
                analysis=photo.analysis,
                problem=photo.problem,
                no_face=photo.no_face,
                width=photo.width,
                height=photo.height,
                claimed_until=None,
            )
        )
        return self._connection.execute(finished).rowcount == 1

    def keys(self) -> dict[str, str]:
        rows = self._connection.execute(select(photos.c.photo_key, photos.c.photo_id))
        return {row.photo_key: row.photo_id for row in rows}

    def count(self, analysis: Analysis, station_id: str | None = None) -> int:
        """All by an index that holds nothing of the cases, without the few of cases whose time is over."""
        same = photos.c.analysis == analysis
        gone = photos.c.case_id.in_(over(self._clock()))
        return self._count(station_id, same) - self._count(station_id, same, gone)

    def stuck(self, max_attempts: int, station_id: str | None = None) -> int:
        return self._count(
            station_id, photos.c.analysis == Analysis.PENDING, photos.c.attempts >= max_attempts, self._readable()
        )

    def retry_stuck(self, max_attempts: int) -> int:
        stuck = photos.update().where(photos.c.analysis == Analysis.PENDING, photos.c.attempts >= max_attempts)
        return self._connection.execute(stuck.values(attempts=0, claimed_until=None)).rowcount

    def _readable(self) -> ColumnElement[bool]:
        return photos.c.case_id.not_in(over(self._clock()))

    def _count(self, station_id: str | None, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(photos).where(*conditions)
        if station_id is not None:
            query = query.join(cases, cases.c.case_id == photos.c.case_id).where(cases.c.station_id == station_id)
        return self._connection.execute(query).scalar_one()


def _claimed_beyond(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return photos.c.analysis == Analysis.PENDING, photos.c.claimed_until > moment


def _free(now: datetime) -> ColumnElement[bool]:
    """Waits for its analysis, and whoever took it has had time enough."""
    unclaimed = or_(photos.c.claimed_until.is_(None), photos.c.claimed_until <= now)
    return (photos.c.analysis == Analysis.PENDING) & unclaimed
