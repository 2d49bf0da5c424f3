"""How a person did on pairs whose answer was known: how many they recognised, and how many others they took for the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tracing.agreement import Interval, wilson
from tracing.domain import KnownAnswer

FEWEST: Final = 5
"""Of fewer pairs nothing is told (DOMAIN.md section 10)."""
LOOKED_BACK: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Tally:
    """``taken``: of ``given`` pairs those that were taken for the same person, with the 95 % interval of the share.

    None, all of it, where fewer than ``FEWEST`` were given.
    """

    given: int | None
    taken: int | None
    share: float | None
    interval: Interval | None

    @classmethod
    def of(cls, answers: Sequence[KnownAnswer]) -> Tally:
        given = len(answers)
        if given < FEWEST:
            return cls(None, None, None, None)
        taken = sum(each.judgement is not None and each.judgement.positive for each in answers)
        return cls(given, taken, taken / given, wilson(taken, given))


@dataclass(frozen=True, slots=True)
class KnownResults:
    """``mated``: of the same person, where the share is the hit rate. ``non_mated``: of two people, where it is the rate of
    false accepts."""

    reviewer: str
    mated: Tally
    non_mated: Tally


def known_results(reviewer: str, answers: Sequence[KnownAnswer]) -> KnownResults:
    own = [each for each in answers if each.reviewer == reviewer]
    return KnownResults(
        reviewer, Tally.of([each for each in own if each.mated]), Tally.of([each for each in own if not each.mated])
    )
