"""What keeps an erased person from coming back, and the photos that are held because of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from tracing.domain import Analysis, HeldPhoto, Keepout, PhotoProblem, Source, Vector
from tracing.folding import spelled_alike
from tracing.ports import Clock
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.digests import SourceDigests
from tracing.store.records.expiry import over
from tracing.store.records.gallery import LITTLE_ENDIAN
from tracing.store.records.naming import SourceNames
from tracing.store.rows import add, portions, upsert
from tracing.store.tables import held_photos, keepout_templates, keepouts, photos


class SqlKeepouts:
    """Nothing here is joined to a case: an erased one is not there, and none may be found from a keep-out."""

    def __init__(self, connection: Connection, keyring: Keyring, names: SourceNames, clock: Clock) -> None:
        self._connection = connection
        self._keyring = keyring
        self._digests = SourceDigests(connection, keyring)
        self._names = names
        self._clock = clock

    def add(self, keepout: Keepout, vectors: Mapping[str, Vector], source: Source | None) -> None:
        row = {name: getattr(keepout, name) for name in ("keepout_id", "purpose", "made_at", "expires_at")}
        digest = self._digests.of(*map(_plainly, self._names.kept([source])))[0] if source is not None else ""
        add(self._connection, keepouts, [row | {"source_digest": digest}])
        sealed = [
            {
                "keepout_id": keepout.keepout_id,
                "encoder_id": encoder_id,
                "sealed": self._keyring.seal(vector.astype(LITTLE_ENDIAN).tobytes(), _context(keepout.keepout_id, encoder_id)),
            }
            for encoder_id, vector in sorted(vectors.items())
        ]
        add(self._connection, keepout_templates, sealed)

    def all(self) -> list[Keepout]:
        query = select(keepout_templates.c.keepout_id, keepout_templates.c.encoder_id)
        encoders: dict[str, list[str]] = {}
        for keepout_id, encoder_id in self._connection.execute(query.order_by(keepout_templates.c.encoder_id)):
            encoders.setdefault(keepout_id, []).append(encoder_id)
        rows = self._connection.execute(select(keepouts).order_by(keepouts.c.made_at, keepouts.c.keepout_id))
        return [_keepout(row, tuple(encoders.get(row.keepout_id, ()))) for row in rows]

    def kept_out(self, sources: Some[Source], now: datetime) -> set[Source]:
        if not sources or not self._digests.begun:
            return set()
        asked = list(sources)
        # Keep-outs of before hold the digest of the name as it was spelled then, and of an identity number as it came.
        spelled = [*asked, *map(_plainly, asked), *map(_plainly, self._names.kept(asked))]
        named: defaultdict[str, set[Source]] = defaultdict(set)
        for digest, source in zip(self._digests.of(*spelled), [*asked, *asked, *asked], strict=True):
            named[digest].add(source)
        found: set[Source] = set()
        for portion in portions(named):
            query = select(keepouts.c.source_digest).where(keepouts.c.source_digest.in_(portion), keepouts.c.expires_at > now)
            found |= {source for digest in self._connection.execute(query).scalars() for source in named[digest]}
        return found

    def encoders(self, now: datetime) -> list[str]:
        query = select(keepout_templates.c.encoder_id).distinct().join(keepouts).where(keepouts.c.expires_at > now)
        return list(self._connection.execute(query.order_by(keepout_templates.c.encoder_id)).scalars())

    def vectors(self, encoder_id: str, now: datetime, since: datetime | None = None) -> list[tuple[str, Vector]]:
        query = (
            select(keepout_templates.c.keepout_id, keepout_templates.c.sealed)
            .join(keepouts)
            .where(keepout_templates.c.encoder_id == encoder_id, keepouts.c.expires_at > now)
            .order_by(keepout_templates.c.keepout_id)
        )
        if since is not None:
            query = query.where(keepouts.c.made_at > since)
        return [
            (keepout_id, self._open(keepout_id, encoder_id, sealed)) for keepout_id, sealed in self._connection.execute(query)
        ]

    def drop(self, keepout_ids: Some[str]) -> int:
        gone = 0
        for portion in portions(sorted(keepout_ids)):
            undecided = held_photos.c.keepout_id.in_(portion), held_photos.c.cleared_at.is_(None)
            freed = self._connection.execute(held_photos.delete().where(*undecided).returning(held_photos.c.photo_id))
            self._look_again(list(freed.scalars()))
            unnamed = held_photos.update().where(held_photos.c.keepout_id.in_(portion)).values(keepout_id="")
            self._connection.execute(unnamed)
            self._connection.execute(keepout_templates.delete().where(keepout_templates.c.keepout_id.in_(portion)))
            gone += self._connection.execute(keepouts.delete().where(keepouts.c.keepout_id.in_(portion))).rowcount
        return gone

    def hold(self, held: HeldPhoto) -> None:
        row = {name: getattr(held, name) for name in ("keepout_id", "held_at", "cleared_at", "cleared_by", "reason", "faces")}
        statement = upsert(self._connection, held_photos).values(row | {"photo_id": held.photo_id})
        again = {name: statement.excluded[name] for name in row}
        self._connection.execute(statement.on_conflict_do_update(index_elements=[held_photos.c.photo_id], set_=again))

    def held(self, photo_id: str) -> HeldPhoto | None:
        row = self._connection.execute(_held().where(held_photos.c.photo_id == photo_id)).one_or_none()
        return None if row is None else HeldPhoto(**row._mapping)

    def waiting(self) -> list[HeldPhoto]:
        query = _held().where(held_photos.c.cleared_at.is_(None), photos.c.case_id.not_in(over(self._clock())))
        query = query.order_by(held_photos.c.held_at, held_photos.c.photo_id)
        return [HeldPhoto(**row._mapping) for row in self._connection.execute(query)]

    def clear(self, held: HeldPhoto) -> bool:
        decided = {"cleared_at": held.cleared_at, "cleared_by": held.cleared_by, "reason": held.reason}
        undecided = held_photos.c.photo_id == held.photo_id, held_photos.c.cleared_at.is_(None)
        if self._connection.execute(held_photos.update().where(*undecided).values(decided)).rowcount == 0:
            return False
        self._look_again([held.photo_id])
        return True

    def _look_again(self, photo_ids: list[str]) -> None:
        again = {"analysis": Analysis.PENDING, "problem": PhotoProblem.NONE, "attempts": 0, "claimed_until": None}
        for portion in portions(sorted(photo_ids)):
            mine = photos.c.photo_id.in_(portion), photos.c.analysis == Analysis.HELD
            self._connection.execute(photos.update().where(*mine).values(again))

    def _open(self, keepout_id: str, encoder_id: str, sealed: bytes) -> Vector:
        plain = self._keyring.open(sealed, _context(keepout_id, encoder_id))
        return np.frombuffer(plain, LITTLE_ENDIAN).astype(np.float32)


def _keepout(row: Any, encoders: tuple[str, ...]) -> Keepout:
    return Keepout(row.keepout_id, row.purpose, row.made_at, row.expires_at, bool(row.source_digest), encoders)


def _plainly(source: Source) -> Source:
    return Source(spelled_alike(source.source), spelled_alike(source.source_id))


def _held() -> Any:
    return select(held_photos, photos.c.case_id).join(photos, photos.c.photo_id == held_photos.c.photo_id)


def _context(keepout_id: str, encoder_id: str) -> str:
    return context_of(keepout_templates, keepout_id=keepout_id, encoder_id=encoder_id)
