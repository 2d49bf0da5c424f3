"""Faces, which of them shows the person, and their templates."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from tracing.domain import Box, Face, Template, Vector
from tracing.store.keys import Keyring
from tracing.store.records.gallery import SqlGallery, open_vector, place, seal_vector
from tracing.store.rows import add, found, portions, upsert, values_of
from tracing.store.tables import cases, faces, photos, templates


class SqlFaces:
    def __init__(self, connection: Connection, keyring: Keyring, gallery: SqlGallery) -> None:
        self._connection = connection
        self._keyring = keyring
        self._gallery = gallery

    def add(self, faces_found: Sequence[Face]) -> None:
        add(self._connection, faces, [_values(face) for face in faces_found])

    def get(self, face_id: str) -> Face:
        row = self._connection.execute(select(faces).where(faces.c.face_id == face_id)).one_or_none()
        return _face(found(row, "face"))

    def of_photo(self, photo_id: str) -> list[Face]:
        """From left to right."""
        return [_face(row) for row in self._connection.execute(_from_left(select(faces).where(faces.c.photo_id == photo_id)))]

    def of_case(self, case_id: str) -> list[Face]:
        """Photo by photo in the order received, from left to right."""
        query = select(faces).join(photos, faces.c.photo_id == photos.c.photo_id).where(photos.c.case_id == case_id)
        in_order = _from_left(query.order_by(photos.c.received_at, photos.c.photo_id))
        return [_face(row) for row in self._connection.execute(in_order)]

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Face]]:
        """A list for every case asked for, empty where no face shows the person."""
        by_case: dict[str, list[Face]] = {case_id: [] for case_id in case_ids}
        for portion in portions(by_case):
            query = (
                select(faces, photos.c.case_id)
                .join(photos, faces.c.photo_id == photos.c.photo_id)
                .where(photos.c.case_id.in_(portion), faces.c.of_interest)
            )
            for row in self._connection.execute(query):
                by_case[row.case_id].append(_face(row))
        for some in by_case.values():
            some.sort(key=lambda face: (-face.quality.score, face.face_id))
        return by_case

    def choose(self, face_id: str) -> None:
        photo_id = self._connection.execute(select(faces.c.photo_id).where(faces.c.face_id == face_id)).scalar_one_or_none()
        self._lock_cases_of([face_id])
        same_photo = faces.c.photo_id == found(photo_id, "face")
        self._connection.execute(faces.update().where(same_photo).values(of_interest=faces.c.face_id == face_id))
        others = select(faces.c.face_id).where(same_photo, faces.c.face_id != face_id)
        removed = templates.delete().where(templates.c.face_id.in_(others))
        gone = self._connection.execute(removed.returning(templates.c.template_id, templates.c.encoder_id))
        self._gallery.announce([(row.template_id, row.encoder_id) for row in gone], None)

    def forget(self, photo_id: str) -> None:
        own = select(faces.c.face_id).where(faces.c.photo_id == photo_id)
        removed = templates.delete().where(templates.c.face_id.in_(own))
        gone = self._connection.execute(removed.returning(templates.c.template_id, templates.c.encoder_id))
        self._gallery.announce([(row.template_id, row.encoder_id) for row in gone], None)
        self._connection.execute(faces.delete().where(faces.c.photo_id == photo_id))

    def add_templates(self, vectors: Sequence[tuple[str, str, Vector]]) -> list[Template]:
        """The templates that are there now, in the order asked for.

        A face that is gone, or that does not show the person, gets none: both may have changed while it was encoded.
        """
        face_ids = sorted({face_id for face_id, _, _ in vectors})
        self._lock_cases_of(face_ids)
        wanted = self._of_interest(face_ids)
        new = [
            {"face_id": face_id, "encoder_id": encoder_id, "sealed": seal_vector(self._keyring, vector, face_id, encoder_id)}
            for face_id, encoder_id, vector in vectors
            if face_id in wanted
        ]
        for portion in portions(new):
            statement = upsert(self._connection, templates).values(portion).on_conflict_do_nothing()
            added = self._connection.execute(
                statement.returning(templates.c.template_id, templates.c.encoder_id, templates.c.face_id)
            )
            for template_id, encoder_id, face_id in added:
                if wanted[face_id] is not None:
                    self._gallery.announce([(template_id, encoder_id)], wanted[face_id])
        return self._stored([(face_id, encoder_id) for face_id, encoder_id, _ in vectors])

    def templates(self, case_id: str, encoder_id: str) -> list[Template]:
        return self.templates_of_cases([case_id], encoder_id)[case_id]

    def templates_of_cases(self, case_ids: Some[str], encoder_id: str) -> dict[str, list[Template]]:
        by_case: dict[str, list[Template]] = {case_id: [] for case_id in case_ids}
        for portion in portions(by_case):
            query = (
                select(templates, photos.c.case_id)
                .join(faces, templates.c.face_id == faces.c.face_id)
                .join(photos, faces.c.photo_id == photos.c.photo_id)
                .where(photos.c.case_id.in_(portion), templates.c.encoder_id == encoder_id, faces.c.of_interest)
                .order_by(templates.c.template_id)
            )
            for row in self._connection.execute(query):
                by_case[row.case_id].append(self._template(row))
        return by_case

    def without_template(self, encoder_id: str, limit: int, after: str = "") -> list[str]:
        encoded = select(templates.c.face_id).where(
            templates.c.face_id == faces.c.face_id, templates.c.encoder_id == encoder_id
        )
        query = (
            select(faces.c.face_id)
            .where(faces.c.of_interest, faces.c.face_id > after, ~encoded.exists())
            .order_by(faces.c.face_id)
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def count_templates(self, encoder_id: str) -> int:
        query = select(func.count()).select_from(templates).where(templates.c.encoder_id == encoder_id)
        return self._connection.execute(query).scalar_one()

    def count_of_interest(self) -> int:
        return self._connection.execute(select(func.count()).select_from(faces).where(faces.c.of_interest)).scalar_one()

    def _lock_cases_of(self, face_ids: Sequence[str]) -> None:
        """Nobody may move these cases to another collection, or choose another face, until the transaction ends.

        Without it, a template could be announced for a case that is being closed beside this. In order, so that two
        transactions never wait for each other; on SQLite the transaction is alone anyway.
        """
        case_ids: set[str] = set()
        for portion in portions(face_ids):
            query = select(photos.c.case_id).join(faces, faces.c.photo_id == photos.c.photo_id)
            case_ids.update(self._connection.execute(query.where(faces.c.face_id.in_(portion))).scalars())
        for portion in portions(sorted(case_ids)):
            lock = select(cases.c.case_id).where(cases.c.case_id.in_(portion)).order_by(cases.c.case_id)
            self._connection.execute(lock.with_for_update(key_share=True)).all()

    def _of_interest(self, face_ids: Sequence[str]) -> dict[str, Any]:
        """Each face that shows its case's person, with the collection that its templates belong to."""
        wanted: dict[str, Any] = {}
        for portion in portions(face_ids):
            query = (
                select(faces.c.face_id, cases.c.kind, cases.c.state, cases.c.legal_basis, cases.c.outcome)
                .join(photos, faces.c.photo_id == photos.c.photo_id)
                .join(cases, photos.c.case_id == cases.c.case_id)
                .where(faces.c.face_id.in_(portion), faces.c.of_interest)
            )
            wanted |= {face_id: place(*facts) for face_id, *facts in self._connection.execute(query)}
        return wanted

    def _stored(self, asked: Sequence[tuple[str, str]]) -> list[Template]:
        wanted = set(asked)
        stored: dict[tuple[str, str], Template] = {}
        for portion in portions({face_id for face_id, _ in asked}):
            for row in self._connection.execute(select(templates).where(templates.c.face_id.in_(portion))):
                if (row.face_id, row.encoder_id) in wanted:
                    stored[row.face_id, row.encoder_id] = self._template(row)
        return [stored[key] for key in asked if key in stored]

    def _template(self, row: Any) -> Template:
        vector = open_vector(self._keyring, row.sealed, row.face_id, row.encoder_id)
        return Template(row.template_id, row.face_id, row.encoder_id, vector)


def _from_left(query: Select[Any]) -> Select[Any]:
    return query.order_by(faces.c.left, faces.c.top, faces.c.face_id)


def _values(face: Face) -> dict[str, Any]:
    return values_of(face, but=("box",)) | values_of(face.box)


def _face(row: Any) -> Face:
    return Face(
        face_id=row.face_id,
        photo_id=row.photo_id,
        box=Box(row.left, row.top, row.right, row.bottom),
        landmarks=row.landmarks,
        detector_id=row.detector_id,
        quality=row.quality,
        of_interest=row.of_interest,
    )
