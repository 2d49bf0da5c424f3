"""The review queue: which pairs a person may judge now, and in which sheet of ten each is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, FromClause, Text, and_, case, func, or_, select, true, type_coerce, union_all

from tracing.domain import AgeBand, CaseKind, CaseState, GenerationState, LegalBasis, Outcome, Pair, PairState
from tracing.ports import Clock
from tracing.records.pairs import EVERYTHING, SHEET, QueueFilter
from tracing.store.records.decisions import standing
from tracing.store.records.stations import near, shareable
from tracing.store.rows import built, columns_of
from tracing.store.tables import cases, clue_hits, decisions, generations, pairs

BY_WAITING: Final = 3
"""Of a sheet, those that are there because they wait longest. Without them weak evidence would never be looked at."""
BY_EVIDENCE: Final = SHEET - BY_WAITING
BY_CLUES: Final = 3
"""Of each turn, those for which the clues speak most: most reunions come from what somebody said. They are beside the ten."""

Conditions: TypeAlias = list[ColumnElement[bool]]
Either: TypeAlias = Callable[[ColumnElement[bool]], ColumnElement[bool]]
Order: TypeAlias = Callable[[FromClause], list[ColumnElement[Any]]]


class Queue:
    """Each list is walked along an index and only as far as the sheets asked for, however many pairs wait behind."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def queue(
        self,
        reviewer: str,
        states: Some[PairState],
        now: datetime,
        limit: int,
        offset: int = 0,
        wanted: QueueFilter = EVERYTHING,
        ahead: int = 0,
    ) -> list[Pair]:
        turns = -(-SHEET * -(-(offset + limit) // SHEET) // BY_EVIDENCE)
        conditions = [*_conditions(reviewer, now, looked_up), *fitting(wanted, now, looked_up)]
        lists = [
            (self._most_told(states, conditions, turns * BY_CLUES), BY_CLUES),
            (self._most_alike(states, conditions, turns * BY_EVIDENCE), BY_EVIDENCE),
            (self._first(_by_waiting, states, conditions, turns * BY_WAITING), BY_WAITING),
        ]
        in_turn = _in_turn(lists, self._held(reviewer, states, now, conditions))
        # The id is drawn by lot, so that it says nothing (docs/adr, "The queue comes in sheets of ten").
        first, rest = in_turn[: SHEET - ahead], in_turn[SHEET - ahead :]
        sheets = [first, *(rest[start : start + SHEET] for start in range(0, len(rest), SHEET))]
        shown = [pair_id for sheet in sheets for pair_id in sorted(sheet)][offset : offset + limit]
        query = select(*columns_of(pairs, Pair)).where(pairs.c.pair_id.in_(shown))
        found = {row.pair_id: built(Pair, row) for row in self._connection.execute(query)}
        return [found[pair_id] for pair_id in shown]

    def queue_size(self, reviewer: str, states: Some[PairState], now: datetime, *wanted: QueueFilter) -> int:
        one_of_them = or_(*(and_(true(), *fitting(each, now, _listed)) for each in wanted or (EVERYTHING,)))
        conditions = _conditions(reviewer, now, _listed)
        query = select(func.count()).select_from(pairs).where(pairs.c.state.in_(states), *conditions, one_of_them)
        size: int = self._connection.execute(query).scalar_one()
        return size

    def _most_alike(self, states: Some[PairState], conditions: Conditions, limit: int) -> list[str]:
        """Scores are sorted only inside the active generation: those of another one mean something else, and come after.

        So do pairs that clues alone put together, which have none.
        """
        active = select(generations.c.generation_id).where(generations.c.state == GenerationState.ACTIVE)
        generation_id = self._connection.execute(active).scalar_one_or_none() or ""
        current = and_(pairs.c.generation_id == generation_id, pairs.c.score.is_not(None))
        found = self._first(_by_score, states, [current, *conditions], limit)
        if len(found) < limit:
            found += self._first(_by_waiting, states, [~current, *conditions], limit - len(found))
        return found

    def _most_told(self, states: Some[PairState], conditions: Conditions, limit: int) -> list[str]:
        """Those for which clues speak, the weightiest first."""
        query = select(pairs.c.pair_id).join(clue_hits, clue_hits.c.pair_id == pairs.c.pair_id)
        query = query.where(pairs.c.state.in_(states), *conditions)
        return list(self._connection.execute(query.order_by(clue_hits.c.weight.desc(), pairs.c.pair_id).limit(limit)).scalars())

    def _first(self, order: Order, states: Some[PairState], conditions: Conditions, limit: int) -> list[str]:
        """Each state is an index of its own to walk; what is first in all of them is among the first of each."""
        each = [
            select(pairs.c.pair_id, pairs.c.score, pairs.c.suggested_at)
            .where(pairs.c.state == state, *conditions)
            .order_by(*order(pairs))
            .limit(limit)
            .subquery()
            for state in states
        ]
        if not each:
            return []
        together = union_all(*(select(one) for one in each)).subquery()
        return list(self._connection.execute(select(together.c.pair_id).order_by(*order(together)).limit(limit)).scalars())

    def _held(self, reviewer: str, states: Some[PairState], now: datetime, conditions: Conditions) -> set[str]:
        held = and_(pairs.c.claimed_by == reviewer, pairs.c.claimed_until > now, pairs.c.state.in_(states))
        return set(self._connection.execute(select(pairs.c.pair_id).where(held, *conditions)).scalars())


def _by_score(of: FromClause) -> list[ColumnElement[Any]]:
    return [of.c.score.desc(), *_by_waiting(of)]


def _by_waiting(of: FromClause) -> list[ColumnElement[Any]]:
    return [of.c.suggested_at, of.c.pair_id]


def _in_turn(lists: Sequence[tuple[Sequence[str], int]], held: Some[str]) -> list[str]:
    """What this person holds, then so many of each list at a time; whoever stands in several comes once, where it is first."""
    turns: dict[str, tuple[int, int, int]] = {}
    for which, (listed, at_a_time) in enumerate(lists):
        for place, pair_id in enumerate(listed):
            turn = (place // at_a_time, which, place)
            turns[pair_id] = min(turn, turns.get(pair_id, turn))
    last = (len(turns), 0, 0)
    return sorted({*turns, *held}, key=lambda pair_id: (pair_id not in held, turns.get(pair_id, last), pair_id))


def unclaimed(reviewer: str, now: datetime) -> ColumnElement[bool]:
    """Nobody else holds the pair now."""
    return or_(pairs.c.claimed_until.is_(None), pairs.c.claimed_until <= now, pairs.c.claimed_by == reviewer)


def _conditions(reviewer: str, now: datetime, either: Either) -> Conditions:
    """Whether this person may judge the pair."""
    judged_by_them = select(decisions.c.decision_id).where(
        decisions.c.pair_id == pairs.c.pair_id, decisions.c.reviewer == reviewer, standing()
    )
    return [
        unclaimed(reviewer, now),
        ~either(cases.c.opened_by == reviewer),
        ~judged_by_them.exists(),
        ~either(~compared()),
        ~either(cases.c.expires_at <= now),
    ]


def fitting(wanted: QueueFilter, now: datetime, either: Either) -> Conditions:
    """Whether the pair is wanted."""
    conditions: Conditions = []
    if wanted.relation is not None:
        conditions.append(pairs.c.relation == wanted.relation)
    if wanted.station_id:
        conditions.append(either(cases.c.station_id == wanted.station_id))
    if wanted.ages is not None:
        conditions.append(either(_may_be(wanted.ages, now)))
    if wanted.suggested_before is not None:
        conditions.append(pairs.c.suggested_at < wanted.suggested_before)
    if wanted.reach is not None and not wanted.reach.everything:
        mine = near(wanted.reach)
        conditions.append(and_(either(mine), ~either(~or_(mine, shareable(wanted.reach.today)))))
    return conditions


def looked_up(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """One of the two cases at least is so: asked pair by pair, for lists that are not walked to their end."""
    of_the_pair = cases.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id])
    # The question around it may be about cases as well: these are others.
    return select(cases.c.case_id).where(of_the_pair, condition).correlate(pairs).exists()


def _listed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, from a list of all such cases that is drawn up once: for questions to every pair."""
    such = select(cases.c.case_id).where(condition)
    return or_(pairs.c.low_case_id.in_(such), pairs.c.high_case_id.in_(such))


def _may_be(band: AgeBand, now: datetime) -> ColumnElement[bool]:
    """The person may be of that age: by year of birth, else by what was said when the case was opened."""
    youngest, oldest = band.span
    born = func.substr(type_coerce(cases.c.birth_date, Text), 1, 4)
    by_birth = born.between(f"{now.year - oldest - 1:04d}", f"{now.year - youngest:04d}")
    said = or_(cases.c.age_min.is_not(None), cases.c.age_max.is_not(None))
    by_age = and_(
        said,
        or_(cases.c.age_min.is_(None), cases.c.age_min <= oldest),
        or_(cases.c.age_max.is_(None), cases.c.age_max >= youngest),
    )
    return case((cases.c.birth_date.is_not(None), by_birth), else_=by_age)


def compared() -> ColumnElement[bool]:
    """``Case.comparable`` in SQL; a test holds the two against each other."""
    past = and_(
        cases.c.kind == CaseKind.SHELTERED,
        cases.c.state == CaseState.CLOSED,
        or_(cases.c.outcome.is_(None), cases.c.outcome.not_in([Outcome.REUNITED, Outcome.DECEASED])),
    )
    return and_(cases.c.legal_basis != LegalBasis.NONE, or_(cases.c.state.in_([CaseState.OPEN, CaseState.MATCHED]), past))
