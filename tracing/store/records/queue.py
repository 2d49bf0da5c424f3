"""The review queue: which pairs a person may judge now, and in which sheet of ten each is shown."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, case, func, or_, select, type_coerce

from tracing.domain import AgeBand, CaseKind, CaseState, GenerationState, LegalBasis, Outcome, Pair, PairState
from tracing.records.pairs import EVERYTHING, SHEET, QueueFilter
from tracing.store.records.decisions import standing
from tracing.store.rows import built, columns_of
from tracing.store.tables import cases, clue_hits, decisions, generations, pairs

BY_WAITING: Final = 3
"""Of a sheet, those that are there because they wait longest. Without them weak evidence would never be looked at."""
BY_EVIDENCE: Final = SHEET - BY_WAITING
BY_CLUES: Final = 3
"""Of each turn, those for which the clues speak most: most reunions come from what somebody said. They are beside the ten."""


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
        wanted: QueueFilter = EVERYTHING,
    ) -> list[Pair]:
        waiting = _waiting(select(pairs.c.pair_id, *_places(reviewer, now)), reviewer, states, now, wanted).subquery()
        ranked = select(waiting.c.pair_id, func.row_number().over(order_by=_turn(waiting)).label("rank")).subquery()
        query = select(*columns_of(pairs, Pair)).join(ranked, ranked.c.pair_id == pairs.c.pair_id)
        # The id is drawn by lot, so that it says nothing (docs/adr, "The queue comes in sheets of ten").
        in_sheets = query.order_by((ranked.c.rank - 1) // SHEET, pairs.c.pair_id)
        return [built(Pair, row) for row in self._connection.execute(in_sheets.limit(limit).offset(offset))]

    def queue_size(self, reviewer: str, states: Some[PairState], now: datetime, wanted: QueueFilter = EVERYTHING) -> int:
        query = _waiting(select(func.count()).select_from(pairs), reviewer, states, now, wanted)
        size: int = self._connection.execute(query).scalar_one()
        return size


def unclaimed(reviewer: str, now: datetime) -> ColumnElement[bool]:
    """Nobody else holds the pair now."""
    return or_(pairs.c.claimed_until.is_(None), pairs.c.claimed_until <= now, pairs.c.claimed_by == reviewer)


def _places(reviewer: str, now: datetime) -> list[ColumnElement[Any]]:
    """A pair's places by faces, waiting time and clues, whether clues speak for it, and whether this person holds it."""
    weight = select(clue_hits.c.weight).where(clue_hits.c.pair_id == pairs.c.pair_id).scalar_subquery()
    held = and_(pairs.c.claimed_by == reviewer, pairs.c.claimed_until > now)
    return [
        func.row_number().over(order_by=_most_alike()).label("by_evidence"),
        func.row_number().over(order_by=[pairs.c.suggested_at, pairs.c.pair_id]).label("by_waiting"),
        func.row_number().over(order_by=[weight.desc().nulls_last(), pairs.c.pair_id]).label("by_clues"),
        case((weight.is_(None), 0), else_=1).label("has_clues"),
        case((held, 0), else_=1).label("others"),
    ]


def _turn(waiting: Any) -> list[ColumnElement[Any]]:
    """Whose turn it is: seven by evidence, three by waiting and three by clues at a time; evidence fills up."""
    evidence, waited = (waiting.c.by_evidence - 1) // BY_EVIDENCE, (waiting.c.by_waiting - 1) // BY_WAITING
    earlier = case((evidence < waited, evidence), else_=waited)
    told = (waiting.c.by_clues - 1) // BY_CLUES
    by_clues = (waiting.c.has_clues == 1) & (told <= earlier)
    # Those by clues first: a turn is longer than a sheet, and who comes last in it stands on the next one.
    return [waiting.c.others, case((by_clues, told), else_=earlier), case((by_clues, 0), else_=1), waiting.c.by_evidence]


def _most_alike() -> list[ColumnElement[Any]]:
    """Scores are sorted only inside the active generation: those of another one mean something else."""
    active = select(generations.c.generation_id).where(generations.c.state == GenerationState.ACTIVE).scalar_subquery()
    current = pairs.c.generation_id == active
    return [
        case((current, 0), else_=1).asc(),
        case((current, pairs.c.score), else_=0.0).desc().nulls_last(),
        pairs.c.suggested_at.asc(),
        pairs.c.pair_id.asc(),
    ]


def _waiting(query: Select[Any], reviewer: str, states: Some[PairState], now: datetime, wanted: QueueFilter) -> Select[Any]:
    judged_by_them = select(decisions.c.decision_id).where(
        decisions.c.pair_id == pairs.c.pair_id, decisions.c.reviewer == reviewer, standing()
    )
    return query.where(
        pairs.c.state.in_(states),
        unclaimed(reviewer, now),
        ~_either(cases.c.opened_by == reviewer),
        ~judged_by_them.exists(),
        ~_either(~_compared()),
        *_conditions(wanted, now),
    )


def _conditions(wanted: QueueFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.relation is not None:
        conditions.append(pairs.c.relation == wanted.relation)
    if wanted.station_id:
        conditions.append(_either(cases.c.station_id == wanted.station_id))
    if wanted.ages is not None:
        conditions.append(_either(_may_be(wanted.ages, now)))
    if wanted.suggested_before is not None:
        conditions.append(pairs.c.suggested_at < wanted.suggested_before)
    return conditions


def _either(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """One of the two cases at least is so."""
    of_the_pair = cases.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id])
    return select(cases.c.case_id).where(of_the_pair, condition).exists()


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


def _compared() -> ColumnElement[bool]:
    """``Case.comparable`` in SQL; a test holds the two against each other."""
    past = and_(
        cases.c.kind == CaseKind.SHELTERED,
        cases.c.state == CaseState.CLOSED,
        or_(cases.c.outcome.is_(None), cases.c.outcome.not_in([Outcome.REUNITED, Outcome.DECEASED])),
    )
    return and_(cases.c.legal_basis != LegalBasis.NONE, or_(cases.c.state.in_([CaseState.OPEN, CaseState.MATCHED]), past))
