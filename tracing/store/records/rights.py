"""Withdrawn faces, where records came from, and erasures that wait for a second word."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, or_, select

from tracing.domain import Analysis, ErasureRequest, FaceWithdrawal, PhotoProblem, Source
from tracing.domain.id_numbers import is_withheld
from tracing.errors import Conflict
from tracing.ports import Clock
from tracing.store.records.erasure import erase_from_lists
from tracing.store.records.expiry import over
from tracing.store.records.gallery import SqlGallery
from tracing.store.records.naming import SourceNames
from tracing.store.rows import add, built, columns_of, portions, values_of
from tracing.store.tables import (
    case_sources,
    cases,
    erasure_requests,
    face_withdrawals,
    faces,
    held_photos,
    pairs,
    photos,
    search_runs,
    templates,
)


class SqlRights:
    def __init__(self, connection: Connection, gallery: SqlGallery, names: SourceNames, clock: Clock) -> None:
        self._connection = connection
        self._names = names
        self._gallery = gallery
        self._clock = clock

    def withdrawal(self, case_id: str) -> FaceWithdrawal | None:
        query = select(*columns_of(face_withdrawals, FaceWithdrawal)).where(face_withdrawals.c.case_id == case_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(FaceWithdrawal, row)

    def withdrawn(self, case_ids: Some[str]) -> set[str]:
        found: set[str] = set()
        for portion in portions(case_ids):
            query = select(face_withdrawals.c.case_id).where(face_withdrawals.c.case_id.in_(portion))
            found |= set(self._connection.execute(query).scalars())
        return found

    def is_withdrawn(self, case_id: str) -> bool:
        lock = select(cases.c.case_id).where(cases.c.case_id == case_id)
        self._connection.execute(lock.with_for_update(key_share=True)).all()
        return self.withdrawal(case_id) is not None

    def withdraw(self, withdrawal: FaceWithdrawal) -> int:
        case_id = withdrawal.case_id
        # The strongest lock there is: a photo that is being added beside this waits, and is looked at after it.
        self._connection.execute(select(cases.c.case_id).where(cases.c.case_id == case_id).with_for_update()).all()
        try:
            add(self._connection, face_withdrawals, [values_of(withdrawal)])
        except Conflict as taken:
            raise Conflict("The face of this case is withdrawn already.") from taken
        gone = self._drop_faces(case_id)
        self._forget_scores(case_id)
        return gone

    def _drop_faces(self, case_id: str) -> int:
        own_photos = select(photos.c.photo_id).where(photos.c.case_id == case_id)
        own_faces = select(faces.c.face_id).where(faces.c.photo_id.in_(own_photos))
        dropped = templates.delete().where(templates.c.face_id.in_(own_faces))
        gone = self._connection.execute(dropped.returning(templates.c.template_id, templates.c.encoder_id)).all()
        self._gallery.announce(((row.template_id, row.encoder_id) for row in gone), None)
        self._connection.execute(faces.delete().where(faces.c.photo_id.in_(own_photos)))
        self._connection.execute(held_photos.delete().where(held_photos.c.photo_id.in_(own_photos)))
        unlooked = {"analysis": Analysis.WITHDRAWN, "problem": PhotoProblem.WITHDRAWN, "no_face": None, "claimed_until": None}
        readable = photos.c.analysis != Analysis.UNREADABLE
        self._connection.execute(photos.update().where(photos.c.case_id == case_id, readable).values(unlooked))
        return len(gone)

    def _forget_scores(self, case_id: str) -> None:
        """Scores and places on lists are made of the face; what people have judged stays."""
        erase_from_lists(self._connection, case_id)
        self._connection.execute(search_runs.update().where(search_runs.c.case_id == case_id).values(list=()))
        own = or_(pairs.c.low_case_id == case_id, pairs.c.high_case_id == case_id)
        self._connection.execute(pairs.update().where(own).values(score=None, rank=0))

    def give_back(self, case_id: str) -> int:
        self._connection.execute(face_withdrawals.delete().where(face_withdrawals.c.case_id == case_id))
        own = photos.c.case_id == case_id, photos.c.analysis == Analysis.WITHDRAWN
        again = {"analysis": Analysis.PENDING, "problem": PhotoProblem.NONE, "attempts": 0}
        return self._connection.execute(photos.update().where(*own).values(again)).rowcount

    def add_sources(self, sources: Mapping[str, Source]) -> None:
        kept = self._names.kept(list(sources.values()))
        rows = [
            {"case_id": case_id, "source": each.source, "source_id": each.source_id, "identity": is_withheld(each.source_id)}
            for case_id, each in zip(sources, kept, strict=True)
        ]
        try:
            add(self._connection, case_sources, rows)
        except Conflict as taken:
            raise Conflict("A case came from this record of the source already; change that one.") from taken

    def source(self, case_id: str) -> Source | None:
        query = select(case_sources.c.source, case_sources.c.source_id).where(case_sources.c.case_id == case_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(Source, row)

    def named(self, sources: Sequence[Source]) -> list[Source]:
        return self._names.kept(sources)

    def withhold(self, sources: Sequence[Source]) -> None:
        self._names.withhold(sources)

    def ask_erasure(self, request: ErasureRequest) -> None:
        try:
            add(self._connection, erasure_requests, [values_of(request)])
        except Conflict as taken:
            raise Conflict("Somebody has asked for this erasure already; it waits for a second person.") from taken

    def erasure_asked(self, case_id: str) -> ErasureRequest | None:
        query = select(erasure_requests).where(erasure_requests.c.case_id == case_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(ErasureRequest, row)

    def erasures_asked(self) -> list[ErasureRequest]:
        query = select(erasure_requests).where(erasure_requests.c.case_id.not_in(over(self._clock())))
        query = query.order_by(erasure_requests.c.asked_at, erasure_requests.c.case_id)
        return [built(ErasureRequest, row) for row in self._connection.execute(query)]

    def drop_erasure(self, case_id: str) -> bool:
        dropped = erasure_requests.delete().where(erasure_requests.c.case_id == case_id)
        return self._connection.execute(dropped).rowcount == 1
