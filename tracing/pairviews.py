"""Pairs as one person may see them: a page of the queue, and two people side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracing.domain import Case, Decision, KnownAnswer, Pair, PairState, Stage
from tracing.errors import TracingError
from tracing.facts import Comparison
from tracing.lifecycle import WAITING_FOR_REVIEW


def to_be_shown(pair: Pair, case: Case, other: Case) -> bool:
    """Whether a pair stands on the pages of its cases: one that waits only while both faces may be compared."""
    if pair.state in WAITING_FOR_REVIEW:
        return case.comparable and other.comparable
    return pair.state is not PairState.SUPERSEDED


@dataclass(frozen=True, slots=True)
class QueuePage:
    pairs: tuple[Pair, ...]
    cases: Mapping[str, Case]
    total: int
    overdue: frozenset[str]
    """Of the pairs shown, those that have waited too long for somebody's judgement."""


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair as this person may see it; ``decisions`` holds the own ones only while the person judges blind.

    A blind second reviewer sees the first ``stage``; a senior one sees the own, which has other answers to choose from.
    """

    pair: Pair
    low: Case
    high: Case
    comparison: tuple[Comparison, ...]
    decisions: tuple[Decision, ...]
    judged: bool
    may_judge: bool
    stage: Stage | None
    refusal: TracingError | None = None
    """Why somebody who judges may not judge this pair, although it waits and they have not judged it yet."""
    known: KnownAnswer | None = None
    """What it was, where it was a known-answer pair and the person has judged it."""
