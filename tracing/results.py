"""How reviewers fare: how much they judge, how far they agree, how often the score makes them waver, when they need a rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Final

from tracing.access import Permission, allows, require
from tracing.agreement import Kappa, cohens_kappa
from tracing.domain import Actor, Judgement, Stage
from tracing.known_results import LOOKED_BACK as YEAR
from tracing.known_results import KnownResults, known_results
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.ports import Clock, RecordStore
from tracing.records import Records, Said
from tracing.stations.scope import counted_station

LOOKED_BACK: Final = timedelta(days=90)
BREAK: Final = timedelta(minutes=10)
"""Between two judgements, so much time is a rest."""
LONG: Final = timedelta(minutes=45)
BLIND: Final = frozenset({Stage.FIRST, Stage.SECOND})
"""Judgements of people who knew of nobody else's; a senior reviewer knows that there is a dispute."""


class Opinion(StrEnum):
    """The six steps of the scale as the three things that can become of a pair."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"

    @classmethod
    def of(cls, judgement: Judgement) -> Opinion:
        if judgement.positive:
            return cls.SAME
        return cls.DIFFERENT if judgement in (Judgement.UNLIKELY, Judgement.EXCLUDED) else cls.UNDECIDED


@dataclass(frozen=True, slots=True)
class ReviewerResults:
    """``judged``: pairs; ``shared``: those that somebody else judged blind as well; ``agreed``: of these, of the same opinion
    as everybody else; ``changed``: pairs about which the person's mind changed once the score was shown."""

    reviewer: str
    judged: int
    shared: int
    agreed: int
    changed: int


@dataclass(frozen=True, slots=True)
class TwoReviewers:
    """Two people who judged ``count`` pairs both, blind to each other; no kappa while these are too few."""

    one: str
    other: str
    count: int
    kappa: Kappa | None


@dataclass(frozen=True, slots=True)
class ResultsPage:
    since: datetime
    reviewers: tuple[ReviewerResults, ...]
    together: tuple[TwoReviewers, ...]
    known: tuple[KnownResults, ...]
    """Of known-answer pairs, which are counted nowhere else; of a whole year, for there are few."""
    station_id: str | None = None
    """Whose reviewers these are; None for everybody."""


class Results:
    """Reads only. Real pairs alone are counted; known-answer pairs have results of their own."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, actor: Actor) -> ResultsPage:
        """A reviewer's own results, for a senior one those of everybody at the own station (``scope.counted_station``), of the
        last ninety days.

        A pair that waits for a judgement is left out until the person has judged it: of small numbers one could else read off
        what colleagues have said.
        """
        require(actor, Permission.REVIEW)
        since = self._clock() - LOOKED_BACK
        with self._store.reading() as records:
            said = records.pairs.said(since)
            answers = records.known.judged(self._clock() - YEAR)
            station = counted_station(records, actor)
            colleagues = _colleagues(records, actor, station)
        said = _known_to(actor, said)
        everybody = sorted({each.reviewer for each in said if colleagues is None or each.reviewer in colleagues})
        shown = everybody if allows(actor, Permission.REVIEW_AS_SENIOR) else [actor.account_id]
        opinions = _blind_opinions(said)
        examined = {each.reviewer for each in answers if colleagues is None or each.reviewer in colleagues}
        told = sorted(examined) if allows(actor, Permission.REVIEW_AS_SENIOR) else [actor.account_id]
        together = [_two(one, other, opinions) for one, other in combinations(everybody, 2) if one in shown or other in shown]
        return ResultsPage(
            since,
            tuple(_results_of(each, said, opinions) for each in shown),
            tuple(two for two in together if two.count),
            tuple(known_results(each, answers) for each in told if each in examined),
            station,
        )

    def at_it_for(self, actor: Actor) -> timedelta | None:
        """How long the person has been judging without a rest; None where that is not long, or is over."""
        require(actor, Permission.REVIEW)
        now = self._clock()
        with self._store.reading() as records:
            times = [each.decided_at for each in records.pairs.said(now - 12 * LONG, actor.account_id)]
        began = now
        for at in reversed(times):
            if began - at > BREAK:
                break
            began = at
        return now - began if now - began >= LONG else None


def _colleagues(records: Records, actor: Actor, station: str | None) -> set[str] | None:
    """Who works there, and the person; None where everybody counts as such."""
    if station is None:
        return None
    return {each.account_id for each in records.accounts.all() if each.station_id == station} | {actor.account_id}


def _known_to(actor: Actor, said: Sequence[Said]) -> list[Said]:
    own = {each.pair_id for each in said if each.reviewer == actor.account_id and each.standing}
    return [each for each in said if each.pair_state not in WAITING_FOR_REVIEW or each.pair_id in own]


_Opinions = Mapping[str, Mapping[str, Opinion]]


def _blind_opinions(said: Iterable[Said]) -> _Opinions:
    """pair_id -> reviewer -> the last opinion that was given blind."""
    opinions: dict[str, dict[str, Opinion]] = {}
    for each in said:
        if each.stage in BLIND:
            opinions.setdefault(each.pair_id, {})[each.reviewer] = Opinion.of(each.judgement)
    return opinions


def _results_of(reviewer: str, said: Sequence[Said], opinions: _Opinions) -> ReviewerResults:
    own = [each for each in said if each.reviewer == reviewer]
    shared = [by_whom for by_whom in opinions.values() if reviewer in by_whom and len(by_whom) > 1]
    return ReviewerResults(
        reviewer,
        judged=len({each.pair_id for each in own}),
        shared=len(shared),
        agreed=sum(len(set(by_whom.values())) == 1 for by_whom in shared),
        changed=len({each.pair_id for each in own if each.stage is Stage.CHANGE_OF_MIND}),
    )


def _two(one: str, other: str, opinions: _Opinions) -> TwoReviewers:
    both = [(by_whom[one], by_whom[other]) for by_whom in opinions.values() if one in by_whom and other in by_whom]
    return TwoReviewers(one, other, len(both), cohens_kappa(both))
