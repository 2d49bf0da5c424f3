"""Pairs of cases: what searches suggest, who is at work on them, and which are matches."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from tracing.domain import Analysis, Pair, PairState
from tracing.errors import Conflict, Stale
from tracing.lifecycle import REJECTED, WAITING_FOR_REVIEW
from tracing.ports import Clock, NewId
from tracing.records import Opening, Suggestion
from tracing.store.records.decisions import Decisions, standing
from tracing.store.records.expiry import anything_over, live_pair
from tracing.store.records.leads import Leads
from tracing.store.records.queue import Queue, looked_up, unclaimed
from tracing.store.records.runs import Runs
from tracing.store.rows import add, built, columns_of, found, portions, upsert, values_of, word
from tracing.store.tables import cases, decisions, matches, pairs, photos

COLUMNS: Final = columns_of(pairs, Pair)
REFRESHED: Final = ("score", "rank", "generation_id", "list_id")
"""What searches write, again and again."""
SUGGESTED: Final = {
    **{name: bindparam(name, type_=Text()) for name in ("pair_id", "low_case_id", "high_case_id", "relation")},
    **{name: bindparam(name, type_=Text()) for name in ("generation_id", "list_id")},
    "score": bindparam("score", type_=Double()),
    "rank": bindparam("rank", type_=Integer()),
    "suggested_at": bindparam("suggested_at", type_=pairs.c.suggested_at.type),
    "state": word(PairState.PROPOSED),
    "version": literal_column("1"),
}
"""A new pair. Of bare types: what the columns' own types look for cannot be in it, and a recheck writes millions of rows."""
REVIEWED: Final = ("state", "claimed_by", "claimed_until", "superseded_by", "state_before", "suggested_at")
"""What people write, and a search only where a new photo asks for them again. No person writes the others."""


