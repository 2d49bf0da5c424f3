"""What ``tracing check`` asks the tables: rows that contradict other rows."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, case, cast, exists, func, or_, select
from sqlalchemy import Text as SqlText

from tracing.domain import Analysis, CaseState, Relation
from tracing.lifecycle import HOLDING
from tracing.store.records.clues import bare_pairs, hits_left, keys_left
from tracing.store.records.duty import SEARCHABLE
from tracing.store.rows import portions
from tracing.store.tables import (
    accounts,
    cases,
    clues,
    decisions,
    faces,
    matches,
    metadata,
    pairs,
    photos,
    safeguards,
    search_runs,
    templates,
)

NAMED: Final[dict[str, tuple[Table, str]]] = {
    "cases": (cases, "case_id"),
    "photos": (photos, "photo_id"),
    "decisions": (decisions, "decision_id"),
    "pairs": (pairs, "pair_id"),
    "accounts": (accounts, "account_id"),
}


class SqlIntegrity:
    """Foreign keys keep the service from writing such rows; a hand in the database, or a broken disk, is not kept from it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def orphans(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for table in metadata.sorted_tables:
            for constraint in table.foreign_key_constraints:
                (column,), (parent,) = constraint.columns, [key.column for key in constraint.elements]
                target = parent.table.alias("parent")
                lonely = ~exists().where(target.c[parent.name] == column)
                (key, *_) = table.primary_key.columns
                query = select(cast(key, SqlText)).where(column.is_not(None), lonely).order_by(key)
                found += [(table.name, name) for name in self._connection.execute(query).scalars()]
        return sorted(found)

    def photos_without_their_faces(self) -> list[str]:
        chosen = func.coalesce(func.sum(case((faces.c.of_interest, 1), else_=0)), 0)
        there = func.count(faces.c.face_id)
        fits = case(
            (photos.c.analysis == Analysis.ENROLLED, chosen == 1),
            (photos.c.analysis == Analysis.CHOOSE_FACE, and_(chosen == 0, there > 1)),
            else_=there == 0,
        )
        query = (
            select(photos.c.photo_id)
            .join_from(photos, faces, photos.c.photo_id == faces.c.photo_id, isouter=True)
            .group_by(photos.c.photo_id, photos.c.analysis)
            .having(~fits)
            .order_by(photos.c.photo_id)
        )
        return list(self._connection.execute(query).scalars())

    def faces_without_template(self, encoder_id: str) -> list[str]:
        own = exists().where(templates.c.face_id == faces.c.face_id, templates.c.encoder_id == encoder_id)
        query = select(faces.c.face_id).where(faces.c.of_interest, ~own).order_by(faces.c.face_id)
        return list(self._connection.execute(query).scalars())

    def templates_of_bystanders(self) -> list[int]:
        query = select(templates.c.template_id).join(faces, templates.c.face_id == faces.c.face_id)
        return list(self._connection.execute(query.where(~faces.c.of_interest).order_by(templates.c.template_id)).scalars())

    def unsearched(self, generation_id: str) -> list[str]:
        searched = exists().where(search_runs.c.case_id == cases.c.case_id, search_runs.c.generation_id == generation_id)
        enrolled = (
            select(templates.c.template_id)
            .join(faces, templates.c.face_id == faces.c.face_id)
            .join(photos, faces.c.photo_id == photos.c.photo_id)
            .where(photos.c.case_id == cases.c.case_id)
            .exists()
        )
        not_due = cases.c.search_wanted <= cases.c.search_done
        query = select(cases.c.case_id).where(SEARCHABLE, not_due, enrolled, ~searched).order_by(cases.c.case_id)
        return list(self._connection.execute(query).scalars())

    def matches_out_of_step(self) -> list[str]:
        own = matches.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id])
        of_pair = select(func.count()).select_from(matches).where(matches.c.pair_id == pairs.c.pair_id)
        held, own_held = of_pair.scalar_subquery(), of_pair.where(own).scalar_subquery()
        matched = and_(pairs.c.relation == Relation.TRACE, pairs.c.state.in_(HOLDING))
        in_step = or_(and_(matched, held == 2, own_held == 2), and_(~matched, held == 0))
        return list(self._connection.execute(select(pairs.c.pair_id).where(~in_step).order_by(pairs.c.pair_id)).scalars())

    def matched_without_match(self) -> list[str]:
        held = exists().where(matches.c.case_id == cases.c.case_id)
        query = select(cases.c.case_id).where(cases.c.state == CaseState.MATCHED, ~held).order_by(cases.c.case_id)
        return list(self._connection.execute(query).scalars())

    def guards_out_of_step(self) -> list[str]:
        standing = and_(safeguards.c.case_id == cases.c.case_id, safeguards.c.cleared_at.is_(None))
        in_step = or_(
            and_(cases.c.guarded_since.is_(None), ~exists().where(standing)),
            exists().where(standing, safeguards.c.set_at == cases.c.guarded_since),
        )
        return list(self._connection.execute(select(cases.c.case_id).where(~in_step).order_by(cases.c.case_id)).scalars())

    def clue_keys_left(self) -> list[str]:
        return sorted(self._connection.execute(keys_left()).scalars())

    def clue_hits_left(self) -> list[str]:
        return sorted(self._connection.execute(hits_left()).scalars())

    def clues_out_of_line(self) -> list[str]:
        latest = func.sum(case((clues.c.superseded_at.is_(None), 1), else_=0))
        highest = func.max(case((clues.c.superseded_at.is_(None), clues.c.version), else_=0))
        versions, last = func.count(), func.max(clues.c.version)
        wrong = or_(latest != 1, highest != last, versions != last)
        query = select(clues.c.clue_id).group_by(clues.c.clue_id).having(wrong).order_by(clues.c.clue_id)
        return list(self._connection.execute(query).scalars())

    def unsupported(self) -> list[str]:
        query = select(pairs.c.pair_id).where(bare_pairs(), pairs.c.claimed_by.is_(None)).order_by(pairs.c.pair_id)
        return list(self._connection.execute(query).scalars())

    def missing(self, table: str, ids: Some[str]) -> set[str]:
        rows, name = NAMED[table]
        key: Any = rows.c[name]
        there: set[str] = set()
        for portion in portions(ids):
            there.update(self._connection.execute(select(key).where(key.in_(portion))).scalars())
        return set(ids) - there
