"""The numbered changes that every gallery is filled from: one row per template, its latest place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, null, select

from tracing.domain import Case, CaseKind, CaseState, Collection, GalleryChange, LegalBasis, Outcome, Vector
from tracing.errors import Damaged, Invalid
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.rows import portions, upsert
from tracing.store.tables import cases, counters, faces, gallery_changes, photos, templates

COUNTER: Final = "gallery_changes"
LITTLE_ENDIAN: Final = np.dtype("<f4")


class SqlGallery:
    """What was announced in this transaction is not among ``changes`` yet: it gets its number right before the commit."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._waiting: dict[int, tuple[str, Collection | None]] = {}

    def announce(self, moved: Iterable[tuple[int, str]], collection: Collection | None) -> None:
        """These (template_id, encoder_id) stand in the collection from the commit on, or nowhere."""
        for template_id, encoder_id in moved:
            self._waiting.pop(template_id, None)
            self._waiting[template_id] = (encoder_id, collection)

    def head(self) -> int:
        last: int = self._connection.execute(select(counters.c.value).where(counters.c.name == COUNTER)).scalar_one()
        return last

    def changes(self, encoder_id: str, after: int, limit: int, vectors: bool = True) -> list[GalleryChange]:
        change = gallery_changes.c
        sealed_vector = templates.c.sealed if vectors else null()
        query = (
            select(change.seq, change.template_id, change.collection, photos.c.case_id, templates.c.face_id, sealed_vector)
            .select_from(gallery_changes.outerjoin(templates, change.template_id == templates.c.template_id))
            .outerjoin(faces, templates.c.face_id == faces.c.face_id)
            .outerjoin(photos, faces.c.photo_id == photos.c.photo_id)
            .where(change.encoder_id == encoder_id, change.seq > after)
            .order_by(change.seq)
            .limit(limit)
        )
        found = []
        for seq, template_id, collection, case_id, face_id, sealed in self._connection.execute(query):
            if collection is None or face_id is None:
                found.append(GalleryChange(seq, template_id, None))
            else:
                vector = open_vector(self._keyring, sealed, face_id, encoder_id) if vectors else None
                found.append(GalleryChange(seq, template_id, collection, case_id, vector))
        return found

    def expected(self, encoder_id: str) -> dict[int, str]:
        return {template_id: str(collection) for template_id, _, collection in self._placed(encoder_id)}

    def of_station(self, encoder_id: str, station_id: str) -> dict[int, tuple[str, Collection]]:
        placed = self._placed(encoder_id, cases.c.station_id == station_id)
        return {template_id: (case_id, collection) for template_id, case_id, collection in placed}

    def _placed(self, encoder_id: str, *which: ColumnElement[bool]) -> Iterator[tuple[int, str, Collection]]:
        """Template, case and collection of those that stand in one, as cases, faces and templates imply it."""
        case = cases.c
        query = (
            select(templates.c.template_id, case.case_id, case.kind, case.state, case.legal_basis, case.outcome)
            .join_from(templates, faces, templates.c.face_id == faces.c.face_id)
            .join(photos, faces.c.photo_id == photos.c.photo_id)
            .join(cases, photos.c.case_id == case.case_id)
            .where(templates.c.encoder_id == encoder_id, faces.c.of_interest, *which)
        )
        for template_id, case_id, *words in self._connection.execute(query):
            if (collection := place(*words)) is not None:
                yield template_id, case_id, collection

    def flush(self) -> None:
        """Number what was announced, in order, and write it."""
        if not self._waiting:
            return
        taken = counters.update().where(counters.c.name == COUNTER).values(value=counters.c.value + len(self._waiting))
        last = self._connection.execute(taken.returning(counters.c.value)).scalar_one()
        first = last - len(self._waiting) + 1
        rows = [
            {"template_id": template_id, "encoder_id": encoder_id, "seq": seq, "collection": collection}
            for seq, (template_id, (encoder_id, collection)) in enumerate(self._waiting.items(), first)
        ]
        statement = upsert(self._connection, gallery_changes)
        new = {"seq": statement.excluded.seq, "collection": statement.excluded.collection}
        statement = statement.on_conflict_do_update(index_elements=[gallery_changes.c.template_id], set_=new)
        for portion in portions(rows):
            self._connection.execute(statement, portion)
        self._waiting.clear()


@cache
def standing(kind: str, state: str, legal_basis: str, outcome: str | None) -> tuple[CaseKind, CaseState, Collection | None]:
    """What the words of a case say, and its collection by the one rule there is: that of ``Case``."""
    never = datetime.min.replace(tzinfo=UTC)
    ended = None if outcome is None else Outcome(outcome)
    case = Case("", "", CaseKind(kind), CaseState(state), "", LegalBasis(legal_basis), never, "", outcome=ended)
    return case.kind, case.state, case.collection


def place(kind: str, state: str, legal_basis: str, outcome: str | None) -> Collection | None:
    return standing(kind, state, legal_basis, outcome)[2]


def seal_vector(keyring: Keyring, vector: Vector, face_id: str, encoder_id: str) -> bytes:
    """``Invalid`` for a vector that is not one row of finite numbers, or is all zero, which has no direction: no gallery with
    it in can be filled, so that it would end every search."""
    if vector.ndim != 1 or not np.isfinite(vector).all() or not vector.any():
        raise Invalid("A template must be one row of finite numbers, not all of them zero.")
    return keyring.seal(vector.astype(LITTLE_ENDIAN).tobytes(), _context(face_id, encoder_id))


def open_vector(keyring: Keyring, sealed: bytes, face_id: str, encoder_id: str) -> Vector:
    plain = keyring.open(sealed, _context(face_id, encoder_id))
    if len(plain) % LITTLE_ENDIAN.itemsize:
        raise Damaged("A stored template has an impossible length.")
    return np.frombuffer(plain, LITTLE_ENDIAN).astype(np.float32)


def _context(face_id: str, encoder_id: str) -> str:
    return context_of(templates, face_id=face_id, encoder_id=encoder_id)
