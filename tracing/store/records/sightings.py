"""What informants have seen, sealed; and the photos and proofs of work that strangers have sent."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, false, func, or_, select

from tracing.domain import HandedPhoto, Sighting, SightingState
from tracing.errors import Conflict, Stale
from tracing.ports import Clock
from tracing.records import Going
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.expiry import gone, over
from tracing.store.records.families import erase_handed
from tracing.store.rows import add, built, columns_of, found, portions, values_of
from tracing.store.tables import cases, handed_photos, sightings, spent_proofs

SECRET: Final = ("said", "seen_on", "place", "contact")
PLAIN: Final = columns_of(sightings, Sighting, but=SECRET)
COLUMNS: Final = [*PLAIN, sightings.c.sealed]
_PHOTO: Final = columns_of(handed_photos, HandedPhoto)


class SqlSightings:
    def __init__(self, connection: Connection, keyring: Keyring, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._clock = clock

    def add(self, sighting: Sighting) -> None:
        add(self._connection, sightings, [self._values(sighting)])

    def get(self, sighting_id: str) -> Sighting:
        row = self._connection.execute(
            select(*COLUMNS).where(sightings.c.sighting_id == sighting_id, self._readable())
        ).one_or_none()
        return self._built(found(row, "sighting"))

    def save(self, sighting: Sighting) -> Sighting:
        saved = replace(sighting, version=sighting.version + 1)
        same = (sightings.c.sighting_id == sighting.sighting_id) & (sightings.c.version == sighting.version)
        if not self._connection.execute(sightings.update().where(same).values(self._values(saved))).rowcount:
            self.get(sighting.sighting_id)
            raise Stale("Somebody else has gone on with this sighting since you opened it; look at it again.")
        return saved

    def find(
        self,
        states: Some[SightingState],
        station_id: str | None,
        limit: int,
        offset: int = 0,
        case_id: str = "",
    ) -> tuple[list[Sighting], int]:
        conditions = [sightings.c.state.in_(sorted(states)), self._readable()]
        if station_id is not None:
            own = select(cases.c.case_id).where(cases.c.station_id == station_id)
            conditions.append(sightings.c.case_id.in_(own))
        if case_id:
            conditions.append(sightings.c.case_id == case_id)
        query = select(*COLUMNS).where(*conditions).order_by(sightings.c.sent_at.desc(), sightings.c.sighting_id)
        rows = self._connection.execute(query.limit(limit).offset(offset)).all()
        total: int = self._connection.execute(select(func.count()).select_from(sightings).where(*conditions)).scalar_one()
        return [self._built(row) for row in rows], total

    def of_case(self, case_id: str) -> list[Sighting]:
        query = select(*COLUMNS).where(sightings.c.case_id == case_id).order_by(sightings.c.sent_at, sightings.c.sighting_id)
        return [self._built(row) for row in self._connection.execute(query)]

    def over(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        there: int = self._connection.execute(select(func.count()).select_from(sightings)).scalar_one()
        late = or_(sightings.c.sent_at <= before if before is not None else false(), sightings.c.case_id.in_(gone(going)))
        ids = list(self._connection.execute(select(sightings.c.sighting_id).where(late)).scalars())
        for portion in portions(ids) if drop else ():
            erase_handed(self._connection, handed_photos.c.sighting_id.in_(portion))
            self._connection.execute(sightings.delete().where(sightings.c.sighting_id.in_(portion)))
        return there, len(ids)

    def _readable(self) -> ColumnElement[bool]:
        return sightings.c.case_id.not_in(over(self._clock()))

    def _values(self, sighting: Sighting) -> dict[str, Any]:
        told = {name: getattr(sighting, name) for name in SECRET}
        context = context_of(sightings, sighting_id=sighting.sighting_id, case_id=sighting.case_id)
        return values_of(sighting, but=SECRET) | {"sealed": self._keyring.seal_json(told, context)}

    def _built(self, row: Row[Any]) -> Sighting:
        plain = {column.name: getattr(row, column.name) for column in PLAIN}
        context = context_of(sightings, sighting_id=row.sighting_id, case_id=row.case_id)
        return Sighting(**plain, **self._keyring.open_json(row.sealed, context))


class SqlHanded:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, photo: HandedPhoto) -> None:
        add(self._connection, handed_photos, [values_of(photo)])

    def get(self, handed_id: str) -> HandedPhoto:
        row = self._connection.execute(select(*_PHOTO).where(handed_photos.c.handed_id == handed_id)).one_or_none()
        return built(HandedPhoto, found(row, "photo"))

    def of_reports(self, report_ids: Some[str]) -> list[HandedPhoto]:
        return self._several(handed_photos.c.report_id, report_ids)

    def of_sightings(self, sighting_ids: Some[str]) -> list[HandedPhoto]:
        return self._several(handed_photos.c.sighting_id, sighting_ids)

    def drop(self, handed_id: str) -> bool:
        return bool(erase_handed(self._connection, handed_photos.c.handed_id == handed_id))

    def by_key(self) -> dict[str, HandedPhoto]:
        return {
            photo.photo_key: photo for photo in (built(HandedPhoto, row) for row in self._connection.execute(select(*_PHOTO)))
        }

    def bytes_waiting(self) -> int:
        return int(self._connection.execute(select(func.coalesce(func.sum(handed_photos.c.size), 0))).scalar_one())

    def spend(self, proof: str, until: datetime) -> None:
        try:
            add(self._connection, spent_proofs, [{"proof": proof, "until": until}])
        except Conflict as spent:
            raise Conflict("This form was sent already.") from spent

    def forget_spent(self, before: datetime) -> int:
        return self._connection.execute(spent_proofs.delete().where(spent_proofs.c.until < before)).rowcount

    def _several(self, column: Any, ids: Some[str]) -> list[HandedPhoto]:
        photos = [
            built(HandedPhoto, row)
            for portion in portions(set(ids))
            for row in self._connection.execute(select(*_PHOTO).where(column.in_(portion)))
        ]
        return sorted(photos, key=lambda photo: (photo.added_at, photo.handed_id))
