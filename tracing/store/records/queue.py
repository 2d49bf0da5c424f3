"""The review queue: which pairs a person may judge now."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from tracing.domain import CaseKind, CaseState, GenerationState, LegalBasis, Outcome, Pair, PairState, Relation
from tracing.store.records.decisions import standing
from tracing.store.rows import built, columns_of
from tracing.store.tables import cases, decisions, generations, pairs


class Queue:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(
        self,
        reviewer: str,
        states: Some[PairState],
        now: datetime,
        limit: int,
        offset: int = 0,
        relation: Relation | None = None,
    ) -> list[Pair]:
        query = _waiting(select(*columns_of(pairs, Pair)), reviewer, states, now, relation).order_by(*_order())
        return [built(Pair, row) for row in self._connection.execute(query.limit(limit).offset(offset))]

    def queue_size(self, reviewer: str, states: Some[PairState], now: datetime, relation: Relation | None = None) -> int:
        query = _waiting(select(func.count()).select_from(pairs), reviewer, states, now, relation)
        size: int = self._connection.execute(query).scalar_one()
        return size


def unclaimed(reviewer: str, now: datetime) -> ColumnElement[bool]:
    """Nobody else holds the pair now."""
    return or_(pairs.c.claimed_until.is_(None), pairs.c.claimed_until <= now, pairs.c.claimed_by == reviewer)


def _waiting(
    query: Select[Any], reviewer: str, states: Some[PairState], now: datetime, relation: Relation | None
) -> Select[Any]:
    opened_by_them = select(cases.c.case_id).where(
        cases.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id]), cases.c.opened_by == reviewer
    )
    judged_by_them = select(decisions.c.decision_id).where(
        decisions.c.pair_id == pairs.c.pair_id, decisions.c.reviewer == reviewer, standing()
    )
    unfit = select(cases.c.case_id).where(cases.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id]), ~_compared())
    query = query.where(
        pairs.c.state.in_(states),
        unclaimed(reviewer, now),
        ~opened_by_them.exists(),
        ~judged_by_them.exists(),
        ~unfit.exists(),
    )
    return query if relation is None else query.where(pairs.c.relation == relation)


def _compared() -> ColumnElement[bool]:
    """``Case.comparable`` in SQL; a test holds the two against each other."""
    past = and_(
        cases.c.kind == CaseKind.SHELTERED,
        cases.c.state == CaseState.CLOSED,
        or_(cases.c.outcome.is_(None), cases.c.outcome.not_in([Outcome.REUNITED, Outcome.DECEASED])),
    )
    return and_(cases.c.legal_basis != LegalBasis.NONE, or_(cases.c.state.in_([CaseState.OPEN, CaseState.MATCHED]), past))


def _order() -> list[ColumnElement[Any]]:
    """Scores are sorted only inside the active generation: those of another one mean something else."""
    active = select(generations.c.generation_id).where(generations.c.state == GenerationState.ACTIVE).scalar_subquery()
    current = pairs.c.generation_id == active
    return [
        case((current, 0), else_=1).asc(),
        case((current, pairs.c.score), else_=0.0).desc(),
        pairs.c.suggested_at.asc(),
        pairs.c.pair_id.asc(),
    ]
