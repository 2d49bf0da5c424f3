"""How people did on pairs whose answer was known: for themselves and for managers, and of few pairs nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.house import House
from tests.test_known_answers import Desk
from tracing.agreement import wilson
from tracing.domain import Actor, Judgement, KnownAnswer
from tracing.known_results import FEWEST, KnownResults, Tally


def judged(desk: Desk, who: Actor, mated: bool, judgement: Judgement, times: int = 1, days_ago: int = 0) -> None:
    """As many known-answer pairs of this sort, judged in this way."""
    pair = desk.mated if mated else desk.different
    at = desk.house.clock() - timedelta(days=days_ago)
    with desk.house.services.store.transaction() as records:
        for _ in range(times):
            known_id = desk.house.services.known_answers._new_id()
            records.known.add(
                KnownAnswer(known_id, who.account_id, pair.pair_id, mated, at, at, judgement=judgement, judged_at=at)
            )


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def of(desk: Desk, actor: Actor) -> dict[str, KnownResults]:
    return {each.reviewer: each for each in desk.house.services.results.of(actor).known}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Values of R's binom::binom.wilson and of the textbook (Newcombe, Statistics in Medicine 17, 1998, table I).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (5, 5, 0.5655, 1.0)],
)
def test_the_interval_is_wilson_s(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (-1, 5), (6, 5)])
def test_a_share_of_nothing_is_none(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="a share"):
        wilson(part, whole)


def test_hits_and_false_accepts_are_counted_apart(desk: Desk) -> None:
    judged(desk, desk.newcomer, True, Judgement.SAME_LIKELY, 4)
    judged(desk, desk.newcomer, True, Judgement.CANNOT_TELL, 1)
    judged(desk, desk.newcomer, False, Judgement.SAME_VERY_LIKELY, 2)
    judged(desk, desk.newcomer, False, Judgement.EXCLUDED, 6)
    found = of(desk, desk.newcomer)[desk.newcomer.account_id]
    assert (found.mated.taken, found.mated.given, found.mated.share) == (4, 5, 0.8)
    assert (found.non_mated.taken, found.non_mated.given, found.non_mated.share) == (2, 8, 0.25)
    assert found.mated.interval == wilson(4, 5)


def test_fewer_than_five_are_not_told(desk: Desk) -> None:
    judged(desk, desk.newcomer, True, Judgement.SAME_LIKELY, FEWEST - 1)
    assert of(desk, desk.newcomer)[desk.newcomer.account_id].mated == Tally(None, None, None, None)


def test_a_reviewer_sees_the_own_and_a_manager_everybody_s(desk: Desk) -> None:
    other = desk.house.hire("other", desk.newcomer.role)
    for who in (desk.newcomer, other):
        judged(desk, who, True, Judgement.SAME_LIKELY, FEWEST)
    assert of(desk, other).keys() == {other.account_id}
    assert of(desk, desk.house.manager).keys() == {other.account_id, desk.newcomer.account_id}
    assert of(desk, desk.house.reviewer) == {}


def test_a_year_is_looked_back(desk: Desk) -> None:
    judged(desk, desk.newcomer, True, Judgement.SAME_LIKELY, FEWEST, days_ago=366)
    assert of(desk, desk.newcomer) == {}
    judged(desk, desk.newcomer, True, Judgement.SAME_LIKELY, FEWEST, days_ago=364)
    assert of(desk, desk.newcomer)[desk.newcomer.account_id].mated.given == FEWEST


def test_what_waits_is_not_counted(desk: Desk) -> None:
    assert desk.give() is not None
    assert of(desk, desk.newcomer) == {}
