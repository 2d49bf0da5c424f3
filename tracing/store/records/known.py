"""Known-answer pairs: a table of their own, which reads pairs and cases and writes neither."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select

from tracing.domain import Judgement, KnownAnswer, LegalBasis, Pair, PairState
from tracing.ports import Clock
from tracing.records.known import Material
from tracing.records.pairs import QueueFilter
from tracing.store.records.decisions import standing
from tracing.store.records.expiry import live_pair
from tracing.store.records.queue import compared, fitting, looked_up
from tracing.store.rows import add, built, columns_of, values_of
from tracing.store.tables import cases, decisions, events, faces, known_answers, leads, matches, pairs, photos

COLUMNS: Final = columns_of(known_answers, KnownAnswer)
PAIR: Final = columns_of(pairs, Pair)
OPINIONS: Final = 2
"""People who must have said that the two are different; of one person's word nobody knows whether it is the answer."""


class SqlKnown:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def material(self, reviewer: str, again_after: datetime) -> list[Material]:
        lately = select(known_answers.c.known_id).where(
            known_answers.c.pair_id == pairs.c.pair_id,
            known_answers.c.reviewer == reviewer,
            known_answers.c.given_at > again_after,
        )
        query = select(pairs.c.pair_id, pairs.c.state == PairState.VERIFIED).where(
            _is_material(self._clock()), ~_knows(reviewer), ~lately.exists()
        )
        return [Material(pair_id, bool(mated)) for pair_id, mated in self._connection.execute(query.order_by(pairs.c.pair_id))]

    def add(self, known: KnownAnswer) -> None:
        add(self._connection, known_answers, [values_of(known)])

    def waiting(self, reviewer: str) -> list[tuple[KnownAnswer, Pair]]:
        own = and_(known_answers.c.reviewer == reviewer, known_answers.c.judged_at.is_(None))
        return self._found(own, _still_so(), _is_material(self._clock()))

    def get(self, reviewer: str, known_id: str) -> tuple[KnownAnswer, Pair] | None:
        own = and_(known_answers.c.reviewer == reviewer, known_answers.c.known_id == known_id)
        over = known_answers.c.judged_at.is_not(None)
        return next(iter(self._found(own, or_(over, and_(_still_so(), _is_material(self._clock()))))), None)

    def fitting(self, pair_ids: Some[str], wanted: QueueFilter, now: datetime) -> set[str]:
        query = select(pairs.c.pair_id).where(pairs.c.pair_id.in_(pair_ids), *fitting(wanted, now, looked_up))
        return set(self._connection.execute(query).scalars())

    def claim(self, known_id: str, until: datetime) -> None:
        self._connection.execute(known_answers.update().where(known_answers.c.known_id == known_id).values(claimed_until=until))

    def judge(self, judged: KnownAnswer) -> bool:
        once = and_(known_answers.c.known_id == judged.known_id, known_answers.c.judged_at.is_(None))
        said = {name: getattr(judged, name) for name in ("judgement", "confidence", "features", "reason", "judged_at")}
        return self._connection.execute(known_answers.update().where(once).values(said)).rowcount == 1

    def let_go(self, judged_before: datetime) -> int:
        waits = known_answers.c.judged_at.is_(None)
        of_pairs = select(known_answers.c.known_id).join(pairs, pairs.c.pair_id == known_answers.c.pair_id)
        usable = of_pairs.where(waits, _still_so(), _is_material(self._clock()))
        over = or_(known_answers.c.judged_at < judged_before, and_(waits, known_answers.c.known_id.not_in(usable)))
        deleted = self._connection.execute(known_answers.delete().where(over)).rowcount
        withdrawn = of_pairs.where(looked_up(or_(cases.c.legal_basis == LegalBasis.NONE, ~_has_a_face())))
        told = or_(known_answers.c.reason != "", known_answers.c.confidence.is_not(None), known_answers.c.features != {})
        emptied = known_answers.update().where(known_answers.c.known_id.in_(withdrawn), told)
        return deleted + self._connection.execute(emptied.values(reason="", confidence=None, features={})).rowcount

    def judged(self, since: datetime) -> list[KnownAnswer]:
        query = select(*COLUMNS).join(pairs, pairs.c.pair_id == known_answers.c.pair_id)
        query = query.where(known_answers.c.judged_at >= since, _still_so(PairState.VERIFIED, PairState.REUNITED))
        query = query.where(live_pair(self._clock()))
        rows = self._connection.execute(query.order_by(known_answers.c.judged_at, known_answers.c.known_id))
        return [built(KnownAnswer, row) for row in rows]

    def _found(self, *conditions: ColumnElement[bool]) -> list[tuple[KnownAnswer, Pair]]:
        labelled = [column.label(f"known_{column.name}") for column in COLUMNS]
        query = select(*labelled, *PAIR).join(pairs, pairs.c.pair_id == known_answers.c.pair_id).where(*conditions)
        rows = self._connection.execute(query.order_by(known_answers.c.given_at, known_answers.c.known_id))
        return [_both(tuple(row)) for row in rows]


def _both(values: tuple[Any, ...]) -> tuple[KnownAnswer, Pair]:
    return KnownAnswer(*values[: len(COLUMNS)]), Pair(*values[len(COLUMNS) :])


def _still_so(*mated: PairState) -> ColumnElement[bool]:
    """What was known of the pair is what its records say now."""
    same = and_(known_answers.c.mated, pairs.c.state.in_(mated or (PairState.VERIFIED,)))
    return or_(same, and_(not_(known_answers.c.mated), pairs.c.state == PairState.EXCLUDED))


def _is_material(now: datetime) -> ColumnElement[bool]:
    """See ``KnownRecords``."""
    opinions = select(func.count(decisions.c.reviewer.distinct())).where(
        decisions.c.pair_id == pairs.c.pair_id,
        standing(),
        decisions.c.judgement.in_([Judgement.UNLIKELY, Judgement.EXCLUDED]),
    )
    matched = select(matches.c.case_id).where(matches.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id]))
    different = and_(pairs.c.state == PairState.EXCLUDED, opinions.scalar_subquery() >= OPINIONS, ~matched.exists())
    followed_up = select(leads.c.lead_id).where(leads.c.pair_id == pairs.c.pair_id, leads.c.closed_at.is_(None))
    return and_(
        or_(pairs.c.state == PairState.VERIFIED, different),
        live_pair(now),
        ~looked_up(~compared()),
        ~looked_up(~_has_a_face()),
        ~followed_up.exists(),
    )


def _has_a_face() -> ColumnElement[bool]:
    own = select(faces.c.face_id).join(photos, photos.c.photo_id == faces.c.photo_id)
    return own.where(photos.c.case_id == cases.c.case_id, faces.c.of_interest).exists()


def _knows(reviewer: str) -> ColumnElement[bool]:
    """The person opened, read or changed a case of the pair, or claimed or judged the pair, as far as the audit knows."""
    seen = select(events.c.seq).where(
        events.c.subject.in_([pairs.c.pair_id, pairs.c.low_case_id, pairs.c.high_case_id]), events.c.actor == reviewer
    )
    judged = select(decisions.c.decision_id).where(decisions.c.pair_id == pairs.c.pair_id, decisions.c.reviewer == reviewer)
    return or_(looked_up(cases.c.opened_by == reviewer), seen.exists(), judged.exists())
