"""What people said about pairs. Nothing here deletes a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, select

from tracing.domain import Decision
from tracing.ports import Clock
from tracing.records import Said
from tracing.store.records.expiry import live_pair
from tracing.store.rows import add, built, columns_of, found, portions, values_of
from tracing.store.tables import decisions, pairs

SAID: Final = (
    *(decisions.c[name] for name in ("pair_id", "reviewer", "stage", "judgement", "decided_at")),
    decisions.c.superseded_at.is_(None),
    pairs.c.state,
)


class Decisions:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add_decision(self, decision: Decision) -> None:
        add(self._connection, decisions, [values_of(decision)])

    def decisions(self, pair_id: str) -> list[Decision]:
        return self.decisions_of([pair_id]).get(pair_id, [])

    def decisions_of(self, pair_ids: Some[str]) -> dict[str, list[Decision]]:
        said: dict[str, list[Decision]] = defaultdict(list)
        for portion in portions(set(pair_ids)):
            own = select(*columns_of(decisions, Decision)).where(decisions.c.pair_id.in_(portion))
            for row in self._connection.execute(own.order_by(decisions.c.decided_at, decisions.c.position)):
                said[row.pair_id].append(built(Decision, row))
        return dict(said)

    def decision(self, decision_id: str) -> Decision:
        query = select(*columns_of(decisions, Decision)).where(decisions.c.decision_id == decision_id)
        return built(Decision, found(self._connection.execute(query).one_or_none(), "decision"))

    def judged_by(self, reviewer: str, pair_ids: Some[str]) -> set[str]:
        judged: set[str] = set()
        for portion in portions(set(pair_ids)):
            theirs = select(decisions.c.pair_id).where(decisions.c.reviewer == reviewer, standing())
            judged.update(self._connection.execute(theirs.where(decisions.c.pair_id.in_(portion))).scalars())
        return judged

    def said(self, since: datetime, reviewer: str = "") -> list[Said]:
        query = select(*SAID).join(pairs, pairs.c.pair_id == decisions.c.pair_id)
        query = query.where(decisions.c.judgement.is_not(None), decisions.c.decided_at >= since, live_pair(self._clock()))
        if reviewer:
            query = query.where(decisions.c.reviewer == reviewer)
        in_order = query.order_by(decisions.c.decided_at, decisions.c.position)
        return [Said(*row) for row in self._connection.execute(in_order)]

    def supersede_decision(self, decision_id: str, at: datetime) -> None:
        """A decision that is superseded already keeps its time."""
        same = decisions.c.decision_id == decision_id
        found(self._connection.execute(select(decisions.c.position).where(same)).scalar_one_or_none(), "decision")
        once = decisions.c.superseded_at.is_(None)
        self._connection.execute(decisions.update().where(same, once).values(superseded_at=at))


def standing() -> ColumnElement[bool]:
    """A judgement that none has superseded: neither another one of the same person, nor a new photo."""
    return and_(decisions.c.judgement.is_not(None), decisions.c.superseded_at.is_(None))