class SqlPairs(Queue, Decisions, Leads, Runs):
    def __init__(self, connection: Connection, new_id: NewId, clock: Clock) -> None:
        super().__init__(connection, clock)
        self._new_id = new_id

    def suggest(self, suggestions: Sequence[Suggestion], at: datetime) -> set[tuple[str, str]]:
        """One upsert in the order of the cases: no duplicates and no deadlocks, however many searches end at once."""
        best: dict[tuple[str, str], Suggestion] = {}
        for one in sorted(suggestions, key=lambda one: (one.low_case_id, one.high_case_id, one.score)):
            best[one.low_case_id, one.high_case_id] = one
        return {pair for portion in portions(best.values()) for pair in self._suggest(portion, at)}

    def _suggest(self, suggestions: Sequence[Suggestion], at: datetime) -> set[tuple[str, str]]:
        rows = [
            values_of(one) | {"relation": one.relation.value, "pair_id": self._new_id(), "suggested_at": at}
            for one in suggestions
        ]
        statement = _refreshing(upsert(self._connection, pairs).values(SUGGESTED)).returning(pairs.c.pair_id)
        written = set(self._connection.execute(statement, rows).scalars())
        return {(row["low_case_id"], row["high_case_id"]) for row in rows if row["pair_id"] in written}

    def open(self, openings: Sequence[Opening], at: datetime) -> set[tuple[str, str]]:
        """In the order of the cases, as ``suggest``."""
        wanted = {(one.low_case_id, one.high_case_id): one for one in openings}
        unscored = {"score": None, "rank": 0, "list_id": "", "state": PairState.PROPOSED, "suggested_at": at, "version": 1}
        rows = [values_of(wanted[pair]) | unscored | {"pair_id": self._new_id()} for pair in sorted(wanted)]
        written: set[str] = set()
        for portion in portions(rows):
            statement = upsert(self._connection, pairs).on_conflict_do_nothing(
                index_elements=[pairs.c.low_case_id, pairs.c.high_case_id]
            )
            written |= set(self._connection.execute(statement.returning(pairs.c.pair_id), portion).scalars())
        return {(row["low_case_id"], row["high_case_id"]) for row in rows if row["pair_id"] in written}

    def get(self, pair_id: str) -> Pair:
        """None is there where the time of one of its cases is over."""
        over = looked_up(cases.c.expires_at <= self._clock())
        row = self._connection.execute(select(*COLUMNS).where(pairs.c.pair_id == pair_id, ~over)).one_or_none()
        return built(Pair, found(row, "pair"))

    def between(self, one: str, other: str) -> Pair | None:
        low, high = sorted((one, other))
        query = select(*COLUMNS).where(pairs.c.low_case_id == low, pairs.c.high_case_id == high, live_pair(self._clock()))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(Pair, row)

    def exist_between(self, case_ids: Some[tuple[str, str]]) -> set[tuple[str, str]]:
        there: set[tuple[str, str]] = set()
        for portion in portions({low for low, _ in case_ids}):
            query = select(pairs.c.low_case_id, pairs.c.high_case_id).where(pairs.c.low_case_id.in_(portion))
            there.update((low, high) for low, high in self._connection.execute(query))
        return there & set(case_ids)

    def with_new_photo(self, case_ids: Some[tuple[str, str]]) -> list[Pair]:
        latest = select(func.max(decisions.c.decided_at)).where(decisions.c.pair_id == pairs.c.pair_id, standing())
        of_either = photos.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id])
        newer = select(photos.c.photo_id).where(
            of_either, photos.c.analysis == Analysis.ENROLLED, photos.c.received_at > latest.scalar_subquery()
        )
        ended: list[Pair] = []
        for portion in portions({low for low, _ in case_ids}):
            query = select(*COLUMNS).where(pairs.c.low_case_id.in_(portion), pairs.c.state.in_(REJECTED), newer.exists())
            ended.extend(built(Pair, row) for row in self._connection.execute(query))
        return sorted((pair for pair in ended if pair.case_ids in case_ids), key=lambda pair: pair.case_ids)

    def set_aside_among(self, case_ids: Some[tuple[str, str]]) -> list[Pair]:
        aside: list[Pair] = []
        without_a_match = (
            pairs.c.state == PairState.SUPERSEDED,
            pairs.c.superseded_by.is_(None),
            pairs.c.state_before.is_not(None),
        )
        for portion in portions({low for low, _ in case_ids}):
            query = select(*COLUMNS).where(pairs.c.low_case_id.in_(portion), *without_a_match)
            aside.extend(built(Pair, row) for row in self._connection.execute(query))
        return sorted((pair for pair in aside if pair.case_ids in case_ids), key=lambda pair: pair.case_ids)

    def of_case(self, case_id: str) -> list[Pair]:
        """Oldest first."""
        own = or_(pairs.c.low_case_id == case_id, pairs.c.high_case_id == case_id)
        query = select(*COLUMNS).where(own, live_pair(self._clock())).order_by(pairs.c.suggested_at, pairs.c.pair_id)
        return [built(Pair, row) for row in self._connection.execute(query)]

    def lock(self, pair_id: str) -> Pair:
        """Takes the cases first and then all their pairs, each in order, so that two reviewers, or a reviewer and a
        search, never wait for each other: confirming a pair sets the other pairs of its cases aside.
        """
        case_ids = self.get(pair_id).case_ids
        both = select(cases.c.case_id).where(cases.c.case_id.in_(case_ids)).order_by(cases.c.case_id)
        self._connection.execute(both.with_for_update(key_share=True)).all()
        touched = or_(pairs.c.low_case_id.in_(case_ids), pairs.c.high_case_id.in_(case_ids))
        in_order = select(pairs.c.pair_id).where(touched).order_by(pairs.c.low_case_id, pairs.c.high_case_id)
        self._connection.execute(in_order.with_for_update(key_share=True)).all()
        return self.get(pair_id)

    def save(self, pair: Pair) -> Pair:
        """Stores what people decide about a pair; score, rank and list are only written by ``suggest``."""
        current = and_(pairs.c.pair_id == pair.pair_id, pairs.c.version == pair.version)
        values: dict[str, Any] = {name: getattr(pair, name) for name in REVIEWED}
        done = self._connection.execute(pairs.update().where(current).values(version=pair.version + 1, **values))
        if done.rowcount == 0:
            self.get(pair.pair_id)
            raise Stale("The pair was changed by somebody else meanwhile. Read it again.")
        return replace(pair, version=pair.version + 1)

    def claim(self, pair_id: str, reviewer: str, now: datetime, until: datetime) -> bool:
        """A proposed pair is under review from its first claim on."""
        waiting = and_(pairs.c.pair_id == pair_id, pairs.c.state.in_(WAITING_FOR_REVIEW), unclaimed(reviewer, now))
        state = case((pairs.c.state == PairState.PROPOSED, PairState.UNDER_REVIEW), else_=pairs.c.state)
        values = {"state": state, "claimed_by": reviewer, "claimed_until": until, "version": pairs.c.version + 1}
        return self._connection.execute(pairs.update().where(waiting).values(values)).rowcount == 1

    def claimed_beyond(self, moment: datetime) -> int:
        query = select(func.count()).select_from(pairs).where(*_claimed_beyond(moment))
        return self._connection.execute(query).scalar_one()

    def end_claims_beyond(self, moment: datetime, now: datetime) -> None:
        ended = {"claimed_until": now, "version": pairs.c.version + 1}
        self._connection.execute(pairs.update().where(*_claimed_beyond(moment)).values(ended))

    def count(self, state: PairState, station_id: str | None = None) -> int:
        """All by an index that holds nothing of the cases, without the few that go with a case whose time is over."""
        counted = select(func.count()).select_from(pairs).where(pairs.c.state == state)
        if station_id is not None:
            own = select(cases.c.case_id).where(cases.c.station_id == station_id)
            counted = counted.where(or_(pairs.c.low_case_id.in_(own), pairs.c.high_case_id.in_(own)))
        there, now = self._connection.execute(counted).scalar_one(), self._clock()
        if not anything_over(self._connection, now):
            return there
        return there - self._connection.execute(counted.where(~live_pair(now))).scalar_one()

    def scores(self, state: PairState, generation_id: str) -> list[float]:
        query = select(pairs.c.score).where(pairs.c.state == state, pairs.c.generation_id == generation_id)
        query = query.where(pairs.c.score.is_not(None), live_pair(self._clock()))
        return list(self._connection.execute(query.order_by(pairs.c.score)).scalars())

    def in_states(self, states: Some[PairState]) -> list[Pair]:
        query = select(*COLUMNS).where(pairs.c.state.in_(states), live_pair(self._clock())).order_by(pairs.c.pair_id)
        return [built(Pair, row) for row in self._connection.execute(query)]

    def forget_scores(self, case_id: str) -> set[str]:
        own = or_(pairs.c.low_case_id == case_id, pairs.c.high_case_id == case_id)
        query = select(*COLUMNS).where(own, _unjudged()).order_by(pairs.c.low_case_id, pairs.c.high_case_id)
        waiting = [built(Pair, row) for row in self._connection.execute(query.with_for_update(key_share=True, of=pairs))]
        for portion in portions([pair.pair_id for pair in waiting]):
            forgotten = pairs.update().where(pairs.c.pair_id.in_(portion), _unjudged()).values(score=None, rank=0)
            self._connection.execute(forgotten)
        return {each for pair in waiting for each in pair.case_ids} - {case_id}

    def register_match(self, pair: Pair) -> None:
        rows = [{"case_id": case_id, "pair_id": pair.pair_id} for case_id in sorted(pair.case_ids)]
        try:
            add(self._connection, matches, rows)
        except Conflict as taken:
            raise Conflict("One of the two persons is matched already.") from taken

    def release_match(self, pair_id: str) -> None:
        self._connection.execute(matches.delete().where(matches.c.pair_id == pair_id))


def _claimed_beyond(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return pairs.c.state.in_(WAITING_FOR_REVIEW), pairs.c.claimed_until > moment


def _unjudged() -> ColumnElement[bool]:
    # Not an EXISTS: inside ON CONFLICT it would not be tied to the row at hand.
    judged = pairs.c.pair_id.in_(select(decisions.c.pair_id).where(standing()))
    return and_(pairs.c.state.in_([word(PairState.PROPOSED), word(PairState.UNDER_REVIEW)]), ~judged)


def _refreshing(statement: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    """Where the pair is there: take the new score, unless somebody has judged it. A judgement outlives every rescoring."""
    return statement.on_conflict_do_update(
        index_elements=[pairs.c.low_case_id, pairs.c.high_case_id],
        set_={name: statement.excluded[name] for name in REFRESHED},
        where=_unjudged(),
    )
