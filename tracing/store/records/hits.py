"""What comparisons with lists found, as rows: sealed, but for what they are found by."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, false, func, or_, select

from tracing.domain import HitState, ListHit, Source
from tracing.domain.id_numbers import is_withheld
from tracing.errors import Stale
from tracing.lifecycle import UNDECIDED
from tracing.ports import Clock
from tracing.records import Going
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.digests import SourceDigests
from tracing.store.records.expiry import gone, over
from tracing.store.rows import add, found, portions, upsert, values_of
from tracing.store.tables import list_hits, list_portraits

USE: Final = "list hit"
PRIVATE: Final = ("source_id", "row", "band", "reasons", "reason")
_HIT: Final = [column for column in list_hits.c if column.name not in ("record_digest", "identity")]


class SqlHits:
    """A hit of a case whose time is over is read by nobody, like the case."""

    def __init__(self, connection: Connection, keyring: Keyring, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._clock = clock
        self._digests = SourceDigests(connection, keyring, USE)

    def put(self, hits: Sequence[ListHit], portraits: Mapping[str, bytes]) -> set[str]:
        if not hits:
            return set()
        digests = self._digests.of(*(Source(each.source, each.source_id) for each in hits))
        rows = [
            self._row(each) | {"record_digest": digest, "identity": is_withheld(each.source_id)}
            for each, digest in zip(hits, digests, strict=True)
        ]
        self._connection.execute(upsert(self._connection, list_hits).on_conflict_do_nothing(), rows)
        new: set[str] = set()
        for portion in portions([each.hit_id for each in hits]):
            new |= set(self._connection.execute(select(list_hits.c.hit_id).where(list_hits.c.hit_id.in_(portion))).scalars())
        sealed = [
            {"hit_id": hit_id, "sealed": self._keyring.seal(data, context_of(list_portraits, hit_id=hit_id))}
            for hit_id, data in portraits.items()
            if hit_id in new
        ]
        add(self._connection, list_portraits, sealed)
        return new

    def get(self, hit_id: str) -> ListHit:
        row = self._connection.execute(self._live().where(list_hits.c.hit_id == hit_id)).one_or_none()
        return self._hit(found(row, "hit"))

    def portrait(self, hit_id: str) -> bytes | None:
        sealed = self._connection.execute(
            select(list_portraits.c.sealed).where(list_portraits.c.hit_id == hit_id)
        ).scalar_one_or_none()
        return None if sealed is None else self._keyring.open(sealed, context_of(list_portraits, hit_id=hit_id))

    def save(self, hit: ListHit) -> ListHit:
        saved = replace(hit, version=hit.version + 1)
        same = list_hits.c.hit_id == hit.hit_id, list_hits.c.version == hit.version
        values = {name: value for name, value in self._row(saved).items() if name not in ("hit_id", "case_id")}
        if not self._connection.execute(list_hits.update().where(*same).values(values)).rowcount:
            raise Stale("Somebody else has decided about this meanwhile; look at it again.")
        if saved.state not in UNDECIDED:
            self._connection.execute(list_portraits.delete().where(list_portraits.c.hit_id == hit.hit_id))
        return saved

    def find(self, states: Some[HitState], source: str = "", run_id: str = "", limit: int = 1000) -> list[ListHit]:
        query = self._live().where(list_hits.c.state.in_(states))
        query = query.where(list_hits.c.source == source) if source else query
        query = query.where(list_hits.c.run_id == run_id) if run_id else query
        rows = self._connection.execute(query.order_by(list_hits.c.found_at, list_hits.c.hit_id).limit(limit))
        return [self._hit(row) for row in rows]

    def of_case(self, case_id: str) -> list[ListHit]:
        query = self._live().where(list_hits.c.case_id == case_id)
        rows = self._connection.execute(query.order_by(list_hits.c.found_at.desc(), list_hits.c.hit_id))
        return [self._hit(row) for row in rows]

    def sources(self) -> list[str]:
        return list(self._connection.execute(select(list_hits.c.source).distinct().order_by(list_hits.c.source)).scalars())

    def forget_faces(self, case_id: str) -> int:
        own = self.of_case(case_id)
        by_face = [each.hit_id for each in own if not each.reasons]
        self._drop(by_face)
        for hit in own:
            if hit.band and hit.hit_id not in by_face:
                row = self._row(replace(hit, band=""))
                self._connection.execute(
                    list_hits.update().where(list_hits.c.hit_id == hit.hit_id).values(sealed=row["sealed"])
                )
                self._connection.execute(list_portraits.delete().where(list_portraits.c.hit_id == hit.hit_id))
        return len(by_face)

    def over(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        there: int = self._connection.execute(select(func.count()).select_from(list_hits)).scalar_one()
        touched = func.coalesce(list_hits.c.decided_at, list_hits.c.found_at, type_=list_hits.c.found_at.type)
        opened = list_hits.c.opened_case_id.is_not(None) & list_hits.c.opened_case_id.in_(gone(going))
        late = or_(touched <= before if before is not None else false(), list_hits.c.case_id.in_(gone(going)), opened)
        found = list(self._connection.execute(select(list_hits.c.hit_id).where(late)).scalars())
        if drop:
            self._drop(found)
        return there, len(found)

    def _live(self) -> Select[Any]:
        return select(*_HIT).where(list_hits.c.case_id.not_in(over(self._clock())))

    def _drop(self, hit_ids: Sequence[str]) -> None:
        for portion in portions(hit_ids):
            for table in (list_portraits, list_hits):
                self._connection.execute(table.delete().where(table.c.hit_id.in_(portion)))

    def _row(self, hit: ListHit) -> dict[str, Any]:
        private = {name: getattr(hit, name) for name in PRIVATE}
        context = context_of(list_hits, hit_id=hit.hit_id, case_id=hit.case_id)
        return values_of(hit, but=PRIVATE) | {"sealed": self._keyring.seal_json(private, context)}

    def _hit(self, row: Row[Any]) -> ListHit:
        values = dict(row._mapping)
        context = context_of(list_hits, hit_id=values["hit_id"], case_id=values["case_id"])
        private = self._keyring.open_json(values.pop("sealed"), context)
        return ListHit(**values, **private | {"reasons": tuple(private["reasons"])})
