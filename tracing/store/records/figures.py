"""What a month's report counts: each number by one statement that an index answers, none by reading all cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, not_, or_, select, union_all
from sqlalchemy.sql.selectable import NamedFromClause

from tracing.domain import ActionOutcome, Analysis, CaseKind, CaseState, ClockEnd, Outcome, PairState, Stage
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.ports import Clock
from tracing.records.figures import Blind, Span, Step, WayHome
from tracing.store.records.expiry import live, over
from tracing.store.tables import (
    cases,
    clocks,
    closings,
    clue_searches,
    decisions,
    known_answers,
    pairs,
    photos,
    search_runs,
    tracing_actions,
)

JUDGING: Final = (Stage.FIRST, Stage.SECOND, Stage.SENIOR)
BLIND: Final = (Stage.FIRST, Stage.SECOND)
CONFIRMED: Final = (PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED)
STEPS: Final = tuple(Step)
OVER: Final = pairs.c.state.not_in(WAITING_FOR_REVIEW)


class SqlFigures:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def stations(self, before: datetime) -> list[str]:
        query = select(cases.c.station_id).where(self._counted(), cases.c.opened_at < before).distinct()
        return list(self._connection.execute(query.order_by(cases.c.station_id)).scalars())

    def furthest(self, span: Span, kind: CaseKind) -> dict[tuple[str, Step], int]:
        place = case(
            *((_reached(step, span.end), number) for number, step in reversed(list(enumerate(STEPS))) if number), else_=0
        )
        of_month = (
            select(cases.c.station_id, place.label("place"))
            .where(self._counted(), cases.c.kind == kind, cases.c.opened_at >= span.start, cases.c.opened_at < span.end)
            .subquery()
        )
        query = select(of_month.c.station_id, of_month.c.place, func.count()).group_by(of_month.c.station_id, of_month.c.place)
        return {(station, STEPS[number]): count for station, number, count in self._connection.execute(query)}

    def came_later(self, span: Span, kind: CaseKind, step: Step) -> dict[str, int]:
        first = _first(step, span)
        query = (
            select(cases.c.station_id, func.count().label("number"))
            .join(first, first.c.case_id == cases.c.case_id)
            .where(self._counted(), cases.c.kind == kind, cases.c.opened_at < span.start, not_(_reached(step, span.start)))
            .group_by(cases.c.station_id)
        )
        return {row.station_id: row.number for row in self._connection.execute(query)}

    def taken(self, span: Span, step: Step) -> list[tuple[str, timedelta]]:
        first = _first(step, span)
        query = (
            select(cases.c.station_id, cases.c.opened_at, first.c.at)
            .join(first, first.c.case_id == cases.c.case_id)
            .where(self._counted(), not_(_reached(step, span.start)))
        )
        found = self._connection.execute(query)
        return [(station, max(at - opened, timedelta())) for station, opened, at in found]

    def waiting(self, at: datetime, edges: tuple[timedelta, ...]) -> dict[tuple[str, int], int]:
        stood = or_(
            cases.c.state.not_in((CaseState.CLOSED, CaseState.DRAFT)),
            and_(cases.c.state == CaseState.CLOSED, cases.c.state_since >= at),
        )
        place = case(*((cases.c.opened_at >= at - edge, number) for number, edge in enumerate(edges)), else_=len(edges))
        open_then = (
            select(cases.c.station_id, place.label("place"))
            .where(live(self._clock()), stood, cases.c.opened_at < at)
            .subquery()
        )
        query = select(open_then.c.station_id, open_then.c.place, func.count())
        query = query.group_by(open_then.c.station_id, open_then.c.place)
        return {(station, number): count for station, number, count in self._connection.execute(query)}

    def clocks(self, span: Span) -> dict[tuple[str, str], tuple[int, int]]:
        in_time = clocks.c.ended_at <= clocks.c.due_at
        met = and_(clocks.c.end == ClockEnd.MET, in_time)
        excused = or_(and_(clocks.c.end == ClockEnd.NOT_NEEDED, in_time), and_(clocks.c.ended_at.is_(None), clocks.c.paused))
        sums = [func.coalesce(func.sum(case((each, 1), else_=0)), 0) for each in (met, not_(met))]
        query = (
            select(cases.c.station_id, clocks.c.rule_id, *sums)
            .join(cases, cases.c.case_id == clocks.c.case_id)
            .where(self._counted(), ~clocks.c.threshold, func.coalesce(not_(excused), True))
            .where(clocks.c.due_at >= span.start, clocks.c.due_at < span.end)
            .group_by(cases.c.station_id, clocks.c.rule_id)
        )
        return {(station, rule): (int(one), int(other)) for station, rule, one, other in self._connection.execute(query)}

    def searched_by_clues(self, span: Span, kind: CaseKind) -> dict[str, tuple[int, int]]:
        done = exists().where(clue_searches.c.case_id == cases.c.case_id, clue_searches.c.searched_at.is_not(None))
        sums = [func.coalesce(func.sum(case((each, 1), else_=0)), 0) for each in (done, ~done)]
        query = (
            select(cases.c.station_id, *sums)
            .where(self._counted(), cases.c.kind == kind, cases.c.opened_at >= span.start, cases.c.opened_at < span.end)
            .group_by(cases.c.station_id)
        )
        return {station: (int(yes), int(no)) for station, yes, no in self._connection.execute(query)}

    def photos(self, span: Span) -> dict[tuple[str, Analysis], int]:
        query = (
            select(cases.c.station_id, photos.c.analysis, func.count())
            .join(cases, cases.c.case_id == photos.c.case_id)
            .where(self._counted(), photos.c.received_at >= span.start, photos.c.received_at < span.end)
            .group_by(cases.c.station_id, photos.c.analysis)
        )
        return {(station, analysis): count for station, analysis, count in self._connection.execute(query)}

    def ways_home(self, span: Span | None = None) -> list[WayHome]:
        order = (tracing_actions.c.taken_at.desc(), tracing_actions.c.recorded_at.desc(), tracing_actions.c.action_id)
        action = (
            select(tracing_actions.c.kind)
            .where(tracing_actions.c.case_id == cases.c.case_id, tracing_actions.c.outcome == ActionOutcome.IDENTIFIED)
            .order_by(*order)
            .limit(1)
            .scalar_subquery()
        )
        said = (
            select(closings.c.channel)
            .where(closings.c.case_id == cases.c.case_id)
            .order_by(closings.c.position.desc())
            .limit(1)
            .scalar_subquery()
        )
        by_faces, by_clues = (
            _pair_of_case(pairs.c.state == PairState.REUNITED, condition)
            for condition in (pairs.c.score.is_not(None), pairs.c.score.is_(None))
        )
        ended = (
            select(
                cases.c.station_id,
                action.label("action"),
                said.label("said"),
                by_faces.label("by_faces"),
                by_clues.label("by_clues"),
            )
            .where(live(self._clock()), cases.c.kind == CaseKind.SHELTERED, cases.c.state == CaseState.CLOSED)
            .where(cases.c.outcome == Outcome.REUNITED, *(_within(cases.c.state_since, span) if span is not None else ()))
            .subquery()
        )
        by = (ended.c.station_id, ended.c.action, ended.c.said, ended.c.by_faces, ended.c.by_clues)
        return [WayHome(*row) for row in self._connection.execute(select(*by, func.count()).group_by(*by))]

    def judged_together(self, span: Span) -> list[Blind]:
        later = select(decisions.c.pair_id).where(decisions.c.stage == Stage.SECOND, *_within(decisions.c.decided_at, span))
        query = (
            select(decisions.c.pair_id, decisions.c.reviewer, decisions.c.stage, decisions.c.judgement)
            .join(pairs, pairs.c.pair_id == decisions.c.pair_id)
            .where(OVER, self._live_pair(), decisions.c.pair_id.in_(later), decisions.c.stage.in_(BLIND))
            .where(decisions.c.decided_at < span.end, decisions.c.judgement.is_not(None))
            .order_by(decisions.c.position)
        )
        return [Blind(*row) for row in self._connection.execute(query)]

    def changed_minds(self, span: Span) -> tuple[int, int]:
        again = decisions.alias("again")
        changed = exists().where(
            again.c.pair_id == decisions.c.pair_id,
            again.c.reviewer == decisions.c.reviewer,
            again.c.stage == Stage.CHANGE_OF_MIND,
        )
        given = (
            select(func.count(), func.coalesce(func.sum(case((changed, 1), else_=0)), 0))
            .join(pairs, pairs.c.pair_id == decisions.c.pair_id)
            .where(OVER, self._live_pair(), decisions.c.stage.in_(BLIND), *_within(decisions.c.decided_at, span))
        )
        count, flips = self._connection.execute(given).one()
        return int(count - flips), int(flips)

    def overturned(self, span: Span) -> int:
        revoked = (
            select(func.count(decisions.c.pair_id.distinct()))
            .join(pairs, pairs.c.pair_id == decisions.c.pair_id)
            .where(self._live_pair(), decisions.c.stage == Stage.REVOCATION, *_within(decisions.c.decided_at, span))
        )
        return int(self._connection.execute(revoked).scalar_one())

    def known(self, span: Span) -> dict[tuple[bool, bool], int]:
        query = select(known_answers.c.mated, known_answers.c.judgement, func.count()).where(
            known_answers.c.judgement.is_not(None), *_within(known_answers.c.judged_at, span)
        )
        found: dict[tuple[bool, bool], int] = {}
        for mated, judgement, count in self._connection.execute(
            query.group_by(known_answers.c.mated, known_answers.c.judgement)
        ):
            key = (bool(mated), judgement.positive)
            found[key] = found.get(key, 0) + count
        return found

    def _counted(self) -> ColumnElement[bool]:
        return and_(live(self._clock()), cases.c.state != CaseState.DRAFT)

    def _live_pair(self) -> ColumnElement[bool]:
        gone = over(self._clock())
        return ~or_(pairs.c.low_case_id.in_(gone), pairs.c.high_case_id.in_(gone))


def _within(column: ColumnElement[datetime], span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= span.start, column < span.end


def _pair_of_case(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """One statement for each side: a condition on either would be answered by no index."""
    return or_(*(exists().where(side == cases.c.case_id, *conditions) for side in (pairs.c.low_case_id, pairs.c.high_case_id)))


def _decided(stages: tuple[Stage, ...], before: datetime) -> ColumnElement[bool]:
    return exists().where(
        decisions.c.pair_id == pairs.c.pair_id,
        decisions.c.stage.in_(stages),
        decisions.c.superseded_at.is_(None),
        decisions.c.decided_at < before,
    )


def _reached(step: Step, before: datetime) -> ColumnElement[bool]:
    """Whether the case had come to the step before this moment."""
    own = photos.c.case_id == cases.c.case_id
    match step:
        case Step.INTAKE:
            return cases.c.opened_at < before
        case Step.PHOTOGRAPHED:
            return exists().where(own, photos.c.received_at < before)
        case Step.ENROLLED:
            return exists().where(own, photos.c.received_at < before, photos.c.analysis == Analysis.ENROLLED)
        case Step.SEARCHED:
            return exists().where(search_runs.c.case_id == cases.c.case_id, search_runs.c.finished_at < before)
        case Step.CANDIDATES:
            return _pair_of_case(pairs.c.suggested_at < before)
        case Step.JUDGED:
            judged = exists().where(
                decisions.c.pair_id == pairs.c.pair_id, decisions.c.stage.in_(JUDGING), decisions.c.decided_at < before
            )
            return _pair_of_case(OVER, judged)
        case Step.CONFIRMED:
            undecided = exists().where(
                decisions.c.pair_id == pairs.c.pair_id,
                decisions.c.stage.in_(JUDGING),
                decisions.c.superseded_at.is_(None),
                decisions.c.decided_at >= before,
            )
            return _pair_of_case(pairs.c.state.in_(CONFIRMED), _decided(JUDGING, before), ~undecided)
        case Step.VERIFIED:
            stands = pairs.c.state.in_((PairState.VERIFIED, PairState.REUNITED))
            return _pair_of_case(stands, _decided((Stage.VERIFICATION,), before))
        case Step.REUNITED:
            return and_(cases.c.state == CaseState.CLOSED, cases.c.outcome == Outcome.REUNITED, cases.c.state_since < before)


def _confirmed_at() -> NamedFromClause:
    """When the last judgement fell that a standing confirmation rests on."""
    return (
        select(decisions.c.pair_id, func.max(decisions.c.decided_at).label("at"))
        .join(pairs, pairs.c.pair_id == decisions.c.pair_id)
        .where(pairs.c.state.in_(CONFIRMED), decisions.c.stage.in_(JUDGING), decisions.c.superseded_at.is_(None))
        .group_by(decisions.c.pair_id)
        .subquery()
    )


def _first(step: Step, span: Span) -> NamedFromClause:
    """Each case with the first moment in the span at which it came to the step."""
    within = _moments(step, span).subquery()
    return select(within.c.case_id, func.min(within.c.at).label("at")).group_by(within.c.case_id).subquery()


def _moments(step: Step, span: Span) -> Any:
    told: ColumnElement[bool]
    match step:
        case Step.INTAKE:
            query = select(cases.c.case_id, cases.c.opened_at.label("at"))
            return query.where(*_within(cases.c.opened_at, span))
        case Step.PHOTOGRAPHED | Step.ENROLLED:
            query = select(photos.c.case_id, photos.c.received_at.label("at")).where(*_within(photos.c.received_at, span))
            return query if step is Step.PHOTOGRAPHED else query.where(photos.c.analysis == Analysis.ENROLLED)
        case Step.SEARCHED:
            query = select(search_runs.c.case_id, search_runs.c.finished_at.label("at"))
            return query.where(*_within(search_runs.c.finished_at, span))
        case Step.CANDIDATES:
            return _both(pairs.c.suggested_at, *_within(pairs.c.suggested_at, span))
        case Step.CONFIRMED:
            confirmed = _confirmed_at()
            joined = pairs.join(confirmed, confirmed.c.pair_id == pairs.c.pair_id)
            return _both(confirmed.c.at, *_within(confirmed.c.at, span), of=joined)
        case Step.JUDGED:
            told, stands = decisions.c.stage.in_(JUDGING), OVER
        case Step.VERIFIED:
            told = and_(decisions.c.stage == Stage.VERIFICATION, decisions.c.superseded_at.is_(None))
            stands = pairs.c.state.in_((PairState.VERIFIED, PairState.REUNITED))
        case Step.REUNITED:
            closed = cases.c.state == CaseState.CLOSED, cases.c.outcome == Outcome.REUNITED
            query = select(cases.c.case_id, cases.c.state_since.label("at"))
            return query.where(*closed, *_within(cases.c.state_since, span))
    joined = pairs.join(decisions, decisions.c.pair_id == pairs.c.pair_id)
    return _both(decisions.c.decided_at, told, stands, *_within(decisions.c.decided_at, span), of=joined)


def _both(at: ColumnElement[datetime], *conditions: ColumnElement[bool], of: Any = pairs) -> Any:
    """The cases on both sides of pairs."""
    sides = (pairs.c.low_case_id, pairs.c.high_case_id)
    return union_all(*(select(side.label("case_id"), at.label("at")).select_from(of).where(*conditions) for side in sides))
